"""Amounts as definitions write them: durations, limits, offsets from a date, ranges."""

from __future__ import annotations

import re
from dataclasses import replace
from datetime import time

from lifecycle.core.durations import Duration, Unit
from lifecycle.core.model import AtMost
from lifecycle.core.refusal import Refusal, did_you_mean

MAX_DAYS = 36_500
_DURATION = re.compile(r"(\S+)\s+(\S+(?:\s+\S+)?)")
_UNITS = {unit.value: unit for unit in Unit} | {unit.value[:-1]: unit for unit in Unit}
_FIXED = {"month": 30, "months": 30, "year": 365, "years": 365, "quarter": 90, "quarters": 90}
_OFFSET = re.compile(r"(.+?)\s+(before|after)\s+(\S+)")
EXAMPLE = "Write it like `14 days`, `3 business days` or `2 hours`."


def duration(text: str) -> Duration:
    """`14 days` as a duration. Raises `Refusal(code="bad_duration")`."""
    found = _DURATION.fullmatch(text.strip())
    if not found:
        raise Refusal("bad_duration", f"`{text}` is no duration.", EXAMPLE)
    amount, unit = found.group(1), " ".join(found.group(2).lower().split())
    if not re.fullmatch(r"[0-9]{1,8}", amount) or int(amount) == 0:
        raise Refusal("bad_duration", f"`{amount}` is no whole number above 0.", EXAMPLE)
    return _bounded(Duration(int(amount), _unit(int(amount), unit)))


def _unit(amount: int, word: str) -> Unit:
    if word in _FIXED:
        days = amount * _FIXED[word]
        message = f"A {word.removesuffix('s')} has no fixed length."
        raise Refusal("bad_duration", message, f"Write `{days} days`.")
    if word not in _UNITS:
        remedy = did_you_mean(word, [unit.value for unit in Unit])
        raise Refusal("bad_duration", f"`{word}` is no unit of time.", remedy)
    return _UNITS[word]


def _bounded(found: Duration) -> Duration:
    elapsed = replace(found, unit=Unit.DAYS if found.unit is Unit.BUSINESS_DAYS else found.unit)
    if elapsed.amount > MAX_DAYS * 1440 or elapsed.elapsed.days > MAX_DAYS:
        raise Refusal("bad_duration", f"`{found}` is longer than a hundred years.")
    return found


def elapsed(text: str) -> Duration:
    """A duration of elapsed time, business days refused. Raises `Refusal`."""
    found = duration(text)
    if found.unit is Unit.BUSINESS_DAYS:
        raise Refusal("bad_duration", "Business days cannot be used here.", "Write days.")
    return found


def at_most(text: str) -> AtMost:
    """`once a day`, `once in 30 days`, `once a visit`. Raises `Refusal(code="bad_limit")`."""
    words = text.lower().split()
    if words == ["once", "a", "visit"]:
        return AtMost(None)
    if words[:2] == ["once", "in"]:
        return AtMost(elapsed(" ".join(words[2:])))
    if len(words) == 3 and words[0] == "once" and words[1] in ("a", "an"):
        return AtMost(elapsed(f"1 {words[2]}"))
    remedy = "Write `once a day`, `once in 30 days` or `once a visit`."
    raise Refusal("bad_limit", f"`{text}` is no limit.", remedy)


def offset(text: str) -> tuple[Duration | None, str]:
    """`90 days before renewal_date` as a signed offset and a field. Raises `Refusal`."""
    found = _OFFSET.fullmatch(text.strip())
    if not found:
        if " " in text.strip():
            remedy = "Write `90 days before renewal_date`, or the field alone."
            raise Refusal("bad_date_offset", f"`{text}` names no day.", remedy)
        return None, text.strip()
    amount = duration(found.group(1))
    sign = -1 if found.group(2) == "before" else 1
    return replace(amount, amount=sign * amount.amount), found.group(3)


def whole_range(text: str) -> tuple[int, int]:
    """`0 to 100` as two whole numbers. Raises `Refusal(code="bad_range")`."""
    found = re.fullmatch(r"(-?\d{1,18})\s+to\s+(-?\d{1,18})", text.strip())
    if not found or int(found.group(1)) >= int(found.group(2)):
        raise Refusal("bad_range", f"`{text}` is no range.", "Write it like `0 to 100`.")
    return int(found.group(1)), int(found.group(2))


def hour(text: str) -> time:
    """`09:00`. Raises `Refusal(code="bad_time")`."""
    if not re.fullmatch(r"([01]\d|2[0-3]):[0-5]\d", text.strip()):
        raise Refusal("bad_time", f"`{text}` is no time of day.", 'Write it like `"09:00"`.')
    return time.fromisoformat(text.strip())
