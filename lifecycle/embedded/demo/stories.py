"""How the story of a demo account is told: what happened so many days ago, what happens now, who does what."""

from __future__ import annotations

from dataclasses import dataclass, field, replace
from datetime import datetime, time, timedelta
from random import Random
from typing import Final, Self

from lifecycle.core.inputs import Command, Event
from lifecycle.core.model import PAST_MOVE
from lifecycle.core.values import Value

from .companies import Company

SOURCE: Final = "demo"
LIVE: Final = timedelta(days=3)
"""What is younger than this is reported live, so that there are e-mails and open CTAs to look at (R21)."""


@dataclass(slots=True)
class Journey:
    """An account of the demo book: what an import sends, what services report since, what people do today.

    `events` are historic and end before `until`; `live` come after. Both oldest first, times in UTC.
    A command about a CTA names it by its title; see `today.still_to_do`.
    """

    account: str
    created: datetime
    fields: dict[str, Value]
    until: datetime
    events: list[Event] = field(default_factory=list)
    live: list[Event] = field(default_factory=list)
    commands: list[Command] = field(default_factory=list)


class Story:
    """Tells a journey by days before `now`. A whole number of days is some working hour of a weekday;
    a fraction is exact to the minute."""

    def __init__(self, company: Company, now: datetime, begin: float) -> None:
        self.company, self.now = company, now
        self._dice = Random(company.account)
        self._told: list[Event] = []
        self._begin = self.moment(begin)
        self._live = LIVE
        self.fields = company.fields()
        self.commands: list[Command] = []

    def moment(self, ago: float) -> datetime:
        """The instant so many days ago."""
        if ago != int(ago):
            return self.now - timedelta(days=ago)
        day = (self.now - timedelta(days=ago)).date()
        # What falls on a weekend happened on Friday, in its order: Friday's own before noon.
        weekend = max(0, day.weekday() - 4)
        begin, end = (8 + 3 * weekend, 11 + 3 * weekend) if day.weekday() >= 4 else (8, 17)
        minutes = self._dice.randrange(begin * 60, end * 60)
        midnight = datetime.combine(day - timedelta(days=weekend), time(), self.now.tzinfo)
        return midnight + timedelta(minutes=minutes)

    def tell(self, ago: float, kind: str, **data: Value) -> Self:
        """Something a service reported."""
        number = len(self._told) + 1
        at = max(self.moment(ago), self._begin)
        name = f"{self.company.account}/{number}"
        self._told.append(Event(name, SOURCE, kind, at, self.now, data))
        return self

    def put(self, ago: float, lifecycle: str, stage: str, reason: str) -> Self:
        """A stage that a person set in the past."""
        actor = self.company.csm
        return self.tell(
            ago, PAST_MOVE, lifecycle=lifecycle, stage=stage, actor=actor, reason=reason
        )

    def some(self, low: float, high: float) -> int:
        """A whole number between two, always the same one for this account."""
        return round(self._dice.uniform(low, high))

    def do(self, *commands: Command) -> Self:
        """What a person does today. Each gets an id, so that the book loaded again does nothing twice (R20)."""
        for command in commands:
            number = len(self.commands) + 1
            self.commands.append(replace(command, id=f"{SOURCE}/{self.company.account}/{number}"))
        return self

    def live_for(self, days: float) -> Self:
        """More than the last three days are reported live."""
        self._live = timedelta(days=days)
        return self

    def journey(self) -> Journey:
        """The whole story, told in order."""
        until = self.now - self._live
        told = sorted(self._told, key=lambda event: event.time)
        past = [_historic(event) for event in told if event.time <= until]
        live = [event for event in told if event.time > until]
        account, begin = self.company.account, min(self._begin, until)
        return Journey(account, begin, self.fields, until, past, live, self.commands)


def _historic(event: Event) -> Event:
    return Event(event.id, event.source, event.type, event.time, event.received, event.data, True)
