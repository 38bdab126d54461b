"""What happened to an account, read from its journal and told in words (N3)."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field
from datetime import tzinfo
from enum import StrEnum
from typing import Any

from lifecycle.core import changes as c
from lifecycle.core.codec import to_data
from lifecycle.store.accounts import history as entries_of
from lifecycle.store.ctas import titles_of
from lifecycle.store.engine import Store

from .accounts import Found, lifecycle_named
from .story import Teller, Told

PAGE = 500


class Only(StrEnum):
    """Which kind of entries: all, those that moved a stage, those that changed nothing."""

    EVERYTHING = ""
    MOVES = "moves"
    UNCHANGED = "unchanged"


@dataclass(frozen=True, slots=True)
class Wanted:
    """Which entries are asked for: at most `limit`, older than the revision `before`, of one lifecycle.

    `told_only` leaves out those that changed nothing and give no reason.
    """

    limit: int
    before: int | None = None
    lifecycle: str | None = None
    told_only: bool = False
    only: Only = Only.EVERYTHING


@dataclass(slots=True)
class Past:
    """Entries with their words, newest first; `more` is `before` of the next page, None when this is the last."""

    account: str
    entries: list[tuple[c.Entry, Told]] = field(default_factory=list)
    more: int | None = None


async def past(
    store: Store,
    found: Found,
    wanted: Wanted,
    zone: tzinfo,
    titles: Mapping[str, str] | None = None,
) -> Past:
    """The newest entries that are wanted, read from the journal a page at a time, ever larger. Raises `Refusal`."""
    lifecycle = lifecycle_named(found.book, wanted.lifecycle).id if wanted.lifecycle else None
    known = await titles_of(store, found.account) if titles is None else titles
    teller = Teller(found.book, zone, known)
    read, before, size = Past(found.account), wanted.before, min(PAGE, wanted.limit + 1)
    while True:
        page = await entries_of(store, found.account, size, before, found.moment)
        for entry in page:
            told = teller.tell(entry)
            if not _is_wanted(entry, told, wanted, lifecycle):
                continue
            if len(read.entries) == wanted.limit:
                read.more = read.entries[-1][0].revision
                return read
            read.entries.append((entry, told))
        if len(page) < size:
            return read
        before, size = page[-1].revision, min(PAGE, size * 2)


def _is_wanted(entry: c.Entry, told: Told, wanted: Wanted, lifecycle: str | None) -> bool:
    if (lifecycle and not about(entry, lifecycle)) or (wanted.told_only and told.is_empty):
        return False
    if wanted.only is Only.MOVES:
        return any(is_move(change) for change in entry.changes)
    return wanted.only is Only.EVERYTHING or not told.changes


def is_move(change: c.Change) -> bool:
    """Whether it changed a stage; a reactivation begins a cycle in the same one."""
    return isinstance(change, c.StageEntered) and change.left != change.entered


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


def past_data(read: Past) -> dict[str, Any]:
    """What was read, for programs."""
    entries = [entry_data(entry, told) for entry, told in read.entries]
    return {"account": read.account, "entries": entries, "before": read.more}


def entry_data(entry: c.Entry, told: Told) -> dict[str, Any]:
    """An entry as it is recorded, with its sentences."""
    return {"said": told, "entry": to_data(entry, c.Entry)}
