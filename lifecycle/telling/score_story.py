"""An account's score as it is or was: taken apart, with the changes that led to it (T16, N3, N5)."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import datetime
from typing import Any, Final

from lifecycle.core.changes import Entry
from lifecycle.store.reports.score_history import causes, score_history

from .accounts import Found
from .audience import Asked, audience
from .scorecards import card_named
from .scored import ScoreView, score_view
from .story import Teller
from .then import found_at
from .viewer import Viewer

HISTORY: Final = 8


@dataclass(frozen=True, slots=True)
class Was:
    """What the score became at an instant, and what changed it."""

    at: datetime
    revision: int
    score: int | None
    band: str | None
    because: str


@dataclass(frozen=True, slots=True)
class ScoreStory:
    """The score of an account at a moment; `history` are its last changes, the latest first, one more than `HISTORY`
    where there are more."""

    found: Found
    view: ScoreView
    history: list[Was]


async def score_story(
    viewer: Viewer, account: str, card: str | None = None, asked: Asked | None = None
) -> ScoreStory:
    """Why an account is green, yellow or red. Raises `Refusal`."""
    meant = await audience(viewer, asked or Asked())
    one = await found_at(viewer, account, meant.moment)
    chosen = card_named(one.book, card)
    teller = Teller(one.book, viewer.zone)
    view = score_view(one.book, chosen, one.state, one.now, teller)
    was = await score_history(viewer.store, chosen, one.account, meant.moment, HISTORY + 1)
    told = await causes(viewer.store, one.account, was)
    history = [
        Was(it.at, it.revision, it.score, it.band, _because(told.get(it.revision), teller))
        for it in was
    ]
    return ScoreStory(one, view, history)


def _because(entry: Entry | None, teller: Teller) -> str:
    return teller.headline(entry.input) if entry else ""


def score_data(told: ScoreStory) -> dict[str, Any]:
    """The score for programs."""
    one = told.found
    return {"account": one.account, "at": one.now, "score": told.view, "history": told.history}
