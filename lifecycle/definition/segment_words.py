"""Segments in plain words, with the lines, segments and scorecards that ask them (T16, G8)."""

from __future__ import annotations

from collections.abc import Iterable, Iterator

from lifecycle.core.conditions import All, AnyOf, Condition, InSegment, leaves
from lifecycle.core.model import AsSoonAs, Automation, Book, OnAll, OnEvent, Segment
from lifecycle.core.scoring import conditions_of

from .condition_words import Labels, condition_words


def describe_segment(segment: Segment, book: Book) -> str:
    """The segment as text: what it is for, whom it holds, what asks it."""
    labels = Labels(book)
    lines = [segment.title, *([segment.description] if segment.description else [])]
    lines += ["", "Accounts of which this holds:", *_outline(segment.where, labels)]
    users = list(users_of(segment.id, book))
    lines += ["", "Asked by:", *(f"   - {user}" for user in users)] if users else []
    return "\n".join(lines) + "\n"


def describe_segments(book: Book) -> str:
    """Every segment in one sentence, under its title."""
    labels = Labels(book)
    return "\n".join(
        f"{segment.title} [{segment.id}]\n   - {condition_words(segment.where, labels)}\n"
        for segment in book.segments.values()
    )


def _outline(condition: Condition, labels: Labels) -> Iterator[str]:
    """What must hold, one sentence a line; lists in lists further in."""
    for part in condition.of if isinstance(condition, All) else (condition,):
        yield from _points(part, labels, 1)


def _points(condition: Condition, labels: Labels, depth: int) -> Iterator[str]:
    margin = "   " * depth
    if isinstance(condition, All | AnyOf) and len(condition.of) > 1:
        yield f"{margin}- {'all' if isinstance(condition, All) else 'one'} of these:"
        for part in condition.of:
            yield from _points(part, labels, depth + 1)
    else:
        yield f"{margin}- {condition_words(condition, labels)}"


# ── who asks it


def users_of(segment: str, book: Book) -> Iterator[str]:
    """What asks the segment itself: `the line customer_journey.renewal_at_risk`, …"""
    for name, conditions in _askers(book):
        if any(_asks(condition, segment) for condition in conditions):
            yield name


def _askers(book: Book) -> Iterator[tuple[str, Iterable[Condition | None]]]:
    """Everything that has conditions, by what people call it."""
    for lifecycle in book.lifecycles.values():
        yield from ((f"the line {line.key}", _of_line(line)) for line in lifecycle.automations)
    for other in book.segments.values():
        yield f"the segment {other.title}", [other.where]
    for card in book.scorecards.values():
        yield f"the scorecard {card.title}", conditions_of(card)
    for section in book.account.page:
        yield f"the section {section.title} of the account page", [section.show_when]


def _asks(condition: Condition | None, segment: str) -> bool:
    return any(
        isinstance(leaf, InSegment) and leaf.segment == segment for leaf in leaves(condition)
    )


def _of_line(line: Automation) -> Iterator[Condition | None]:
    yield line.guard
    match line.trigger:
        case AsSoonAs(condition):
            yield condition
        case OnEvent(matches) | OnAll(matches):
            yield from (match.when for match in matches)
