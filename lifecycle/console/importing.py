"""`import`: a whole CRM history, by a mapping (R21)."""

from __future__ import annotations

from collections import Counter
from dataclasses import dataclass
from pathlib import Path
from time import monotonic
from typing import Annotated, Any

import typer

from lifecycle.core.model import Book
from lifecycle.importing.gathering import Gathering
from lifecycle.importing.mapping import Mapping
from lifecycle.importing.reader import BadMapping, read_mapping
from lifecycle.importing.rehearsing import Stages, rehearse, stages_of
from lifecycle.importing.report import Outcome, RowReport
from lifecycle.importing.sending import Sender, recorded
from lifecycle.importing.sheets import Sheet
from lifecycle.places import app_folder
from lifecycle.publishing import read_definitions
from lifecycle.store import imports
from lifecycle.store.definitions import current_book
from lifecycle.telling.phrases import MISSING, count

from . import options as o
from .desk import Desk, Look, NoDatabase, work
from .manners import Problems
from .progress import progress, step
from .rows import Report, report_for, rows_data, show_rows
from .screen import columns

PATIENCE = 60.0
MappingFile = Annotated[
    Path,
    typer.Argument(
        metavar="MAPPING.yaml",
        help="Which columns say what (docs/importing.md); or the name of a shipped one.",
        show_default=False,
    ),
]
Folder = Annotated[
    Path | None,
    typer.Option(
        "--folder", metavar="DIR", help="Where the export lies. Default: beside the mapping.",
        show_default=False,
    ),
]  # fmt: skip
DryRun = Annotated[
    bool,
    typer.Option("--dry-run", help="Read and check everything, tell what would be, send nothing."),
]
Patience = Annotated[
    float, typer.Option(help="Seconds without progress after which to stop waiting for the worker.")
]


def import_(  # noqa: PLR0913, PLR0917 - what an import needs, and how to answer
    mapping: MappingFile,
    folder: Folder = None,
    dry_run: DryRun = False,
    report: Report = None,
    patience: Patience = PATIENCE,
    as_json: o.AsJson = False,
    utc: o.InUtc = False,
) -> None:
    """Import a CRM export as history. Run it again as often as you like: nothing is doubled."""
    path = _found(mapping)
    rows = report_for(path, report)

    async def bring(desk: Desk) -> None:
        await _Import(desk, path, folder or path.parent, rows, patience).run(dry_run)

    work(bring, Look(as_json, utc))


def _found(mapping: Path) -> Path:
    """The file, or the shipped mapping of that name."""
    shipped = app_folder() / "imports" / f"{mapping.name.removesuffix('.yaml')}.yaml"
    if mapping.is_file() or mapping.parent != Path() or not shipped.is_file():
        return mapping
    return shipped


@dataclass(slots=True)
class _Summary:
    """What an import did, or (`dry_run`) would do to new accounts."""

    title: str
    accounts: int
    events: int
    seconds: float = 0.0
    applied: int = 0
    known_before: int = 0
    refused: dict[str, int] | None = None
    dry_run: bool = False

    @property
    def speed(self) -> float:
        """Events a second, from the first sent to the last recorded."""
        return self.events / self.seconds if self.seconds else 0.0


