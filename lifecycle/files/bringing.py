"""Bringing a sheet of accounts in: every row checked against what is stored, then what differs sent (T26, T27, R16).

Whoever asks, at a terminal or on a page, has this done; nothing is remembered between the two steps.
"""

from __future__ import annotations

import asyncio
from collections import Counter
from collections.abc import Awaitable, Callable, Iterable
from dataclasses import dataclass, field
from datetime import datetime
from pathlib import Path
from typing import TYPE_CHECKING, Final

from lifecycle.core.refusal import Refusal
from lifecycle.importing.report import Outcome, Remark, RowReport
from lifecycle.store.definitions import current_book
from lifecycle.store.engine import Store

from .commands import commands_of, digest_of
from .looking import Looker
from .reading import Reader, open_sheet
from .sending import Answered, Done, Sender
from .wanted import Asked, Change, Checker, Wrong, general

if TYPE_CHECKING:
    from lifecycle.changing import ChangeSets

BATCH: Final = 400
BREATH: Final = 20
"""Rows that are checked before others may work: a page is not to wait for a sheet."""
PATIENCE: Final = 60.0
"""Seconds without progress after which no worker is waited for."""


Begun = Callable[[str], Awaitable[None]]


async def _ignored(_: str) -> None:
    """Nobody asks for its name."""


@dataclass(frozen=True, slots=True)
class Sheet:
    """The file and how it is meant. `sheet` is a workbook's; `create` starts accounts that are not there."""

    file: Path
    actor: str
    reason: str
    create: bool = False
    anyway: bool = False
    sheet: str | None = None
    encoding: str = "utf-8"


@dataclass(slots=True)
class Plan:
    """What the rows come to. `rows` were read, `unchanged` are as the file says already."""

    rows: int = 0
    unchanged: int = 0
    changes: list[Change] = field(default_factory=list)

    @property
    def created(self) -> int:
        """Accounts that were not there."""
        return sum(change.creates for change in self.changes)

    @property
    def commands(self) -> int:
        """How many commands they make."""
        return sum(len(commands_of(change)) for change in self.changes)

    def by_column(self) -> dict[str, int]:
        """How many accounts each field and lifecycle changes in."""
        counts: Counter[str] = Counter()
        for change in self.changes:
            counts.update([*change.fields, *change.stages])
        return dict(counts.most_common())


class Bringing:
    """One sheet on its way. What is refused goes into the report. `now` is the wall clock."""

    def __init__(self, store: Store, sheet: Sheet, report: RowReport, now: datetime) -> None:
        self.store, self.sheet, self.report, self.now = store, sheet, report, now
        self.plan = Plan()

    @property
    def refused(self) -> int:
        """Rows that are not applied."""
        return self.report.rows[Outcome.REFUSED]

    # ── checking

    async def check(self, done: Done) -> None:
        """Read every row. Raises `BadSheet` and `BadColumns` for a file that cannot be read at all."""
        wanted = self.sheet
        book, _ = await current_book(self.store)
        opened = await asyncio.to_thread(open_sheet, wanted.file, wanted.sheet, wanted.encoding)
        reader = Reader(opened, book)
        checker = Checker(reader.columns, wanted.actor, wanted.reason, wanted.anyway)
        looker, rows = Looker(self.store, self.now), reader.rows(done)
        while batch := await asyncio.to_thread(_next, rows):
            asked = [one for one in batch if isinstance(one, Asked)]
            standings = await looker.standings([one.account for one in asked])
            for number, one in enumerate(batch):
                if isinstance(one, Remark):
                    self.report.add([one])
                elif (standing := standings[one.account]).exists or wanted.create:
                    self._take(one, checker.change(one, standing))
                else:
                    unknown = await looker.unknown(one.account)
                    self._refuse(one, [_unknown(reader.header, one, unknown)])
                if number % BREATH == 0:
                    await asyncio.sleep(0)

    def _take(self, asked: Asked, found: Change | list[Wrong]) -> None:
        self.plan.rows += 1
        if isinstance(found, list):
            self._refuse(asked, found)
        elif found.is_empty:
            self.plan.unchanged += 1
        else:
            self.plan.changes.append(found)

    def _refuse(self, asked: Asked, wrong: list[Wrong]) -> None:
        name, line = self.sheet.file.name, asked.line
        self.report.add(
            [Remark(name, line, one.column, one.value, one.reason, one.summary) for one in wrong]
        )

    # ── sending

    async def send(
        self, changes: ChangeSets, done: Done, begun: Begun = _ignored, patience: float = PATIENCE
    ) -> None:
        """Hand all over as one change-set and wait until it is through; what accounts refuse after all is taken back.

        `begun` is told its name. Raises `NotRecorded`, `NoServer`.
        """
        wanted, number = self.sheet, len(self.plan.changes)
        digest = await asyncio.to_thread(digest_of, wanted.file)
        title = f"Import {wanted.file.name}: {number:,} account{'s' * (number != 1)}"
        sender = Sender(
            changes, digest, title, wanted.actor, wanted.reason, wanted.anyway, patience
        )
        await sender.send(self.plan.changes, self.now)
        await begun(sender.name)
        self._take_back(await sender.answers(done))

    def _take_back(self, refused: list[Answered]) -> None:
        """What the accounts did not take after all is told like any other refused row."""
        by_line: dict[int, list[Answered]] = {}
        for answered in refused:
            by_line.setdefault(answered.change.asked.line, []).append(answered)
        for answers in by_line.values():
            self._refuse(answers[0].change.asked, [_answered(one) for one in answers])
        lines = by_line.keys()
        self.plan.changes = [one for one in self.plan.changes if one.asked.line not in lines]


def _next(rows: Iterable[Asked | Remark]) -> list[Asked | Remark]:
    return [row for _, row in zip(range(BATCH), rows, strict=False)]


def _unknown(header: str, asked: Asked, refusal: Refusal) -> Wrong:
    return Wrong(header, asked.account, str(refusal), f"{header}: unknown account")


def _answered(answered: Answered) -> Wrong:
    """Which cell a refused command was made of: the stage's; fields are told together."""
    refusal, lifecycle = answered.refusal, answered.command.get("lifecycle")
    column = str(lifecycle or ", ".join(answered.command.get("fields", {})))
    stages = {one.column.header: one.after for one in answered.change.differences}
    return Wrong(column, stages.get(column, ""), str(refusal), f"{column}: {general(refusal)}")
