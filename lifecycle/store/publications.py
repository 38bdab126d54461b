"""Publications: begun with what is published, marked where they stand, looked at account by account."""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Sequence
from dataclasses import dataclass, field
from typing import Any, Final

from sqlalchemy import and_, bindparam, func, insert, select, update
from sqlalchemy.ext.asyncio import AsyncConnection
from sqlmodel import col
from sqlmodel import select as select_rows

from lifecycle.core.refusal import Refusal, did_you_mean
from lifecycle.core.share import bucket_of, is_in_share

from .engine import Store
from .publication_tables import PublicationAccountRow, PublicationRow, PublicationStatus, Verdict
from .statements import insert_new
from .tables import AccountRow, table_of

PUBLICATION: Final = table_of(PublicationRow)
PER_ACCOUNT: Final = table_of(PublicationAccountRow)
ACCOUNT: Final = table_of(AccountRow)
A_PIECE: Final = 500
ENDED: Final = (PublicationStatus.DONE, PublicationStatus.ROLLED_BACK)


@dataclass(frozen=True, slots=True)
class Seen:
    """How an account of the share lives, as it was looked at last."""

    account: str
    verdict: Verdict
    why: str = ""
    adopted: int | None = None
    looked: int = 0
    happened: list[Any] = field(default_factory=list)
    expected: list[Any] = field(default_factory=list)


# ── beginning


async def begin(connection: AsyncConnection, row: PublicationRow) -> None:
    """Keep it, in the transaction that publishes. Raises `Refusal` `publication_open`."""
    if row.lifecycle:
        await _check_alone(connection, row.lifecycle)
    await connection.execute(insert(PUBLICATION).values(**row.model_dump()))


async def _check_alone(connection: AsyncConnection, lifecycle: str) -> None:
    """Two that are published at the same moment know nothing of each other before."""
    if connection.dialect.name == "postgresql":
        key = func.hashtextextended(f"publications of {lifecycle}", 0)
        await connection.execute(select(func.pg_advisory_xact_lock(key)))
    mine = and_(PUBLICATION.c.lifecycle == lifecycle, PUBLICATION.c.status.not_in(ENDED))
    query = select(PUBLICATION.c.name, PUBLICATION.c.version).where(mine).limit(1)
    if (found := (await connection.execute(query)).first()) is not None:
        raise still_open(lifecycle, found.version, "on its way", found.name)


def still_open(title: str, version: int, stands: str, name: str) -> Refusal:
    """Of one lifecycle one version is tried at a time."""
    said = f"Version {version} of {title} is {stands}."
    remedy = f"Roll it on or back first: lifecycle admin definitions roll-on {name}"
    return Refusal("publication_open", said, remedy, "version")


async def keep_promises(store: Store, name: str, promises: dict[str, list[Any]]) -> None:
    """What accounts of the share were promised; a promise that was given stays as it was."""
    rows = [
        {
            "publication": name,
            "account": account,
            "verdict": Verdict.WAITING,
            "promised": promised,
            "happened": [],
            "expected": [],
            "why": "",
            "looked": 0,
        }
        for account, promised in promises.items()
    ]
    if rows:
        async with store.writing() as connection:
            await connection.execute(insert_new(connection.dialect.name, PER_ACCOUNT), rows)


# ── looking


async def publication_row(store: Store, name: str) -> PublicationRow:
    """A publication. Raises `Refusal` `unknown_publication`."""
    async with store.reading() as session:
        found = await session.get(PublicationRow, name)
        if found is not None:
            return found
        query = select_rows(PublicationRow.name).order_by(col(PublicationRow.at).desc()).limit(200)
        names = (await session.exec(query)).all()
    remedy = "lifecycle admin definitions publications shows them."
    raise Refusal(
        "unknown_publication",
        f"There is no publication {name!r}.",
        did_you_mean(name, names) if names else remedy,
        "name",
    )


async def list_publications(
    store: Store, limit: int = 50, lifecycle: str = ""
) -> list[PublicationRow]:
    """The latest first."""
    query = select_rows(PublicationRow).order_by(
        col(PublicationRow.at).desc(), col(PublicationRow.name)
    )
    if lifecycle:
        query = query.where(col(PublicationRow.lifecycle) == lifecycle)
    async with store.reading() as session:
        return list((await session.exec(query.limit(limit))).all())


