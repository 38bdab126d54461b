"""Change-sets: drawn up at once, carried out page by page, and taken back the same way.

running ⇄ paused        both ──▶ stopped        running ──▶ done        any ──▶ running `back`, by undo
"""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Sequence
from dataclasses import asdict, dataclass, field
from datetime import datetime
from itertools import islice
from typing import Any, Final

from sqlalchemy import ColumnElement, and_, bindparam, func, insert, or_, select, update
from sqlalchemy.engine import Connection
from sqlmodel import col
from sqlmodel import select as select_rows

from lifecycle import contract
from lifecycle.contract import ChangeOrder, ChangeProgress
from lifecycle.core.refusal import Refusal, did_you_mean
from lifecycle.core.share import ALL, below, bucket_of

from .change_orders import check_order, columns_of
from .change_tables import ChangeItemRow, ChangeRow, ChangeStatus, ItemStatus
from .engine import Store
from .statements import insert_new
from .storable import check_account, check_data
from .tables import table_of

SET: Final = table_of(ChangeRow)
ITEM: Final = table_of(ChangeItemRow)
A_PIECE: Final = 1_000
FORTH: Final = (ItemStatus.WAITING,)
BACK: Final = (ItemStatus.DONE, ItemStatus.FAILED)
"""Whose command may stand in the journal: one that did not answer in time may have been carried out later."""

Message = dict[str, Any]


@dataclass(frozen=True, slots=True)
class NewItem:
    """A command to an account: an update's message with its name in `command`, without an id.

    `undo` is its opposite, where that is not told by the kind of the command. What was found out before (`unchanged`,
    `refused`) is kept with the others, and not sent.
    """

    account: str
    message: Message
    undo: Message = field(default_factory=dict)
    status: ItemStatus = ItemStatus.WAITING
    code: str = ""
    reason: str = ""


@dataclass(frozen=True, slots=True)
class NewChangeSet:
    """What is to be done. `seed` decides which accounts are among a `share`; by default its name does."""

    name: str
    kind: str
    title: str
    actor: str
    reason: str
    per_minute: int | None = None
    share: int = ALL
    preview: dict[str, Any] = field(default_factory=dict)
    seed: str = ""


@dataclass(frozen=True, slots=True)
class Outcome:
    """What came of an item. `revision` is the entry of the journal that it made, if it made one."""

    number: int
    status: ItemStatus
    at: datetime
    revision: int | None = None
    code: str = ""
    reason: str = ""


# ── drawing up


async def draw_up(
    store: Store, new: NewChangeSet, items: Iterable[NewItem], now: datetime
) -> ChangeProgress:
    """Keep a change-set with its items in one transaction. One of that name that is there already stays as it is.

    Raises `DataRefused` for what no database can keep.
    """
    row = {name: value for name, value in asdict(new).items() if name != "seed"}
    row |= {"at": now, "status": ChangeStatus.RUNNING, "back": False, "total": 0}
    row |= {"said": "", "back_by": "", "back_reason": "", "order_id": ""}

    def work(connection: Connection) -> None:
        added = connection.execute(insert_new(store.engine.dialect.name, SET).values(row))
        if added.rowcount != 1:
            return
        total = 0
        rows = _item_rows(new, items)
        while piece := list(islice(rows, A_PIECE)):
            connection.execute(insert(ITEM), piece)
            total += len(piece)
        connection.execute(update(SET).where(SET.c.name == new.name).values(total=total))

    await store.write(work)
    return await progress(store, new.name)


def _item_rows(new: NewChangeSet, items: Iterable[NewItem]) -> Iterator[dict[str, Any]]:
    for number, item in enumerate(items, 1):
        check_account(item.account)
        check_data([item.message, item.undo], number)
        yield {
            "change_set": new.name,
            "number": number,
            "account": item.account,
            "bucket": bucket_of(new.seed or new.name, item.account),
            "status": item.status,
            "message": item.message,
            "undo": item.undo,
            "code": item.code,
            "reason": item.reason,
        }


# ── looking


async def change_row(store: Store, name: str) -> ChangeRow:
    """A change-set. Raises `Refusal` `unknown_change`."""
    async with store.reading() as session:
        found = await session.get(ChangeRow, name)
        if found is not None:
            return found
        query = select_rows(ChangeRow.name).order_by(col(ChangeRow.at).desc()).limit(200)
        names = (await session.exec(query)).all()
    raise Refusal(
        "unknown_change",
        f"There is no change-set {name!r}.",
        did_you_mean(name, names) if names else "lifecycle admin changes list shows them.",
        "name",
    )


async def list_changes(
    store: Store, limit: int = 100, before: datetime | None = None
) -> list[ChangeRow]:
    """The latest first."""
    query = select_rows(ChangeRow).order_by(col(ChangeRow.at).desc(), col(ChangeRow.name))
    if before is not None:
        query = query.where(col(ChangeRow.at) < before)
    async with store.reading() as session:
        return list((await session.exec(query.limit(limit))).all())


async def counts_of(store: Store, names: Sequence[str]) -> dict[str, dict[str, int]]:
    """How many items of each change-set have which status."""
    query = (
        select(ITEM.c.change_set, ITEM.c.status, func.count())
        .where(ITEM.c.change_set.in_(names))
        .group_by(ITEM.c.change_set, ITEM.c.status)
    )
    found: dict[str, dict[str, int]] = {name: {} for name in names}
    async with store.connected() as connection:
        for name, status, number in await connection.execute(query):
            found[name][status.value] = number
    return found


