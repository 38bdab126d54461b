"""Publishing reaches running accounts (R24)."""

import asyncio
from dataclasses import replace
from datetime import UTC, datetime, timedelta

import pytest

from lifecycle import contract
from lifecycle.client import event
from lifecycle.core.model import After, Book, Lifecycle
from lifecycle.store.definitions import current_book, parts_of, publish
from tests.clock import until
from tests.workflows.town import Town

JOURNEY = "customer_journey"


def slower(book: Book) -> Book:
    """Version 2 of the journey: launched after thirty days instead of fourteen."""
    journey = book.lifecycles[JOURNEY]
    lines = tuple(
        replace(line, trigger=After(replace(line.trigger.duration, amount=30)))
        if line.name == "two_weeks_passed" and isinstance(line.trigger, After)
        else line
        for line in journey.automations
    )
    second: Lifecycle = replace(journey, version=2, automations=lines)
    return replace(book, lifecycles={**book.lifecycles, JOURNEY: second})


async def publish_slower(town: Town) -> str:
    """Publish it; answers with the book's id."""
    book, _ = await current_book(town.store)
    await publish(town.store, parts_of(slower(book), {}), "ops", datetime.now(UTC))
    return (await current_book(town.store))[1]


async def adopt(town: Town, account: str, policy: str) -> None:
    message = {"actor": "ops", "book": await publish_slower(town), "policies": {JOURNEY: policy}}
    await town.handle(account).signal(contract.ADOPT, message)


async def test_at_once_moves_the_timer(town: Town) -> None:
    """R24, T: the new version's thirty days count from the visit's beginning."""
    acme = town.account()
    await town.win(acme)
    await adopt(town, acme, "at once")
    state = await town.recorded(acme, lambda it: it.versions.get(JOURNEY) == 2)
    entered = state.tracks[JOURNEY].entered_at
    await town.forward(acme, days=20)
    assert (await town.state(acme)).tracks[JOURNEY].stage == "onboarding"
    await town.forward(acme, days=11)
    state = await town.in_stage(acme, JOURNEY, "launched")
    assert entered is not None
    assert state.tracks[JOURNEY].entered_at == entered + timedelta(days=30)


async def test_at_the_next_move_the_old_version_decides(town: Town) -> None:
    """R24: launched after fourteen days, and on version 2 from then on, also after continuing as new."""
    acme = town.account()
    await town.win(acme)
    await adopt(town, acme, "at the next move")
    await town.recorded(acme, lambda it: it.pending.get(JOURNEY) == 2)
    await town.handle(acme).terminate("the stored versions tell the book as well")
    await town.report(acme, "opportunity.closed_lost")
    await town.recorded(acme, lambda it: len(it.window) == 2)
    await town.forward(acme, days=14, hours=1)
    state = await town.in_stage(acme, JOURNEY, "launched")
    assert state.versions[JOURNEY] == 2
    assert state.pending == {}


async def test_never_leaves_the_account_where_it_is(town: Town) -> None:
    """R24."""
    acme = town.account()
    await town.win(acme)
    await adopt(town, acme, "never")
    await town.forward(acme, days=14, hours=1)
    state = await town.in_stage(acme, JOURNEY, "launched")
    assert state.versions[JOURNEY] == 1


async def test_an_adopted_book_is_carried(town: Town) -> None:
    """A continued run holds the book it runs, whatever is published meanwhile."""
    acme = town.account()
    deal = {"id": "deal", "source": "crm", "type": "opportunity.closed_won"}
    start = {"account": acme, "bounds": {"signals": 2}}
    handle = await town.send(acme, contract.RECORD_EVENT, deal, start=start)
    await town.in_stage(acme, JOURNEY, "onboarding")
    first = (await handle.describe()).run_id
    await adopt(town, acme, "at once")
    await town.recorded(acme, lambda it: it.versions.get(JOURNEY) == 2)
    await until(town.handle(acme).describe, lambda it: it.run_id != first)
    await town.forward(acme, days=29)
    assert (await town.state(acme)).tracks[JOURNEY].stage == "onboarding"
    await town.forward(acme, days=2)
    await town.in_stage(acme, JOURNEY, "launched")


@pytest.mark.parametrize("seconds", [3_600])
async def test_a_clock_that_leads_shifts_what_comes_from_outside(town: Town, seconds: int) -> None:
    """design.md, State and time: an event "now" by the wall clock is now by the account's."""
    acme = town.account()
    await town.win(acme)
    await town.forward(acme, seconds=seconds)
    await town.handle(acme).signal(contract.SET_LEAD, {"seconds": seconds})
    await town.recorded(acme, lambda it: it.lead == seconds)
    now = datetime.now(UTC)
    event = {"id": "n", "source": "crm", "type": "kickoff.held", "time": now.isoformat()}
    await town.handle(acme).signal(contract.RECORD_EVENT, event)
    state = await town.in_stage(acme, "onboarding", "configuration")
    entered = state.tracks["onboarding"].entered_at
    assert entered is not None
    assert abs(entered - now - timedelta(seconds=seconds)) < timedelta(seconds=30)
    entry = next(one for one in await town.journal(acme) if getattr(one.input, "id", "") == "n")
    assert [note.code for note in entry.notes if note.code in ("late", "early")] == []


async def test_messages_that_arrive_while_a_book_is_fetched_wait_their_turn(town: Town) -> None:
    """R24: the inbox grows between the publication's arrival and its fold; nothing is lost or stuck."""
    acme = town.account()
    await town.win(acme)
    _, book = await current_book(town.store)
    handle = town.handle(acme)
    adopt = {"actor": "ops", "book": book, "policies": {}}
    await asyncio.gather(
        *(
            handle.signal(*message)
            for number in range(10)
            for message in (
                (contract.ADOPT, adopt),
                (contract.RECORD_EVENT, event("user.logged_in", source="t", id=f"{number}")),
            )
        )
    )
    await town.recorded(acme, lambda state: len(state.window) == 11)
