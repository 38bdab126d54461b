"""`segment`: the accounts for which a condition holds, saved or asked; now, or as of a day (T16 to T22, N5)."""

from __future__ import annotations

from pathlib import Path
from typing import Annotated

import typer
from rich.text import Text

from lifecycle.store.moment import AsOf
from lifecycle.store.segments import MOST, Counted, Page
from lifecycle.telling.audience import Asked, Audience, segment_named
from lifecycle.telling.segment_columns import ID
from lifecycle.telling.segments import (
    Members,
    Wish,
    count_data,
    count_words,
    members,
    members_data,
    moment_data,
    saved_data,
    saved_segments,
)
from lifecycle.telling.then import moment_words
from lifecycle.telling.viewer import Viewer

from . import completing
from . import options as o
from .audience import AsOfDay, Known, Where, check_known
from .desk import Desk, Look, work
from .report_tables import coloured, csv_file
from .screen import columns as table_of

Name = Annotated[
    str | None,
    typer.Argument(
        help="A saved segment; without one and without --where all of them are listed.",
        autocompletion=completing.segments,
        show_default=False,
    ),
]
Columns = Annotated[
    str | None,
    typer.Option(
        metavar="LIST",
        help="What to show, with commas: fields, lifecycles, days:LIFECYCLE, since:LIFECYCLE, mark:LIFECYCLE, next.",
        show_default=False,
    ),
]
SortBy = Annotated[
    str | None,
    typer.Option(
        "--sort",
        metavar="BY",
        help="id, a field, days or days:LIFECYCLE; a minus before it: the highest first. Default: name.",
        show_default=False,
    ),
]
Limit = Annotated[int, typer.Option(min=1, max=MOST, help="At most this many on a page.")]
After = Annotated[
    str | None, typer.Option(help="The next page: those behind this account.", show_default=False)
]
OnlyCount = Annotated[bool, typer.Option("--count", help="Only how many there are.")]
ToCsv = Annotated[
    Path | None,
    typer.Option(
        "--csv", metavar="FILE", help="All of them as CSV into a file; - for the standard output."
    ),
]


def segment(  # noqa: PLR0913, PLR0917 - one parameter per option
    name: Name = None,
    where: Where = None,
    as_of: AsOfDay = None,
    known: Known = None,
    columns: Columns = None,
    sort: SortBy = None,
    limit: Limit = 50,
    after: After = None,
    only_count: OnlyCount = False,
    csv: ToCsv = None,
    as_json: o.AsJson = False,
    utc: o.InUtc = False,
) -> None:
    """Show the accounts of a segment: a saved one, or those for which sentences hold; now, or as of a day."""
    asked = Asked(name, where or (), as_of, known)
    wish = Wish(columns, sort, limit, after)
    if name is None and not where:
        work(lambda desk: _list(desk, asked), Look(as_json, utc))
    else:
        work(lambda desk: _segment(desk, asked, wish, only_count, csv), Look(as_json, utc))


# ── all that are saved


async def _list(desk: Desk, asked: Asked) -> None:
    check_known(asked)
    viewer = await desk.viewer()
    meant, saved = await saved_segments(viewer, asked)
    if desk.look.as_json:
        desk.screen.data(saved_data(meant, saved))
        return
    if not saved:
        desk.screen.say("No segments are saved. Write them into definitions/segments.yaml.")
        return
    _say_moment(desk, meant, viewer)
    table = table_of("Segment", "Accounts", "Who is in it", right=["Accounts"], keep=["Segment"])
    for one in saved:
        title = Text(one.title).append(f"\n{one.said}", style="dim")
        table.add_row(one.id, f"{one.accounts:,}", title)
    desk.screen.table(table, by=0)


# ── one


async def _segment(
    desk: Desk, asked: Asked, wish: Wish, only_count: bool, csv: Path | None
) -> None:
    check_known(asked)
    wanted = await members(await desk.viewer(), asked, wish)
    if csv is not None:
        await _write(desk, wanted, csv)
        return
    counted = await wanted.count()
    if only_count:
        _say_count(desk, wanted.meant, counted)
        return
    found = await wanted.page()
    if desk.look.as_json:
        desk.screen.data(members_data(wanted, counted, found))
    else:
        _show(desk, wanted, counted, found)


def _say_count(desk: Desk, meant: Audience, counted: Counted) -> None:
    if desk.look.as_json:
        desk.screen.data({**moment_data(meant), **count_data(counted)})
    else:
        desk.screen.say(f"{count_words(meant, counted)}.")


async def _write(desk: Desk, wanted: Members, to: Path) -> None:
    with csv_file(desk, to, ["account", *(one.name for one in wanted.columns)]) as write:
        async for some in wanted.pages():
            write([one.account, *(column.filed(one) for column in wanted.columns)] for one in some)


# ── for people


def _show(desk: Desk, wanted: Members, counted: Counted, found: Page) -> None:
    meant, asked = wanted.meant, wanted.asked
    desk.screen.say(Text(meant.title, style="bold"))
    if asked.segment and (told := segment_named(meant.book, asked.segment).description):
        desk.screen.say(told)
    desk.screen.say(Text(meant.said, style="dim"))
    _say_moment(desk, meant, wanted.viewer)
    if found.members:
        desk.screen.say()
        _table(desk, wanted, found)
    desk.screen.say()
    said = f"{count_words(meant, counted)}."
    if found.after is not None:
        said += f" The next page: --after {found.after}"
    desk.screen.say(Text(said, style="dim"))


def _table(desk: Desk, wanted: Members, found: Page) -> None:
    shown = [one for one in wanted.columns if desk.screen.is_wide or not one.wide]
    after_name = 1 if shown and shown[0].name == "name" else 0
    shown.insert(after_name, ID)
    right = [one.title for one in shown if one.right]
    table = table_of(*(one.title for one in shown), right=right, keep=[ID.title, *right])
    for member in found.members:
        table.add_row(*(coloured(one.words(wanted.viewer, member)) for one in shown))
    desk.screen.table(table, by=0)


def _say_moment(desk: Desk, meant: Audience, viewer: Viewer) -> None:
    if isinstance(meant.moment, AsOf):
        desk.screen.say(Text(moment_words(meant.moment, viewer), style="yellow"))
