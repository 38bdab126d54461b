"""What stands on the dashboard: six cards, each asked for by itself."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Final

LOOK: Final = "look"
"""The card of those who are stuck and late; it is made of two reports."""
LOOKED_AT: Final = 5


@dataclass(frozen=True, slots=True)
class Card:
    """A report on the dashboard; `wide` ones take more than half of the width, `sub` stands beside the title."""

    report: str
    title: str
    sub: str = ""
    width: str = "half"


CARDS: Final = (
    Card("over-time", "Accounts per stage"),
    Card("transitions", "Flow between stages"),
    Card("forecast", "Next 90 days", "if nothing else comes in"),
    Card("time-in-stage", "Days in stage", "stays that ended in these days"),
    Card(LOOK, "Who needs a look", "stuck and late for the longest", "wide"),
    Card("funnel", "Funnel and pace", width="narrow"),
)


def card_of(report: str) -> Card | None:
    """The card of that name."""
    return next((one for one in CARDS if one.report == report), None)
