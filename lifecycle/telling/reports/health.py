"""Accounts by band of a scorecard at the end of each day, week or month (T16, G10)."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import date
from typing import Final

from lifecycle.store.reports.scores import InBand, bands_over_time

from ..phrases import MISSING, money, written_day
from ..scorecards import band_label, bands_of, card_named
from .asking import Question
from .report import Across, Column, Report
from .stages import arr_title


@dataclass(frozen=True, slots=True)
class Line:
    """The accounts in one band, or in none, at the end of a day. ARR is in whole cents."""

    day: date
    band: str | None
    found: InBand


async def health(asked: Question) -> Report[Line]:
    """How many accounts were in each band at the end of every day, week or month, and their ARR."""
    card = card_named(asked.book, asked.asked.scorecard)
    points = await bands_over_time(asked.store, card, asked.scope, asked.days, asked.by())
    found = {band for point in points for band in point.bands}
    return Report(
        "health",
        f"{card.title}: accounts by band",
        [
            Column("day", "", lambda line: line.day),
            Column("band", "", lambda line: line.band),
            Column("accounts", "", lambda line: line.found.accounts),
            Column("arr_cents", "", lambda line: line.found.arr),
        ],
        [
            Line(point.day, band, point.bands.get(band, InBand()))
            for point in points
            for band in bands_of(card, found)
        ],
        asked.facts | {"scorecard": card.id, "by": asked.by()},
        asked.said,
        notes=[
            f"Accounts and their {arr_title(asked.book)}, at the end of the day (UTC); of today, so far."
        ],
        across=ACROSS,
    )


def _cell(line: Line) -> str:
    if not line.found.accounts:
        return MISSING
    return f"{line.found.accounts:,} · {money(line.found.arr, None)}"


ACROSS: Final[Across[Line]] = Across(
    "", lambda line: written_day(line.day), lambda line: band_label(line.band), _cell
)
