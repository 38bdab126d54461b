"""The rules for mail to contacts, asked when a mail is sent, on a real mail server (V2, R22)."""

import asyncio
from datetime import UTC, datetime, time, timedelta
from typing import Any

import pytest
from pydantic import AnyHttpUrl, SecretStr
from temporalio.exceptions import ApplicationError

from activities.deliver import Delivering
from lifecycle import contract
from lifecycle.core.codec import to_data
from lifecycle.core.durations import Duration
from lifecycle.core.inputs import SetLead, Undo
from lifecycle.core.model import ContactRules
from lifecycle.store import effects
from lifecycle.store.contact_mail import Contact, contact_of
from lifecycle.store.suppression import suppress, unsubscribe
from lifecycle.store.tables import EffectStatus
from lifecycle.unsubscribing import Link, Links
from tests.activities.scene import ANA, MARIA, Scene
from tests.awake import rule
from tests.smtp import SmtpServer

DEAL = "opportunity.closed_won"
SECRET = "a secret of the tests, long enough for them"
LINKS = Links(SECRET, "https://mail.example.com")


async def ruled(scene: Scene, **rules: Any) -> None:
    """Publish rules for mail to contacts."""
    await rule(scene.store, ContactRules(**rules))


def around_now(before: float, after: float) -> dict[str, time]:
    """Quiet hours (UTC) that began `before` hours ago and end in `after` hours."""
    now = datetime.now(UTC)
    begin, end = now - timedelta(hours=before), now + timedelta(hours=after)
    return {"quiet_from": begin.time(), "quiet_until": end.time()}


def signed(scene: Scene) -> Scene:
    """The same scene with a secret and a public address."""
    update = {
        "secret": SecretStr(SECRET),
        "public_url": AnyHttpUrl("https://mail.example.com"),
    }
    settings = scene.settings.model_copy(update=update)
    scene.settings, scene.delivering = settings, Delivering(scene.store, settings)
    return scene


# ── suppressions


async def test_who_unsubscribed_is_skipped_with_the_reason(
    scene: Scene, smtp_server: SmtpServer
) -> None:
    await scene.create(**MARIA)
    [welcome] = await scene.event(DEAL)
    await unsubscribe(scene.store, "Maria@Example.com", "acme/older", datetime.now(UTC))
    assert await scene.deliver(welcome) == "skipped"
    assert "Unsubscribed on" in str((await scene.row(welcome)).last_error)
    assert smtp_server.received == []


async def test_sending_again_by_hand_does_not_overrule_the_reader(
    scene: Scene, smtp_server: SmtpServer
) -> None:
    await scene.create(**MARIA)
    [welcome] = await scene.event(DEAL)
    await suppress(scene.store, ["maria@example.com"], "asked by phone", "ann", datetime.now(UTC))
    assert await scene.deliver(welcome) == "skipped"
    await effects.resend(scene.store, welcome, "ann", datetime.now(UTC))
    assert await scene.deliver(welcome) == "skipped"
    assert "asked by phone" in str((await scene.row(welcome)).last_error)
    assert smtp_server.received == []


async def test_colleagues_get_their_mail_whatever_list_they_are_on(
    scene: Scene, smtp_server: SmtpServer
) -> None:
    """The rules are for contacts: a CSM's alert is wanted at any hour."""
    await ruled(scene, **around_now(1, 1), most=1, within=Duration(7))
    await scene.create(**ANA, owner_email="ben@example.com")
    await suppress(scene.store, ["ana@example.com"], "x", "ann", datetime.now(UTC))
    await scene.event(DEAL)
    [notice] = await scene.event("notice.given")
    assert await scene.deliver(notice) == "sent"
    assert len(smtp_server.received) == 3


# ── the cap


async def test_over_the_cap_is_skipped_and_by_hand_it_goes(
    scene: Scene, smtp_server: SmtpServer
) -> None:
    await ruled(scene, most=1, within=Duration(7))
    await scene.create(**MARIA)
    [welcome] = await scene.event(DEAL)
    [payment] = await scene.event("invoice.payment_failed", invoice_id="1", amount="10")
    assert await scene.deliver(welcome) == "sent"
    assert await scene.deliver(payment) == "skipped"
    reason = str((await scene.row(payment)).last_error)
    assert "1 mail in 7 days reached; the next is possible from" in reason
    await effects.resend(scene.store, payment, "ann", datetime.now(UTC))
    assert await scene.deliver(payment) == "sent"
    assert len(smtp_server.received) == 2


async def test_what_the_server_refused_for_good_does_not_count(
    scene: Scene, smtp_server: SmtpServer
) -> None:
    await ruled(scene, most=1, within=Duration(7))
    await scene.create(**MARIA)
    [welcome] = await scene.event(DEAL)
    [payment] = await scene.event("invoice.payment_failed", invoice_id="1", amount="10")
    smtp_server.replies["maria@example.com"] = "550 mailbox full"
    assert await scene.deliver(welcome) == "failed"
    smtp_server.replies.clear()
    assert await scene.deliver(payment) == "sent"


