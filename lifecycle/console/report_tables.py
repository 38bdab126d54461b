"""A report as people and programs get it: a table with numbers and small bars, CSV, or JSON."""

from __future__ import annotations

import sys
from collections.abc import Callable, Iterable, Iterator, Sequence
from contextlib import contextmanager, nullcontext
from itertools import groupby
from pathlib import Path
from typing import Any, Final

from rich.text import Text

from lifecycle.core.refusal import Refusal
from lifecycle.telling.phrases import MISSING, count
from lifecycle.telling.reports.report import (
    Across,
    Coloured,
    Column,
    Quiet,
    Report,
    Words,
    csv_line,
    data_of,
)

from .desk import Desk
from .screen import COLOURS, columns

BAR: Final = 16
EIGHTHS: Final = " ▏▎▍▌▋▊▉"


def answer(desk: Desk, report: Report[Any], to: Path | None = None) -> None:
    """Give a report as it is wanted: CSV to a file (`-`: to the standard output), JSON, or tables."""
    if to is not None:
        _write(desk, report, to)
    elif desk.look.as_json:
        desk.screen.data(data_of(report))
    else:
        show(desk, report)


def bar(share: float, width: int = BAR) -> str:
    """A bar of eighths of a cell."""
    eighths = round(max(0.0, min(share, 1.0)) * width * 8)
    whole, rest = divmod(eighths, 8)
    return "█" * whole + (EIGHTHS[rest] if rest else "")


# ── for programs


def _write(desk: Desk, report: Report[Any], to: Path) -> None:
    with csv_file(desk, to, report.header) as write:
        write(report.cells)


Rows = Iterable[Sequence[Any]]


@contextmanager
def csv_file(desk: Desk, to: Path, header: Sequence[str]) -> Iterator[Callable[[Rows], None]]:
    """Rows given to what it yields are written as CSV; a file is told of. Raises `Refusal` for one that cannot be."""
    try:
        with nullcontext(sys.stdout) if str(to) == "-" else to.open("w", newline="") as file:
            written = 0
            file.write(csv_line(header))

            def write(rows: Rows) -> None:
                nonlocal written
                for row in rows:
                    file.write(csv_line(row))
                    written += 1

            yield write
    except OSError as error:
        said = f"{to} cannot be written: {error.strerror or error}."
        raise Refusal("not_writable", said, "Name another file with --csv.") from None
    if str(to) != "-":
        desk.screen.say(f"{count(written, 'row')} written to {to}.")


# ── for people


def show(desk: Desk, report: Report[Any]) -> None:
    """Headline, tables, notes."""
    desk.screen.say(Text(report.title, style="bold"))
    if report.said:
        desk.screen.say(Text(report.said, style="dim"))
    if not report.rows:
        desk.screen.say(report.empty)
    for heading, rows in groupby(report.rows, report.heading or (lambda _: "")):
        if heading:
            desk.screen.heading(heading)
        else:
            desk.screen.say()
        if report.across:
            _crossed(desk, report.across, list(rows))
        else:
            _table(desk, report, list(rows))
    if report.notes:
        desk.screen.say()
    for note in [*report.notes, *_more(report)]:
        desk.screen.say(Text(note, style="dim"))


def _more(report: Report[Any]) -> Iterator[str]:
    """How to see what a limit left out."""
    if report.total is not None:
        yield "--limit shows more."
    if report.after is not None:
        yield f"There is more: --after {report.after}"


def _table(desk: Desk, report: Report[Any], rows: list[Any]) -> None:
    shown = [one for one in report.columns if one.title and (desk.screen.is_wide or not one.wide)]
    numbers = [one.title for one in shown if one.right and one.bar is None]
    table = columns(*(one.title for one in shown), right=numbers)
    cells = [[_cell(one, row) for one in shown] for row in rows]
    for at, one in enumerate(shown):
        if one.right and one.bar is not None:
            _align(cells, at)
    for line in cells:
        table.add_row(*line)
    desk.screen.table(table, by=0)


def _cell(column: Column[Any], row: Any) -> str | Text:
    """What stands on the screen; a bar is drawn behind the number."""
    words = column.words(row)
    if column.bar is None:
        return coloured(words)
    return Text(f"{words}  ").append(bar(column.bar(row)), style="cyan")


def coloured(words: Words) -> str | Text:
    """Words as a terminal shows them."""
    match words:
        case Coloured(text, colour):
            return Text(text, style=COLOURS.get(colour, "dim"))
        case Quiet(text):
            return Text(text, style="dim")
    return words


def _crossed(desk: Desk, across: Across[Any], rows: list[Any]) -> None:
    names = list(dict.fromkeys(across.column(row) for row in rows))
    # A heading of two words on two lines: it is wider than its numbers.
    titles = [name.replace(" ", "\n", 1) for name in names]
    table = columns(across.title, *titles, right=titles, keep=[across.title])
    for line, cells in groupby(rows, across.line):
        found = {across.column(row): across.cell(row) for row in cells}
        table.add_row(line, *(found.get(name, MISSING) for name in names))
    desk.screen.table(table, by=0)


def _align(cells: list[list[str | Text]], at: int) -> None:
    """Numbers to the right, their bars from one line on."""
    texts = [Text.assemble(line[at]) for line in cells]
    widest = max(text.plain.index("  ") for text in texts)
    for line, text in zip(cells, texts, strict=True):
        line[at] = Text(" " * (widest - text.plain.index("  "))) + text
