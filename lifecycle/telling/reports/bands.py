"""How accounts lie in the bands of a scorecard (T16)."""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass
from typing import Any

from lifecycle.core.model import Book
from lifecycle.core.scorecard import Scorecard
from lifecycle.store.moment import AsOf
from lifecycle.store.reports.scope import Scope
from lifecycle.store.reports.scores import InBand, bands

from ..audience import Asked, Audience, audience
from ..phrases import count, money
from ..scorecards import band_label, bands_of, card_named
from ..viewer import Viewer
from .report import Coloured, Column, Report, percent
from .stages import arr_title


@dataclass(frozen=True, slots=True)
class Line:
    """The accounts in one band, or in none."""

    band: str | None
    found: InBand
    share: float


async def in_bands(viewer: Viewer, asked: Asked, card: str | None = None) -> Report[Line]:
    """The accounts that are meant by band of a scorecard; without a name of the first. Raises `Refusal`."""
    meant = await audience(viewer, asked)
    chosen = card_named(meant.book, card)
    only = meant.sql() if meant.condition is not None else None
    found = await bands(viewer.store, chosen, Scope(meant.moment, (), only))
    total = sum(one.accounts for one in found.values())
    lines = [
        Line(band, at, at.accounts / (total or 1))
        for band in bands_of(chosen, found)
        for at in [found.get(band, InBand())]
    ]
    return _report(viewer, meant, chosen, lines)


def _report(viewer: Viewer, meant: Audience, card: Scorecard, lines: list[Line]) -> Report[Line]:
    total = sum(line.found.accounts for line in lines)
    others = [one.title for one in meant.book.scorecards.values() if one.id != card.id]
    notes = [f"{count(total, 'account')}; --account shows why one is where it is."]
    return Report(
        "scorecard",
        card.title,
        _columns(meant.book),
        lines,
        {"scorecard": card.id, **_facts(meant)},
        " · ".join(_said(viewer, meant)),
        notes=notes + ([f"Other scorecards: {', '.join(others)}."] if others else []),
    )


def _columns(book: Book) -> list[Column[Line]]:
    return [
        Column("band", "Band", lambda line: line.band, _band),
        Column("accounts", "Accounts", lambda line: line.found.accounts, right=True),
        Column("share", "Share", lambda line: line.share, _share, True, lambda line: line.share),
        Column("arr_cents", arr_title(book), lambda line: line.found.arr, _arr, True),
        Column("mean_score", "Mean score", _mean, right=True),
    ]


def _band(line: Line) -> Coloured:
    return Coloured(band_label(line.band), line.band or "")


def _share(line: Line) -> str:
    return percent(line.share)


def _arr(line: Line) -> str:
    return money(line.found.arr, None)


def _mean(line: Line) -> float | None:
    return None if line.found.mean is None else round(line.found.mean, 1)


def _facts(meant: Audience) -> dict[str, Any]:
    moment = meant.moment
    return {"as_of": moment.at, "known": moment.known} if isinstance(moment, AsOf) else {}


def _said(viewer: Viewer, meant: Audience) -> Iterable[str]:
    if isinstance(meant.moment, AsOf):
        yield f"as of {viewer.moment(meant.moment.at)}"
    if meant.condition is not None:
        yield f"{meant.title}: {meant.said}"
