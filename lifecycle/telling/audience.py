"""Which accounts are meant, and at which moment: a segment, sentences, as of a day, as known on another."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import UTC, date, datetime, time, timedelta

from lifecycle.core.conditions import All, Condition, InSegment
from lifecycle.core.model import Book, Segment
from lifecycle.core.refusal import Refusal, did_you_mean
from lifecycle.definition.asked import condition_asked
from lifecycle.definition.condition_words import Labels, condition_words
from lifecycle.store.definitions import current_book
from lifecycle.store.moment import AsOf, Moment, Now, now_of
from lifecycle.store.where import Sql, where

from .spans import read_moment
from .viewer import Viewer

DAY = timedelta(days=1)
TICK = timedelta(microseconds=1)


@dataclass(frozen=True, slots=True)
class Asked:
    """Which accounts, and at which moment: as it was typed."""

    segment: str | None = None
    where: Sequence[str] = ()
    as_of: str | None = None
    known: str | None = None


@dataclass(frozen=True, slots=True)
class Audience:
    """The accounts that are meant. `condition` None means all there are; `said` are its plain words."""

    condition: Condition | None
    title: str
    said: str
    moment: Moment
    book: Book

    def sql(self) -> Sql:
        """As a filter of a select over `account`."""
        return where(self.condition, self.moment, self.book.segments)


async def audience(viewer: Viewer, asked: Asked) -> Audience:
    """Who and when is meant. Raises `Refusal` for an unknown segment, a wrong sentence or date."""
    book, _ = await current_book(viewer.store)
    moment = moment_asked(asked, await now_of(viewer.store, viewer.now), viewer)
    saved = segment_named(book, asked.segment) if asked.segment is not None else None
    more = [condition_asked(asked.where, book)] if asked.where else []
    by_name = [InSegment(saved.id, f"in segment {saved.id}")] if saved else []
    spelled_out = _all([saved.where, *more] if saved else more)
    said = condition_words(spelled_out, Labels(book)) if spelled_out is not None else ""
    title = saved.title if saved else "Accounts" if more else "All accounts"
    return Audience(_all([*by_name, *more]), title, said, moment, book)


def _all(parts: Sequence[Condition]) -> Condition | None:
    return All(tuple(parts)) if len(parts) > 1 else parts[0] if parts else None


def segment_named(book: Book, text: str) -> Segment:
    """By id, or by title in any case. Raises `Refusal` with the nearest one."""
    by_title = [one for one in book.segments.values() if one.title.casefold() == text.casefold()]
    found = book.segments.get(text) or (by_title[0] if len(by_title) == 1 else None)
    if found is None:
        remedy = did_you_mean(text.casefold().replace(" ", "_"), book.segments)
        raise Refusal("unknown_segment", f"There is no segment {text!r}.", remedy, "segment")
    return found


# ── the moment


def moment_asked(asked: Asked, now: Now, viewer: Viewer) -> Moment:
    """Now, or the instant of the past that was asked for. Raises `Refusal` for one that is to come."""
    if asked.as_of is None:
        if asked.known is not None:
            said = "What was known is asked of a day in the past."
            raise Refusal("bad_time", said, "Say of which: as of a date.", "known")
        return now
    at = _instant(asked.as_of, now, viewer)
    known = at if asked.known is None else _known(asked.known, now, viewer)
    if known < at:
        said = "Of a day one cannot know less than was known by then."
        raise Refusal("bad_time", said, "Give --known a later day, or `now`.", "known")
    return AsOf(at, known)


def _known(text: str, now: Now, viewer: Viewer) -> datetime:
    return now.latest if text.strip().casefold() == "now" else _instant(text, now, viewer)


def _instant(text: str, now: Now, viewer: Viewer) -> datetime:
    """The end of a day (today: up to now), or a time; never one that is to come for every account."""
    day = _day(text)
    at = datetime.combine(day, time(), UTC) + DAY - TICK if day else None
    if at is not None and at - DAY < now.latest:
        return min(at, now.latest)
    at = at or read_moment(text, viewer.now, viewer.zone).astimezone(UTC)
    if at > now.latest:
        said = f"{text!r} is yet to come."
        raise Refusal(
            "bad_time", said, "Choose a day up to today. The forecast looks ahead.", "as-of"
        )
    return at


def _day(text: str) -> date | None:
    try:
        return date.fromisoformat(text.strip()) if len(text.strip()) <= 10 else None
    except ValueError:
        return None
