"""A rehearsal from its order to what is kept of it: run, added up, told of on the way."""

from __future__ import annotations

import asyncio
from collections.abc import Callable, Sequence
from dataclasses import dataclass, field
from datetime import datetime, timedelta
from typing import Any, Final
from uuid import uuid4

from lifecycle.core.codec import from_data, to_data
from lifecycle.store import rehearsals
from lifecycle.store.engine import Store
from lifecycle.store.rehearsal_tables import RehearsalRow, RehearsalStatus
from lifecycle.store.where import Sql

from .living import Differing, Plan
from .proposing import Part, Proposal
from .running import how_many, rehearsed
from .totals import Totals, kinds_of

A_WHILE: Final = timedelta(seconds=1)
"""How often what was found is written down."""
BEAT: Final = rehearsals.SILENCE.total_seconds() / 6


@dataclass(frozen=True, slots=True)
class Order:
    """What is to be rehearsed: on which accounts (`only`, as a filter of `account`), since when, for whom.

    `asked` says in words which accounts; `segment` and `sentences` are what was typed.
    """

    proposal: Proposal
    only: Sql
    actor: str
    door: str
    asked: str = ""
    segment: str = ""
    sentences: Sequence[str] = ()
    since: datetime | None = None


@dataclass(slots=True)
class Rehearsal:
    """One that was begun. `step` is told how many accounts more are through; `clock` is the wall clock."""

    store: Store
    order: Order
    id: str
    now: datetime
    total: int
    clock: Callable[[], datetime]
    step: Callable[[int], None] = field(default=lambda _: None)
    _totals: Totals = field(default_factory=Totals)
    _found: list[dict[str, Any]] = field(default_factory=list)
    _written: datetime = field(init=False)

    def __post_init__(self) -> None:
        """Nothing is written yet."""
        self._written = self.now

    async def run(self) -> Totals:
        """Live through all accounts. Whatever goes wrong is kept with the rehearsal, and raised."""
        beating = asyncio.create_task(self._beat())
        try:
            await self._run()
        except Exception as error:
            await self._end(RehearsalStatus.FAILED, said=str(error) or type(error).__name__)
            raise
        finally:
            beating.cancel()
        await self._end(RehearsalStatus.DONE, to_data(self._totals.sums()))
        return self._totals

    async def _beat(self) -> None:
        """Be seen, also while a slice takes long."""
        while True:
            await rehearsals.add(self.store, self.id, self._totals.accounts, (), self.clock())
            await asyncio.sleep(BEAT)

    async def _run(self) -> None:
        proposal = self.order.proposal
        plan = Plan(
            proposal.live, proposal.draft, self.now, proposal.published_at, self.order.since
        )
        async for found in rehearsed(self.store, plan, self.order.only, self.total):
            self._totals.add(found.totals)
            self._found += [_row(self.id, one) for one in found.differing]
            self.step(found.totals.accounts)
            if self.clock() - self._written >= A_WHILE:
                await self._write()
        await self._write()

    async def _write(self) -> None:
        found, self._found = self._found, []
        self._written = self.clock()
        await rehearsals.add(self.store, self.id, self._totals.accounts, found, self._written)

    async def _end(self, status: RehearsalStatus, totals: Any = None, said: str = "") -> None:
        await rehearsals.end(self.store, self.id, status, self.clock(), totals, said)


async def begun(store: Store, order: Order, clock: Callable[[], datetime]) -> Rehearsal:
    """Count the accounts and keep that it begins."""
    now, total = clock(), await how_many(store, order.only)
    proposal = order.proposal
    parts = proposal.parts
    row = RehearsalRow(
        id=uuid4().hex,
        digest=proposal.digest,
        against=proposal.against,
        part=parts[0].id if len(parts) == 1 else "",
        parts=[to_data(part) for part in parts],
        status=RehearsalStatus.RUNNING,
        actor=order.actor,
        door=order.door,
        asked=order.asked,
        segment=order.segment,
        sentences=list(order.sentences),
        since=order.since,
        began_at=now,
        seen_at=now,
        total=total,
    )
    await rehearsals.begin(store, row)
    return Rehearsal(store, order, row.id, now, total, clock)


def parts_kept(row: RehearsalRow) -> tuple[Part, ...]:
    """The parts of the draft that was rehearsed."""
    return tuple(from_data(Part, data) for data in row.parts)


def _row(rehearsal: str, one: Differing) -> dict[str, Any]:
    compared = one.compared
    kinds = kinds_of(compared)
    return {
        "rehearsal": rehearsal,
        "account": compared.account,
        "name": one.name or compared.account,
        "csm": one.csm,
        **{f"in_{kind}": kind in kinds for kind in rehearsals.KINDS},
        "compared": to_data(compared),
    }
