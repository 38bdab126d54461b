"""The ways in which others write a value: times, amounts in minor units, ids of a CRM."""

from __future__ import annotations

import re
from datetime import UTC, date, datetime
from decimal import Decimal, InvalidOperation
from typing import Final
from zoneinfo import ZoneInfo

from lifecycle.core.refusal import Refusal
from lifecycle.core.values import Value

EPOCHS: Final = {"seconds": 1, "milliseconds": 1000}
"""Formats that count from the beginning of 1970, by how many make a second."""
MINOR_UNITS: Final = "minor units"
SALESFORCE_ID: Final = "salesforce id"
WORDS: Final = (*EPOCHS, MINOR_UNITS, SALESFORCE_ID)
"""Formats that are words; any other is a pattern of a time with `%` in it."""

WITHOUT_MINOR_UNITS: Final = frozenset(
    [
        "BIF",
        "CLP",
        "DJF",
        "GNF",
        "JPY",
        "KMF",
        "KRW",
        "MGA",
        "PYG",
        "RWF",
        "VND",
        "VUV",
        "XAF",
        "XOF",
        "XPF",
    ]
)
THOUSANDTHS: Final = frozenset(["BHD", "IQD", "JOD", "KWD", "LYD", "OMR", "TND"])
_LETTERS: Final = "ABCDEFGHIJKLMNOPQRSTUVWXYZ012345"
_SALESFORCE: Final = re.compile(r"[0-9A-Za-z]{15}([0-9A-Za-z]{3})?")


def moment(text: str, form: str, zone: str) -> str:
    """A time as others write it, as ISO text. Raises `Refusal(code="bad_time")`."""
    try:
        found = _parsed(text, form)
    except (ValueError, OverflowError, OSError):
        remedy = (
            f"The mapping reads it as `{form}`." if form else "Write it like 2026-01-31T12:00:00."
        )
        raise Refusal("bad_time", f"{text!r} is not a time.", remedy) from None
    if isinstance(found, datetime) and found.tzinfo is None:
        found = found.replace(tzinfo=ZoneInfo(zone) if zone else UTC)
    return found.isoformat()


def _parsed(text: str, form: str) -> date:
    if form in EPOCHS:
        return datetime.fromtimestamp(float(text) / EPOCHS[form], UTC)
    return datetime.strptime(text, form) if form else datetime.fromisoformat(text)  # noqa: DTZ007


def amount(value: Value, currency: Value) -> str:
    """`1250` of minor units as `12.5`; of a currency without any, as it is. Raises `Refusal(code="bad_value")`."""
    try:
        number = Decimal(str(value).strip())
    except InvalidOperation:
        number = Decimal("NaN")
    if isinstance(value, bool) or not number.is_finite():
        raise Refusal("bad_value", f"{value!r} is not an amount in minor units.")
    return f"{number.scaleb(-_decimals(str(currency or '').strip().upper())):f}"


def _decimals(currency: str) -> int:
    if currency in WITHOUT_MINOR_UNITS:
        return 0
    return 3 if currency in THOUSANDTHS else 2


def salesforce_id(value: Value) -> str:
    """The spelling with 18 characters of an id with 15, which differ by case alone.

    Raises `Refusal(code="bad_value")`.
    """
    text = str(value).strip()
    if not _SALESFORCE.fullmatch(text):
        raise Refusal(
            "bad_value", f"{text[:40]!r} is not a Salesforce id.", "It has 15 or 18 characters."
        )
    return text if len(text) == 18 else text + "".join(map(_check, (0, 5, 10), [text] * 3))


def _check(begin: int, text: str) -> str:
    """The letter that tells which of five characters are capitals."""
    five = text[begin : begin + 5]
    return _LETTERS[sum(1 << place for place, char in enumerate(five) if "A" <= char <= "Z")]
