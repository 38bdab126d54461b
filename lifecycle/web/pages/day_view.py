"""A CSM's day: open CTAs by when they are due, accounts that take too long, contracts that run out."""

from __future__ import annotations

import asyncio
from collections.abc import Iterator, Sequence
from dataclasses import dataclass, field, replace
from datetime import date, datetime, timedelta
from typing import Final

from lifecycle.core.model import Book
from lifecycle.store.accounts import Listed, listed_accounts
from lifecycle.store.ctas import CtaPage, WantedCtas, Whose, list_ctas, named_owners
from lifecycle.store.definitions import current_book
from lifecycle.store.mine import (
    Found,
    Mine,
    has_accounts,
    overstaying,
    people_in,
    renewing,
)
from lifecycle.store.moment import now_of
from lifecycle.telling.ctas import CtaView, cta_view
from lifecycle.telling.owners import fields_of, of_person, people_fields, whose
from lifecycle.telling.phrases import capital

from ..door import Door
from .account.past import Spot

MOST: Final = 200
SIDE: Final = 6
PEOPLE: Final = 200
AHEAD: Final = timedelta(days=7)
RENEWALS: Final = timedelta(days=60)
BARS: Final = 10
MINE, ALL = "mine", "all"


@dataclass(frozen=True, slots=True)
class Item:
    """A CTA in the list, with where its account stands in the lifecycle it belongs to."""

    cta: CtaView
    stage: Spot | None
    score: int | None
    band: str
    late: bool
    stuck: bool


@dataclass(frozen=True, slots=True)
class Group:
    """CTAs that are due at about the same time; `tone` is the class of its heading."""

    id: str
    title: str
    items: list[Item]
    tone: str = ""


@dataclass(frozen=True, slots=True)
class Bar:
    """How many CTAs fall due on a day."""

    day: date
    count: int
    today: bool


@dataclass(frozen=True, slots=True)
class Day:
    """The page. `stands_in`: it is everyone's, because nothing is in the name of who looks."""

    of: str
    who: str
    today: date
    groups: list[Group]
    snoozed: list[Item]
    shown: int
    total: int
    bars: list[Bar]
    overdue: Found
    renewals: Found
    book: Book
    stands_in: bool = False
    people: list[tuple[str, str]] = field(default_factory=list)

    @property
    def first(self) -> Item | None:
        """What is shown beside the list when nothing was chosen."""
        return next((item for group in self.groups for item in group.items), None)


async def day_of(door: Door, caller: str, asked_for: str) -> Day:
    """`asked_for` is `mine`, `all`, a role, a team, or a person by name or address; empty: one's own, or everyone's
    for whom nothing is there. Raises `Refusal`."""
    book, _ = await current_book(door.store)
    known = [*book.account.roles, *book.directory.teams]
    named, people = await asyncio.gather(
        named_owners(door.store, known), people_in(door.store, _csm(book), PEOPLE)
    )
    of = asked_for or await _unasked(door, book, caller, named)
    mine, asked = _mine(book, of, caller), _whose(book, of, caller, named)
    now, today = door.now(), door.now().astimezone(door.zone).date()
    page, late, renewals = await asyncio.gather(
        _ctas(door, book, asked),
        overstaying(door.store, mine, SIDE),
        renewing(door.store, mine, today, today + RENEWALS, SIDE),
    )
    items = await _items(door, book, page, now)
    awake = [item for item in items if item.cta.snoozed_until is None]
    return Day(
        of,
        caller if of == MINE else of,
        today,
        list(_groups(door, awake, today)),
        [item for item in items if item.cta.snoozed_until is not None],
        len(items),
        page.total,
        list(_bars(door, awake, today)),
        late,
        renewals,
        book,
        stands_in=of == ALL and not asked_for,
        people=[(one, one) for one in people],
    )


async def _unasked(door: Door, book: Book, caller: str, named: Sequence[str]) -> str:
    """One's own day, unless one is nobody's CSM or owner and has no CTA."""
    has_some = of_person(caller, book, named).owners
    return MINE if has_some or await has_accounts(door.store, _mine(book, MINE, caller)) else ALL


