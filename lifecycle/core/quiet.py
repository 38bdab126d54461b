"""Quiet hours: local times between which no mail goes to contacts."""

from __future__ import annotations

from datetime import UTC, datetime, timedelta
from zoneinfo import ZoneInfo

from .model import ContactRules


def quiet_end(rules: ContactRules, zone: ZoneInfo, now: datetime) -> datetime | None:
    """When the quiet hours end in which `now` falls (UTC); None outside of them.

    They begin at `quiet_from` and end at `quiet_until`, on the next day where that is not the later one.
    """
    begin, end = rules.quiet_from, rules.quiet_until
    if begin is None or end is None:
        return None
    local = now.astimezone(zone)
    clock = local.time()
    if not (begin <= clock < end if begin < end else clock >= begin or clock < end):
        return None
    day = local.date() if clock < end else local.date() + timedelta(days=1)
    return _first_after(now, datetime.combine(day, end, tzinfo=zone))


def _first_after(now: datetime, end: datetime) -> datetime:
    """When clocks go back an hour comes twice, and the first time may have passed already."""
    first = end.astimezone(UTC)
    return first if first > now else end.replace(fold=1).astimezone(UTC)
