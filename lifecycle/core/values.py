"""Field values: their kinds, and the one place where a raw value is checked against a kind (R16, T27)."""

from __future__ import annotations

import re
from collections.abc import Callable
from datetime import UTC, date, datetime
from decimal import Decimal, InvalidOperation
from enum import StrEnum
from zoneinfo import ZoneInfo, ZoneInfoNotFoundError

from .refusal import Refusal, did_you_mean

Value = str | int | float | bool | date | datetime | None
"""What a field or an event's data may hold. Money is whole cents; dates are `date`; instants are aware, in UTC."""

MAX_TEXT = 2_000
MAX_WHOLE = 2**63 - 1
_EMAIL = re.compile(r"[^@\s<>\"',;:\\]+@[^@\s<>\"',;:\\]+\.[^@\s<>\"',;:\\.]+")
_THOUSANDS = re.compile(r"[+-]?\d{1,3}(,\d{3})+(\.\d*)?")


class Kind(StrEnum):
    """Kinds of field and event data, by the words definitions use."""

    TEXT = "text"
    EMAIL = "email"
    PICKLIST = "picklist"
    MONEY = "money"
    WHOLE = "whole number"
    NUMBER = "number"
    DATE = "date"
    TIME_ZONE = "time zone"
    YES_NO = "yes or no"


def read_value(kind: Kind, raw: object, options: tuple[str, ...] = ()) -> Value:
    """`raw` (from JSON, CSV or a command line) as a value of `kind`.

    None stays None: no value. Raises `Refusal(code="bad_value")` that says what was expected.
    """
    if raw is None:
        return None
    if kind is Kind.PICKLIST:
        return _picklist(raw, options)
    return _READERS[kind](raw)


def _bad(raw: object, expected: str) -> Refusal:
    shown = repr(raw) if len(repr(raw)) <= 80 else repr(raw)[:77] + "..."
    return Refusal("bad_value", f"{shown} is not {expected}.")


def _text(raw: object) -> str:
    if not isinstance(raw, str | int | float) or isinstance(raw, bool):
        raise _bad(raw, "a text")
    text = str(raw).strip()
    if "\x00" in text:
        raise _bad(raw, "a text that can be stored (it holds a NUL character)")
    if any("\ud800" <= char <= "\udfff" for char in text):
        raise _bad(raw, "a text that can be stored (it holds half of a surrogate pair)")
    if len(text) > MAX_TEXT:
        raise _bad(raw, f"a text of at most {MAX_TEXT:,} characters")
    return text


def _email(raw: object) -> str:
    text = _text(raw)
    if not _EMAIL.fullmatch(text) or len(text) > 254:
        raise _bad(raw, "an e-mail address")
    return text


def _picklist(raw: object, options: tuple[str, ...]) -> str:
    text = _text(raw)
    for option in options:
        if option.casefold() == text.casefold():
            return option
    raise Refusal("bad_value", f"{text!r} is not one of the choices.", did_you_mean(text, options))


def _whole(raw: object) -> int:
    if type(raw) is int and -MAX_WHOLE <= raw <= MAX_WHOLE:
        return raw
    try:
        number = Decimal(str(raw).strip())
    except InvalidOperation:
        raise _bad(raw, "a whole number") from None
    if isinstance(raw, bool) or not number.is_finite() or number != number.to_integral_value():
        raise _bad(raw, "a whole number")
    if abs(number) > MAX_WHOLE:
        raise _bad(raw, "a whole number that can be stored")
    return int(number)


def _number(raw: object) -> float:
    try:
        number = float(str(raw).strip())
    except ValueError:
        raise _bad(raw, "a number") from None
    if isinstance(raw, bool) or not abs(number) <= 1e15:
        raise _bad(raw, "a number")
    return number


def money(raw: object) -> int:
    """An amount in currency units ("120.50", "1,234.50", 4514, Decimal) as whole cents.

    A comma divides thousands; "1,5" is refused, for who writes it means something else than 15.
    """
    text = str(raw).strip()
    if "," in text and not _THOUSANDS.fullmatch(text):
        raise _bad(raw, "an amount of money like 1234.50")
    try:
        amount = Decimal(text.replace(",", "")) * 100
    except InvalidOperation:
        raise _bad(raw, "an amount of money") from None
    if isinstance(raw, bool) or not amount.is_finite() or abs(amount) > MAX_WHOLE:
        raise _bad(raw, "an amount of money")
    if amount != amount.to_integral_value():
        raise _bad(raw, "an amount of money in whole cents")
    return int(amount)


def _date(raw: object) -> date:
    if isinstance(raw, datetime):
        return raw.date()
    if isinstance(raw, date):
        return raw
    text = str(raw).strip()
    try:
        return date.fromisoformat(text) if len(text) <= 10 else datetime.fromisoformat(text).date()
    except ValueError:
        raise _bad(raw, "a date like 2026-01-31") from None


def _time_zone(raw: object) -> str:
    text = _text(raw)
    try:
        ZoneInfo(text)
    except (ZoneInfoNotFoundError, ValueError, OSError):
        raise _bad(raw, "a time zone like Europe/Berlin") from None
    return text


def _yes_no(raw: object) -> bool:
    if isinstance(raw, bool):
        return raw
    word = str(raw).strip().lower()
    if word in {"yes", "true", "1"}:
        return True
    if word in {"no", "false", "0"}:
        return False
    raise _bad(raw, "yes or no")


_READERS: dict[Kind, Callable[[object], Value]] = {
    Kind.TEXT: _text,
    Kind.EMAIL: _email,
    Kind.MONEY: money,
    Kind.WHOLE: _whole,
    Kind.NUMBER: _number,
    Kind.DATE: _date,
    Kind.TIME_ZONE: _time_zone,
    Kind.YES_NO: _yes_no,
}


def read_instant(raw: object) -> datetime:
    """An aware instant in UTC. A text without an offset is taken as UTC; a date alone as its beginning.

    Raises `Refusal(code="bad_time")`.
    """
    try:
        found = raw if isinstance(raw, datetime) else datetime.fromisoformat(str(raw).strip())
        aware = found if found.tzinfo else found.replace(tzinfo=UTC)
        moment = aware.astimezone(UTC)
    except (ValueError, OverflowError):
        raise Refusal(
            "bad_time", f"{raw!r} is not a time.", "Write it like 2026-01-31T12:00:00Z.", "time"
        ) from None
    if not 1900 <= moment.year <= 9000:
        raise Refusal("bad_time", f"{raw!r} lies outside the years 1900 to 9000.", where="time")
    return moment
