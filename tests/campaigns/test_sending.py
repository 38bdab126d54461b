"""Campaigns end to end: who gets the mail, who does not and why, and never twice (V2, G14)."""

from datetime import UTC, datetime, timedelta

import pytest

from lifecycle import contract
from lifecycle.core.refusal import Refusal
from lifecycle.store.campaigns import READY
from lifecycle.store.effects import due
from lifecycle.store.tables import CampaignStatus, EffectStatus
from tests.campaigns.stand import Stand
from tests.clock import until


async def test_leads_get_one_mail_and_prospects_another(both: Stand) -> None:
    """V2: a stage is a campaign's audience."""
    await both.people(["ada", "bob", "cyd"])
    await both.prospect("cyd")
    assert await both.send("sales is lead") == {"sent": 2}
    both.name += "-more"
    assert await both.send("sales is prospect", template="prospect_invitation") == {"sent": 1}
    assert sorted(both.reached()) == ["ada@example.com", "bob@example.com", "cyd@example.com"]
    assert both.smtp.received[2].message["Subject"] == "Half an hour on your own case, Cyd"
    row = await both.row()
    assert (row.status, row.matched, row.actor) == (CampaignStatus.DONE, 1, "ann")
    assert row.finished_at is not None


async def test_each_account_that_gets_no_mail_has_its_reason(stand: Stand) -> None:
    """V2, R18, R25: the report names who was left out and why; the rest is sent."""
    await stand.people(["ada", "bob", "cyd", "dan"])
    await stand.person("eve", contact_email=None)
    await stand.set("bob", status="cancelled")
    await stand.hold("cyd")
    assert await stand.send() == {"sent": 2, "skipped": 3}
    reasons = {name: one.reason for name, one in (await stand.outcomes()).items() if one.reason}
    assert "sleeps while the account is cancelled" in reasons["bob"]
    assert "on hold until" in reasons["cyd"]
    assert "no address for contact" in reasons["eve"]
    assert sorted(stand.reached()) == ["ada@example.com", "dan@example.com"]


async def test_the_same_name_again_sends_nothing_new(stand: Stand) -> None:
    """G14: a name stands for one campaign for ever, whatever comes under it later."""
    await stand.people(["ada", "bob"])
    assert await stand.send() == {"sent": 2}
    await stand.person("cyd")
    again = await stand.campaigns.begin(stand.plan("type is not Customer"))
    assert again["status"] == "done"
    assert await stand.end() == {"sent": 2}
    assert len(stand.reached()) == 2
    assert (await stand.row()).matched == 2


async def test_who_left_the_audience_before_the_turn_came_is_skipped(stand: Stand) -> None:
    """G14: asked again when sent; the pace leaves time for it."""
    await stand.people(["ada", "bob", "cyd"])
    await stand.begin(per_hour=2)
    await stand.counted(sent=1)
    await stand.stage("bob", "prospect")
    await stand.forward(minutes=31)
    await stand.counted(sent=2, skipped=1)
    assert (await stand.mail("bob")).last_error == "The account has left the audience since."
    assert stand.reached() == ["ada@example.com", "cyd@example.com"]
    await stand.end()


async def test_who_joins_behind_the_page_is_not_meant(stand: Stand) -> None:
    """The audience is asked when its page is taken."""
    await stand.people(["bob", "cyd"])
    await stand.begin(per_hour=60)
    await stand.counted(sent=1)
    await stand.person("ada")
    await stand.forward(minutes=2)
    await stand.end()
    assert stand.reached() == ["bob@example.com", "cyd@example.com"]


async def test_a_mail_is_tried_again_later_and_stops_no_other(stand: Stand) -> None:
    """R22: a busy server is waited for outside the places of mails under way."""
    await stand.people(["ada", "bob"])
    stand.smtp.replies["ada@example.com"] = "451 try later"
    await stand.begin()
    await stand.counted(sent=1, due=1)
    later = datetime.now(UTC) + timedelta(seconds=30)
    row = await until(lambda: stand.mail("ada"), lambda one: one.due_at > later)
    assert "451 try later" in str(row.last_error)
    stand.smtp.replies.clear()
    await stand.forward(minutes=2)
    assert await stand.end() == {"sent": 2}


async def test_a_mail_refused_for_good_fails_with_the_answer(stand: Stand) -> None:
    """R22."""
    await stand.people(["ada", "bob"])
    stand.smtp.replies["ada@example.com"] = "550 no such user"
    assert await stand.send() == {"sent": 1, "failed": 1}
    assert "550 no such user" in (await stand.outcomes())["ada"].reason


async def test_colleagues_may_be_meant_as_well(stand: Stand) -> None:
    """To the owner in place of the contact: each account's own."""
    await stand.person("ada", owner="Ben", owner_email="ben@example.com")
    assert await stand.send(roles=["owner"]) == {"sent": 1}
    assert stand.reached() == ["ben@example.com"]


async def test_an_account_does_not_deliver_a_campaign_s_mail(stand: Stand) -> None:
    """The account's own workflow begins with its own deliveries; one sent again by hand is among them."""
    await stand.people(["ada", "bob"])
    await stand.begin(per_hour=1)
    await stand.counted(sent=1, due=1)
    assert await due(stand.store, "bob") == []
    await stand.order(contract.CANCEL, reason="enough")
    await stand.end()


async def test_nobody_is_an_audience_too(stand: Stand) -> None:
    await stand.person("ada")
    assert await stand.send("type is Customer") == {}
    assert (await stand.row()).status is CampaignStatus.DONE


async def test_a_delivery_that_vanished_is_harmless(quiet_stand: Stand) -> None:
    """N12: what is erased while it waits is nobody's mail any more; the others get theirs."""
    stand = quiet_stand
    await stand.people(["ada", "bob"])
    async with stand.open():
        await stand.begin(per_hour=60)
        await stand.counted(sent=1)
        await stand.erase("bob")
        await stand.forward(minutes=2)
        assert await stand.end() == {"sent": 1}


async def test_a_plan_that_cannot_be_kept_is_refused(stand: Stand) -> None:
    """The workflow ends, and whoever began it is told."""
    stand.name = "Not A Name"
    with pytest.raises(Refusal, match="cannot name a campaign"):
        await stand.begin()


async def test_an_audience_that_is_no_condition_is_refused(stand: Stand) -> None:
    plan = stand.plan()
    plan.audience = {"is": "Nonsense"}
    with pytest.raises(Refusal, match="no condition"):
        await stand.campaigns.begin(plan)


async def test_the_mail_of_a_campaign_is_kept_as_it_was_sent(stand: Stand) -> None:
    """R22: beside the automations' mail, with the campaign's name on it."""
    await stand.person("ada")
    await stand.send()
    row = await stand.mail("ada")
    assert (row.id, row.status) == (f"campaign/{stand.name}/ada", EffectStatus.SENT)
    assert row.recipients == ["ada@example.com"]
    assert "Hello" in str(row.text)
    assert stand.smtp.received[0].message["X-Lifecycle-Campaign"] == stand.name


async def test_a_last_page_of_more_mails_than_are_at_hand_at_once_is_sent_to_its_end(
    stand: Stand,
) -> None:
    """G14: a page makes two hundred mails and a hundred of them are taken; the rest is no less the campaign's."""
    await stand.crowd(READY + 5)
    assert await stand.send() == {"sent": READY + 5}
