"""How a number of days spreads: made from counts by whole day, so that one pass of the database is enough.

Grouping by whole days gives the same quartiles as sorting every row: days are told whole (R12).
"""

from __future__ import annotations

from collections import Counter
from dataclasses import dataclass, field
from math import floor


@dataclass(slots=True)
class Spread:
    """So many had that many days."""

    days: Counter[int] = field(default_factory=Counter)

    def add(self, days: int, number: int) -> None:
        """So many more. A clock that runs a little ahead makes no negative days."""
        self.days[max(days, 0)] += number

    @property
    def number(self) -> int:
        """How many there are."""
        return self.days.total()

    @property
    def median(self) -> float | None:
        """Half have fewer days, half more; None of nothing."""
        return self.quantile(0.5)

    def quantile(self, part: float) -> float | None:
        """The days that a part of them (0 to 1) does not exceed, between two by their weight; None of nothing."""
        if not self.number:
            return None
        place = part * (self.number - 1)
        below, above = self._at(floor(place)), self._at(min(floor(place) + 1, self.number - 1))
        return below + (above - below) * (place - floor(place))

    def _at(self, place: int) -> int:
        """The days at a place, counted from 0, in order."""
        passed = 0
        for days in sorted(self.days):
            passed += self.days[days]
            if passed > place:
                return days
        raise IndexError(place)
