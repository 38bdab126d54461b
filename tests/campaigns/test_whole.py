"""Whatever breaks and wherever: nobody is left out, nobody is mailed twice (R22, G14)."""

import asyncio
from dataclasses import replace
from datetime import UTC, datetime

import pytest

from lifecycle import contract
from lifecycle.store import campaigns, effects
from lifecycle.store.tables import CampaignStatus
from tests.campaigns.stand import Stand
from tests.clock import until
from tests.workflows.failpoints import AFTER, BEFORE, breaking
from worker import make_activities

SOME = [f"p{number:02}" for number in range(30)]


def each_once(stand: Stand, names: list[str]) -> bool:
    return sorted(stand.reached()) == [f"{name}@example.com" for name in names]


@pytest.mark.parametrize("when", [BEFORE, AFTER])
@pytest.mark.parametrize(
    "name",
    [
        contract.OPEN_CAMPAIGN,
        contract.CAMPAIGN_PAGE,
        contract.CAMPAIGN_MAIL,
        contract.MARK_CAMPAIGN,
    ],
)
async def test_a_crash_at_any_step_leaves_out_and_doubles_nobody(
    quiet_stand: Stand, name: str, when: str
) -> None:
    """The moment before a step, and the one between its work and its answer."""
    stand = quiet_stand
    await stand.people(SOME)
    real = make_activities(stand.store, stand.settings)
    async with stand.open(breaking(real, name, when, times=2)):
        assert await stand.send() == {"sent": 30}
    assert each_once(stand, SOME)
    assert (await stand.row()).matched == 30


async def test_a_worker_that_dies_between_making_and_sending(both: Stand) -> None:
    """The mails are made, the run is gone: another run finds them."""
    await both.people(SOME)
    row = await campaigns.open_campaign(both.store, both.plan(), datetime.now(UTC))
    await campaigns.take_page(both.store, row, "", datetime.now(UTC))
    assert await both.send() == {"sent": 30}
    assert each_once(both, SOME)


async def test_a_terminated_campaign_goes_on_when_it_is_sent_again(quiet_stand: Stand) -> None:
    """G14: run again under the same name, it does what is left."""
    stand = quiet_stand
    await stand.people(SOME)
    async with stand.open():
        await stand.begin(per_hour=60)
        await stand.counted(sent=1)
        await stand.handle.terminate("by hand")
        await stand.begin()
        assert (await stand.row()).per_hour == 60
        await stand.order(contract.SET_PACE, per_hour=None)
        assert await stand.end() == {"sent": 30}
    assert each_once(stand, SOME)


async def test_two_who_send_at_once_send_one_campaign(stand: Stand) -> None:
    await stand.people(SOME)
    await asyncio.gather(stand.begin(), stand.begin())
    assert await stand.end() == {"sent": 30}
    assert each_once(stand, SOME)


async def test_a_claim_left_by_a_dead_worker_is_taken_over(quiet_stand: Stand) -> None:
    """On its way, and nobody knows if it arrived: the same Message-ID once the claim has ended."""
    stand = quiet_stand
    await stand.people(SOME[:3])
    row = await campaigns.open_campaign(stand.store, stand.plan(), datetime.now(UTC))
    await campaigns.take_page(stand.store, row, "", datetime.now(UTC))
    left = campaigns.mail_id(stand.name, SOME[1])
    long_ago = datetime(2026, 1, 1, tzinfo=UTC)
    await effects.claim(stand.store, left, long_ago)
    async with stand.open():
        assert await stand.send() == {"sent": 3}
    assert each_once(stand, SOME[:3])


async def test_short_runs_send_the_same(stand: Stand) -> None:
    """Continue-as-new, again and again: the place in the book is carried, the rest is in the database."""
    await stand.crowd(80)
    await stand.begin_short(50)
    assert await until(stand.counts, lambda found: found == {"sent": 80}, within=60)
    await until(stand.row, lambda row: row.status is CampaignStatus.DONE)
    assert len(set(stand.reached())) == len(stand.reached())
    assert len(await until(stand.ended_runs, lambda found: len(found) >= 3)) >= 3


async def test_the_pace_is_carried_into_the_next_run(stand: Stand) -> None:
    """Continue-as-new must not begin with a mail that is not due yet."""
    await stand.people(SOME[:12])
    await stand.begin_short(50, per_hour=60)
    await stand.counted(sent=1)
    for sent in range(2, 12):
        await stand.forward(seconds=61)
        await stand.counted(sent=sent)
    assert len(await until(stand.ended_runs)) >= 1
    await stand.forward(seconds=61)
    await stand.counted(sent=12)
    assert each_once(stand, SOME[:12])


async def test_pages_reach_everybody(stand: Stand) -> None:
    """A thousand accounts in pages of two hundred; every other one is a Lead."""
    await stand.crowd(1_000)
    await stand.begin("plan is Pro")
    counts = await until(
        stand.counts, lambda found: sum(found.values()) == found.get("sent") == 500, within=120
    )
    assert counts == {"sent": 500}
    assert len(set(stand.reached())) == len(stand.reached()) == 500
    assert (await stand.row()).matched == 500


async def test_a_mail_that_breaks_the_engine_is_shown_as_failed(stand: Stand) -> None:
    """An account that runs a version nobody published here: its mail fails by itself, the others go."""
    book = stand.book
    newer = replace(book.lifecycles["sales"], version=99)
    stand.book = replace(book, lifecycles={**book.lifecycles, "sales": newer})
    await stand.person("ada")
    stand.book = book
    await stand.person("bob")
    await stand.begin()
    await stand.counted(sent=1)
    await stand.forward(minutes=5)
    assert await stand.end() == {"sent": 1, "failed": 1}
    assert "Version 99 of sales was never published here" in (await stand.outcomes())["ada"].reason
