"""Times as people type them: `14d`, `2 weeks`, `2026-07-01`, `2026-07-01 09:00`."""

from __future__ import annotations

import re
from datetime import date, datetime, time, timedelta, tzinfo
from typing import Final

from lifecycle.core.refusal import Refusal

_UNITS: Final = {
    "m": timedelta(minutes=1),
    "h": timedelta(hours=1),
    "d": timedelta(days=1),
    "w": timedelta(weeks=1),
}
_SPAN: Final = re.compile(r"(\d{1,6})\s*(m|min|minutes?|h|hours?|d|days?|w|weeks?)", re.IGNORECASE)
HOW: Final = "Write it like 14d, 36h or 2 weeks."
_SHORT: Final = re.compile(r"\d+\s*[a-z]+", re.IGNORECASE)
_END_OF_DAY: Final = timedelta(hours=23, minutes=59)


def read_span(text: str) -> timedelta:
    """A length of time. Raises `Refusal`."""
    found = _SPAN.fullmatch(text.strip())
    if found is None:
        raise Refusal("bad_span", f"{text!r} is no length of time.", HOW)
    return int(found[1]) * _UNITS[found[2][0].lower()]


def read_moment(text: str, now: datetime, zone: tzinfo) -> datetime:
    """An instant: a length of time from `now` on, or a date (its beginning) or time in the viewer's zone.

    Raises `Refusal`.
    """
    if _SPAN.fullmatch(text.strip()):
        return now + read_span(text)
    try:
        return _moment(text.strip(), zone)
    except ValueError:
        said = f"{text!r} is no date."
        raise Refusal(
            "bad_time", said, "Write it like 2026-07-01, 2026-07-01 09:00, 14d or 2 weeks."
        ) from None


def _moment(text: str, zone: tzinfo) -> datetime:
    if len(text) <= 10:
        return datetime.combine(date.fromisoformat(text), time(), tzinfo=zone)
    found = datetime.fromisoformat(text)
    return found if found.tzinfo else found.replace(tzinfo=zone)


def due_asked(text: str, now: datetime, zone: tzinfo) -> datetime | str:
    """When a CTA shall be due: an instant, or a time from now in words that the account reads (`5 business days`).

    A date means its end in the viewer's zone. Raises `Refusal`.
    """
    if not _is_day_or_short(text.strip()):
        return text
    found = read_moment(text, now, zone)
    return found + _END_OF_DAY if _is_date(text.strip()) else found


def _is_day_or_short(text: str) -> bool:
    return bool(_SHORT.fullmatch(text)) or re.match(r"\d{4}-", text) is not None


def _is_date(text: str) -> bool:
    try:
        date.fromisoformat(text)
    except ValueError:
        return False
    return True
