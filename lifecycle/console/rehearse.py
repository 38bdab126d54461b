"""`rehearse`: what a changed definition would have done with every account's record; nothing is sent or moved (N2)."""

from __future__ import annotations

from collections.abc import AsyncIterator
from pathlib import Path
from typing import Annotated, Any, Final

import typer
from rich.text import Text

from lifecycle.definition import render
from lifecycle.rehearsing.drafts import draft_at, usable
from lifecycle.rehearsing.keeping import begun
from lifecycle.store import rehearsals
from lifecycle.store.definitions import current_book
from lifecycle.store.rehearsal_tables import RehearsalRow
from lifecycle.telling import rehearsal as r
from lifecycle.telling.phrases import MISSING, count
from lifecycle.telling.rehearsal_asked import Wish, ordered
from lifecycle.telling.rehearsal_file import HEADER, cells
from lifecycle.telling.viewer import Viewer

from . import options as o
from .audience import OfSegment, Where
from .desk import Desk, Look, wall_clock, work
from .manners import Problems
from .progress import progress, step
from .report_tables import csv_file
from .screen import columns, make_console

SHOWN: Final = 20
AT_ONCE: Final = 500
Draft = Annotated[
    Path | None,
    typer.Argument(
        metavar="FILE|FOLDER",
        help="A changed lifecycle's file, or a folder of definitions. Default: ./definitions, else the shipped ones.",
        exists=True,
        show_default=False,
    ),
]
Since = Annotated[
    str | None,
    typer.Option(
        metavar="DATE",
        help="From where the accounts stood then. Default: from the beginning.",
        show_default=False,
    ),
]
ToCsv = Annotated[
    Path | None,
    typer.Option(
        "--csv",
        metavar="FILE",
        help="Every account that differs as CSV into a file; - for the standard output.",
    ),
]
Limit = Annotated[int, typer.Option(min=0, help="At most this many accounts are listed.")]
Kind = Annotated[
    str | None,
    typer.Option(
        "--differ",
        metavar="stage|dates|mail|cta",
        help="List only those that differ by this.",
        autocompletion=lambda: list(rehearsals.KINDS),
        show_default=False,
    ),
]


def rehearse(  # noqa: PLR0913, PLR0917 - one parameter per option
    draft: Draft = None,
    segment: OfSegment = None,
    where: Where = None,
    since: Since = None,
    differ: Kind = None,
    limit: Limit = SHOWN,
    csv: ToCsv = None,
    who: o.As = None,
    as_json: o.AsJson = False,
    utc: o.InUtc = False,
) -> None:
    """Rehearse a changed definition: what it would have done with every account so far. Nothing is sent or moved."""
    if differ is not None and differ not in rehearsals.KINDS:
        known = ", ".join(rehearsals.KINDS)
        raise typer.BadParameter(f"There is no {differ!r}. Known: {known}.", param_hint="--differ")
    wish = Wish(segment, where or (), since)

    async def go(desk: Desk) -> None:
        row = await _rehearsed(desk, draft, wish)
        if csv is not None:
            await _write(desk, row, csv, differ)
        elif as_json:
            desk.screen.data(await _data(desk, row, differ, limit))
        else:
            await _show(desk, row, differ, limit)

    work(go, Look(as_json, utc, who))


async def _rehearsed(desk: Desk, draft: Path | None, wish: Wish) -> RehearsalRow:
    store = await desk.store()
    checked = await draft_at(store, desk.settings, draft)
    if checked.reading.book is None:
        _refuse(desk, checked.problems)
    book, hindrances = usable(checked)
    order = await ordered(await desk.viewer(), book, wish, desk.actor, "admin")
    rehearsal = await begun(store, order, wall_clock)
    with progress(not desk.look.as_json) as bar:
        rehearsal.step = step(bar, "Rehearsing", rehearsal.total, "accounts")
        await rehearsal.run()
    if hindrances and not desk.look.as_json:
        said = count(len(hindrances), "problem stands", "problems stand")
        told = f"{said} in the way of publishing it like this (`definitions check` shows them)."
        make_console(stderr=True).print(Text(told, style="yellow"))
    row = await rehearsals.rehearsal(store, rehearsal.id)
    assert row is not None
    return row


def _refuse(desk: Desk, problems: list[Any]) -> None:
    if desk.look.as_json:
        desk.screen.data({"problems": problems})
    else:
        make_console(stderr=True).file.write(render(problems) + "\n")
        desk.screen.say("Nothing was rehearsed.", "red")
    raise Problems


