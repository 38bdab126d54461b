"""Scripts: what comes in while an account is tried in the sandbox, and when (N6)."""

from __future__ import annotations

import re
from dataclasses import dataclass, field
from datetime import UTC, date, datetime, time
from typing import Final
from zoneinfo import ZoneInfo

from lifecycle.core.durations import Calendar, Duration, add, day_instant, read_duration
from lifecycle.core.refusal import Refusal
from lifecycle.core.values import Value

WHEN: Final = {
    "now": "at the beginning",
    "in 5 days": "so long after the beginning; `in 3 business days`, `in 2 hours`",
    "on 2026-12-24": "on a day, when it begins (`day begins at` of directory.yaml)",
    "on 2026-12-24 14:30": "at a time of day; both in the account's time zone",
}
"""How the key of a step is written, and what it means."""

WORDS: Final = {"release": "ends a hold", "undo": "takes the newest change back"}
"""What a step may say in one word, beside the type of an event."""


DOES: Final = ("event", "set", "fields", "hold", "close cta")
"""Exactly one of these keys says what a step does."""
BELONGS: Final = {"data": "event", "source": "event", "outcome": "close cta"}
"""Keys that only stand beside another."""
_ON: Final = re.compile(r"on (\d{4}-\d{2}-\d{2})(?: (\d{1,2}:\d{2}))?")
HOW: Final = f"Write one of: {', '.join(f'`{one}`' for one in WHEN)}."


@dataclass(frozen=True, slots=True)
class When:
    """A time `after` the beginning, or a `day` with an hour (`at` None: when the day begins); else the beginning."""

    after: Duration | None = None
    day: date | None = None
    at: time | None = None

    def instant(self, start: datetime, calendar: Calendar, zone: ZoneInfo) -> datetime:
        """The instant meant by an account in `zone`, counted from `start`."""
        if self.after is not None:
            return add(start, self.after, calendar, zone)
        if self.day is None:
            return start
        if self.at is None:
            return day_instant(self.day, None, calendar, zone)
        return datetime.combine(self.day, self.at, tzinfo=zone).astimezone(UTC)


@dataclass(frozen=True, slots=True)
class Reports:
    """A service reports an event. `data` is as it is written: the account reads it."""

    type: str
    data: dict[str, Value] = field(default_factory=dict)
    source: str = "sandbox"


@dataclass(frozen=True, slots=True)
class Sets:
    """A person sets a stage; None clears."""

    lifecycle: str
    stage: str | None
    reason: str


@dataclass(frozen=True, slots=True)
class Changes:
    """A person sets fields. Values are as written; None empties."""

    fields: dict[str, Value]
    reason: str


@dataclass(frozen=True, slots=True)
class Holds:
    """A person pauses automation, until a time counted from the step."""

    until: When
    reason: str


@dataclass(frozen=True, slots=True)
class Closes:
    """A person closes the open CTA of this title."""

    title: str
    outcome: str


@dataclass(frozen=True, slots=True)
class Releases:
    """A person ends the hold."""


@dataclass(frozen=True, slots=True)
class Undoes:
    """A person takes the newest change back."""


Act = Reports | Sets | Changes | Holds | Closes | Releases | Undoes


@dataclass(frozen=True, slots=True)
class Step:
    """Something that comes in, and when."""

    when: When
    act: Act


def when_of(text: str) -> When | None:
    """`now`, `in 5 days`, `on 2026-12-24 14:30`; None for anything else. Raises `Refusal` for a wrong amount."""
    words = " ".join(text.split())
    if words.casefold() == "now":
        return When()
    if words.casefold().startswith("in "):
        return When(after=read_duration(words[3:]))
    found = _ON.fullmatch(words)
    if found is None:
        return None
    try:
        at = time.fromisoformat(found[2].rjust(5, "0")) if found[2] else None
        return When(day=date.fromisoformat(found[1]), at=at)
    except ValueError as error:
        raise Refusal("bad_time", f"`{text}` is no date: {error}.", HOW) from None
