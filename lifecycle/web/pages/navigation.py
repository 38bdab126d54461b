"""Where people can go: the one list behind the side navigation and the bar at a phone's bottom."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Final

from ..who import Right


@dataclass(frozen=True, slots=True)
class Place:
    """A page of the navigation, and the right it takes to see it.

    `counted` answers with a number to show beside it; `name` is where the answer about the engine puts one.
    """

    path: str
    label: str
    icon: str
    right: Right = Right.READ
    counted: str = ""
    name: str = ""

    def holds(self, path: str) -> bool:
        """Whether the page at `path` is this one or below it."""
        return path == self.path or path.startswith(f"{self.path}/")


DAILY: Final = (
    Place("/day", "My day", "sun", counted="/nav/day"),
    Place("/accounts", "Accounts", "build"),
    Place("/board", "Progress", "grid"),
    Place("/dashboard", "Dashboard", "chart"),
)
OTHERS: Final = (
    (
        "Set up",
        (
            Place("/lifecycles", "Lifecycles", "path"),
            Place("/campaigns", "Campaigns", "send"),
            Place("/imports", "Import", "up"),
        ),
    ),
    (
        "Operate",
        (
            Place("/changes", "Changes", "list"),
            Place("/catch-up", "Catch-up", "clock"),
            Place("/events", "Events", "pulse", name="events"),
            Place("/outbox", "Outbox", "mail", name="outbox"),
            Place("/verify", "Verify", "check", name="verify"),
            Place("/audit", "Audit", "shield", Right.ADMIN),
            Place("/keys", "Keys", "key", Right.ADMIN),
        ),
    ),
)
