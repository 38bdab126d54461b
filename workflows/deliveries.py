"""Deliveries under way: e-mails and webhooks never hold back a stage.

What becomes of one stands in its row and is no part of the fold.
"""

from __future__ import annotations

from collections.abc import Iterable
from datetime import datetime
from typing import Any

from temporalio import workflow
from temporalio.exceptions import ApplicationError

from lifecycle import contract

from . import calls

PATCH = "sent again meanwhile"


class Deliveries:
    """The open deliveries of an account: id → since when it is tried."""

    def __init__(self, account: str, open_since: dict[str, datetime]) -> None:
        self._account = account
        self._since = dict(open_since)
        self._running: dict[str, workflow.ActivityHandle[Any]] = {}
        self._given_up: set[str] = set()
        self._again: set[str] = set()

    def __len__(self) -> int:
        return len(self._since)

    def add(self, effects: Iterable[str]) -> None:
        """These are due."""
        for effect in effects:
            self._since.setdefault(effect, workflow.now())

    def add_again(self, effect: str) -> None:
        """A person made it due once more; what is under way may have ended before that, and not landed yet."""
        if effect in self._since:
            self._again.add(effect)
        self.add([effect])

    def go_on(self) -> None:
        """Start what is not under way, drop what is done."""
        for effect in [each for each in self._running if self._running[each].done()]:
            self._land(effect, self._running.pop(effect))
        for effect, since in self._since.items():
            if effect not in self._running:
                self._running[effect] = calls.start_delivery(self._account, effect, since)

    def have_news(self) -> bool:
        """Whether one of them ended, or waits to be started."""
        ended = any(handle.done() for handle in self._running.values())
        return ended or len(self._running) < len(self._since)

    def open_since(self) -> dict[str, datetime]:
        """For the next run, and for people."""
        return dict(self._since)

    def _land(self, effect: str, handle: workflow.ActivityHandle[Any]) -> None:
        error = handle.exception()
        if error is None or effect in self._given_up:
            del self._since[effect]
            self._given_up.discard(effect)
            self._look_again(effect)
        elif _waits(error):
            self._since[effect] = workflow.now()
        else:
            self._given_up.add(effect)
            reason = calls.reason_of(error)
            self._running[effect] = calls.start_giving_up(self._account, effect, reason)

    def _look_again(self, effect: str) -> None:
        """Its row says whether there is anything left to send."""
        if effect in self._again and workflow.patched(PATCH):
            self.add([effect])
        self._again.discard(effect)


def _waits(error: BaseException) -> bool:
    """Whether the day ended in waiting for a hold's or the quiet hours' end: that is no failure, and gets another."""
    cause: BaseException | None = error
    while cause is not None:
        if isinstance(cause, ApplicationError):
            return cause.type == contract.IN_TURN
        cause = cause.__cause__
    return False
