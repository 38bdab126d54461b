"""Keeping the fields of scorecards true: asked when what they depend on changes, and when time turns them (T16)."""

from __future__ import annotations

from .. import changes as c
from ..index import SCORES
from ..scorecard import Scorecard
from ..scoring import Scored, is_current, score, told
from .fields import set_field
from .turn import Turn


def rescore(turn: Turn, names: set[str]) -> None:
    """Ask the scorecards that depend on one of these names."""
    for card in turn.index.scorecards:
        if not names.isdisjoint(turn.index.score_depends[card.id]):
            ask_score(turn, card)
    if SCORES in names:
        _empty(turn)


def _empty(turn: Turn) -> None:
    """A score nobody reckons any more would be taken for true for ever."""
    for name in turn.index.unscored:
        if set_field(turn, name, None):
            turn.note("scored", f"No scorecard writes {name} any more: it has no value.")


def ask_score(turn: Turn, card: Scorecard) -> None:
    """Write score and band where they differ, and say what made them."""
    facts = turn.facts()
    found = score(card, facts)
    if is_current(card, facts, found):
        return
    why = told(found, facts) if turn.explains else []
    before = turn.state.fields.get(card.band_field or card.score_field)
    set_field(turn, card.score_field, found.score, card.key)
    if card.band_field is not None:
        set_field(turn, card.band_field, found.band, card.key)
    turn.notes.append(c.Note("scored", _said(card, found, before), card.key, why))


def _said(card: Scorecard, found: Scored, before: object) -> str:
    if found.score is None:
        return f"{card.title}: no score."
    band = f", {found.band}" if found.band else ""
    was = f" (was {before})" if before is not None and before != found.band else ""
    return f"{card.title}: {found.score} of 100{band}{was}."
