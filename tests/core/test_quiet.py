"""Quiet hours: when they end, over midnight and when the clocks change."""

from datetime import UTC, datetime, time
from zoneinfo import ZoneInfo

import pytest

from lifecycle.core.model import ContactRules
from lifecycle.core.quiet import quiet_end

BERLIN = ZoneInfo("Europe/Berlin")
NIGHT = ContactRules(time(21), time(7))
NOON = ContactRules(time(12), time(13, 30))


def local(text: str, fold: int = 0) -> datetime:
    """An instant as Berlin's clocks show it."""
    return datetime.fromisoformat(text).replace(tzinfo=BERLIN, fold=fold)


@pytest.mark.parametrize(
    ("rules", "now", "end"),
    [
        (NIGHT, "2026-03-02 20:59", None),
        (NIGHT, "2026-03-02 21:00", "2026-03-03 07:00"),
        (NIGHT, "2026-03-03 06:59:59", "2026-03-03 07:00"),
        (NIGHT, "2026-03-03 07:00", None),
        (NOON, "2026-03-03 11:59", None),
        (NOON, "2026-03-03 12:00", "2026-03-03 13:30"),
        (NOON, "2026-03-03 13:30", None),
        # The clocks go forward and back within the night: it is an hour shorter, and longer.
        (NIGHT, "2026-03-28 23:00", "2026-03-29 07:00"),
        (NIGHT, "2026-10-24 23:00", "2026-10-25 07:00"),
        (ContactRules(), "2026-03-03 03:00", None),
    ],
)
def test_quiet_hours_end_at_the_accounts_own_clock(
    rules: ContactRules, now: str, end: str | None
) -> None:
    found = quiet_end(rules, BERLIN, local(now))
    assert found == (local(end).astimezone(UTC) if end else None)


def test_in_the_hour_that_comes_twice_the_end_lies_ahead() -> None:
    """25 October, 02:15 for the second time: 02:30 was there already, and comes once more."""
    rules = ContactRules(time(22), time(2, 30))
    second = local("2026-10-25 02:15", fold=1)
    assert quiet_end(rules, BERLIN, second) == datetime(2026, 10, 25, 1, 30, tzinfo=UTC)
    first = local("2026-10-25 02:15")
    assert quiet_end(rules, BERLIN, first) == datetime(2026, 10, 25, 0, 30, tzinfo=UTC)
