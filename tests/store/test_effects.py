"""Deliveries are taken on once, in order, and keep what became of them."""

import asyncio
from datetime import timedelta

import pytest

from lifecycle.core.refusal import Refusal
from lifecycle.store.effects import (
    Claimed,
    Finished,
    Sent,
    Waits,
    WantedEffects,
    claim,
    due,
    effect_row,
    effects,
    failed,
    release,
    resend,
    sent,
    skipped,
)
from lifecycle.store.engine import Store
from lifecycle.store.record import record
from lifecycle.store.tables import EffectKind, EffectStatus
from tests.store.lives import NOW, Life, mail, webhook

SENT = Sent("<m1@x>", ("ann@x.example",), "Hello", "text", "<p>html</p>")


@pytest.fixture
async def three(store: Store) -> Store:
    """m1 and m2 go to the CSM, c1 to the contact, w1 to a target."""
    life = Life().create()
    life.event(1, "e1", mail("m1"), mail("c1", "contact"), webhook("w1"))
    life.event(2, "e2", mail("m2"))
    await record(store, life.batch(), NOW)
    return store


async def test_a_claim_is_a_lease(three: Store) -> None:
    taken = await claim(three, "m1", NOW, recipients=["ann@x.example"])
    assert isinstance(taken, Claimed)
    assert (taken.effect.attempts, taken.effect.roles, taken.effect.data) == (1, ["csm"], {"n": 1})
    assert await claim(three, "m1", NOW + timedelta(seconds=119)) == Waits("m1")
    again = await claim(three, "m1", NOW + timedelta(seconds=120))
    assert isinstance(again, Claimed)
    assert (again.effect.attempts, again.effect.recipients) == (2, ["ann@x.example"])


async def test_one_at_a_time_per_recipient_in_order_of_revision(three: Store) -> None:
    """design.md: `deliver` claims its row, one at a time per recipient."""
    assert await claim(three, "m2", NOW) == Waits("m1")
    assert isinstance(await claim(three, "c1", NOW, recipients=["con@x.example"]), Claimed)
    assert await claim(three, "m2", NOW, recipients=["con@x.example"]) == Waits("m1")
    await sent(three, "m1", SENT, NOW)
    assert await claim(three, "m2", NOW, recipients=["con@x.example"]) == Waits("c1")
    assert isinstance(await claim(three, "m2", NOW, recipients=["ann@x.example"]), Claimed)
    assert isinstance(await claim(three, "w1", NOW), Claimed)


async def test_of_many_claims_at_once_one_wins(three: Store) -> None:
    answers = await asyncio.gather(*(claim(three, "m1", NOW) for _ in range(8)))
    assert sum(isinstance(answer, Claimed) for answer in answers) == 1
    assert answers.count(Waits("m1")) == 7


async def test_what_was_sent_is_kept_as_it_was_sent(three: Store) -> None:
    await claim(three, "m1", NOW)
    await sent(three, "m1", SENT, NOW)
    row = await effect_row(three, "m1")
    assert (row.status, row.subject, row.html) == (EffectStatus.SENT, "Hello", "<p>html</p>")
    assert (row.message_id, row.recipients, row.finished_at) == ("<m1@x>", ["ann@x.example"], NOW)
    assert await claim(three, "m1", NOW) == Finished(EffectStatus.SENT)


async def test_a_failed_attempt_is_due_again_with_its_reason(three: Store) -> None:
    """R22: it is retried, then shown as failed with the reason."""
    await claim(three, "m1", NOW)
    await release(three, "m1", "the mail server is busy")
    assert (await effect_row(three, "m1")).last_error == "the mail server is busy"
    assert isinstance(await claim(three, "m1", NOW), Claimed)
    await failed(three, "m1", "no such mailbox", NOW)
    await skipped(three, "m2", "unsubscribed", NOW)
    assert await claim(three, "m1", NOW) == Finished(EffectStatus.FAILED)
    assert (await effect_row(three, "m2")).status is EffectStatus.SKIPPED
    assert await due(three, "acme") == ["c1", "w1"]


async def test_a_resend_keeps_what_became_of_the_first(three: Store) -> None:
    await sent(three, "m1", SENT, NOW)
    again = await resend(three, "m1", "ann", NOW + timedelta(days=1))
    assert (again.status, again.generation, again.resent_by) == (EffectStatus.DUE, 2, "ann")
    [first] = (await effect_row(three, "m1")).earlier
    assert (first["status"], first["message_id"], first["generation"]) == ("sent", "<m1@x>", 1)
    assert "m1" in await due(three, "acme")


async def undone_on_its_way(store: Store) -> None:
    """m1 is undone while an attempt at it is under way."""
    life = Life().create()
    life.move(1, "journey", "lead", restart=True)
    life.move(2, "journey", "prospect", mail("m1"))
    await record(store, life.batch(), NOW)
    assert isinstance(await claim(store, "m1", NOW), Claimed)
    life.undo(3)
    await record(store, life.batch(), NOW)


async def test_what_is_undone_on_its_way_is_not_tried_again(store: Store) -> None:
    """R13: unsent mail is cancelled, also when the attempt under way only found that it has to wait."""
    await undone_on_its_way(store)
    await release(store, "m1", "quiet hours")
    assert (await effect_row(store, "m1")).status is EffectStatus.CANCELLED
    assert await claim(store, "m1", NOW) == Finished(EffectStatus.CANCELLED)
    assert await due(store, "acme") == []


async def test_what_is_undone_on_its_way_is_not_taken_over(store: Store) -> None:
    """R13: the worker died with it; whether it went nobody knows, and once is enough."""
    await undone_on_its_way(store)
    later = NOW + timedelta(minutes=3)
    assert await claim(store, "m1", later) == Finished(EffectStatus.CANCELLED)
    assert (await effect_row(store, "m1")).status is EffectStatus.CANCELLED


async def test_what_is_undone_on_its_way_and_arrives_was_sent(store: Store) -> None:
    """R13: what cannot be taken back is told as it is."""
    await undone_on_its_way(store)
    await sent(store, "m1", SENT, NOW)
    assert (await effect_row(store, "m1")).status is EffectStatus.SENT


async def test_what_is_open_or_undone_is_not_sent_again(store: Store) -> None:
    life = Life().create()
    life.move(1, "journey", "onboarding", restart=True)
    life.move(2, "journey", "launched", mail("gone"))
    life.undo(3)
    life.event(4, "e", mail("open"))
    await record(store, life.batch(), NOW)
    with pytest.raises(Refusal, match="on its way already"):
        await resend(store, "open", "ann", NOW)
    with pytest.raises(Refusal, match="was cancelled because what set it off was undone"):
        await resend(store, "gone", "ann", NOW)


async def test_an_unknown_delivery_is_refused(store: Store) -> None:
    for attempt in (
        claim(store, "x", NOW),
        resend(store, "x", "ann", NOW),
        release(store, "x", "why"),
        effect_row(store, "x"),
    ):
        with pytest.raises(Refusal, match="There is no delivery 'x'"):
            await attempt


async def test_the_outbox_is_listed_latest_first(three: Store) -> None:
    await sent(three, "m1", SENT, NOW)
    everything = await effects(three, WantedEffects())
    assert [row.id for row in everything] == ["m2", "w1", "m1", "c1"]
    page = WantedEffects(before=(everything[1].due_at, "w1"), limit=1)
    assert [row.id for row in await effects(three, page)] == ["m1"]
    only = WantedEffects(account="acme", status=EffectStatus.DUE, kind=EffectKind.MAIL)
    assert [row.id for row in await effects(three, only)] == ["m2", "c1"]
