"""Scorecards by name, their bands in words and colours, and when a score leaves its band (T16)."""

from __future__ import annotations

from collections.abc import Collection, Iterator

from lifecycle.core.model import Book
from lifecycle.core.refusal import Refusal, did_you_mean
from lifecycle.core.scorecard import Band, Scorecard

from .phrases import capital

NO_BAND = "None"


def card_named(book: Book, text: str | None) -> Scorecard:
    """By id, or by title in any case; without a name the first. Raises `Refusal`."""
    cards = book.scorecards
    if not cards:
        said = "The published definitions have no scorecard."
        raise Refusal("no_scorecard", said, "Write one in scorecards.yaml and publish it.")
    if text is None:
        return next(iter(cards.values()))
    by_title = [one for one in cards.values() if one.title.casefold() == text.casefold()]
    found = cards.get(text) or (by_title[0] if len(by_title) == 1 else None)
    if found is None:
        remedy = did_you_mean(text.casefold().replace(" ", "_"), cards)
        raise Refusal("unknown_scorecard", f"There is no scorecard {text!r}.", remedy, "scorecard")
    return found


def bands_of(card: Scorecard, found: Collection[str | None]) -> list[str | None]:
    """The bands, best first; behind them those of older scorecards; last the accounts without one."""
    known = [band.id for band in card.bands]
    gone = sorted({band for band in found if band is not None} - {*known})
    return [*known, *gone, None]


def band_label(band: str | None) -> str:
    """`Green`; None is a word."""
    return capital(band) if band is not None else NO_BAND


def band_words(card: Scorecard, score: int | None, band: str | None) -> str:
    """Where a score stands between the bands' figures: `72: green until it falls below 70`.

    A band is left downwards at another figure than it is entered at, so that health does not flap.
    """
    if score is None or band is None:
        return "no score"
    parts = list(_limits(card.bands, score, band))
    joint = " " if parts and parts[0].startswith("until") else "; "
    return joint.join([f"{score}: {band}", "; ".join(parts)]) if parts else f"{score}: {band}"


def _limits(bands: tuple[Band, ...], score: int, band: str) -> Iterator[str]:
    place = next((i for i, one in enumerate(bands) if one.id == band), None)
    if place is None:
        return
    here = bands[place]
    if place + 1 < len(bands):
        yield f"until it falls below {here.falls_below}"
    if place > 0:
        yield f"{bands[place - 1].id} from {bands[place - 1].at_least}"
    if score < here.at_least:
        yield f"it would need {here.at_least} to become {band} again"
