"""What templates say dates, amounts and names with: the filters, built on the words every door uses."""

from __future__ import annotations

import re
from collections.abc import Callable
from datetime import UTC, date, datetime, tzinfo
from functools import lru_cache
from typing import Final
from urllib.parse import quote
from zlib import crc32
from zoneinfo import ZoneInfo

from markupsafe import Markup

from lifecycle.core.model import COLOURS
from lifecycle.settings import Settings
from lifecycle.telling import phrases
from lifecycle.telling.phrases import MISSING

Filter = Callable[..., str]
KEPT: Final = 4_096

_WRITTEN: Final = re.compile(r"\d{4}-\d\d-\d\dT\d\d:\d\d(?::\d\d(?:\.\d+)?)?(?:Z|[+-]\d\d:\d\d)")
_TIME: Final = Markup('<time datetime="{at}" title="{title}">{text}</time>')
_DAY: Final = Markup('<time datetime="{at}">{text}</time>')


class Words:
    """The filters for viewers in one zone; `now` is what distances are measured from."""

    def __init__(self, settings: Settings) -> None:
        self._zone: tzinfo = ZoneInfo(settings.zone) if settings.zone else UTC

    def now(self) -> datetime:
        """The wall clock."""
        return datetime.now(UTC)

    def filters(self) -> dict[str, Filter]:
        """By name, as templates use them."""
        steady: dict[str, Filter] = {
            "moment": self.moment,
            "day": self.day,
            "clock": self.clock,
        }
        # A page says the same instants again and again, and so does the next one.
        kept: dict[str, Filter] = {name: lru_cache(KEPT)(words) for name, words in steady.items()}
        return kept | {"distance": self.distance, "spoken": self.spoken} | PLAIN

    def moment(self, at: datetime | None) -> str:
        """`14 Mar 2026, 09:00` as a time element; a dash for none."""
        return self._timed(at, phrases.moment(at, self._zone))

    def day(self, at: date | None) -> str:
        """`14 Mar 2026`: a day as it is, an instant's day in the viewer's zone."""
        if at is None:
            return MISSING
        if isinstance(at, datetime):
            return self._timed(at, phrases.written_day(at.astimezone(self._zone).date()))
        return _DAY.format(at=at.isoformat(), text=phrases.written_day(at))

    def clock(self, at: datetime | None) -> str:
        """`09:00`."""
        return self._timed(at, f"{at.astimezone(self._zone):%H:%M}" if at else "")

    def distance(self, at: datetime | None) -> str:
        """`in 3 days`, the date on hover."""
        return self._timed(at, phrases.distance(at, self.now()) if at else "")

    def spoken(self, text: str) -> str:
        """A sentence for every door, its instants as people say them: `14 Mar 2026, 09:00`."""
        return _WRITTEN.sub(self._said, text)

    def _said(self, written: re.Match[str]) -> str:
        try:
            return phrases.moment(datetime.fromisoformat(written[0]), self._zone)
        except ValueError:
            return written[0]

    def _timed(self, at: datetime | None, text: str) -> str:
        if at is None:
            return MISSING
        local = at.astimezone(self._zone)
        title = f"{phrases.moment(at, self._zone)}, {local.tzname()}"
        return _TIME.format(at=local.isoformat(timespec="seconds"), title=title, text=text)


def number(value: float | None) -> str:
    """`10,412`; a dash for none."""
    return MISSING if value is None else f"{value:,}"


def percent(part: float, whole: float = 1) -> str:
    """`5 %`; a dash of nothing."""
    return f"{part / whole:.0%}".replace("%", " %") if whole else MISSING


def share(part: float, whole: float = 1) -> str:
    """The class that makes a bar as long as the part: `p0` to `p100`, whatever is put in."""
    return f"p{round(100 * min(1.0, max(0.0, part / whole)))}" if whole else "p0"


def colour(name: str) -> str:
    """The class of a colour as definitions name it: `dark green` is `c-dark-green`; grey for none."""
    return f"c-{(name or 'grey').replace(' ', '-')}"


def initials(name: str) -> str:
    """`RP` of Rosie Papadopoulos, `ro` of rosie@example.com."""
    words = [word for word in name.replace("-", " ").split() if word[0].isalnum()]
    if len(words) > 1:
        return (words[0][0] + words[-1][0]).upper()
    return (words[0] if words else name)[:2]


def shade(name: str) -> str:
    """One of the ten colours, always the same for a name."""
    return colour(sorted(COLOURS)[crc32(name.encode()) % len(COLOURS)])


@lru_cache(KEPT)
def quoted(text: str) -> str:
    """One segment of an address, whatever is in it: `a/b` is `a%2Fb`."""
    return quote(text, safe="")


PLAIN: Final[dict[str, Filter]] = {
    "money": phrases.money,
    "number": number,
    "percent": percent,
    "days": phrases.days,
    "counted": phrases.count,
    "capital": phrases.capital,
    "words": phrases.value_words,
    "share": share,
    "colour": colour,
    "shade": shade,
    "initials": initials,
    "quoted": quoted,
}