async def test_what_was_given_up_does_not_count(scene: Scene, smtp_server: SmtpServer) -> None:
    await ruled(scene, most=1, within=Duration(7))
    await scene.create(**MARIA)
    [welcome] = await scene.event(DEAL)
    [payment] = await scene.event("invoice.payment_failed", invoice_id="1", amount="10")
    smtp_server.replies["maria@example.com"] = "451 later"
    with pytest.raises(ApplicationError, match="451"):
        await scene.deliver(welcome)
    request = contract.GiveUpRequest("acme", welcome, "the mail server is away")
    await scene.delivering.give_up(to_data(request))
    smtp_server.replies.clear()
    assert await scene.deliver(payment) == "sent"


async def test_two_accounts_of_one_person_share_the_cap(
    scene: Scene, smtp_server: SmtpServer
) -> None:
    """Two workers send at once; one place is left."""
    await ruled(scene, most=1, within=Duration(7))
    scenes = [
        scene,
        *(Scene(scene.store, scene.settings, scene.book, name) for name in ("globex", "hooli")),
    ]
    for one in scenes:
        await one.create(**MARIA)
    due = [(one, (await one.event(DEAL))[0]) for one in scenes]
    answers = await asyncio.gather(*(one.deliver(mail) for one, mail in due))
    assert sorted(answers) == ["sent", "skipped", "skipped"]
    assert len(smtp_server.received) == 1


# ── quiet hours


async def test_a_mail_waits_for_the_end_of_the_quiet_hours(
    scene: Scene, smtp_server: SmtpServer
) -> None:
    """It stays due, with the reason, and is asked about again within the hour: the rules may change."""
    await ruled(scene, **around_now(1, 8))
    await scene.create(**MARIA)
    [welcome] = await scene.event(DEAL)
    with pytest.raises(ApplicationError, match="Quiet hours until") as waits:
        await scene.deliver(welcome)
    assert waits.value.type == contract.IN_TURN
    assert waits.value.next_retry_delay == timedelta(hours=1)
    row = await scene.row(welcome)
    assert row.status is EffectStatus.DUE
    assert "(UTC)" in str(row.last_error)
    assert smtp_server.received == []
    await ruled(scene)
    assert await scene.deliver(welcome) == "sent"


async def test_it_looks_again_just_when_they_end(scene: Scene) -> None:
    await ruled(scene, **around_now(1, 0.25))
    await scene.create(**MARIA)
    [welcome] = await scene.event(DEAL)
    with pytest.raises(ApplicationError, match="Quiet hours") as waits:
        await scene.deliver(welcome)
    assert waits.value.next_retry_delay is not None
    assert timedelta(minutes=14) < waits.value.next_retry_delay <= timedelta(minutes=15)


async def test_a_mail_that_waits_is_cancelled_by_undo(
    scene: Scene, smtp_server: SmtpServer
) -> None:
    """R13."""
    await ruled(scene, **around_now(1, 8))
    await scene.create(**MARIA)
    [welcome] = await scene.event(DEAL)
    with pytest.raises(ApplicationError, match="Quiet hours"):
        await scene.deliver(welcome)
    await scene.take(Undo(scene.now, "ann", "wrong account"))
    await ruled(scene)
    assert await scene.deliver(welcome) == "cancelled"
    assert smtp_server.received == []


async def test_the_wall_clock_counts_when_the_accounts_clock_is_ahead(
    scene: Scene, smtp_server: SmtpServer
) -> None:
    """A fast-forwarded account's people still sleep."""
    await ruled(scene, **around_now(1, 2))
    await scene.create(**MARIA)
    await scene.take(SetLead(scene.now, 6 * 3600))
    [welcome] = await scene.event(DEAL)
    with pytest.raises(ApplicationError, match="Quiet hours"):
        await scene.deliver(welcome)


async def test_colleagues_do_not_wait_for_the_contact(
    scene: Scene, smtp_server: SmtpServer
) -> None:
    """One mail to both: each reader has a verdict of his own, and gets it once."""
    await ruled(scene, **around_now(1, 8))
    await scene.create(**MARIA, **ANA)
    [welcome] = await scene.event(DEAL)
    await to_both(scene, welcome)
    for _ in range(2):
        with pytest.raises(ApplicationError, match="Quiet hours"):
            await scene.deliver(welcome)
    assert [one.recipients for one in smtp_server.received] == [["ana@example.com"]]
    await ruled(scene)
    assert await scene.deliver(welcome) == "sent"
    assert [one.recipients[0] for one in smtp_server.received] == [
        "ana@example.com",
        "maria@example.com",
    ]
    row = await scene.row(welcome)
    assert sorted(row.recipients) == ["ana@example.com", "maria@example.com"]


