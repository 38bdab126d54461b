"""The work on an uploaded sheet, behind the answers: checked, then sent, each step kept as it goes.

Nothing depends on this process: the file and how far it is are in the database, and what was carried out before an
interruption is compared and left alone when it is begun again.
"""

from __future__ import annotations

import asyncio
from collections.abc import AsyncIterator, Awaitable, Callable
from contextlib import asynccontextmanager, closing
from dataclasses import asdict, dataclass
from datetime import UTC, datetime
from pathlib import Path
from tempfile import TemporaryDirectory
from typing import Any, Final

from lifecycle.core.refusal import Refusal
from lifecycle.files.bringing import PATIENCE, Bringing, Sheet
from lifecycle.files.reading import lines_in
from lifecycle.files.sending import Done, through
from lifecycle.importing.report import Remark, RowReport
from lifecycle.store import sheet_imports as kept
from lifecycle.store.change_tables import ChangeStatus
from lifecycle.store.engine import Store
from lifecycle.store.import_tables import ImportRow, ImportStatus, PartOf
from lifecycle.telling.bringing import changes_data, tally_of
from lifecycle.telling.refusals import told

from ...door import Door
from ...faults import LOG, kinds, places

SHOWN, SHOWN_WRONG = 50, 200
BEAT: Final = 1.0
"""Seconds between two looks at how far it is."""
NO_FILE: Final = frozenset({"bad_sheet", "bad_columns", "broken_upload"})
"""What no second try mends: another file is needed."""
OURS: Final = Refusal("fault", "Something went wrong here, not with the file.", "It is logged.")
_HERE: Final = {
    "Say --create to start it.": "Upload it with “Start accounts that are not there”.",
    "or say --anyway.": "or upload it with “Even for accounts that went on”.",
    "or name its encoding: --encoding windows-1252.": "or choose how it is written: Windows.",
}
LONG_AGO: Final = datetime(2000, 1, 1, tzinfo=UTC)


class Workshop:
    """Works on the sheets of a door, one task each."""

    def __init__(self, door: Door) -> None:
        self._door = door

    def check(self, name: str) -> asyncio.Task[None]:
        """Read the file, and tell what it would change."""
        return self._begin(name, self._check)

    def send(self, name: str) -> asyncio.Task[None]:
        """Do it: read the file again, for accounts went on meanwhile, and send what differs now."""
        return self._begin(name, self._send)

    def _begin(self, name: str, step: Callable[[_Bench], Awaitable[None]]) -> asyncio.Task[None]:
        return self._door.background.start(self._at(name, step))

    async def _at(self, name: str, step: Callable[[_Bench], Awaitable[None]]) -> None:
        """A step with its file; whatever becomes of it is kept."""
        store = self._door.store
        try:
            row = await kept.import_row(store, name)
            with TemporaryDirectory(prefix="sheet-") as folder:
                try:
                    bench = await _bench(self._door, row, Path(folder))
                    with closing(bench.bringing.report):
                        await step(bench)
                except Exception as error:
                    await self._failed(row, error, folder)
        except asyncio.CancelledError:
            await kept.let_go(store, [name], LONG_AGO)
            raise

    async def _failed(self, row: ImportRow, error: Exception, folder: str) -> None:
        refusal = told(error)
        if refusal is None:
            LOG.error("fault", work="import", errors=list(kinds(error)), at=places(error))
            refusal = OURS
        said, remedy = (
            in_page_words(text.replace(f"{folder}/", "")) for text in (refusal.what, refusal.remedy)
        )
        store, now = self._door.store, self._door.now()
        words = {"code": refusal.code, "said": said, "remedy": remedy, "ended_at": now}
        await kept.end_step(store, row.id, ImportStatus.FAILED, now, **words)
        if refusal.code in NO_FILE:
            await kept.drop_file(store, row.id)

    # ── the steps

    async def _check(self, bench: _Bench) -> None:
        await bench.check()
        await bench.end(ImportStatus.CHECKED)

    async def _send(self, bench: _Bench) -> None:
        await bench.see_through()
        await bench.check()
        if bench.row.atomic and bench.bringing.refused:
            await bench.end(ImportStatus.CHECKED, stopped=True)
            return
        if bench.bringing.plan.changes:
            await bench.send()
        await bench.end(ImportStatus.DONE, ended_at=self._door.now())
        await kept.drop_file(self._door.store, bench.row.id)


