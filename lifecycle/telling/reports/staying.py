"""The second line of the forecast: what to expect when stays last as long as they did (N4)."""

from __future__ import annotations

import asyncio
from collections.abc import Mapping, Sequence
from datetime import date
from typing import Final

from lifecycle.core.stays import Expected, Stage, Steps, outlook, together
from lifecycle.store.reports.forecast import Coming
from lifecycle.store.reports.periods import Period
from lifecycle.store.reports.staying import Lives, lives

from .asking import Question

MOVE: Final = "move"
MOVES: Final = "moves"
SEEN: Final = 0.5
"""A stage that fewer accounts than this are expected to reach in a step gets no line of its own for that."""
LEAST: Final = 0.05


async def expected_moves(
    asked: Question, periods: Sequence[Period]
) -> dict[tuple[int, Coming], Expected]:
    """By place of the step and what comes: accounts reaching each stage, and all moves together.

    A step's days are those after today; today itself has begun and is not told.
    """
    today = asked.at.date()
    found = await lives(asked.store, asked.scope)
    steps, places = _steps(periods, today, asked.asked.days)
    told = await asyncio.to_thread(_reckoned, found, steps)
    return {(places[place], what): one for (place, what), one in told.items() if one.mean >= LEAST}


def _steps(periods: Sequence[Period], today: date, days: int) -> tuple[Steps, list[int]]:
    steps: list[tuple[int, int]] = []
    places: list[int] = []
    for place, period in enumerate(periods):
        first = max((period.first - today).days, 1)
        last = min((period.last - today).days, days)
        if first <= last:
            steps.append((first, last))
            places.append(place)
    return steps, places


def _reckoned(found: Mapping[str, Lives], steps: Steps) -> dict[tuple[int, Coming], Expected]:
    told: dict[tuple[int, Coming], Expected] = {}
    whole: dict[int, list[Expected]] = {}
    for lifecycle, mine in found.items():
        for (place, stage, in_all), one in outlook(mine.stays, mine.standing, steps).items():
            if in_all:
                whole.setdefault(place, []).append(one)
            else:
                told[place, reaching(lifecycle, stage)] = one
    return told | {(place, all_moves()): together(several) for place, several in whole.items()}


def reaching(lifecycle: str, stage: Stage) -> Coming:
    """A move, from wherever, on whatever day."""
    return Coming(date.min, MOVE, lifecycle, None, stage, "", "", None)


def all_moves() -> Coming:
    """All moves of a step."""
    return Coming(date.min, MOVES, "", None, None, "", "", None)
