"""`list`: accounts by lifecycle, stage, CSM, type, late, stuck or on hold, with counts."""

from __future__ import annotations

from dataclasses import replace
from datetime import datetime
from typing import Annotated

import typer
from rich.text import Text

from lifecycle.core.conditions import NONE
from lifecycle.core.model import Book, Lifecycle
from lifecycle.store.accounts import Wanted
from lifecycle.store.moment import AsOf
from lifecycle.telling.audience import Asked
from lifecycle.telling.listing import Line, Listing, StandsAt, listing
from lifecycle.telling.phrases import MISSING, count, distance
from lifecycle.telling.then import moment_words

from . import completing
from . import options as o
from .audience import AsKnownNow, AsOfDay, Known, OfSegment, Where, when
from .desk import Desk, Look, work
from .screen import COLOURS, columns

GAP = 2
LONGEST_NAME = 26
InLifecycle = Annotated[
    str | None,
    typer.Option(
        "--lifecycle", "-l", help="Show this lifecycle.", autocompletion=completing.lifecycles
    ),
]
InStage = Annotated[
    str | None,
    typer.Option(
        "--stage",
        "-s",
        help="In this stage of the lifecycle; None for those in no stage.",
        autocompletion=completing.stages,
    ),
]
Csm = Annotated[str | None, typer.Option("--csm", help="Of this CSM, in any case.")]
Type = Annotated[str | None, typer.Option("--type", help="Of this account type, in any case.")]
Late = Annotated[
    bool, typer.Option("--late", help="Past the expected time (of the lifecycle, if one is named).")
]
Stuck = Annotated[bool, typer.Option("--stuck", help="Stuck (in the lifecycle, if one is named).")]
OnHold = Annotated[bool, typer.Option("--on-hold", help="With automation paused.")]
Search = Annotated[str | None, typer.Option("--search", help="With this text in id or name.")]
Limit = Annotated[int, typer.Option(min=1, max=500, help="At most this many on a page.")]
After = Annotated[
    str | None, typer.Option(help="The next page: those behind this id.", show_default=False)
]


def list_(  # noqa: PLR0913, PLR0917 - one parameter per filter
    lifecycle: InLifecycle = None,
    stage: InStage = None,
    csm: Csm = None,
    type_: Type = None,
    late: Late = False,
    stuck: Stuck = False,
    on_hold: OnHold = False,
    search: Search = None,
    limit: Limit = 50,
    after: After = None,
    segment: OfSegment = None,
    where: Where = None,
    as_of: AsOfDay = None,
    known: Known = None,
    as_known_now: AsKnownNow = False,
    as_json: o.AsJson = False,
    utc: o.InUtc = False,
) -> None:
    """List accounts: where they stand, who is late, stuck or on hold; with --as-of as it was."""
    if stage is not None and lifecycle is None:
        raise typer.BadParameter(
            "A stage belongs to a lifecycle: name it with --lifecycle.", param_hint="--stage"
        )
    wanted = Wanted(
        lifecycle,
        stage,
        csm,
        type_,
        late or None,
        stuck or None,
        on_hold or None,
        search,
        after,
        limit,
    )
    whom = replace(when(as_of, known, as_known_now), segment=segment, where=where or ())
    work(lambda desk: _list(desk, wanted, whom), Look(as_json, utc))


async def _list(desk: Desk, asked: Wanted, whom: Asked) -> None:
    viewer = await desk.viewer()
    shown = await listing(viewer, asked, whom)
    if desk.look.as_json:
        desk.screen.data(shown.listing)
        return
    if isinstance(shown.moment, AsOf):
        desk.screen.say(Text(moment_words(shown.moment, viewer), style="yellow"))
    if shown.lifecycle is not None:
        now = shown.moment.at if isinstance(shown.moment, AsOf) else desk.now
        _show_lifecycle(desk, shown.listing, shown.lifecycle, now)
    else:
        _show_all(desk, shown.listing, shown.book)
    _foot(desk, shown.listing)


# ── the tables


def _show_lifecycle(desk: Desk, listing: Listing, lifecycle: Lifecycle, now: datetime) -> None:
    desk.screen.say(Text(lifecycle.title, style="bold"))
    spread = [
        f"{label} {listing.by_stage[stage]:,}"
        for stage, label in [*((one.id, one.label) for one in lifecycle.stages), (NONE, "None")]
        if listing.by_stage.get(stage)
    ]
    desk.screen.say(Text(" · ".join(spread), style="dim"))
    desk.screen.say()
    names = ["Account", "Id", "Type", "CSM", "Stage", "Since", "Days", "Next", ""]
    if not desk.screen.is_wide:
        names = [name for name in names if name not in ("Id", "Type", "Next")]
    table = columns(*names, right=["Days"], keep=["Id", "Stage", "Since", "Next"])
    for line in listing.accounts:
        cells = _cells(desk, line, line.stages.get(lifecycle.id), now)
        table.add_row(*(cells[name] for name in names))
    desk.screen.table(table, by=0)