def _csm(book: Book) -> list[str]:
    """The fields that hold a CSM's name."""
    role = book.account.roles.get("csm")
    return [role.name] if role is not None and role.name else []


def _whose(book: Book, of: str, caller: str, named: Sequence[str]) -> Whose | None:
    if of == ALL:
        return None
    return of_person(caller, book, named) if of == MINE else whose(of, book, named)


def _mine(book: Book, of: str, caller: str) -> Mine:
    """A team or a role has no accounts of its own: all are shown."""
    roles = [*book.account.roles, *book.directory.teams]
    if of == ALL or of in roles:
        return Mine()
    person = of_person(caller if of == MINE else of, book, ())
    fields = {name for role in book.account.roles.values() for name in fields_of(role)}
    contact = book.account.roles.get("contact")
    return Mine(person.names, tuple(sorted(fields - set(fields_of(contact) if contact else ()))))


async def _ctas(door: Door, book: Book, asked: Whose | None) -> CtaPage:
    wanted = WantedCtas(whose=asked, limit=MOST)
    fields = [*people_fields(book), "time_zone"]
    return await list_ctas(door.store, wanted, await now_of(door.store, door.now()), fields)


async def _items(door: Door, book: Book, page: CtaPage, now: datetime) -> list[Item]:
    accounts = await listed_accounts(door.store, sorted({one.cta.account for one in page.ctas}))
    rows = {one.account.id: one for one in accounts}
    found = []
    for one in page.ctas:
        cta = cta_view(one, book, one.people, now + timedelta(seconds=one.lead))
        found.append(_item(book, cta, rows.get(one.cta.account)))
    return found


def _item(book: Book, cta: CtaView, row: Listed | None) -> Item:
    if row is None:
        return Item(cta, None, None, "", False, False)
    track = row.tracks.get(cta.lifecycle) or next(iter(row.tracks.values()), None)
    lifecycle = book.lifecycles.get(track.lifecycle) if track else None
    stage = lifecycle.stage(track.stage) if lifecycle and track else None
    spot = Spot(stage.label, stage.colour, stage.end) if stage else None
    marks = (bool(track and track.late), bool(track and track.stuck))
    health = (row.account.health_score, capital(row.account.health or ""))
    return Item(cta, spot, *health, *marks)


def _groups(door: Door, items: Sequence[Item], today: date) -> Iterator[Group]:
    late = [item for item in items if item.cta.overdue]
    others = [(item, _day(door, item)) for item in items if not item.cta.overdue]
    soon = today + AHEAD
    parts = (
        Group("overdue", "Overdue", late, "bad"),
        Group("today", "Today", [one for one, day in others if day is not None and day <= today]),
        Group("next", "Next 7 days", [one for one, day in others if day and today < day <= soon]),
        Group("later", "Later", [one for one, day in others if day is None or day > soon]),
    )
    yield from (part for part in parts if part.items)


def _day(door: Door, item: Item) -> date | None:
    due = item.cta.due
    return due.astimezone(door.zone).date() if due else None


def _bars(door: Door, items: Sequence[Item], today: date) -> Iterator[Bar]:
    """Today, with what is overdue, and the days after it."""
    days = [_day(door, item) for item in items]
    for number in range(BARS):
        at = today + timedelta(days=number)
        count = sum(1 for day in days if day == at or (number == 0 and day and day < today))
        yield Bar(at, count, number == 0)


def with_people(day: Day) -> Day:
    """With the choices of whose day: oneself, everyone, teams, CSMs."""
    teams = [(team.id, team.label) for team in day.book.directory.teams.values()]
    fixed = [(MINE, "Mine"), (ALL, "Everyone"), *teams, *day.people]
    if day.of not in {one for one, _ in fixed}:
        fixed.append((day.of, day.of))
    return replace(day, people=fixed)
