"""The team's list of CTAs: SQL finds on both databases what a plain count over the states finds (G11, T16)."""

from dataclasses import replace
from datetime import datetime, timedelta
from random import Random
from typing import Any

import pytest

from lifecycle.core import changes as c
from lifecycle.core.state import AccountState, Cta
from lifecycle.store.ctas import (
    ListedCta,
    WantedCtas,
    Whose,
    ctas_of,
    list_ctas,
    named_owners,
    titles_of,
)
from lifecycle.store.engine import Store
from lifecycle.store.moment import Now, now_of
from lifecycle.store.record import record
from lifecycle.store.tables import CtaStatus
from tests.store.lives import NOW, Life, cta, day

ROLES = {"csm": ("csm", "csm_email"), "owner": ("owner",)}
PEOPLE = ("Ann Lee", "ANN@x.example", "Bo Diaz", "Éva Nagy")


async def test_ctas_are_listed_by_due_date(store: Store) -> None:
    """G11, G12: with their numbers and the tasks done."""
    life = Life().create()
    life.event(1, "a", c.CtaOpened(cta("c2", 2)), c.CtaOpened(cta("c1", 1)))
    life.event(2, "b", c.CtaOpened(cta("c3", 0)), c.TaskDone("c1", "call", day(2), "ann"))
    life.event(3, "c", c.CtaClosed("c3", "done", day(3), "ann"))
    await record(store, life.batch(), NOW)
    page = await list_ctas(store, WantedCtas(account="acme"), Now(NOW), ())
    assert [(one.cta.id, one.number, [task.task for task in one.tasks]) for one in page.ctas] == [
        ("c1", 1, ["call"]),
        ("c2", 2, []),
    ]
    closed = await list_ctas(store, WantedCtas(closed=True), Now(NOW), ())
    assert [(one.cta.id, one.number) for one in closed.ctas] == [("c3", 3)]
    assert [one.cta.id for one in await ctas_of(store, "acme")] == ["c1", "c2", "c3"]
    assert await titles_of(store, "acme") == dict.fromkeys(("c1", "c2", "c3"), "Call them")


async def test_r13_a_number_stays_when_another_cta_is_withdrawn(store: Store) -> None:
    life = Life().create()
    life.move(1, "journey", "onboarding", restart=True)
    life.move(2, "journey", "launched", c.CtaOpened(cta("c1", 2)))
    life.undo(3)
    life.event(4, "a", c.CtaOpened(cta("c2", 4)))
    await record(store, life.batch(), NOW)
    found = await ctas_of(store, "acme")
    assert [(one.number, one.cta.status) for one in found] == [
        (1, CtaStatus.WITHDRAWN),
        (2, CtaStatus.OPEN),
    ]


@pytest.mark.parametrize("cut", [0, 3])
async def test_r13_a_task_done_after_undo_counts_however_the_inputs_are_batched(
    store: Store, cut: int
) -> None:
    life = Life().create()
    life.move(1, "journey", "onboarding", restart=True)
    life.event(2, "a", c.CtaOpened(cta("c1", 2)))
    early = life.batch() if cut else None
    life.move(3, "journey", "launched", c.CtaClosed("c1", "left", day(3), ""))
    life.undo(4)
    life.event(5, "b", c.TaskDone("c1", "call", day(5), "ann"))
    for request in (early, life.batch()):
        if request:
            await record(store, request, NOW)
    [found] = await ctas_of(store, "acme")
    assert found.cta.status is CtaStatus.OPEN
    assert [task.task for task in found.tasks] == ["call"]


# ── against a plain count


def random_account(dice: Random, number: int) -> Life:
    """Some people, a lead perhaps, and CTAs of every kind."""
    life = Life(f"account-{number:02}")
    fields: dict[str, Any] = {
        name: dice.choice((*PEOPLE, "ann lee", None)) for name in ("csm", "csm_email", "owner")
    }
    life.create(**{name: value for name, value in fields.items() if value})
    if dice.random() < 0.3:
        life.event(1, "lead", c.LeadSet(dice.choice((86_400, 30 * 86_400))))
    for turn in range(dice.randint(0, 4)):
        opened = random_cta(dice, f"c{number}-{turn}")
        life.event(2 + turn, f"o{turn}", c.CtaOpened(opened))
        if dice.random() < 0.3:
            until = NOW + timedelta(days=dice.randint(-20, 40))
            life.event(8 + turn, f"s{turn}", c.CtaSnoozed(opened.id, until, day(8), "ann"))
        if dice.random() < 0.2:
            life.event(20 + turn, f"x{turn}", c.CtaClosed(opened.id, "done", day(20), "ann"))
    return life


