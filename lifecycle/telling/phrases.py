"""Dates, distances, amounts and counts as people at a terminal read them."""

from __future__ import annotations

from datetime import date, datetime, timedelta, tzinfo

from lifecycle.core.model import FieldDef
from lifecycle.core.values import Kind, Value

MISSING = "–"


def moment(at: datetime | None, zone: tzinfo) -> str:
    """`14 Mar 2026, 09:00` in the viewer's zone."""
    if at is None:
        return MISSING
    local = at.astimezone(zone)
    return f"{written_day(local.date())}, {local:%H:%M}"


def written_day(day: date | None) -> str:
    """`14 Mar 2026`."""
    return f"{day.day} {day:%b %Y}" if day else MISSING


def short_day(day: date, today: date) -> str:
    """`27 Nov`, with the year where it is another."""
    return f"{day.day} {day:%b}" if day.year == today.year else written_day(day)


def count(number: int, noun: str, plural: str = "") -> str:
    """`1 account`, `1,200 accounts`."""
    return f"{number:,} {noun if number == 1 else plural or noun + 's'}"


def days(number: float | None) -> str:
    """Whole days: `12 days`; a dash for no value (T28)."""
    return MISSING if number is None else count(int(number), "day")


def distance(at: datetime, now: datetime) -> str:
    """`in 3 days`, `2 hours ago`, `now`."""
    apart = abs(at - now)
    if apart < timedelta(minutes=1):
        return "now"
    length = _length(apart)
    return f"in {length}" if at > now else f"{length} ago"


def _length(apart: timedelta) -> str:
    minutes = apart / timedelta(minutes=1)
    if minutes < 90:
        return count(round(minutes), "minute")
    if minutes < 23.5 * 60:
        return count(round(minutes / 60), "hour")
    return count(round(minutes / (24 * 60)), "day")


def money(cents: int, currency: str | None) -> str:
    """`EUR 12,000`; cents only where there are some."""
    sign = "-" if cents < 0 else ""
    whole, rest = divmod(abs(cents), 100)
    amount = f"{sign}{whole:,}" + (f".{rest:02}" if rest else "")
    return f"{currency} {amount}" if currency else amount


def value_words(value: Value, spec: FieldDef | None = None) -> str:
    """A field's value as shown; a dash for none."""
    if value is None:
        return MISSING
    if isinstance(value, bool):
        return "yes" if value else "no"
    if isinstance(value, datetime):
        return written_day(value.date())
    if isinstance(value, date):
        return written_day(value)
    if spec is not None and spec.kind is Kind.MONEY and isinstance(value, int):
        return money(value, spec.currency)
    return f"{value:,}" if isinstance(value, int | float) else str(value)


def capital(text: str) -> str:
    """The text with a capital first letter."""
    return text[:1].upper() + text[1:]
