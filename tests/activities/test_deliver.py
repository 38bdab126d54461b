"""Deliveries on a real mail server: to whom, once, in order, and what is said when it cannot be (R22)."""

import asyncio
from datetime import UTC, datetime, timedelta

import pytest
from temporalio.exceptions import ApplicationError

from activities.deliver import Delivering, transport_of
from lifecycle import contract
from lifecycle.core.codec import to_data
from lifecycle.core.inputs import Undo
from lifecycle.mail import OutboxTransport
from lifecycle.settings import Settings
from lifecycle.store import effects
from lifecycle.store.definitions import parts_of, publish
from lifecycle.store.tables import EffectStatus
from tests.activities.scene import ANA, BEN, MARIA, Scene
from tests.core.journey import disabling
from tests.smtp import SmtpServer

DEAL = "opportunity.closed_won"


async def test_the_welcome_reaches_the_contact(scene: Scene, smtp_server: SmtpServer) -> None:
    """R22, G4: sent, and kept as it was sent."""
    await scene.create(**MARIA, **ANA)
    [welcome] = await scene.event(DEAL)
    assert await scene.deliver(welcome) == "sent"
    [mail] = smtp_server.received
    assert mail.recipients == ["maria@example.com"]
    row = await scene.row(welcome)
    assert row.status is EffectStatus.SENT
    assert row.subject == mail.message["Subject"]
    assert row.message_id == mail.message["Message-ID"]
    assert row.text is not None
    assert "Ana Torres" in row.text
    assert "cs.example.com" not in row.text


async def test_what_was_sent_is_not_sent_again(scene: Scene, smtp_server: SmtpServer) -> None:
    """R22: a retry after a crash finds the row finished."""
    await scene.create(**MARIA)
    [welcome] = await scene.event(DEAL)
    await scene.deliver(welcome)
    assert await scene.deliver(welcome) == "sent"
    assert len(smtp_server.received) == 1


async def test_without_an_address_the_mail_is_skipped_with_the_reason(scene: Scene) -> None:
    """`contact` has no stand-in."""
    await scene.create()
    [welcome] = await scene.event(DEAL)
    assert await scene.deliver(welcome) == "skipped"
    row = await scene.row(welcome)
    assert row.last_error == "The account has no address for contact, and nobody stands in."


async def test_several_readers_get_one_message_each(scene: Scene, smtp_server: SmtpServer) -> None:
    """To CSM, owner and team: nobody sees the others; colleagues get the link to the account."""
    await scene.create(**ANA, **BEN)
    await scene.event(DEAL)
    [notice] = await scene.event("notice.given", reason="costs")
    assert await scene.deliver(notice) == "sent"
    assert sorted(one.recipients[0] for one in smtp_server.received) == [
        "ana@example.com", "ben@example.com", "cs-managers@example.com",
    ]  # fmt: skip
    assert len({one.message["Message-ID"] for one in smtp_server.received}) == 3
    for one in smtp_server.received:
        body = one.message.get_body(("plain",))
        assert body is not None
        assert "https://cs.example.com/accounts/acme" in body.get_content()


async def test_a_team_stands_in_for_a_csm_nobody_named(
    scene: Scene, smtp_server: SmtpServer
) -> None:
    """`otherwise`: customer success for the CSM, sales ops for the owner."""
    await scene.create()
    await scene.event(DEAL)
    [notice] = await scene.event("notice.given")
    await scene.deliver(notice)
    found = {one.recipients[0] for one in smtp_server.received}
    assert found == {
        "customer-success@example.com", "sales-ops@example.com", "cs-managers@example.com",
    }  # fmt: skip


async def test_a_retry_leaves_out_those_who_have_it(scene: Scene, smtp_server: SmtpServer) -> None:
    """R22: the second reader's server is busy; the first is not mailed twice."""
    await scene.create(**ANA, **BEN)
    await scene.event(DEAL)
    [notice] = await scene.event("notice.given")
    smtp_server.replies["ben@example.com"] = "451 try later"
    with pytest.raises(ApplicationError, match="451"):
        await scene.deliver(notice)
    row = await scene.row(notice)
    assert row.status is EffectStatus.DUE
    assert row.reached == ["ana@example.com"]
    smtp_server.replies.clear()
    assert await scene.deliver(notice) == "sent"
    assert [one.recipients[0] for one in smtp_server.received].count("ana@example.com") == 1
    assert len(smtp_server.received) == 3


async def test_an_address_refused_for_good_fails_with_the_answer(
    scene: Scene, smtp_server: SmtpServer
) -> None:
    """R22: shown as failed with the reason; no retry."""
    await scene.create(**MARIA)
    [welcome] = await scene.event(DEAL)
    smtp_server.replies["maria@example.com"] = "550 no such user"
    assert await scene.deliver(welcome) == "failed"
    row = await scene.row(welcome)
    assert row.last_error is not None
    assert "550 no such user" in row.last_error


async def test_mail_to_contacts_sleeps_while_cancelled(
    scene: Scene, smtp_server: SmtpServer
) -> None:
    """R25: asked again when it is sent, not only when it was decided."""
    await scene.create(**MARIA)
    [welcome] = await scene.event(DEAL)
    await scene.set(status="cancelled")
    assert await scene.deliver(welcome) == "skipped"
    assert "cancelled" in str((await scene.row(welcome)).last_error)
    assert smtp_server.received == []


