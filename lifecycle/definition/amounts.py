"""Amounts as definitions write them: durations, limits, offsets from a date, ranges."""

from __future__ import annotations

import re
from dataclasses import replace
from datetime import time

from lifecycle.core.durations import Duration, Unit, read_duration
from lifecycle.core.model import AtMost
from lifecycle.core.refusal import Refusal

_OFFSET = re.compile(r"(.+?)\s+(before|after)\s+(\S+)")
duration = read_duration


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


def points(text: str) -> int:
    """`75`. Raises `Refusal(code="bad_points")`."""
    if not re.fullmatch(r"\d{1,3}", text) or int(text) > 100:
        raise Refusal("bad_points", f"`{text}` is no whole number from 0 to 100.")
    return int(text)


def hours(text: str) -> tuple[time, time]:
    """`20:00 to 08:00`, also over midnight. Raises `Refusal(code="bad_time")`."""
    found = re.fullmatch(r"(\S+)\s+to\s+(\S+)", text.strip())
    if not found:
        raise Refusal("bad_time", f"`{text}` are no hours.", "Write them like `20:00 to 08:00`.")
    first, last = hour(found.group(1)), hour(found.group(2))
    if first == last:
        remedy = "Remove the key if there are none."
        raise Refusal("bad_time", "Hours that end when they begin are no hours.", remedy)
    return first, last


def several(text: str) -> tuple[int, Duration]:
    """`5 in 7 days`. Raises `Refusal(code="bad_limit")`."""
    found = re.fullmatch(r"([1-9]\d{0,3})\s+in\s+(.+)", text.strip())
    if not found:
        raise Refusal("bad_limit", f"`{text}` is no limit.", "Write it like `5 in 7 days`.")
    return int(found.group(1)), elapsed(found.group(2))


def hour(text: str) -> time:
    """`09:00`. Raises `Refusal(code="bad_time")`."""
    if not re.fullmatch(r"([01]\d|2[0-3]):[0-5]\d", text.strip()):
        raise Refusal("bad_time", f"`{text}` is no time of day.", 'Write it like `"09:00"`.')
    return time.fromisoformat(text.strip())