@dataclass(frozen=True, slots=True)
class _Bench:
    """A sheet that is worked on."""

    door: Door
    row: ImportRow
    bringing: Bringing
    errors: Path

    async def check(self) -> None:
        total = lines_in(self.bringing.sheet.file)
        async with _beating(self.door.store, self.row.id, "checked", total) as done:
            await self.bringing.check(done)

    async def send(self) -> None:
        number = self.bringing.plan.commands
        async with _beating(self.door.store, self.row.id, "recorded", number) as done:
            await self.bringing.send(self.door.changes, done, self._begun)

    async def _begun(self, change_set: str) -> None:
        await kept.sent_as(self.door.store, self.row.id, change_set)

    async def see_through(self) -> None:
        """What was begun before an interruption went on by itself: it comes first."""
        if not self.row.change_set:
            return
        found = await self.door.changes.progress(self.row.change_set)
        if found.status in {ChangeStatus.RUNNING, ChangeStatus.PAUSED} and not found.back:
            async with _beating(self.door.store, self.row.id, "recorded", found.total) as done:
                await through(self.door.changes, found.name, done, PATIENCE)

    async def end(self, status: ImportStatus, **columns: Any) -> None:
        """Keep what came of it."""
        store, report = self.door.store, self.bringing.report
        report.close()
        await kept.put_errors(store, self.row.id, _pieces(self.errors))
        told_of = {
            "tally": asdict(tally_of(self.bringing)),
            "changes": changes_data(self.bringing.plan.changes[:SHOWN]),
            "wrong": [_wrong(one) for one in report.first],
            "stopped": False,
        }
        await kept.end_step(store, self.row.id, status, self.door.now(), **told_of | columns)


async def _bench(door: Door, row: ImportRow, folder: Path) -> _Bench:
    """With the file as it was uploaded. Raises `Refusal` `broken_upload` if some of it is missing."""
    file, errors = folder / row.file, folder / "errors" / "errors.csv"
    errors.parent.mkdir()
    size = 0
    with file.open("wb") as stream:
        async for piece in kept.pieces_of(door.store, row.id, PartOf.FILE):
            size += stream.write(piece)
    if size != row.size:
        said = f"Of {row.file} only {size:,} of {row.size:,} bytes arrived."
        raise Refusal("broken_upload", said, "Upload it again.")
    reason = row.reason or f"From {row.file}"
    sheet = Sheet(file, row.actor, reason, row.creates, row.anyway, row.sheet or None, row.encoding)
    report = RowReport(errors, keep=SHOWN_WRONG)
    return _Bench(door, row, Bringing(door.store, sheet, report, door.now()), errors)


@asynccontextmanager
async def _beating(store: Store, name: str, step: str, total: int | None) -> AsyncIterator[Done]:
    """Tell every moment that somebody is at it, and how far; what is yielded counts."""
    counted = [0]

    def done(number: int) -> None:
        counted[0] += number

    async def beat() -> None:
        while True:
            await kept.beat(store, name, datetime.now(UTC), step, counted[0], total)
            await asyncio.sleep(BEAT)

    beating = asyncio.create_task(beat())
    try:
        yield done
    finally:
        beating.cancel()
        await asyncio.gather(beating, return_exceptions=True)


def _wrong(one: Remark) -> dict[str, Any]:
    reason = in_page_words(one.reason)
    return {"line": one.line, "column": one.column, "value": one.value, "reason": reason}


def in_page_words(text: str) -> str:
    """What names an option of the command line, for somebody before a page."""
    for option, words in _HERE.items():
        text = text.replace(option, words)
    return text


def _pieces(file: Path) -> list[bytes]:
    """The list of errors, if there is one, in parts."""
    if not file.exists():
        return []
    with file.open("rb") as stream:
        return list(iter(lambda: stream.read(kept.PIECE), b""))
