"""What became of e-mails, by template: now, and as of an hour at which it stood otherwise (R22, G14, N5)."""

from datetime import timedelta

import pytest
from sqlalchemy import update

from lifecycle.store.effects import EFFECT, Sent, failed, release, resend, sent, skipped
from lifecycle.store.engine import Store
from lifecycle.store.moment import AsOf, Moment, Now
from lifecycle.store.record import record
from lifecycle.store.reports.mails import Mails, Outcome, mails
from lifecycle.store.reports.periods import Period
from lifecycle.store.reports.scope import Scope
from lifecycle.store.tables import AccountRow, table_of
from tests.store.lives import NOW, Life, mail, webhook

HOUR = timedelta(hours=1)
TODAY = Period(NOW.date(), NOW.date())
SENT = Sent("<m1@x>", ("ann@x.example",), "Hello", "text")


@pytest.fixture
async def five(store: Store) -> Store:
    """Five mails and a webhook that fell due now; one mail was undone before it went out."""
    life = Life().create()
    life.event(1, "e", mail("m1"), mail("m2"), mail("m3"), mail("m4"), webhook("w1"))
    life.move(2, "journey", "onboarding", restart=True)
    life.move(3, "journey", "launched", mail("gone"))
    life.undo(4)
    await record(store, life.batch(), NOW)
    return store


async def told(store: Store, moment: Moment, **more: str) -> dict[str, tuple[int, str]]:
    found = await mails(store, TODAY, Scope(moment, ()), **more)
    assert {one.template for one in found} <= {"hello"}
    return {one.outcome.value: (one.number, one.reason) for one in found}


async def test_r22_every_end_is_counted_with_its_reason(five: Store) -> None:
    await sent(five, "m1", SENT, NOW + HOUR)
    await failed(five, "m2", "no such mailbox", NOW + HOUR)
    await skipped(five, "m3", "The contact is unsubscribed.", NOW + HOUR)
    await release(five, "m4", "the mail server is busy")
    assert await told(five, Now(NOW + HOUR)) == {
        "sent": (1, ""),
        "failed": (1, "no such mailbox"),
        "skipped": (1, "The contact is unsubscribed."),
        "cancelled": (1, ""),
        "waiting": (1, ""),
    }


async def test_reasons_are_told_apart_the_most_frequent_first(five: Store) -> None:
    for name in ("m1", "m2"):
        await failed(five, name, "no such mailbox", NOW + HOUR)
    await failed(five, "m3", "the address is none", NOW + HOUR)
    found = await mails(five, TODAY, Scope(Now(NOW), ()))
    assert [one for one in found if one.outcome is Outcome.FAILED] == [
        Mails("hello", Outcome.FAILED, "no such mailbox", 2),
        Mails("hello", Outcome.FAILED, "the address is none", 1),
    ]


async def test_n5_a_mail_that_was_sent_again_has_a_story(five: Store) -> None:
    """N5: failed, sent again by hand, sent: each hour is told as it was."""
    await failed(five, "m1", "no such mailbox", NOW + HOUR)
    await resend(five, "m1", "ann", NOW + 2 * HOUR)
    await sent(five, "m1", SENT, NOW + 3 * HOUR)
    hours = [await told(five, AsOf(at, at)) for at in (NOW + shift * HOUR for shift in range(4))]
    assert [sorted(one.keys() - {"cancelled", "waiting"}) for one in hours] == [
        [],
        ["failed"],
        [],
        ["sent"],
    ]
    assert [one["waiting"][0] for one in hours] == [4, 3, 4, 3]


async def test_n5_what_was_not_due_yet_is_not_told(five: Store) -> None:
    assert await told(five, AsOf(NOW - HOUR, NOW - HOUR)) == {}
    yesterday = Period(NOW.date() - timedelta(days=1), NOW.date() - timedelta(days=1))
    assert await mails(five, yesterday, Scope(Now(NOW), ())) == []


async def test_g14_mails_of_a_campaign_of_a_lifecycle_and_of_some_accounts(five: Store) -> None:
    async with five.writing() as connection:
        await connection.execute(
            update(EFFECT).where(EFFECT.c.id == "m2").values(campaign="spring")
        )
    assert await told(five, Now(NOW), campaign="spring") == {"waiting": (1, "")}
    assert await told(five, Now(NOW), campaign="autumn") == {}
    account = table_of(AccountRow)
    nobody = Scope(Now(NOW), (), account.c.id == "nobody")
    assert await mails(five, TODAY, nobody) == []
    of_journey = await mails(five, TODAY, Scope(Now(NOW), ("journey",), account.c.id == "acme"))
    assert sum(one.number for one in of_journey) == 5
    assert await mails(five, TODAY, Scope(Now(NOW), ("sales",))) == []