class _Import:
    """One import."""

    def __init__(
        self, desk: Desk, path: Path, folder: Path, report: RowReport, patience: float
    ) -> None:
        self.desk, self.path, self.folder = desk, path, folder
        self.report, self.patience = report, patience

    async def run(self, dry_run: bool) -> None:
        book = await self._book(dry_run)
        mapping = self._mapping(book)
        with Gathering(mapping, self.folder, book, self.desk.now) as gathering:
            self._read(gathering)
            await self._refuse_unborn(gathering, dry_run)
            self.report.close()
            summary, stages = await (self._rehearse if dry_run else self._send)(gathering)
        self._show(book, summary, stages)
        if self.report.rows[Outcome.REFUSED] or summary.refused:
            raise Problems

    # ── reading

    async def _book(self, dry_run: bool) -> Book:
        """The published definitions; a dry run without a database takes those of the folder."""
        try:
            book, _ = await current_book(await self.desk.store())
        except NoDatabase:
            reading = read_definitions(self.desk.settings) if dry_run else None
            if reading is None or reading.book is None:
                raise
            return reading.book
        return book

    def _mapping(self, book: Book) -> Mapping:
        try:
            return read_mapping(self.path, self.folder, book, self.desk.now)
        except BadMapping as bad:
            if self.desk.look.as_json:
                self.desk.screen.data({"problems": bad.problems})
            else:
                self.desk.screen.say(str(bad))
                self.desk.screen.say(
                    f"\n{count(len(bad.problems), 'problem')}. Nothing was imported."
                )
            raise Problems from None

    def _read(self, gathering: Gathering) -> None:
        mapping = gathering.mapping
        files = [one.spec for one in (mapping.accounts, *mapping.rows) if one is not None]
        sizes = {spec.file: Sheet(self.folder, spec).bytes() for spec in files}
        with progress(not self.desk.look.as_json) as bar:
            done = step(bar, f"Reading {_size(sum(sizes.values()))}", None, "rows")
            gathering.read(self.report, done)

    async def _refuse_unborn(self, gathering: Gathering, dry_run: bool) -> None:
        """Whoever the export does not create must be there already (R2)."""
        unborn = gathering.unborn()
        known: dict[str, int] = {}
        if unborn and not dry_run:
            known = await imports.revisions(await self.desk.store(), unborn)
        gathering.drop(self.report, {account for account in unborn if not known.get(account)})

    # ── sending

    async def _rehearse(self, gathering: Gathering) -> tuple[_Summary, Stages]:
        accounts, events = gathering.counts()
        until = gathering.mapping.until
        lives = rehearse(gathering.book, gathering.histories(), until, self.desk.now)
        stages = stages_of(state for state, _ in lives)
        return _Summary(gathering.mapping.title, accounts, events, dry_run=True), stages

    async def _send(self, gathering: Gathering) -> tuple[_Summary, Stages]:
        accounts, events = gathering.counts()
        store = await self.desk.store()
        since = await imports.revisions(store, gathering.accounts())
        sender = Sender(await self.desk.client(), gathering.mapping.until)
        begin = monotonic()
        with progress(not self.desk.look.as_json) as bar:
            sent = step(bar, "Sending", events, "events")
            done = step(bar, "Recorded", accounts, "accounts")
            await sender.send(gathering.histories(), sent)
            await recorded(store, since, done, self.patience)
        seconds = monotonic() - begin
        found = await imports.outcome(store, since, gathering.mapping.source)
        summary = _Summary(
            gathering.mapping.title,
            accounts,
            events,
            seconds,
            found.applied,
            events - found.applied - found.refused.total(),
            dict(found.refused.most_common()),
        )
        return summary, found.stages

    # ── the answer

    def _show(self, book: Book, summary: _Summary, stages: Stages) -> None:
        if self.desk.look.as_json:
            self.desk.screen.data(_data(summary, stages, self.report))
            return
        screen = self.desk.screen
        screen.say(f"{summary.title}: {_told(summary)}")
        for reason, number in (summary.refused or {}).items():
            screen.indented(f"{count(number, 'event')} refused by the account: {reason}")
        show_rows(self.desk, self.report)
        screen.heading("Stages of new accounts" if summary.dry_run else "Stages now")
        self._stages(book, stages)

    def _stages(self, book: Book, stages: Stages) -> None:
        table = columns("lifecycle", "stage", "accounts", right=("accounts",))
        for lifecycle in book.lifecycles.values():
            counts = stages.get(lifecycle.id, Counter())
            title = lifecycle.title
            for stage in (None, *(one.id for one in lifecycle.stages)):
                if number := counts.get(stage, 0):
                    found = lifecycle.stage(stage)
                    table.add_row(title, found.label if found else MISSING, f"{number:,}")
                    title = ""
        self.desk.screen.table(table)


def _told(summary: _Summary) -> str:
    accounts = count(summary.accounts, "account")
    if summary.dry_run:
        return f"{accounts} and {count(summary.events, 'event')} would be sent. Nothing was."
    speed = f"{summary.seconds:.1f} s, {summary.speed:,.0f} events a second"
    known = f", {summary.known_before:,} known before" if summary.known_before else ""
    return f"{accounts}, {count(summary.applied, 'event')} applied{known} ({speed})."


def _data(summary: _Summary, stages: Stages, report: RowReport) -> dict[str, Any]:
    return {
        "import": summary.title,
        "dry_run": summary.dry_run,
        "accounts": summary.accounts,
        "events": summary.events,
        "applied": summary.applied,
        "known_before": summary.known_before,
        "refused_by_accounts": summary.refused or {},
        "seconds": round(summary.seconds, 2),
        "events_per_second": round(summary.speed),
        "rows": rows_data(report),
        "stages": {
            lifecycle: {stage or "None": number for stage, number in counts.items()}
            for lifecycle, counts in stages.items()
        },
    }


def _size(number: int) -> str:
    return f"{number / 1_000_000:.1f} MB" if number >= 1_000_000 else f"{number / 1_000:.0f} kB"
