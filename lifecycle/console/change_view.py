"""A change of many accounts as a terminal shows it: before it begins, on its way, and afterwards."""

from __future__ import annotations

import asyncio
from typing import Final

from rich.text import Text

from lifecycle.store.change_tables import ChangeStatus, ItemStatus
from lifecycle.telling.bulk_preview import Preview
from lifecycle.telling.changes import View, change_named, data_of
from lifecycle.telling.pace import length_words, pace_words
from lifecycle.telling.phrases import count

from .desk import Desk
from .progress import progress, step
from .report_tables import bar
from .screen import columns

LOOK_EVERY: Final = 0.3
STYLES: Final = {
    ChangeStatus.RUNNING: "green",
    ChangeStatus.PAUSED: "yellow",
    ChangeStatus.STOPPED: "red",
    ChangeStatus.DONE: "",
}
OUTCOMES: Final = {
    ItemStatus.DONE: "green",
    ItemStatus.UNCHANGED: "dim",
    ItemStatus.REFUSED: "red",
    ItemStatus.FAILED: "red",
    ItemStatus.UNDONE: "cyan",
    ItemStatus.KEPT: "yellow",
    ItemStatus.WAITING: "",
}
TROUBLE: Final = (ItemStatus.REFUSED, ItemStatus.FAILED, ItemStatus.KEPT)


# ── before


def say_preview(desk: Desk, found: Preview) -> None:
    """Who would change, who not and why, what it sets off, and some examples."""
    say = desk.screen.say
    say(Text(found.title, style="bold"))
    say(found.said())
    if found.by_stage:
        desk.screen.heading("Where they stand now")
        table = columns("Stage", "Accounts", right=["Accounts"], keep=["Stage"])
        for stage, number in found.by_stage.most_common():
            table.add_row(stage, f"{number:,}")
        desk.screen.table(table)
    _say_refused(desk, found)
    if lines := list(found.set_off.lines()):
        desk.screen.heading("What it sets off at once")
        for _, line in lines:
            desk.screen.indented(line)
    for one in found.examples:
        desk.screen.heading(f"For example {one.name}, at {one.stands}")
        for consequence in one.lines:
            style = "yellow" if consequence.final else ""
            desk.screen.indented(Text(consequence.text, style=style))


def _say_refused(desk: Desk, found: Preview) -> None:
    if not found.refused:
        return
    desk.screen.heading("Refused, and why")
    table = columns("Accounts", "Reason", right=["Accounts"], keep=["Accounts"])
    for reason, number in found.refused.most_common():
        table.add_row(f"{number:,}", reason)
    desk.screen.table(table)


# ── on its way


async def follow(desk: Desk, name: str, detach: bool = False) -> bool:
    """Look on until it is through, or waits for somebody; answers whether some account did not take it.

    Ctrl-C ends the looking only.
    """
    viewer = await desk.viewer()
    view = await change_named(viewer, name)
    if not detach:
        try:
            view = await _until_still(desk, view)
        except asyncio.CancelledError:
            desk.screen.say(f"It goes on without you: lifecycle admin changes show {name}")
            return False
    if desk.look.as_json:
        desk.screen.data(data_of(view))
    elif not detach:
        say_counts(desk, view)
    return any(view.counts.get(status) for status in TROUBLE)


async def _until_still(desk: Desk, view: View) -> View:
    viewer, name = await desk.viewer(), view.row.name
    with progress(not desk.look.as_json) as shown:
        moved = step(shown, "Taking back" if view.row.back else "Changing", view.total, "accounts")
        through = 0
        while True:
            moved(view.through - through)
            through = view.through
            if view.row.status is not ChangeStatus.RUNNING:
                return view
            await asyncio.sleep(LOOK_EVERY)
            view = await change_named(viewer, name)


# ── afterwards


def say_counts(desk: Desk, view: View) -> None:
    """How many came to what."""
    parts = [
        Text(f"{number:,} {view.word(status, number)}", style=style)
        for status, style in OUTCOMES.items()
        if (number := view.counts.get(status, 0))
    ]
    desk.screen.say(Text(" · ").join(parts))


def say_head(desk: Desk, view: View) -> None:
    """What it is, and who gave the last order."""
    row = view.row
    desk.screen.say(Text(row.name, style="bold").append(f"  {view.status}", STYLES[row.status]))
    facts = {
        "What": row.title,
        "Why": row.reason,
        "Accounts": f"{row.total:,}"
        + (f", {row.share} % of them for now" if row.share < 100 else ""),
        "Pace": pace_words(row.per_minute),
        "Began": f"{desk.moment(row.at)}, by {row.actor}",
        "Ended": desk.moment(row.finished_at) if row.finished_at else "",
        "Last order": row.said,
    }
    desk.screen.facts(facts)


def say_progress(desk: Desk, view: View) -> None:
    """A bar, and the numbers behind it."""
    desk.screen.say()
    part = view.through / view.total if view.total else 1.0
    done = Text(bar(part, 30).ljust(30, "·"), style="cyan")
    said = f"  {view.through:,} of {count(view.total, 'command')}"
    if view.left is not None and view.waiting:
        said += f", {length_words(view.left)} left"
    desk.screen.say(done.append(said, style="default"))
    say_counts(desk, view)


def styled(view: View, status: str) -> Text:
    """An outcome in its colour."""
    found = ItemStatus(status)
    return Text(view.word(found), style=OUTCOMES[found])
