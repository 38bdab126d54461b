"""Repair: what is stored beside the journal is written anew from it (N10).

An edited journal is nothing to repair from.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime
from typing import Any, Final

from sqlalchemy import delete, insert, select, update
from sqlalchemy.engine import Connection
from sqlalchemy.ext.asyncio import AsyncConnection

from lifecycle.core.refusal import Refusal
from lifecycle.store.audit import Deed, note
from lifecycle.store.state_rows import Row
from lifecycle.store.statements import ACCOUNT_UPDATE, HEAD
from lifecycle.store.tables import EffectRow, EffectStatus, table_of

from .difference import Difference, Kind
from .page import Verifying
from .recount import Recount
from .tables import DELIVERED, EFFECT, TABLES, Compared

LOST: Final = "Its row was gone and was written anew from the journal: whether it went out before is not known."


@dataclass(frozen=True, slots=True)
class Repaired:
    """What was put right in an account: the differences there were, with what stood there before."""

    account: str
    differences: list[Difference]


async def put_right(verifying: Verifying, account: str, actor: str, now: datetime) -> Repaired:
    """Write an account's tables as its journal says, and note it in the audit.

    Raises `Refusal` `unknown_account`, or `journal_edited` where the journal itself does not hold.
    """
    async with verifying.store.writing() as connection:
        if (await connection.execute(HEAD, {"of": account})).one_or_none() is None:
            raise Refusal("unknown_account", f"There is no account {account!r}.")
        with verifying.scratch.open() as scratch:
            [recount] = (await verifying.recount(connection, scratch, [account])).values()
            _check_journal(recount)
            tables = sorted(recount.tables)
            for table in TABLES:
                if table.name in tables:
                    await _write(connection, scratch, table, account)
        if "account" in tables:
            row = {**recount.account_row(), "next_deadline": recount.wakes_at}
            await connection.execute(ACCOUNT_UPDATE, {"of": account, **row})
        if tables:
            detail = f"the account {account}: {', '.join(tables)}"
            await note(connection, now, Deed.REPAIRED, actor, "admin", detail)
    return Repaired(account, recount.differences)


def _check_journal(recount: Recount) -> None:
    edited = next((one for one in recount.differences if one.kind is not Kind.PROJECTION), None)
    if edited is not None:
        raise Refusal(
            "journal_edited",
            f"The journal of {edited.account} does not hold at entry {edited.revision}:"
            " nothing can be repaired from it.",
            "Bring the journal back from a backup of the database.",
        )


async def _write(
    connection: AsyncConnection, scratch: Connection, table: Compared, account: str
) -> None:
    place = table_of(table.model)
    query = select(place).where(place.c.account == account)
    due = [dict(row) for row in scratch.execute(query).mappings()]
    if table.model is EffectRow:
        await _write_effects(connection, account, due)
        return
    await connection.execute(delete(place).where(place.c.account == account))
    if due:
        await connection.execute(insert(place), due)


async def _write_effects(connection: AsyncConnection, account: str, due: Sequence[Row]) -> None:
    """What became of a delivery stays; one that was lost is not sent a second time by itself."""
    mine = (EFFECT.c.account == account) & EFFECT.c.campaign.is_(None)
    known = set((await connection.execute(select(EFFECT.c.id).where(mine))).scalars())
    for row in due:
        if row["id"] in known:
            kept = {name: value for name, value in row.items() if name not in DELIVERED}
            await connection.execute(update(EFFECT).where(EFFECT.c.id == row["id"]).values(**kept))
            await _cancel(connection, row)
        else:
            lost = {
                "status": EffectStatus.FAILED,
                "last_error": LOST,
                "finished_at": row["recorded_at"],
            }
            await connection.execute(insert(EFFECT).values(**{**row, **lost}))
    planted = known - {row["id"] for row in due}
    await connection.execute(delete(EFFECT).where(EFFECT.c.id.in_(planted)))


async def _cancel(connection: AsyncConnection, row: Row) -> None:
    if row["status"] != EffectStatus.CANCELLED:
        return
    values: dict[str, Any] = {name: row[name] for name in ("status", "finished_at")}
    waits = (EFFECT.c.id == row["id"]) & (EFFECT.c.status == EffectStatus.DUE)
    await connection.execute(update(EFFECT).where(waits).values(**values))
