"""What an operator does about mails and messages, through a running worker (R20, R22)."""

from datetime import UTC, datetime
from uuid import uuid4

from lifecycle.core.keys import event_key
from lifecycle.hooks.message import Message
from lifecycle.store import hook_arrivals
from lifecycle.store.effects import WantedEffects, effects
from lifecycle.store.hook_arrivals import Problem, Unmapped, WantedArrivals
from lifecycle.store.tables import EffectRow, EffectStatus
from tests.clock import until
from tests.web.people.house import ANN, House, sent


async def mails(house: House, account: str) -> list[EffectRow]:
    return await effects(house.door.store, WantedEffects(account=account))


async def test_r22_a_mail_is_sent_again_and_both_are_kept(house: House) -> None:
    account = house.town.account("again")
    await house.lifecycles.start(account, {"name": "Again"}, actor=ANN)
    failed = {"invoice_id": "I-1", "amount": 100}
    fields = {"contact_email": "carla@example.com", "type": "Customer"}
    await house.lifecycles.set_fields(account, fields, actor=ANN)
    await house.lifecycles.record_event(account, "invoice.payment_failed", failed)

    async def first() -> list[EffectRow]:
        return await mails(house, account)

    [row] = await until(first, lambda rows: bool(rows) and rows[0].status is EffectStatus.SENT)
    async with house.person() as ann:
        done = await sent(ann, f"/mails/{row.id}/resend", "?back=/outbox")
        assert done.headers["location"] == "/outbox"
        assert "On its way again" in (await ann.get("/outbox")).text
        [again] = await until(
            first, lambda rows: rows[0].generation == 2 and rows[0].status is EffectStatus.SENT
        )
        page = (await ann.get("/outbox", params={"account": account})).text
    assert "Sent, once more" in page
    assert again.resent_by == ANN
    assert again.message_id != row.message_id
    assert [one["generation"] for one in again.earlier] == [1]


async def test_r20_a_kept_message_is_sent_once_its_account_is_there(house: House) -> None:
    store, now = house.door.store, datetime.now(UTC)
    source, number = "product", uuid4().hex[:8]
    account = house.town.account("kept")
    data = {"data": {"account": account, "user": "Mia"}}
    one = Message(f"msg_{number}", "user.logged_in", now, data)
    problem = Problem("unknown_account", "There is no such account.", account)
    await hook_arrivals.keep(
        store, source, [Unmapped(one.id, one.type, one.text(), problem)], now, now
    )
    [row] = [
        one
        for one in await hook_arrivals.arrivals(store, WantedArrivals())
        if one.account == account
    ]
    async with house.person() as ann:
        early = await ann.post(f"/events/{row.id}/retry")
        assert early.headers["location"] == f"/events/{row.id}"
        reason = (await hook_arrivals.arrival(store, row.id or 0)).reason
        assert reason.startswith("There is no account"), reason
        await house.lifecycles.start(account, {"name": "Kept"}, actor=ANN)
        done = await ann.post(f"/events/{row.id}/retry")
        assert done.headers["location"] == "/events"
        page = (await ann.get(f"/events/{row.id}")).text
    assert "It was erased when it was sent" in page
    assert "Mia" not in page

    async def taken() -> bool:
        return event_key(source, one.id) in (await house.state(account)).window

    assert await until(taken, bool)