async def test_an_alert_does_not_wait_behind_a_contacts_night(
    scene: Scene, smtp_server: SmtpServer
) -> None:
    """Mail is in order per reader: who has the first one gets the next at once."""
    await ruled(scene, **around_now(1, 8))
    await scene.create(**MARIA, **ANA, owner_email="ben@example.com")
    [welcome] = await scene.event(DEAL)
    await to_both(scene, welcome)
    with pytest.raises(ApplicationError, match="Quiet hours"):
        await scene.deliver(welcome)
    [notice] = await scene.event("notice.given")
    assert await scene.deliver(notice) == "sent"
    [payment] = await scene.event("invoice.payment_failed", invoice_id="1", amount="10")
    with pytest.raises(ApplicationError, match=f"after {welcome}"):
        await scene.deliver(payment)


async def test_a_mail_to_several_says_who_was_left_out(
    scene: Scene, smtp_server: SmtpServer
) -> None:
    await scene.create(**MARIA, **ANA)
    [welcome] = await scene.event(DEAL)
    await to_both(scene, welcome)
    await unsubscribe(scene.store, "maria@example.com", "acme/older", datetime.now(UTC))
    assert await scene.deliver(welcome) == "sent"
    row = await scene.row(welcome)
    assert row.recipients == ["ana@example.com"]
    assert str(row.last_error).endswith("(maria@example.com).")


async def to_both(scene: Scene, effect: str) -> None:
    """As a line `to: [contact, csm]` would have it."""
    async with scene.store.writing() as connection:
        table = effects.EFFECT
        await connection.execute(
            table.update().where(table.c.id == effect).values(roles=["contact", "csm"])
        )


# ── unsubscribe links


async def test_mail_to_a_contact_carries_the_link_and_its_headers(
    scene: Scene, smtp_server: SmtpServer
) -> None:
    """RFC 8058: on the wire in one piece, the same in header, text and HTML; no address in it."""
    scene = signed(scene)
    await scene.create(**MARIA)
    [welcome] = await scene.event(DEAL)
    assert await scene.deliver(welcome) == "sent"
    [mail] = smtp_server.received
    address = mail.message["List-Unsubscribe"].strip("<>")
    assert mail.message["List-Unsubscribe-Post"] == "List-Unsubscribe=One-Click"
    token = address.removeprefix("https://mail.example.com/unsubscribe/")
    link = LINKS.read(token)
    assert link == Link(welcome, 0)
    found = await contact_of(scene.store, link.mail, link.number)
    assert found == Contact("maria@example.com", None, welcome)
    row = await scene.row(welcome)
    assert f"Unsubscribe from these e-mails: {address}" in str(row.text)
    assert f'href="{address}"' in str(row.html)


async def test_a_colleagues_mail_has_no_link(scene: Scene, smtp_server: SmtpServer) -> None:
    scene = signed(scene)
    await scene.create(**ANA)
    await scene.event(DEAL)
    [notice] = await scene.event("notice.given")
    await scene.deliver(notice)
    for one in smtp_server.received:
        assert one.message["List-Unsubscribe"] is None
        assert "unsubscribe" not in one.message.as_string().lower()


async def test_without_a_secret_there_is_no_link(scene: Scene, smtp_server: SmtpServer) -> None:
    await scene.create(**MARIA)
    [welcome] = await scene.event(DEAL)
    await scene.deliver(welcome)
    [mail] = smtp_server.received
    assert mail.message["List-Unsubscribe"] is None
    assert "nsubscribe" not in str((await scene.row(welcome)).text)


async def test_a_long_account_id_leaves_the_header_whole(
    scene: Scene, smtp_server: SmtpServer
) -> None:
    """The mail library would break a long word in two and encode it."""
    scene = signed(Scene(scene.store, scene.settings, scene.book, "a" * 255))
    await scene.create(**MARIA, name="Acme")
    [welcome] = await scene.event(DEAL)
    assert await scene.deliver(welcome) == "sent", (await scene.row(welcome)).last_error
    [mail] = smtp_server.received
    wire = mail.message["List-Unsubscribe"]
    assert LINKS.read(wire.strip("<>").rpartition("/")[2]) == Link(welcome, 0)


async def test_sent_once_more_the_link_names_the_second_mail(
    scene: Scene, smtp_server: SmtpServer
) -> None:
    """The contact may have changed in between: the first mail's link stays its reader's."""
    scene = signed(scene)
    await scene.create(**MARIA)
    [welcome] = await scene.event(DEAL)
    await scene.deliver(welcome)
    await scene.set(contact_email="ben@example.com")
    await effects.resend(scene.store, welcome, "ann", datetime.now(UTC))
    await scene.deliver(welcome)
    links = [
        LINKS.read(one.message["List-Unsubscribe"].strip("<>").rpartition("/")[2])
        for one in smtp_server.received
    ]
    found = [await contact_of(scene.store, link.mail, link.number) for link in links]
    assert [one and (one.address, one.mail) for one in found] == [
        ("maria@example.com", welcome),
        ("ben@example.com", welcome),
    ]
