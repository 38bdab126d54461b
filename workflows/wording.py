"""Words for people who look at a workflow in the Temporal UI: summaries of at most 200 bytes."""

from __future__ import annotations

from collections.abc import Iterable

from lifecycle.core.changes import Entry, StageEntered
from lifecycle.core.deciding.entering import label
from lifecycle.core.index import index_of
from lifecycle.core.inputs import Deadline, Event, Input
from lifecycle.core.model import Book
from lifecycle.core.state import AccountState
from lifecycle.core.wakes import Due

SUMMARY_BYTES = 200


def summary(text: str) -> str:
    """Cut to what Temporal takes."""
    raw = text.encode()
    return (
        text
        if len(raw) <= SUMMARY_BYTES
        else raw[: SUMMARY_BYTES - 3].decode(errors="ignore") + "…"
    )


def batch(entries: list[Entry]) -> str:
    """`opportunity.closed_won → customer journey: onboarding; 3 entries`."""
    causes = ", ".join(dict.fromkeys(cause(entry.input) for entry in entries))
    moves = "; ".join(dict.fromkeys(_moves(entries)))
    return summary(f"{causes} → {moves}" if moves else causes)


def _moves(entries: Iterable[Entry]) -> Iterable[str]:
    for entry in entries:
        for change in entry.changes:
            if isinstance(change, StageEntered):
                yield f"{spaced(change.lifecycle)}: {spaced(change.entered or 'None')}"


def cause(item: Input) -> str:
    """What happened, in a word or two."""
    if isinstance(item, Event):
        return item.type
    return deadline_name(item.what) if isinstance(item, Deadline) else _split(type(item).__name__)


def _split(name: str) -> str:
    """SetStage → set stage, OpenCta → open CTA."""
    words = "".join(f" {char.lower()}" if char.isupper() else char for char in name)
    return words.strip().replace("cta", "CTA")


def deadline_name(what: str) -> str:
    """A deadline's name without its book."""
    head, _, tail = what.rpartition(":")
    return f"{head} {spaced(tail)}".strip() if head else spaced(what)


def deadline(book: Book, state: AccountState, due: Due) -> str:
    """`Customer journey: two weeks passed → Launched`, `Escalation: late in Open`."""
    kind, _, name = due.what.rpartition(":")
    line = index_of(book).automations.get(due.what)
    if line is not None:
        lifecycle = book.lifecycles[line.lifecycle]
        target = f" → {label(lifecycle, line.to)}" if line.to else ""
        return summary(f"{lifecycle.title}: {spaced(line.name)}{target}")
    if kind in ("late", "stuck"):
        lifecycle, track = book.lifecycles[name], state.tracks.get(name)
        return summary(
            f"{lifecycle.title}: {kind} in {label(lifecycle, track.stage if track else None)}"
        )
    if due.what.startswith("cta:"):
        cta = state.ctas.get(due.what.removeprefix("cta:"))
        return summary(f"due: {cta.title}" if cta else "a task is due")
    return "the hold ends" if due.what == "hold" else summary(deadline_name(due.what))


def spaced(name: str) -> str:
    """Ids as words: `customer_journey.two_weeks_passed` → `customer journey: two weeks passed`."""
    return name.replace("_", " ").replace(".", ": ")
