"""`export`: accounts, stages, days, visits, CTAs, journal and values of fields as CSV or JSON lines."""

from __future__ import annotations

import sys
from collections.abc import Iterator
from contextlib import contextmanager, suppress
from pathlib import Path
from typing import Annotated, Final, TextIO

import typer

from lifecycle.files.scope import Scope
from lifecycle.files.writing import BadFile, Format, format_of, write
from lifecycle.telling.audience import Asked, Audience
from lifecycle.telling.exporting import What, export_of
from lifecycle.telling.phrases import count

from . import options as o
from .audience import AsOfDay, Known, OfSegment, Where, audience
from .desk import Desk, Look, work
from .progress import progress, step

STDOUT: Final = Path("-")


Kind = Annotated[What, typer.Argument(help="What is exported.", show_default=False)]
File = Annotated[
    Path,
    typer.Argument(
        metavar="[FILE.csv|FILE.jsonl|-]", help="Where to; - is the standard output, as CSV."
    ),
]
As = Annotated[
    Format | None,
    typer.Option(
        "--format", help="CSV or JSON lines. Default: by the file's ending.", show_default=False
    ),
]


def export(  # noqa: PLR0913, PLR0917 - what is exported, of whom, when, and where to
    what: Kind,
    file: File = STDOUT,
    segment: OfSegment = None,
    where: Where = None,
    as_of: AsOfDay = None,
    known: Known = None,
    format_: As = None,
    as_json: o.AsJson = False,
) -> None:
    """Write accounts, stages, days, visits, CTAs, journal or values of fields to a file."""
    kind = format_ or (_for_pipes(as_json) if file == STDOUT else format_of(file))
    asked = Asked(segment, where or (), as_of, known)

    async def write_out(desk: Desk) -> None:
        await _export(desk, what, file, kind, await audience(desk, asked))

    work(write_out, Look(as_json))


def _for_pipes(as_json: bool) -> Format:
    return Format.LINES if as_json else Format.CSV


async def _export(desk: Desk, what: What, file: Path, kind: Format, wanted: Audience) -> None:
    only = wanted.sql() if wanted.condition is not None else None
    scope = Scope(await desk.store(), wanted.book, wanted.moment, only)
    chosen = export_of(what, scope)
    quiet, number = desk.look.as_json or file == STDOUT, 0
    with progress(not quiet) as bar, _opened(file) as stream:
        total = await chosen.count() if chosen.count and not bar.disable else None
        number = await write(chosen, stream, kind, step(bar, "Writing", total, "rows"))
    if file == STDOUT:
        return
    if desk.look.as_json:
        desk.screen.data({"export": what, "file": str(file), "format": kind, "rows": number})
    else:
        desk.screen.say(f"{count(number, 'row')} written to {file}.")


@contextmanager
def _opened(file: Path) -> Iterator[TextIO]:
    """The file, or the standard output. Raises `BadFile`."""
    if file == STDOUT:
        with suppress(BrokenPipeError):  # whoever read it has seen enough
            yield sys.stdout
        return
    try:
        stream = file.open("w", encoding="utf-8", newline="")
    except OSError as error:
        raise BadFile(f"{file} cannot be written: {error.strerror or error}.") from None
    with stream:
        yield stream