async def test_mail_waits_while_the_account_is_on_hold(
    scene: Scene, smtp_server: SmtpServer
) -> None:
    """R18: asked again when it is sent; it stays due."""
    await scene.create(**MARIA)
    [welcome] = await scene.event(DEAL)
    await scene.hold()
    with pytest.raises(ApplicationError, match="on hold") as waits:
        await scene.deliver(welcome)
    assert waits.value.next_retry_delay == timedelta(minutes=10)
    row = await scene.row(welcome)
    assert row.status is EffectStatus.DUE
    assert smtp_server.received == []


async def test_one_at_a_time_per_reader_in_order(scene: Scene, smtp_server: SmtpServer) -> None:
    """The second mail to the contact waits for the first."""
    await scene.create(**MARIA)
    [welcome] = await scene.event(DEAL)
    [payment] = await scene.event("invoice.payment_failed", invoice_id="1", amount="10")
    with pytest.raises(ApplicationError, match=r"after acme/customer_journey\.welcome"):
        await scene.deliver(payment)
    await scene.deliver(welcome)
    await scene.deliver(payment)
    assert len(smtp_server.received) == 2


async def test_two_attempts_at_once_send_one_mail(scene: Scene, smtp_server: SmtpServer) -> None:
    """A run that continued as new starts again what the run before left running."""
    await scene.create(**MARIA)
    [welcome] = await scene.event(DEAL)
    found = await asyncio.gather(
        scene.deliver(welcome), scene.deliver(welcome), return_exceptions=True
    )
    assert "sent" in found
    assert len(smtp_server.received) == 1


async def test_a_mail_of_an_undone_move_is_not_sent(scene: Scene, smtp_server: SmtpServer) -> None:
    """R13: unsent mail is cancelled."""
    await scene.create(**MARIA)
    [welcome] = await scene.event(DEAL)
    await scene.take(Undo(scene.now, "ann", "wrong account"))
    assert await scene.deliver(welcome) == "cancelled"
    assert smtp_server.received == []


async def test_resending_reaches_everybody_again(scene: Scene, smtp_server: SmtpServer) -> None:
    """A CSM's wish: a new generation with an id of its own."""
    await scene.create(**MARIA)
    [welcome] = await scene.event(DEAL)
    await scene.deliver(welcome)
    await effects.resend(scene.store, welcome, "ann", datetime.now(UTC))
    assert await scene.deliver(welcome) == "sent"
    first, second = (one.message["Message-ID"] for one in smtp_server.received)
    assert first != second


async def test_a_template_that_is_gone_fails_with_the_file(scene: Scene) -> None:
    await scene.create(**MARIA)
    [welcome] = await scene.event(DEAL)
    row = await scene.row(welcome)
    assert row.status is EffectStatus.DUE
    (scene.settings.state_dir / "email").mkdir()
    elsewhere = scene.settings.model_copy(update={"templates_dir": scene.settings.state_dir})
    scene.delivering = Delivering(scene.store, elsewhere)
    assert await scene.deliver(welcome) == "failed"
    assert "there is no e-mail template 'welcome'" in str((await scene.row(welcome)).last_error)


async def test_giving_up_shows_the_reason_unless_it_ended_otherwise(scene: Scene) -> None:
    """R22: after a day."""
    await scene.create(**MARIA)
    [welcome] = await scene.event(DEAL)
    await scene.delivering.give_up(
        to_data(contract.GiveUpRequest("acme", welcome, "the mail server is away"))
    )
    row = await scene.row(welcome)
    assert (row.status, row.last_error) == (EffectStatus.FAILED, "the mail server is away")
    await scene.delivering.give_up(to_data(contract.GiveUpRequest("acme", welcome, "again")))
    await scene.delivering.give_up(to_data(contract.GiveUpRequest("acme", "nothing", "x")))
    assert (await scene.row(welcome)).last_error == "the mail server is away"


async def test_an_unknown_delivery_is_refused_for_good(scene: Scene) -> None:
    with pytest.raises(ApplicationError) as refused:
        await scene.deliver("nothing")
    assert refused.value.non_retryable


async def test_the_owner_of_a_parked_automation_is_told_once(
    scene: Scene, smtp_server: SmtpServer
) -> None:
    """R15: one notice for all accounts, with how many stand where the automation would move them."""
    closed = disabling(scene.book, "customer_journey", "launched")
    await publish(scene.store, parts_of(closed, {}), "ops", datetime.now(UTC))
    due = []
    for account in ("acme", "globex"):
        one = Scene(scene.store, scene.settings, closed, account)
        await one.create()
        await one.event(DEAL)
        due += await one.event("training.completed")
    assert due == ["parked/customer_journey.first_milestone/1"]
    assert await scene.deliver(due[0]) == "sent"
    [mail] = smtp_server.received
    assert mail.recipients == ["cs-ops@example.com"]
    body = mail.message.get_body(("plain",))
    assert body is not None
    assert "2 accounts stand where it would move them." in body.get_content()
    assert "the stage Launched" in body.get_content()


def test_mail_stays_in_the_house_unless_a_server_is_set(
    tmp_path_factory: pytest.TempPathFactory,
) -> None:
    """The embedded stack's outbox is a folder below its state."""
    settings = Settings(state_dir=tmp_path_factory.mktemp("state"))
    assert transport_of(settings) == OutboxTransport(settings.state_dir / "outbox")