async def progress(store: Store, name: str) -> ChangeProgress:
    """Where it stands. Raises `Refusal` `unknown_change`."""
    row = await change_row(store, name)
    return await _progress_of(store, row)


async def _progress_of(store: Store, row: ChangeRow) -> ChangeProgress:
    counts = (await counts_of(store, [row.name]))[row.name]
    return ChangeProgress(
        row.name,
        row.title,
        row.status.value,
        row.back,
        row.per_minute,
        row.share,
        row.total,
        await _left(store, row),
        counts,
        row.said,
    )


async def _left(store: Store, row: ChangeRow) -> int:
    query = select(func.count()).select_from(ITEM).where(_may_go(row))
    async with store.connected() as connection:
        return int((await connection.execute(query)).scalar_one())


async def items_of(
    store: Store,
    name: str,
    status: ItemStatus | None = None,
    after: int = 0,
    limit: int = 100,
) -> list[ChangeItemRow]:
    """Items by number, from `after` on."""
    query = (
        select_rows(ChangeItemRow)
        .where(col(ChangeItemRow.change_set) == name, col(ChangeItemRow.number) > after)
        .order_by(col(ChangeItemRow.number))
        .limit(limit)
    )
    if status is not None:
        query = query.where(col(ChangeItemRow.status) == status)
    async with store.reading() as session:
        return list((await session.exec(query)).all())


async def changes_of(store: Store, account: str, limit: int = 20) -> list[ChangeItemRow]:
    """What change-sets did to an account, the latest first."""
    query = (
        select_rows(ChangeItemRow)
        .where(col(ChangeItemRow.account) == account)
        .order_by(col(ChangeItemRow.at).desc(), col(ChangeItemRow.change_set))
        .limit(limit)
    )
    async with store.reading() as session:
        return list((await session.exec(query)).all())


# ── going on


async def next_items(store: Store, row: ChangeRow, limit: int) -> list[ChangeItemRow]:
    """Those that may go now: by number, on the way back from the last to the first."""
    number = col(ChangeItemRow.number)
    query = select_rows(ChangeItemRow).where(_may_go(row))
    query = query.order_by(number.desc() if row.back else number).limit(limit)
    async with store.reading() as session:
        return list((await session.exec(query)).all())


def _may_go(row: ChangeRow) -> ColumnElement[bool]:
    return _waits(row) if row.back else and_(_waits(row), ITEM.c.bucket < below(row.share))


async def write_outcomes(store: Store, row: ChangeRow, outcomes: Sequence[Outcome]) -> None:
    """Keep what came of some items, unless somebody was faster: an item that is through stays as it is."""
    if not outcomes:
        return
    changed = (
        update(ITEM)
        .where(
            ITEM.c.change_set == row.name,
            ITEM.c.number == bindparam("of"),
            # Not IN: one statement is run for many rows.
            or_(*(ITEM.c.status == one for one in (BACK if row.back else FORTH))),
        )
        .values({name: bindparam(name) for name in ("status", "code", "reason", "at")})
    )
    with_revision = changed.values(revision=bindparam("made"))

    def work(connection: Connection) -> None:
        # What is taken back keeps the number of the entry that it took back.
        connection.execute(changed if row.back else with_revision, [*map(_columns, outcomes)])

    await store.write(work)


def _columns(one: Outcome) -> dict[str, Any]:
    return {
        "of": one.number,
        "made": one.revision,
        "status": one.status,
        "code": one.code,
        "reason": one.reason,
        "at": one.at,
    }


async def settle(store: Store, name: str, now: datetime) -> ChangeProgress:
    """Where it stands; done, if it runs and nothing waits any more. Nobody's order comes in between."""

    def work(connection: Connection) -> None:
        row = _locked(connection, name)
        waits = select(ITEM.c.number).where(_waits(row)).limit(1)
        if row.status is ChangeStatus.RUNNING and connection.execute(waits).first() is None:
            ended = {"status": ChangeStatus.DONE, "finished_at": now}
            connection.execute(update(SET).where(SET.c.name == name).values(**ended))

    await store.write(work)
    return await progress(store, name)


def _locked(connection: Connection, name: str) -> ChangeRow:
    query = select(SET).where(SET.c.name == name).with_for_update()
    return ChangeRow(**connection.execute(query).one()._mapping)


def _waits(row: ChangeRow) -> ColumnElement[bool]:
    """Whatever may go one day, by a larger share, too."""
    statuses = BACK if row.back else FORTH
    return and_(ITEM.c.change_set == row.name, ITEM.c.status.in_(statuses))


async def order(store: Store, wanted: ChangeOrder) -> ChangeProgress:
    """Carry an order out. Raises `Refusal` where it makes no sense any more."""
    await change_row(store, wanted.name)

    def work(connection: Connection) -> None:
        row = _locked(connection, wanted.name)
        if wanted.id and wanted.id == row.order_id:
            return
        check_order(row, wanted)
        changed = update(SET).where(SET.c.name == row.name)
        connection.execute(changed.values(**columns_of(row, wanted)))
        if wanted.order == contract.RETRY:
            _wait_again(connection, row)

    await store.write(work)
    return await progress(store, wanted.name)


def _wait_again(connection: Connection, row: ChangeRow) -> None:
    failed = ItemStatus.KEPT if row.back else ItemStatus.FAILED
    again = ItemStatus.DONE if row.back else ItemStatus.WAITING
    which = and_(ITEM.c.change_set == row.name, ITEM.c.status == failed)
    connection.execute(update(ITEM).where(which).values(status=again, code="", reason=""))