async def open_publications(store: Store) -> list[PublicationRow]:
    """Those that are on their way, or wait for somebody."""
    query = select_rows(PublicationRow).where(col(PublicationRow.status).not_in(ENDED))
    async with store.reading() as session:
        return list((await session.exec(query.order_by(col(PublicationRow.at)))).all())


async def taken_back(store: Store) -> dict[tuple[str, int], PublicationRow]:
    """The publications that were rolled back, by lifecycle and version."""
    back = (PublicationStatus.ROLLING_BACK, PublicationStatus.ROLLED_BACK)
    query = select_rows(PublicationRow).where(col(PublicationRow.status).in_(back))
    async with store.reading() as session:
        rows = (await session.exec(query)).all()
    return {(row.lifecycle, row.version): row for row in rows if row.lifecycle}


async def accounts_of(
    store: Store,
    name: str,
    verdict: Verdict | None = None,
    after: str = "",
    limit: int = 100,
) -> list[PublicationAccountRow]:
    """Accounts of the share by id, from `after` on."""
    query = (
        select_rows(PublicationAccountRow)
        .where(
            col(PublicationAccountRow.publication) == name,
            col(PublicationAccountRow.account) > after,
        )
        .order_by(col(PublicationAccountRow.account))
        .limit(limit)
    )
    if verdict is not None:
        query = query.where(col(PublicationAccountRow.verdict) == verdict)
    async with store.reading() as session:
        return list((await session.exec(query)).all())


async def verdicts(store: Store, name: str) -> dict[str, int]:
    """How many accounts of the share live how."""
    query = (
        select(PER_ACCOUNT.c.verdict, func.count())
        .where(PER_ACCOUNT.c.publication == name)
        .group_by(PER_ACCOUNT.c.verdict)
    )
    async with store.connected() as connection:
        return {row[0].value: row[1] for row in await connection.execute(query)}


# ── accounts


async def account_ids(store: Store, after: str = "", limit: int = A_PIECE) -> list[str]:
    """Accounts that are there, by id."""
    query = (
        select(ACCOUNT.c.id)
        .where(ACCOUNT.c.id > after, ACCOUNT.c.revision > 0, ACCOUNT.c.created_at.is_not(None))
        .order_by(ACCOUNT.c.id)
        .limit(limit)
    )
    async with store.connected() as connection:
        return list((await connection.execute(query)).scalars())


async def all_accounts(store: Store) -> list[str]:
    """The ids of all accounts that are there."""
    query = select(ACCOUNT.c.id).where(ACCOUNT.c.revision > 0, ACCOUNT.c.created_at.is_not(None))
    async with store.connected() as connection:
        return list((await connection.execute(query.order_by(ACCOUNT.c.id))).scalars())


def among(accounts: Iterable[str], lifecycle: str, version: int, share: int) -> Iterator[str]:
    """Those of them for which a version with this share holds: always the same."""
    for account in accounts:
        if is_in_share(bucket_of(lifecycle, version, account), share):
            yield account


# ── going on


async def mark(store: Store, name: str, **columns: Any) -> PublicationRow:
    """Keep where it stands; answers with the row as it is then."""
    async with store.writing() as connection:
        mine = update(PUBLICATION).where(PUBLICATION.c.name == name)
        await connection.execute(mine.values(**columns))
    return await publication_row(store, name)


async def mark_from(
    store: Store, name: str, statuses: Sequence[PublicationStatus], **columns: Any
) -> bool:
    """The same if it stands where one of these is true; answers with whether it did."""
    mine = and_(PUBLICATION.c.name == name, PUBLICATION.c.status.in_(statuses))
    async with store.writing() as connection:
        done = await connection.execute(update(PUBLICATION).where(mine).values(**columns))
        return bool(done.rowcount)


async def write_seen(store: Store, name: str, seen: Sequence[Seen]) -> None:
    """Keep how accounts live."""
    if not seen:
        return
    names = ("verdict", "why", "adopted", "looked", "happened", "expected")
    changed = (
        update(PER_ACCOUNT)
        .where(PER_ACCOUNT.c.publication == name, PER_ACCOUNT.c.account == bindparam("of"))
        .values({name: bindparam(f"new_{name}") for name in names})
    )
    rows = [
        {"of": one.account, **{f"new_{name}": getattr(one, name) for name in names}} for one in seen
    ]
    async with store.writing() as connection:
        await connection.execute(changed, rows)
