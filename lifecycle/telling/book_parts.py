"""A part of the definitions by the name people type: a lifecycle, a segment, a scorecard, or all of a kind."""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from typing import Protocol, TypeVar

from lifecycle.core.model import Book
from lifecycle.core.refusal import Refusal, did_you_mean
from lifecycle.definition import describe
from lifecycle.definition.scorecard_words import describe_scorecard, describe_scorecards
from lifecycle.definition.segment_words import describe_segment, describe_segments

LISTS = {"segments": "All saved segments", "scorecards": "All scorecards"}


@dataclass(frozen=True, slots=True)
class Described:
    """A part in plain words. `head` names it for programs: its kind with its id, a lifecycle's version."""

    head: dict[str, str | int]
    words: str


class Titled(Protocol):
    """What has an id and a title."""

    @property
    def id(self) -> str:
        """The id, for ever."""

    @property
    def title(self) -> str:
        """What people read."""


T = TypeVar("T", bound=Titled)


def described(book: Book, text: str) -> Described:
    """The part of that id or title; a lifecycle comes before a segment of the same name. Raises `Refusal`."""
    if lifecycle := _named(book.lifecycles, text):
        head: dict[str, str | int] = {"lifecycle": lifecycle.id, "version": lifecycle.version}
        return Described(head, describe(lifecycle, book))
    if text == "segments":
        return Described({"part": text}, describe_segments(book) or "There are no segments.\n")
    if text == "scorecards":
        return Described({"part": text}, describe_scorecards(book) or "There are no scorecards.\n")
    if segment := _named(book.segments, text):
        return Described({"segment": segment.id}, describe_segment(segment, book))
    if card := _named(book.scorecards, text):
        return Described({"scorecard": card.id}, describe_scorecard(card, book))
    raise _unknown(book, text)


def _named(parts: Mapping[str, T], text: str) -> T | None:
    by_title = [one for one in parts.values() if one.title.casefold() == text.casefold()]
    return by_title[0] if len(by_title) == 1 else parts.get(text)


def _unknown(book: Book, text: str) -> Refusal:
    known: Iterable[str] = {*book.lifecycles, *book.segments, *book.scorecards, *LISTS}
    said = f"There is no lifecycle, segment or scorecard {text!r}."
    return Refusal("unknown_part", said, did_you_mean(text, known), "part")
