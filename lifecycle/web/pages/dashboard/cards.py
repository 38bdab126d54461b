"""What stands on the dashboard: six cards, each asked for by itself."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Final

LOOK: Final = "look"
"""The card of those who are stuck and late; it is made of two reports."""
LOOKED_AT: Final = 5


@dataclass(frozen=True, slots=True)
class Card:
    """A report on the dashboard: `width` is a class of dashboard.css, `sub` stands beside the title."""

    report: str
    title: str
    sub: str = ""
    width: str = "six"


CARDS: Final = (
    Card("over-time", "Accounts per stage"),
    Card("transitions", "Flow between stages"),
    Card("forecast", "Next 90 days", "what is armed, and what to expect"),
    Card("time-in-stage", "Days in stage", "stays that ended in these days"),
    Card(LOOK, "Who needs a look", "stuck and late for the longest", "seven"),
    Card("funnel", "Funnel and pace", width="five"),
)


def card_of(report: str) -> Card | None:
    """The card of that name."""
    return next((one for one in CARDS if one.report == report), None)
