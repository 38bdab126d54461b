"""The mails of a play: who would get them, when, and why not, by the rules of a delivery (N6, R13, R22, R25)."""

from datetime import time, timedelta
from typing import Any

from lifecycle.core.durations import Duration
from lifecycle.core.model import ContactRules
from lifecycle.sandbox.post import Fate, Mail
from lifecycle.sandbox.trying import Tried
from lifecycle.store.suppression import unsubscribe
from tests.awake import rule
from tests.sandbox.stage import MARIA, NOON, Stage

WON = "- now: {event: opportunity.closed_won, data: {csm: Ana Torres}}\n"
HOUR = timedelta(hours=1)


def named(of: Tried, template: str = "welcome") -> list[Mail]:
    return [mail for mail in of.mails if mail.template == template]


async def test_a_mail_reads_as_its_template_makes_it(stage: Stage) -> None:
    """N6: subject, text and HTML with the account's own values."""
    [mail] = named(await stage.play(WON))
    assert (mail.fate, mail.to, mail.name, mail.goes_at) == (
        Fate.SENT,
        "Maria@example.com",
        "Maria",
        NOON,
    )
    assert "Acme" in mail.subject
    assert "Maria" in mail.text
    assert "Ana Torres" in mail.html
    assert "<html" in mail.html


async def test_quiet_hours_put_it_off_till_the_morning(stage: Stage) -> None:
    """V2: it goes when they end, in the account's time zone."""
    await rule(stage.store, ContactRules(quiet_from=time(20), quiet_until=time(8)))
    night = NOON.replace(hour=22)
    [mail] = named(await stage.play(WON, {**MARIA, "time_zone": "Europe/Berlin"}, now=night))
    assert (mail.fate, mail.at) == (Fate.SENT, night)
    assert mail.goes_at == night.replace(day=4, hour=7)
    assert mail.why == "quiet hours until 08:00 (Europe/Berlin)"
    [asleep] = named(await stage.play(WON, now=night, days=1))
    assert asleep.goes_at == night + 10 * HOUR


async def test_the_cap_counts_the_mails_of_the_play(stage: Stage) -> None:
    """V2: the second to one address within the time is skipped; another address has its own."""
    await rule(stage.store, ContactRules(most=1, within=Duration(30)))
    found = await stage.play(WON)
    welcome, reminder = [mail for mail in found.mails if mail.role == "contact"][:2]
    assert welcome.fate is Fate.SENT
    assert reminder.fate is Fate.SKIPPED
    assert reminder.why.startswith("frequency cap (Maria@example.com): 1 mail in 30 days reached")
    assert (reminder.subject, reminder.html, reminder.goes_at) == ("", "", None)


async def test_who_unsubscribed_gets_none(stage: Stage) -> None:
    await unsubscribe(stage.store, "maria@example.com", "acme/older", NOON)
    [mail] = named(await stage.play(WON))
    assert (mail.fate, mail.goes_at) == (Fate.SKIPPED, None)
    assert mail.why.startswith("unsubscribed on 3 March 2031")


async def test_nobody_to_write_to_is_said(stage: Stage) -> None:
    [mail] = named(await stage.play(WON, {"name": "Acme"}))
    assert (mail.fate, mail.to) == (Fate.SKIPPED, "")
    assert mail.why == "the account has no address for contact, and nobody stands in"


async def test_who_is_meant_is_asked_when_it_goes(stage: Stage) -> None:
    """R25: an account that is cancelled overnight; and a contact whose address was mended overnight."""
    await rule(stage.store, ContactRules(quiet_from=time(20), quiet_until=time(8)))
    night = NOON.replace(hour=22)
    cancelled = WON + "- in 1 hour: {fields: {status: cancelled}}\n"
    [mail] = named(await stage.play(cancelled, now=night))
    assert (mail.fate, mail.why) == (
        Fate.SKIPPED,
        "mail to contacts sleeps while the account is cancelled",
    )
    mended = WON + "- in 1 hour: {fields: {contact_email: maria@acme.example}}\n"
    [mail] = named(await stage.play(mended, now=night))
    assert (mail.fate, mail.to) == (Fate.SENT, "maria@acme.example")


async def test_a_mail_that_has_not_gone_is_cancelled_by_undo(stage: Stage) -> None:
    """R13: what waits for the morning is taken back; what went is not."""
    await rule(stage.store, ContactRules(quiet_from=time(20), quiet_until=time(8)))
    night = NOON.replace(hour=22)
    [mail] = named(await stage.play(WON + "- in 2 hours: undo\n", now=night))
    assert (mail.fate, mail.why, mail.html) == (
        Fate.CANCELLED,
        "what set it off was undone",
        "",
    )
    [gone] = named(await stage.play(WON + "- in 2 hours: undo\n"))
    assert gone.fate is Fate.SENT


async def test_a_hold_keeps_what_waits_until_it_ends(stage: Stage) -> None:
    """R18: on its way when the account is put on hold, it goes when the hold is over."""
    await rule(stage.store, ContactRules(quiet_from=time(20), quiet_until=time(8)))
    night = NOON.replace(hour=22)
    held = WON + "- in 1 hour: {hold: 3 days}\n"
    [mail] = named(await stage.play(held, now=night))
    assert mail.fate is Fate.SENT
    assert mail.goes_at is not None
    assert mail.goes_at.date() == night.date() + timedelta(days=4)
    [kept] = named(await stage.play(held, now=night, days=2))
    assert (kept.fate, kept.goes_at) == (Fate.WAITS, None)
    assert kept.why == "the account is on hold until 2031-03-06 23:00 UTC"


async def test_a_template_that_breaks_is_told(stage: Stage) -> None:
    """R22: a mail that cannot be written would fail, and says why; the play goes on."""
    folder = stage.settings.state_dir / "templates"
    for name in ("subject.txt", "body.txt", "body.html"):
        file = folder / "email" / "welcome" / name
        file.parent.mkdir(parents=True, exist_ok=True)
        file.write_text("{{ account.plan }}" if name == "body.txt" else "Hello")
    stage.settings = stage.settings.model_copy(update={"templates_dir": folder})
    found: Any = await stage.play(WON)
    [mail] = named(found)
    assert mail.fate is Fate.FAILED
    assert "body.txt" in mail.why
    assert found.entries[-1].at > NOON + timedelta(days=3)


async def test_a_play_is_cut_where_it_would_not_end(stage: Stage) -> None:
    script = "".join(
        f"- in {hours} hours: {{fields: {{arr: {hours}}}}}\n" for hours in range(1, 500)
    )
    found = await stage.play(WON + script)
    assert found.is_cut
    assert len(found.entries) >= 500
    assert found.until == found.entries[-1].at