def _cells(desk: Desk, line: Line, at: StandsAt | None, now: datetime) -> dict[str, str | Text]:
    inside = at is not None and at.stage is not None
    return {
        "Account": line.name,
        "Id": Text(line.account, style="dim"),
        "Type": line.type or MISSING,
        "CSM": line.csm or MISSING,
        "Stage": _stage(at),
        "Since": desk.moment(at.since) if at else MISSING,
        "Days": f"{at.days:,}" if at and inside and at.days is not None else MISSING,
        "": _marks(line, at),
        "Next": distance(line.next_deadline, now) if line.next_deadline else MISSING,
    }


def _show_all(desk: Desk, listing: Listing, book: Book) -> None:
    shown = _lifecycles_that_fit(desk, listing, book)
    titles = [_folded(one, listing) for one in shown]
    table = columns("Account", "CSM", *titles, "", keep=["CSM", *titles])
    for line in listing.accounts:
        stages = [_stage(line.stages.get(one.id), marked=True) for one in shown]
        table.add_row(line.name, line.csm or MISSING, *stages, _marks(line, None))
    desk.screen.table(table, by=0)
    if hidden := [one.title for one in book.lifecycles.values() if one not in shown]:
        desk.screen.say()
        said = f"Not shown for want of room: {', '.join(hidden)}. --lifecycle shows one."
        desk.screen.say(Text(said, style="dim"))


def _lifecycles_that_fit(desk: Desk, listing: Listing, book: Book) -> list[Lifecycle]:
    """All where there is room, else those most accounts of the page are in."""
    left = desk.screen.console.width - _room_beside(listing)
    weight = {one.id: len(_labels(one, listing)) for one in book.lifecycles.values()}
    chosen: list[Lifecycle] = []
    for one in sorted(book.lifecycles.values(), key=lambda one: -weight[one.id]):
        title = _folded(one, listing).split("\n")
        left -= _widest([*title, *_labels(one, listing)]) + GAP
        if left >= 0 or not chosen:
            chosen.append(one)
    return [one for one in book.lifecycles.values() if one in chosen]


def _room_beside(listing: Listing) -> int:
    """What account, CSM and marks take; long names are wrapped."""
    names = min(_widest(["Account", *(line.name for line in listing.accounts)]), LONGEST_NAME)
    marks = _widest([_marks(line, None).plain for line in listing.accounts])
    csms = _widest(["CSM", *(line.csm or MISSING for line in listing.accounts)])
    return names + csms + marks + 3 * GAP


def _labels(lifecycle: Lifecycle, listing: Listing) -> list[str]:
    at = (line.stages.get(lifecycle.id) for line in listing.accounts)
    return [
        _stage(one, marked=True).plain for one in at if one is not None and one.stage is not None
    ]


def _folded(lifecycle: Lifecycle, listing: Listing) -> str:
    """The title on two lines where it is wider than what stands below it."""
    title = lifecycle.title
    return (
        title.replace(" ", "\n", 1) if len(title) > _widest(_labels(lifecycle, listing)) else title
    )


def _widest(texts: list[str]) -> int:
    return max(map(len, texts), default=0)


def _stage(at: StandsAt | None, marked: bool = False) -> Text:
    if at is None or at.stage is None:
        return Text(MISSING, style="dim")
    text = Text(at.label, style=COLOURS.get(at.colour, ""))
    late = "stuck" if at.stuck else "late" if at.late else ""
    return text.append(f" ({late})", style="bold red") if marked and late else text


def _marks(line: Line, at: StandsAt | None) -> Text:
    words = [
        word for word, holds in (("late", at and at.late), ("stuck", at and at.stuck)) if holds
    ]
    text = Text(", ".join(words), style="bold red")
    if line.status == "cancelled":
        text.append(f"{', ' if words else ''}cancelled", style="not bold dim")
    if line.on_hold_until is not None:
        text.append(f"{', ' if text.plain else ''}on hold", style="not bold yellow")
    return text


def _foot(desk: Desk, listing: Listing) -> None:
    desk.screen.say()
    shown = len(listing.accounts)
    said = count(listing.total, "account")
    if shown < listing.total:
        said = f"{shown} of {said}"
    if listing.after is not None:
        said += f"; the next page: --after {listing.after}"
    desk.screen.say(Text(f"{said}.", style="dim"))
