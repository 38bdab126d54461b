"""The account's page in the Temporal UI: where it stands, why, and what comes next, as Markdown."""

from __future__ import annotations

from collections.abc import Iterator
from datetime import datetime

from lifecycle.core import clock
from lifecycle.core.changes import Entry, StageEntered
from lifecycle.core.fold import Fold
from lifecycle.core.state import AccountState, Track
from lifecycle.core.wakes import all_dues

from . import wording
from .carried import Refused

SHOWN_DEADLINES = 5


def details(fold: Fold, why: dict[str, str], refused: list[Refused], now: datetime) -> str:
    """One table of lifecycles; then hold, deadlines, and what was refused lately."""
    return "\n".join(
        [
            *_head(fold),
            *_tracks(fold, why, now),
            *_next(fold),
            *_hold(fold),
            *refused_lately(refused),
        ]
    )


def reasons(entries: list[Entry]) -> dict[str, str]:
    """Why each lifecycle stands where it does, by the last of these entries that moved it."""
    found: dict[str, str] = {}
    for entry in entries:
        for change in entry.changes:
            if isinstance(change, StageEntered):
                found[change.lifecycle] = _why(change, entry)
    return found


def _why(move: StageEntered, entry: Entry) -> str:
    if move.actor:
        return f"{move.actor}: {move.reason}" if move.reason else move.actor
    cause = wording.cause(entry.input)
    line = wording.spaced(move.automation.rpartition(".")[2])
    return f"{line} ({cause})" if line and line != cause else cause


def _head(fold: Fold) -> Iterator[str]:
    state = fold.state
    kind, status = state.fields.get("type") or "no type", state.fields.get("status") or "no status"
    yield f"**{kind}**, {status} · revision {state.revision}"
    yield ""


def _tracks(fold: Fold, why: dict[str, str], now: datetime) -> Iterator[str]:
    yield "| lifecycle | stage | since | days in | why |"
    yield "|---|---|---|---|---|"
    for lifecycle in fold.book.lifecycles.values():
        track = fold.state.tracks.get(lifecycle.id)
        if track is None or track.stage is None:
            yield f"| {cell(lifecycle.title)} | None | | | |"
            continue
        stage = lifecycle.stage(track.stage)
        flags = " · late" * track.late + " · stuck" * track.stuck
        cells = [lifecycle.title, (stage.label if stage else track.stage) + flags]
        cells += [
            _minute(track.entered_at),
            _days(fold.state, track, now),
            why.get(lifecycle.id, ""),
        ]
        yield f"| {' | '.join(map(cell, cells))} |"


def _days(state: AccountState, track: Track, now: datetime) -> str:
    """Whole days; no value while the account is cancelled (T28), since the end on an end stage (R10)."""
    since_end = clock.whole_days(clock.days_since_end(state, track, now))
    if since_end is not None:
        return f"ended {since_end} days ago"
    days = clock.whole_days(clock.days_in_stage(state, track, now))
    return "" if days is None else str(days)


def _next(fold: Fold) -> Iterator[str]:
    dues = all_dues(fold.book, fold.state)[:SHOWN_DEADLINES]
    if dues:
        yield "\n**Next, if nothing else happens**\n"
    for due in dues:
        yield f"- {_minute(due.at)} {cell(wording.deadline(fold.book, fold.state, due))}"


def _hold(fold: Fold) -> Iterator[str]:
    hold = fold.state.hold
    if hold is not None:
        yield f"\n**On hold** until {_minute(hold.until)} by {cell(hold.actor)}: {cell(hold.reason)}"


def waits_for(what: str) -> Iterator[str]:
    """What comes next, in a paragraph of its own; nothing where that is empty."""
    if what:
        yield f"\n{what}"


def refused_lately(refused: list[Refused]) -> Iterator[str]:
    """The messages that were refused, the newest first."""
    if refused:
        yield "\n**Refused messages**\n\n| when | door | why |\n|---|---|---|"
    for one in reversed(refused):
        yield f"| {one.at} | {cell(one.door)} | {cell(one.reason)} |"


def _minute(moment: datetime | None) -> str:
    return f"{moment:%Y-%m-%d %H:%M}" if moment else ""


def cell(text: str) -> str:
    """A text of anybody's inside a Markdown table."""
    line = " ".join(text.split()).replace("\\", "\\\\")
    for sign in "|[]<>`*_":
        line = line.replace(sign, f"\\{sign}")
    return line[:200]