# ── accounts


async def _accounts(
    desk: Desk, row: RehearsalRow, books: r.Books, differ: str | None, limit: int | None = None
) -> AsyncIterator[r.Apart]:
    """Those that differ, by name; at most `limit`."""
    store, viewer = await desk.store(), await desk.viewer()
    after, left = None, limit
    while left is None or left > 0:
        most = AT_ONCE if left is None else min(left, AT_ONCE)
        page = await rehearsals.accounts(store, row.id, differ, most, after)
        for one in page.rows:
            yield r.apart(one, books, viewer)
        after, left = page.after, None if left is None else left - len(page.rows)
        if after is None:
            return


async def _books(desk: Desk, row: RehearsalRow) -> tuple[Viewer, r.Told, r.Books]:
    viewer = await desk.viewer()
    live, _ = await current_book(viewer.store)
    return viewer, r.told(row, live, wall_clock()), r.books_of(row, live)


async def _data(desk: Desk, row: RehearsalRow, differ: str | None, limit: int) -> dict[str, Any]:
    _, told, books = await _books(desk, row)
    found = [one async for one in _accounts(desk, row, books, differ, limit)]
    return {"rehearsal": told, "accounts": found}


async def _write(desk: Desk, row: RehearsalRow, to: Path, differ: str | None) -> None:
    _, _, books = await _books(desk, row)
    with csv_file(desk, to, HEADER) as write:
        async for one in _accounts(desk, row, books, differ):
            write([cells(one)])


# ── for people


async def _show(desk: Desk, row: RehearsalRow, differ: str | None, limit: int) -> None:
    viewer, told, books = await _books(desk, row)
    assert told.sums is not None
    desk.screen.say(Text(r.headline(told, _title(told)), style="bold"))
    if told.asked:
        desk.screen.say(Text(told.asked, style="dim"))
    desk.screen.say()
    table = columns("", "", "", right=[""], header=False)
    for one in r.figures(told):
        table.add_row(f"{one.number:,}", one.what, Text(one.beside, style="dim"))
    desk.screen.table(table, by=0)
    _ways(desk, told, books)
    found = [one async for one in _accounts(desk, row, books, differ, limit)]
    if found:
        _list(desk, viewer, books, found)
    _foot(desk, told, len(found), differ)


def _title(told: r.Told) -> str:
    titles = ", ".join(part.title for part in told.parts)
    return f"{r.draft_words(told)} of {titles}"


def _ways(desk: Desk, told: r.Told, books: r.Books) -> None:
    assert told.sums is not None
    if told.sums.ways:
        desk.screen.heading("Stage today")
        table = columns("Accounts", "Live", "Draft", right=["Accounts"])
        for way in told.sums.ways:
            live, draft = r.way_words(way, books)
            title = books.draft.lifecycles.get(way.lifecycle) or books.live.lifecycles.get(
                way.lifecycle
            )
            said = f"{title.title}: " if title and len(told.sums.ways) > 1 else ""
            table.add_row(f"{way.accounts:,}", f"{said}{live}", draft)
        desk.screen.table(table, by=0)


def _list(desk: Desk, viewer: Viewer, books: r.Books, found: list[r.Apart]) -> None:
    desk.screen.heading("Accounts that differ")
    figures = ["E-mails", "CTAs"]
    names = ["Account", "Stage today", "Why", *figures, "CSM"]
    table = columns(*names, right=figures, keep=["Account"])
    for one in found:
        table.add_row(
            one.name,
            _stages(one, books),
            one.why,
            r.signed(one.mails),
            r.signed(one.ctas),
            one.csm or MISSING,
        )
    desk.screen.table(table, by=0)


def _stages(one: r.Apart, books: r.Books) -> str:
    said = [
        f"{books.label(lifecycle, live)} → {books.label(lifecycle, draft)}"
        for lifecycle, (live, draft) in one.stages.items()
    ]
    return "\n".join(said) or "the same"


def _foot(desk: Desk, told: r.Told, listed: int, differ: str | None) -> None:
    assert told.sums is not None
    assert told.load is not None
    desk.screen.say()
    desk.screen.say(r.load_words(told.load))
    for note in r.notes(told):
        desk.screen.say(Text(note, style="dim"))
    differing = told.sums.accounts - told.sums.same
    total = told.sums.differing.get(differ, 0) if differ else differing
    if listed < total:
        said = (
            f"{listed:,} of {total:,} accounts listed; --limit shows more, --csv FILE writes all."
        )
        desk.screen.say(Text(said, style="dim"))
