"""What a folder changes in the parts that exist once: events, playbooks, segments, scorecards, fields (R14)."""

from __future__ import annotations

from collections.abc import Iterator, Mapping

from lifecycle.core.model import Book
from lifecycle.definition.condition_words import joined
from lifecycle.definition.scorecard_words import describe_scorecard
from lifecycle.definition.segment_words import describe_segment
from lifecycle.store.tables import PartKind

Entries = Mapping[str, object]


def told_differences(before: Book, after: Book, kind: PartKind) -> str:
    """`health changed; leads and prospects new; old gone`; empty where entries cannot be told apart or none differ."""
    old, new = _entries(before, kind), _entries(after, kind)
    found = {
        "changed": [name for name in new if name in old and old[name] != new[name]],
        "new": [name for name in new if name not in old],
        "gone": [name for name in old if name not in new],
    }
    return "; ".join(f"{joined(names)} {what}" for what, names in found.items() if names)


def described_differences(before: Book, after: Book, kind: PartKind) -> Iterator[str]:
    """Every segment or scorecard that is new or changed, in plain words."""
    if kind is PartKind.SEGMENTS:
        for segment in after.segments.values():
            if before.segments.get(segment.id) != segment:
                yield describe_segment(segment, after)
    elif kind is PartKind.SCORECARDS:
        for card in after.scorecards.values():
            if before.scorecards.get(card.id) != card:
                yield describe_scorecard(card, after)


def _entries(book: Book, kind: PartKind) -> Entries:
    """The named entries of a part."""
    if kind is PartKind.ACCOUNT:
        return book.account.fields
    if kind is PartKind.DIRECTORY:
        return book.directory.teams
    entries: Entries = getattr(book, kind.value)
    return entries
