"""Which account their ids belong to: learnt from messages, or set by a person."""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime
from typing import Any, Final

from sqlalchemy import and_, delete, or_
from sqlalchemy import select as select_core
from sqlalchemy.ext.asyncio import AsyncConnection
from sqlmodel import col, select

from .engine import Store
from .hook_tables import HookMapRow
from .statements import put
from .tables import table_of

MAP: Final = table_of(HookMapRow)
AT_ONCE: Final = 400
COLUMNS: Final = ("source", "kind", "their_id", "account", "at", "actor")

Theirs = tuple[str, str]
"""What an id is one of, and the id: `("deal", "17")`."""


async def accounts_of(store: Store, source: str, wanted: Iterable[Theirs]) -> dict[Theirs, str]:
    """The accounts of those ids that are known."""
    if not (asked := sorted(set(wanted))):
        return {}
    async with store.engine.connect() as connection:
        rows = await _rows(connection, source, asked)
        return {key: row[0] for key, row in rows.items()}


async def _rows(
    connection: AsyncConnection, source: str, wanted: Sequence[Theirs]
) -> dict[Theirs, tuple[str, str]]:
    """Account and actor by id."""
    found: dict[Theirs, tuple[str, str]] = {}
    for begin in range(0, len(wanted), AT_ONCE):
        part = wanted[begin : begin + AT_ONCE]
        any_of = or_(*(and_(MAP.c.kind == kind, MAP.c.their_id == one) for kind, one in part))
        query = select_core(MAP.c.kind, MAP.c.their_id, MAP.c.account, MAP.c.actor)
        rows = await connection.execute(query.where(MAP.c.source == source, any_of))
        found.update({(row.kind, row.their_id): (row.account, row.actor) for row in rows})
    return found


async def learn(
    store: Store, source: str, told: Mapping[Theirs, str], now: datetime
) -> set[Theirs]:
    """Note what messages told; answers with the ids whose account is another now. A person's word stands."""
    if not told:
        return set()
    async with store.engine.connect() as connection:
        known = await _rows(connection, source, sorted(told))
    new = {
        key: account
        for key, account in told.items()
        if key not in known or (known[key][0] != account and not known[key][1])
    }
    if new:
        async with store.writing() as connection:
            await _put(connection, source, new, now, "")
    return set(new)


async def set_account(
    store: Store, source: str, theirs: Theirs, account: str, actor: str, now: datetime
) -> None:
    """A person says whose an id is; no message overrules that."""
    async with store.writing() as connection:
        await _put(connection, source, {theirs: account}, now, actor)


async def forget(store: Store, source: str, theirs: Theirs) -> bool:
    """Let an id be learnt anew; answers whether it was known."""
    kind, their_id = theirs
    statement = delete(MAP).where(
        MAP.c.source == source, MAP.c.kind == kind, MAP.c.their_id == their_id
    )
    async with store.writing() as connection:
        return bool((await connection.execute(statement)).rowcount)


async def _put(
    connection: AsyncConnection,
    source: str,
    told: Mapping[Theirs, str],
    now: datetime,
    actor: str,
) -> None:
    rows: list[dict[str, Any]] = [
        dict(zip(COLUMNS, (source, kind, one, account, now, actor), strict=True))
        for (kind, one), account in sorted(told.items())
    ]
    await connection.execute(put(connection.dialect.name, MAP, COLUMNS, ()), rows)


@dataclass(frozen=True, slots=True)
class WantedIds:
    """Which ids a list shows: of a source, with `search` in the id or the account; `after` is the last of a page."""

    source: str
    search: str = ""
    after: Theirs | None = None
    limit: int = 50


async def known_ids(store: Store, wanted: WantedIds) -> list[HookMapRow]:
    """What is known of a source, by kind and id."""
    row = HookMapRow
    query = select(row).where(col(row.source) == wanted.source)
    if wanted.search:
        text = wanted.search
        query = query.where(
            or_(
                col(row.their_id).contains(text, autoescape=True),
                col(row.account).contains(text, autoescape=True),
            )
        )
    if wanted.after is not None:
        kind, one = wanted.after
        later = and_(col(row.kind) == kind, col(row.their_id) > one)
        query = query.where(or_(col(row.kind) > kind, later))
    query = query.order_by(col(row.kind), col(row.their_id)).limit(wanted.limit)
    async with store.reading() as session:
        return list((await session.exec(query)).all())
