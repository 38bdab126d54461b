"""`segment`: the accounts for which a condition holds, saved or asked; now, or as of a day (T16 to T22, N5)."""

from __future__ import annotations

from collections.abc import AsyncIterator
from dataclasses import dataclass, replace
from pathlib import Path
from typing import Annotated, Any

import typer
from rich.text import Text

from lifecycle.core.conditions import NONE
from lifecycle.definition.condition_words import Labels, condition_words
from lifecycle.store.moment import AsOf
from lifecycle.store.segments import MOST, Counted, Member, Page, Wanted, count, page
from lifecycle.telling.audience import Asked, Audience, segment_named
from lifecycle.telling.phrases import count as count_of

from . import completing
from . import options as o
from .audience import AsOfDay, Known, Where, audience
from .desk import Desk, Look, work
from .report_tables import csv_file
from .screen import columns as table_of
from .segment_columns import ID, Column, columns_of, sort_of

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
        help="What to show, with commas: fields, lifecycles, days:LIFECYCLE, since:LIFECYCLE.",
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


@dataclass(frozen=True, slots=True)
class _Wish:
    """How the answer is wanted."""

    columns: str | None
    sort: str | None
    limit: int
    after: str | None
    only_count: bool
    csv: Path | None


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
    wish = _Wish(columns, sort, limit, after, only_count, csv)
    if name is None and not where:
        work(lambda desk: _list(desk, asked), Look(as_json, utc))
    else:
        work(lambda desk: _segment(desk, asked, wish), Look(as_json, utc))


# ── all that are saved


async def _list(desk: Desk, asked: Asked) -> None:
    store, meant = await desk.store(), await audience(desk, asked)
    saved = list(meant.book.segments.values())
    found = [
        await count(store, Wanted(one.where, meant.moment, meant.book.segments)) for one in saved
    ]
    said = [condition_words(one.where, Labels(meant.book)) for one in saved]
    if desk.look.as_json:
        lines = zip(saved, said, found, strict=True)
        desk.screen.data(
            {
                **_moment_data(meant),
                "segments": [
                    {"id": one.id, "title": one.title, "said": words, "accounts": number.accounts}
                    for one, words, number in lines
                ],
            }
        )
        return
    if not saved:
        desk.screen.say("No segments are saved. Write them into definitions/segments.yaml.")
        return
    _say_moment(desk, meant)
    table = table_of("Segment", "Accounts", "Who is in it", right=["Accounts"], keep=["Segment"])
    for one, words, number in zip(saved, said, found, strict=True):
        title = Text(one.title).append(f"\n{words}", style="dim")
        table.add_row(one.id, f"{number.accounts:,}", title)
    desk.screen.table(table, by=0)


# ── one


async def _segment(desk: Desk, asked: Asked, wish: _Wish) -> None:
    store, meant = await desk.store(), await audience(desk, asked)
    chosen = columns_of(meant, wish.columns)
    wanted = Wanted(
        meant.condition,
        meant.moment,
        meant.book.segments,
        tuple(dict.fromkeys(name for one in chosen for name in one.fields)),
        tuple(dict.fromkeys(name for one in chosen for name in one.lifecycles)),
        sort_of(meant, wish.sort),
        wish.after,
        wish.limit,
    )
    if wish.csv is not None:
        await _write(desk, wanted, chosen, wish.csv)
        return
    counted = await count(store, wanted)
    if wish.only_count:
        _say_count(desk, meant, counted)
        return
    found = await page(store, wanted)
    if desk.look.as_json:
        desk.screen.data(_data(asked, meant, counted, found, chosen))
    else:
        _show(desk, asked, meant, counted, found, chosen)


def _say_count(desk: Desk, meant: Audience, counted: Counted) -> None:
    if desk.look.as_json:
        desk.screen.data({**_moment_data(meant), **_count_data(counted)})
    else:
        desk.screen.say(_how_many(meant, counted))


def _how_many(meant: Audience, counted: Counted) -> str:
    """`12 accounts, 3 of them with no stage in Sales (None).`"""
    labels, said = Labels(meant.book), [count_of(counted.accounts, "account")]
    for name, number in counted.without.items():
        lifecycle = meant.book.lifecycles.get(name)
        what = f"no stage in {lifecycle.title}" if lifecycle else f"no {labels.field(name)}"
        said.append(f"{number:,} of them with {what} ({NONE})")
    return f"{', '.join(said)}."


# ── for programs


def _data(
    asked: Asked, meant: Audience, counted: Counted, found: Page, chosen: list[Column]
) -> dict[str, Any]:
    return {
        "segment": asked.segment,
        "title": meant.title,
        "said": meant.said,
        **_moment_data(meant),
        **_count_data(counted),
        "rows": [
            {"account": one.account} | {column.name: column.value(one) for column in chosen}
            for one in found.members
        ],
        "after": found.after,
    }


def _moment_data(meant: Audience) -> dict[str, Any]:
    if not isinstance(meant.moment, AsOf):
        return {}
    return {"as_of": meant.moment.at, "known": meant.moment.known}


def _count_data(counted: Counted) -> dict[str, Any]:
    return {"accounts": counted.accounts, "without": counted.without}


async def _write(desk: Desk, wanted: Wanted, chosen: list[Column], to: Path) -> None:
    with csv_file(desk, to, ["account", *(one.name for one in chosen)]) as write:
        async for members in _pages(desk, wanted):
            write([one.account, *(column.filed(one) for column in chosen)] for one in members)


async def _pages(desk: Desk, wanted: Wanted) -> AsyncIterator[list[Member]]:
    """All pages, from the first or from `--after` on."""
    store, more = await desk.store(), True
    while more:
        found = await page(store, replace(wanted, limit=MOST))
        yield found.members
        wanted, more = replace(wanted, after=found.after), found.after is not None


# ── for people


def _show(
    desk: Desk, asked: Asked, meant: Audience, counted: Counted, found: Page, chosen: list[Column]
) -> None:
    desk.screen.say(Text(meant.title, style="bold"))
    if asked.segment and (told := segment_named(meant.book, asked.segment).description):
        desk.screen.say(told)
    desk.screen.say(Text(meant.said, style="dim"))
    _say_moment(desk, meant)
    if found.members:
        desk.screen.say()
        _table(desk, found, chosen)
    desk.screen.say()
    said = _how_many(meant, counted)
    if found.after is not None:
        said += f" The next page: --after {found.after}"
    desk.screen.say(Text(said, style="dim"))


def _table(desk: Desk, found: Page, chosen: list[Column]) -> None:
    shown = [one for one in chosen if desk.screen.is_wide or not one.wide]
    after_name = 1 if shown and shown[0].name == "name" else 0
    shown.insert(after_name, ID)
    right = [one.title for one in shown if one.right]
    table = table_of(*(one.title for one in shown), right=right, keep=[ID.title, *right])
    for member in found.members:
        table.add_row(*(one.cell(desk, member) for one in shown))
    desk.screen.table(table, by=0)


def _say_moment(desk: Desk, meant: Audience) -> None:
    if isinstance(meant.moment, AsOf):
        at, known = desk.moment(meant.moment.at), desk.moment(meant.moment.known)
        known = "then" if meant.moment.known == meant.moment.at else f"on {known}"
        desk.screen.say(Text(f"As of {at}, as it was known {known}.", style="yellow"))