def random_cta(dice: Random, cta_id: str) -> Cta:
    due = dice.choice((None, NOW + timedelta(days=dice.randint(-40, 40))))
    owner = dice.choice(("csm", "csm", "owner", "sales_ops", "ann lee", "Éva Nagy"))
    return replace(
        cta(cta_id, kind=dice.choice(("risk", "task"))),
        owner=owner,
        priority=dice.choice(("low", "normal", "high")),
        lifecycle=dice.choice(("", "journey")),
        due=due,
    )


def random_wish(dice: Random) -> WantedCtas:
    maybe: Any = lambda *values: dice.choice((None, *values))  # noqa: E731
    return WantedCtas(
        whose=maybe(of("Ann Lee"), of("ann@X.example"), of("éva nagy"), stand_in("sales_ops")),
        kind=maybe("risk"),
        lifecycle=maybe("journey"),
        overdue=dice.random() < 0.2,
        due_by=maybe(timedelta(days=7), timedelta()),
        snoozed=maybe(True, False),
        limit=500,
    )


def of(person: str) -> Whose:
    folded = person.casefold()
    owners = ("ann lee", "Éva Nagy")
    return Whose(tuple(one for one in owners if one.casefold() == folded), (folded,), ROLES)


def stand_in(team: str) -> Whose:
    return Whose(owners=(team,), vacant={"owner": ROLES["owner"]})


def wanted_of(state: AccountState, one: Cta, wish: WantedCtas) -> bool:
    """What the list must hold, told once more in Python."""
    now = NOW + timedelta(seconds=state.lead)
    asleep = one.snoozed_until is not None and one.snoozed_until > now
    return (
        (wish.whose is None or belongs(state, one, wish.whose))
        and wish.kind in (None, one.kind)
        and wish.lifecycle in (None, one.lifecycle)
        and (not wish.overdue or (due_by(one, now) and not asleep))
        and (wish.due_by is None or due_by(one, now + wish.due_by))
        and wish.snoozed in (None, asleep)
    )


def due_by(one: Cta, at: datetime) -> bool:
    return one.due is not None and one.due <= at


def belongs(state: AccountState, one: Cta, whose: Whose) -> bool:
    def values(fields: tuple[str, ...]) -> list[str]:
        return [str(state.fields[name]).casefold() for name in fields if name in state.fields]

    if one.owner in whose.owners:
        return True
    if one.owner in whose.filled and set(values(whose.filled[one.owner])) & set(whose.names):
        return True
    return one.owner in whose.vacant and not values(whose.vacant[one.owner])


def in_order(listed: ListedCta) -> tuple[Any, ...]:
    row = listed.cta
    urgency = ("high", "normal", "low").index(row.priority)
    return (row.due is None, row.due or NOW, urgency, row.account, row.id)


async def test_t16_the_list_is_what_a_plain_count_finds(store: Store) -> None:
    """Owners by role and by name, due dates and snoozes by each account's own clock."""
    dice = Random(4)
    lives = [random_account(dice, number) for number in range(40)]
    for life in lives:
        await record(store, life.batch(), NOW)
    now = await now_of(store, NOW)
    assert len(now.leads) == 3
    for _ in range(150):
        wish = random_wish(dice)
        page = await list_ctas(store, wish, now, ("csm",))
        expected = {
            one.id for life in lives for one in life.state.ctas.values()
            if wanted_of(life.state, one, wish)
        }  # fmt: skip
        assert {one.cta.id for one in page.ctas} == expected, wish
        assert page.total == len(expected)
        assert page.ctas == sorted(page.ctas, key=in_order)
        awake = {one.id for life in lives for one in life.state.ctas.values()
                 if wanted_of(life.state, one, replace(wish, snoozed=True))}  # fmt: skip
        assert page.asleep == (len(awake) if wish.snoozed is False else 0)
    assert await named_owners(store, ("csm", "owner", "sales_ops")) == ["ann lee", "Éva Nagy"]
