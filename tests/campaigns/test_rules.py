"""The rules for mail to contacts hold for campaigns: suppression, frequency cap, quiet hours; resend by hand."""

import json
from datetime import UTC, datetime, time, timedelta
from uuid import uuid4

from lifecycle import contract
from lifecycle.client import Lifecycles
from lifecycle.core.durations import read_duration
from lifecycle.core.model import ContactRules
from lifecycle.store.definitions import parts_of, publish
from lifecycle.store.effects import due, resend
from lifecycle.store.suppression import suppress, unsubscribe
from lifecycle.store.tables import EffectStatus
from tests.campaigns.conftest import Commands, ruled
from tests.campaigns.stand import Stand
from tests.clock import until


async def rule(stand: Stand, rules: ContactRules) -> None:
    """Publish other rules for mail to contacts."""
    stand.book = ruled(rules)
    await publish(stand.store, parts_of(stand.book, {}), "test", datetime.now(UTC))


def quiet_around_now() -> ContactRules:
    """Quiet hours in UTC that hold now, and neither in the zone of Etc/GMT+9 nor in that of Etc/GMT-9."""
    now = datetime.now(UTC)
    return ContactRules(_clock(now - timedelta(hours=3)), _clock(now + timedelta(hours=3)))


def _clock(at: datetime) -> time:
    return at.time().replace(second=0, microsecond=0)


async def test_who_wants_no_mail_gets_none(both: Stand) -> None:
    """G14: unsubscribed, or kept out by an operator; each with its reason in the report."""
    await both.people(["ada", "bob", "cyd"])
    now = datetime.now(UTC)
    await unsubscribe(both.store, "bob@example.com", "some mail", now)
    await suppress(both.store, ["cyd@example.com"], "asked us by phone", "ann", now)
    assert await both.send() == {"sent": 1, "skipped": 2}
    found = await both.outcomes()
    assert "unsubscribed on" in found["bob"].reason.lower()
    assert "asked us by phone" in found["cyd"].reason
    assert both.reached() == ["ada@example.com"]


async def test_who_unsubscribes_while_it_runs_gets_none(stand: Stand) -> None:
    """Asked when it is sent, not when the campaign began."""
    await stand.people(["ada", "bob"])
    await stand.begin(per_hour=60)
    await stand.counted(sent=1)
    await unsubscribe(stand.store, "bob@example.com", "some mail", datetime.now(UTC))
    await stand.forward(minutes=2)
    assert await stand.end() == {"sent": 1, "skipped": 1}


async def test_the_frequency_cap_counts_campaigns_too(stand: Stand) -> None:
    """G14: one mail a week to an address, whoever sends it."""
    await rule(stand, ContactRules(most=1, within=read_duration("7 days")))
    await stand.people(["ada", "bob"])
    assert await stand.send('name is "Ada"') == {"sent": 1}
    stand.name += "-more"
    assert await stand.send() == {"sent": 1, "skipped": 1}
    assert "1 mail in 7 days reached" in (await stand.outcomes())["ada"].reason


async def test_quiet_hours_are_waited_for_and_stop_no_other(stand: Stand) -> None:
    """G14: in the account's time zone; whose day it is gets the mail meanwhile."""
    await rule(stand, quiet_around_now())
    names = [f"p{number:02}" for number in range(30)]
    await stand.people(names, time_zone="UTC")
    await stand.people(["west"], time_zone="Etc/GMT+9")
    await stand.begin()
    await stand.counted(sent=1, due=30)
    assert stand.reached() == ["west@example.com"]
    assert "quiet hours until" in str((await stand.mail("p00")).last_error).lower()
    for name in names:
        await stand.set(name, time_zone="Etc/GMT-9")
    await stand.forward(hours=1, minutes=1)
    assert await stand.end() == {"sent": 31}


async def test_the_time_left_counts_the_wait_for_the_morning(
    stand: Stand, commands: Commands
) -> None:
    """G14: one mail is gone at once; the other goes when the quiet hours of its account end."""
    rules = quiet_around_now()
    await rule(stand, rules)
    await stand.person("ada", time_zone="UTC")
    await stand.person("west", time_zone="Etc/GMT+9")
    await stand.begin()
    await stand.counted(sent=1, due=1)
    for pace in ("none", "60/hour"):
        assert (await commands("campaign", "pace", stand.name, pace)).status == 0
        shown = json.loads((await commands("campaign", "show", stand.name, "--json")).out)
        assert 175 * 60 < shown["seconds_left"] <= 180 * 60
    said = await commands("campaign", "show", stand.name)
    assert "50 % of 2 accounts, done in 3 hours or so" in said.out
    await stand.order(contract.CANCEL)
    await stand.end()


async def test_waiting_for_the_morning_is_no_attempt(stand: Stand) -> None:
    """A mail server that is down after a long night still has its day of tries."""
    await rule(stand, quiet_around_now())
    await stand.person("ada", time_zone="UTC")
    await stand.begin()
    await stand.counted(due=1)
    row = await until(lambda: stand.mail("ada"), lambda it: it.due_at > datetime.now(UTC))
    assert (row.status, row.attempts) == (EffectStatus.DUE, 0)
    await stand.order(contract.CANCEL)
    assert await stand.end() == {"cancelled": 1}


async def test_a_mail_that_never_gets_through_is_given_up(stand: Stand) -> None:
    """R22: tried for about a day, then shown as failed with the reason."""
    await stand.person("ada")
    stand.smtp.replies["ada@example.com"] = "451 try later"
    await stand.begin()
    for _ in range(30):
        await stand.forward(hours=1, minutes=1)
        if (await stand.counts()) == {"failed": 1}:
            break
    assert await stand.end() == {"failed": 1}
    row = await stand.mail("ada")
    assert "451 try later" in str(row.last_error)
    assert row.attempts == 28


# ── sent again by hand


async def test_a_campaign_s_mail_is_sent_again_by_the_account(
    stand: Stand, commands: Commands
) -> None:
    """R22: long after the campaign ended, `mail resend` works as for any mail."""
    await stand.person(account := f"ada-{uuid4().hex[:6]}")
    await stand.send(where_named(account))
    await Lifecycles(stand.env.client, stand.settings.task_queue).nudge(account)
    said = await commands("mail", "resend", f"campaign/{stand.name}/{account}")
    assert said.status == 0, said.err
    row = await until(
        lambda: stand.mail(account), lambda it: (it.status, it.generation) == (EffectStatus.SENT, 2)
    )
    assert row.resent_by == "ann"
    first, second = (one.message["Message-ID"] for one in stand.smtp.received)
    assert first != second


async def test_what_is_sent_again_is_the_account_s_and_no_campaign_s(stand: Stand) -> None:
    """A campaign that still runs ends without it; the account's workflow finds it when it begins anew."""
    await stand.people(["ada", "bob"])
    await stand.begin(per_hour=60)
    await stand.counted(sent=1)
    again = await resend(stand.store, (await stand.mail("ada")).id, "ann", datetime.now(UTC))
    assert await due(stand.store, "ada") == [again.id]
    await stand.forward(minutes=2)
    assert await stand.end() == {"sent": 1, "due": 1}
    assert stand.reached() == ["ada@example.com", "bob@example.com"]


def where_named(account: str) -> str:
    return f'contact_email is "{account}@example.com"'
