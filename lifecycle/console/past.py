"""`history` and `why`: what happened to an account, what it changed, and what it did not (N3)."""

from __future__ import annotations

from typing import Annotated

import typer
from rich.text import Text

from lifecycle.core import changes as c
from lifecycle.telling.accounts import Found
from lifecycle.telling.audience import Asked
from lifecycle.telling.past import Past, Wanted, past, past_data
from lifecycle.telling.phrases import count
from lifecycle.telling.story import Said, Told

from . import options as o
from .accounts import find_when, say_when
from .audience import AsKnownNow, AsOfDay, Known, when
from .desk import Desk, Look, work
from .screen import columns

Limit = Annotated[int, typer.Option(min=1, max=500, help="At most this many entries, the newest.")]
Before = Annotated[
    int | None,
    typer.Option(help="Only entries before this revision: the next page.", show_default=False),
]
MOST_FIELDS = 3


def history(  # noqa: PLR0913, PLR0917 - one parameter per option
    account: o.Account,
    lifecycle: o.MaybeLifecycle = None,
    limit: Limit = 30,
    before: Before = None,
    as_of: AsOfDay = None,
    known: Known = None,
    as_known_now: AsKnownNow = False,
    as_json: o.AsJson = False,
    utc: o.InUtc = False,
) -> None:
    """List what happened to an account, the newest first, with what it changed."""
    wanted = Wanted(limit, before, lifecycle, told_only=True)
    asked = when(as_of, known, as_known_now)
    work(lambda desk: _history(desk, account, wanted, asked), Look(as_json, utc))


def why(  # noqa: PLR0913, PLR0917 - one parameter per option
    account: o.Account,
    lifecycle: o.MaybeLifecycle = None,
    limit: Limit = 10,
    before: Before = None,
    as_of: AsOfDay = None,
    known: Known = None,
    as_known_now: AsKnownNow = False,
    as_json: o.AsJson = False,
    utc: o.InUtc = False,
) -> None:
    """Tell why an account stands where it stands: each change with what decided, each non-change with its reason."""
    wanted = Wanted(limit, before, lifecycle)
    asked = when(as_of, known, as_known_now)
    work(lambda desk: _why(desk, account, wanted, asked), Look(as_json, utc))


async def _read(desk: Desk, account: str, wanted: Wanted, asked: Asked) -> tuple[Found, Past]:
    found = await find_when(desk, account, asked)
    return found, await past(await desk.store(), found, wanted, desk.zone)


# ── history


async def _history(desk: Desk, account: str, wanted: Wanted, asked: Asked) -> None:
    found, read = await _read(desk, account, wanted, asked)
    if desk.look.as_json:
        desk.screen.data(past_data(read))
        return
    await say_when(desk, found)
    _title(desk, found, read)
    table = columns(
        "Revision", "When", "What happened", "What it changed", right=["Revision"], keep=["When"]
    )
    for entry, told in read.entries:
        table.add_row(str(entry.revision), desk.moment(entry.at), told.headline, _changed(told))
    desk.screen.table(table, by=0)
    _more(desk, read)


def _changed(told: Told) -> Text:
    if told.refused:
        return Text(f"Refused: {told.refused}", style="red")
    if not told.changes:
        return Text("; ".join(said.text for said in told.reasons), style="dim")
    return Text("\n".join(_shortened(told.changes)))


def _shortened(changes: list[Said]) -> list[str]:
    """Many fields at once are only counted: `why` lists them."""
    fields = [said.text for said in changes if said.is_field]
    others = [said.text for said in changes if not said.is_field]
    return [*(fields if len(fields) <= MOST_FIELDS else [f"{len(fields)} fields"]), *others]


def _title(desk: Desk, found: Found, read: Past) -> None:
    desk.screen.say(Text(found.name, style="bold"))
    if not read.entries:
        desk.screen.say("Nothing of this kind has happened.")


def _more(desk: Desk, read: Past) -> None:
    if read.more is not None:
        desk.screen.say(Text(f"There is more: --before {read.more}", style="dim"))


# ── why


async def _why(desk: Desk, account: str, wanted: Wanted, asked: Asked) -> None:
    found, read = await _read(desk, account, wanted, asked)
    if desk.look.as_json:
        desk.screen.data(past_data(read))
        return
    await say_when(desk, found)
    _title(desk, found, read)
    for entry, told in read.entries:
        desk.screen.say()
        tell_entry(desk, entry, told)
    desk.screen.say()
    desk.screen.say(
        Text(f"{count(len(read.entries), 'entry', 'entries')}, the newest first.", style="dim")
    )
    _more(desk, read)


def tell_entry(desk: Desk, entry: c.Entry, told: Told) -> None:
    """One entry as a paragraph: the headline, what changed and what decided, what did not and why."""
    head = Text(desk.moment(entry.at), style="dim").append(
        f"  {told.headline}", style="bold not dim"
    )
    if told.detail:
        head.append(f"  {told.detail}", style="dim not bold")
    desk.screen.say(head)
    tell_outcome(desk, told)


def tell_outcome(desk: Desk, told: Told) -> None:
    """What an entry did and did not do."""
    if told.refused:
        desk.screen.indented(f"Refused: {told.refused}", style="red")
    for said in told.changes:
        _sentence(desk, "→ ", said)
    for said in told.reasons:
        _sentence(desk, "· ", said)
    if told.is_empty:
        desk.screen.indented("Nothing changed.", style="dim")


def _sentence(desk: Desk, mark: str, said: Said) -> None:
    text = Text(mark + said.text)
    # A move names its line already, in brackets.
    if mark == "→ " and said.automation and said.automation not in said.text:
        text.append(f" ({said.automation})", style="dim")
    desk.screen.indented(text)
    for because in said.because:
        desk.screen.indented(because, by=6, style="dim")


# ── for programs
