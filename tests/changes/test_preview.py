"""What a preview says is what then happens: lives of chance, the same core, a real server (R3, R13, R16)."""

import asyncio
from collections import Counter
from collections.abc import Callable
from datetime import UTC, datetime, timedelta
from random import Random

import pytest

from lifecycle import contract
from lifecycle.contract import ChangeProgress
from lifecycle.core.refusal import Refusal
from lifecycle.definition.condition_words import Labels
from lifecycle.store.change_tables import ItemStatus
from lifecycle.store.definitions import current_book
from lifecycle.telling.audience import Asked
from lifecycle.telling.bulk import Kind, Whom, Wish, bulk_of
from lifecycle.telling.bulk_preview import Drawn, preview
from lifecycle.telling.changes import begin, check_number
from lifecycle.telling.set_off import SetOff
from lifecycle.telling.viewer import Viewer
from tests.changes.crowd import Crowd

STAGES = ("onboarding", "launched", "adopting", "renewal", "will_churn", "churned")
EVERYBODY = Whom(Asked(where=["type exists"]))


def viewer(crowd: Crowd) -> Viewer:
    return Viewer(crowd.town.store, datetime.now(UTC), UTC)


async def lives(crowd: Crowd, chance: Random, count: int) -> list[str]:
    """Accounts anywhere: in any stage, on hold, with fields, in order of their ids."""
    accounts = await crowd.accounts(count)
    until = (datetime.now(UTC) + timedelta(days=9)).isoformat()

    async def live(account: str) -> None:
        for stage in chance.sample(STAGES, chance.randrange(3)):
            move = {"lifecycle": "customer_journey", "stage": stage, "reason": "by chance"}
            await crowd.town.update(account, contract.SET_STAGE, actor="eve", **move)
        if chance.random() < 0.3:
            await crowd.town.update(
                account, contract.HOLD, actor="eve", until=until, reason="by chance"
            )
        fields = {"seats": chance.randrange(3), "plan": chance.choice(("Pro", "Free"))}
        await crowd.town.update(account, contract.SET_FIELDS, actor="eve", fields=fields)

    await asyncio.gather(*map(live, accounts))
    return sorted(accounts)


WISHES: list[Callable[[Random], Wish]] = [
    lambda chance: Wish(Kind.STAGE, "why", "customer_journey", chance.choice(STAGES)),
    lambda chance: Wish(Kind.FIELDS, "why", fields={"seats": chance.randrange(3)}),
    lambda _: Wish(Kind.HOLD, "why", until="5d"),
    lambda _: Wish(Kind.RELEASE, "why"),
]


@pytest.mark.parametrize("seed", range(3))
async def test_what_was_foreseen_is_what_happens(crowd: Crowd, seed: int) -> None:
    chance = Random(seed)
    await lives(crowd, chance, 8)
    for number, make in enumerate(WISHES):
        seen = viewer(crowd)
        bulk = await bulk_of(seen, make(chance))
        drawn = await preview(seen, bulk, EVERYBODY)
        crowd.name = f"{crowd.name}-{number}"
        if not drawn.preview.changes:
            with pytest.raises(Refusal, match="0 accounts would change"):
                await begin(seen, crowd.changes, bulk, drawn, "ana")
            continue
        await begin(seen, crowd.changes, bulk, drawn, "ana", name=crowd.name)
        agrees(drawn, await crowd.ended())
        assert await happened(crowd) == drawn.preview.set_off


def agrees(drawn: Drawn, done: ChangeProgress) -> None:
    told = drawn.preview
    foreseen = {
        ItemStatus.DONE: told.changes,
        ItemStatus.UNCHANGED: told.unchanged,
        ItemStatus.REFUSED: told.refused.total(),
    }
    assert done.counts == {status.value: number for status, number in foreseen.items() if number}
    assert told.by_stage.total() == told.changes
    assert told.total == told.looked_at == done.total


async def happened(crowd: Crowd) -> SetOff:
    """Counted from the journals: all that the change-set's entries caused."""
    book, _ = await current_book(crowd.town.store)
    found = SetOff()
    for item in await crowd.items_now():
        if item.status is ItemStatus.DONE:
            entries = await crowd.town.journal(item.account)
            changes = [
                it for entry in entries if entry.root == item.revision for it in entry.changes
            ]
            found.note(changes, Labels(book))
    return found


async def test_nobody_gets_a_command_who_would_refuse_it_or_is_as_wanted(crowd: Crowd) -> None:
    first, second = await crowd.accounts(2)
    await crowd.town.update(
        first, contract.SET_STAGE, actor="eve", **{**crowd.items([first])[0].message, "reason": "x"}
    )
    seen = viewer(crowd)
    bulk = await bulk_of(seen, Wish(Kind.STAGE, "why", "Customer journey", "Launched"))
    drawn = await preview(seen, bulk, Whom(ids=[first, second]))
    assert (drawn.preview.changes, drawn.preview.unchanged) == (1, 1)
    assert drawn.preview.by_stage == Counter({"Onboarding": 1})
    before = len(await crowd.town.journal(first))
    await begin(seen, crowd.changes, bulk, drawn, "ana", name=crowd.name)
    assert (await crowd.ended()).counts == {"done": 1, "unchanged": 1}
    assert len(await crowd.town.journal(first)) == before


async def test_a_stage_that_changed_since_it_was_looked_at_is_refused_r18(crowd: Crowd) -> None:
    (account,) = await crowd.accounts(1)
    seen = viewer(crowd)
    bulk = await bulk_of(seen, Wish(Kind.STAGE, "why", "customer_journey", "launched"))
    drawn = await preview(seen, bulk, Whom(ids=[account]))
    move = {"lifecycle": "customer_journey", "stage": "adopting", "reason": "they called"}
    await crowd.town.update(account, contract.SET_STAGE, actor="eve", **move)
    await begin(seen, crowd.changes, bulk, drawn, "ana", name=crowd.name)
    assert (await crowd.ended()).counts == {"refused": 1}
    (item,) = await crowd.items_now()
    assert item.code == "changed_since"
    again = await preview(seen, bulk, Whom(ids=[account]))
    assert again.preview.changes == 1
    with pytest.raises(Refusal, match="2 accounts would have changed when you looked; now 1"):
        check_number(again, 2)


async def test_what_cannot_be_read_is_refused_before_anybody_is_asked(crowd: Crowd) -> None:
    seen = viewer(crowd)
    wrong = {
        "unknown_lifecycle": Wish(Kind.STAGE, "why", "custmer", "launched"),
        "unknown_stage": Wish(Kind.STAGE, "why", "customer_journey", "lunched"),
        "no_reason": Wish(Kind.RELEASE, " "),
        "bad_field": Wish(Kind.FIELDS, "why", fields={"seats": "many"}),
        "no_fields": Wish(Kind.FIELDS, "why"),
        "bad_time": Wish(Kind.HOLD, "why", until="yesterday"),
    }
    for code, wish in wrong.items():
        with pytest.raises(Refusal) as caught:
            await bulk_of(seen, wish)
        assert caught.value.code == code
    bulk = await bulk_of(seen, Wish(Kind.RELEASE, "why"))
    nobody = {
        "unknown_account": Whom(ids=["nobody"]),
        "no_accounts": Whom(ids=[]),
        "unknown_segment": Whom(Asked("leeds")),
        "bad_time": Whom(Asked(as_of="2026-01-01")),
    }
    for code, whom in nobody.items():
        with pytest.raises(Refusal) as caught:
            await preview(seen, bulk, whom)
        assert caught.value.code == code
