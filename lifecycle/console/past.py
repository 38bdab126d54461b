"""`history` and `why`: what happened to an account, what it changed, and what it did not (N3)."""

from __future__ import annotations

from typing import Annotated, Any

import typer
from rich.text import Text

from lifecycle.core import changes as c
from lifecycle.core.codec import to_data
from lifecycle.core.model import Book
from lifecycle.store.accounts import history as entries_of
from lifecycle.store.ctas import titles_of
from lifecycle.telling.phrases import count
from lifecycle.telling.story import Said, Teller, Told

from . import options as o
from .accounts import find, lifecycle_named
from .desk import Desk, Look, work
from .screen import columns

Limit = Annotated[int, typer.Option(min=1, max=500, help="At most this many entries, the newest.")]
Before = Annotated[
    int | None,
    typer.Option(help="Only entries before this revision: the next page.", show_default=False),
]
PAGE = 500
MOST_FIELDS = 3


def history(
    account: o.Account,
    lifecycle: o.MaybeLifecycle = None,
    limit: Limit = 30,
    before: Before = None,
    as_json: o.AsJson = False,
    utc: o.InUtc = False,
) -> None:
    """List what happened to an account, the newest first, with what it changed."""
    wanted = _Wanted(account, lifecycle, limit, before, told_only=True)
    work(lambda desk: _history(desk, wanted), Look(as_json, utc))


def why(
    account: o.Account,
    lifecycle: o.MaybeLifecycle = None,
    limit: Limit = 10,
    before: Before = None,
    as_json: o.AsJson = False,
    utc: o.InUtc = False,
) -> None:
    """Tell why an account stands where it stands: each change with what decided, each non-change with its reason."""
    wanted = _Wanted(account, lifecycle, limit, before)
    work(lambda desk: _why(desk, wanted), Look(as_json, utc))


class _Wanted:
    """Which entries are asked for."""

    def __init__(
        self,
        account: str,
        lifecycle: str | None,
        limit: int,
        before: int | None,
        told_only: bool = False,
    ) -> None:
        self.account = account
        self.lifecycle = lifecycle
        self.limit = limit
        self.before = before
        self.told_only = told_only


class _Read:
    """Entries with their words."""

    def __init__(self, account: str, name: str, book: Book) -> None:
        self.account = account
        self.name = name
        self.book = book
        self.entries: list[tuple[c.Entry, Told]] = []
        self.more: int | None = None


async def _read(desk: Desk, wanted: _Wanted) -> _Read:
    """The newest entries that are wanted; a page of the journal is read at a time."""
    found = await find(desk, wanted.account)
    lifecycle = lifecycle_named(found.book, wanted.lifecycle).id if wanted.lifecycle else None
    store, before = await desk.store(), wanted.before
    teller = Teller(found.book, desk.zone, await titles_of(store, found.account))
    read = _Read(found.account, found.name, found.book)
    while True:
        page = await entries_of(store, found.account, PAGE, before)
        for entry in page:
            told = teller.tell(entry)
            if (lifecycle and not about(entry, lifecycle)) or (wanted.told_only and told.is_empty):
                continue
            if len(read.entries) == wanted.limit:
                read.more = read.entries[-1][0].revision
                return read
            read.entries.append((entry, told))
        if len(page) < PAGE:
            return read
        before = page[-1].revision


def about(entry: c.Entry, lifecycle: str) -> bool:
    """Whether an entry changed something in a lifecycle, or says why it did not."""
    if getattr(entry.input, "lifecycle", None) == lifecycle:
        return True
    if any(note.automation.startswith(f"{lifecycle}.") for note in entry.notes):
        return True
    return any(_touches(change, lifecycle) for change in entry.changes)


def _touches(change: c.Change, lifecycle: str) -> bool:
    if isinstance(change, c.CtaOpened):
        return change.cta.lifecycle == lifecycle
    if isinstance(change, c.Undone):
        return lifecycle in change.unit.tracks
    automation: str = getattr(change, "automation", "")
    return getattr(change, "lifecycle", "") == lifecycle or automation.startswith(f"{lifecycle}.")


# ── history


async def _history(desk: Desk, wanted: _Wanted) -> None:
    read = await _read(desk, wanted)
    if desk.look.as_json:
        desk.screen.data(_data(read))
        return
    _title(desk, read)
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


def _title(desk: Desk, read: _Read) -> None:
    desk.screen.say(Text(read.name, style="bold"))
    if not read.entries:
        desk.screen.say("Nothing of this kind has happened.")


def _more(desk: Desk, read: _Read) -> None:
    if read.more is not None:
        desk.screen.say(Text(f"There is more: --before {read.more}", style="dim"))


# ── why


async def _why(desk: Desk, wanted: _Wanted) -> None:
    read = await _read(desk, wanted)
    if desk.look.as_json:
        desk.screen.data(_data(read))
        return
    _title(desk, read)
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


def _data(read: _Read) -> dict[str, Any]:
    entries = [entry_data(entry, told) for entry, told in read.entries]
    return {"account": read.account, "entries": entries, "before": read.more}


def entry_data(entry: c.Entry, told: Told) -> dict[str, Any]:
    """An entry as it is recorded, with its sentences."""
    return {"said": told, "entry": to_data(entry, c.Entry)}
