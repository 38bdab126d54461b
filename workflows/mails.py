"""The mails of a campaign that are at hand: those that may go, and those under way."""

from __future__ import annotations

from collections import Counter, deque
from collections.abc import Iterable
from datetime import datetime
from typing import Any

from temporalio import workflow

from . import calls
from .pace import Pace

AT_ONCE = 20
"""Mails under way at most. One that has to wait gives its place up, so that no wait stops the others."""
PUT_OFF = "due"
UNSENT = frozenset({"skipped", "cancelled", PUT_OFF})


class Mails:
    """Sends what is at hand, in the pace asked."""

    def __init__(self, name: str, pace: Pace) -> None:
        self._name = name
        self.pace = pace
        self.at_hand: deque[str] = deque()
        self.under_way: dict[str, workflow.ActivityHandle[Any]] = {}
        self._given_up: set[str] = set()
        self.landed: Counter[str] = Counter()
        """Outcomes since the last page, by status."""

    def put(self, mails: Iterable[str]) -> None:
        """These may go."""
        self.at_hand.extend(mails)
        self.landed.clear()

    def take_back(self) -> None:
        """None of those at hand goes any more."""
        self.at_hand.clear()

    def send(self, now: datetime) -> None:
        """Start as many as may be under way."""
        while self.may_send(now):
            effect = self.at_hand.popleft()
            self.under_way[effect] = calls.start_campaign_mail(self._name, effect)
            self.pace.spend(now)

    def may_send(self, now: datetime) -> bool:
        """Whether another one may go now."""
        return bool(self.at_hand) and self.has_room() and self.pace.allows(now)

    def has_room(self) -> bool:
        """Whether another one may be under way."""
        return len(self.under_way) < AT_ONCE

    def have_news(self) -> bool:
        """Whether one of them ended."""
        return any(handle.done() for handle in self.under_way.values())

    def land(self) -> bool:
        """Take note of those that ended; answers whether one of them has to wait."""
        ended = [effect for effect, handle in self.under_way.items() if handle.done()]
        return PUT_OFF in [self._land(effect, self.under_way.pop(effect)) for effect in ended]

    def _land(self, effect: str, handle: workflow.ActivityHandle[Any]) -> str:
        error = handle.exception()
        if error is not None and effect not in self._given_up:
            self._given_up.add(effect)
            reason = calls.reason_of(error)
            account = effect.removeprefix(f"campaign/{self._name}/")
            self.under_way[effect] = calls.start_giving_up(account, effect, reason)
            return ""
        status = "failed" if effect in self._given_up else str(handle.result())
        self._given_up.discard(effect)
        self.landed[status] += 1
        if status in UNSENT:
            self.pace.give_back()
        return status
