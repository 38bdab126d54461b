"""What people do by hand, on running accounts: a real server, a real worker, a real database."""

import asyncio
import json
from typing import Any

import pytest
from temporalio.testing import WorkflowEnvironment

from lifecycle.core.refusal import Refusal
from lifecycle.store.effects import effect_row
from lifecycle.store.tables import EffectStatus
from tests.admin.conftest import Admin, Doing, Said
from tests.clock import until
from tests.workflows.town import Town


@pytest.fixture
async def acme(town: Town) -> str:
    """A customer in Onboarding, whose contact can be written to."""
    account = town.account()
    await town.update_with_start(account, {"contact_email": "eve@acme.example"})
    await town.win(account)
    return account


def data(said: Said) -> Any:
    assert (said.status, said.err) == (0, "")
    return json.loads(said.out)


async def stage(doing: Doing, account: str, lifecycle: str) -> str | None:
    view = data(await doing("show", account, "--json"))
    found: dict[str, str | None] = {one["lifecycle"]: one["stage"] for one in view["standings"]}
    return found[lifecycle]


# ── stages


async def test_v9_a_stage_is_set_by_hand_and_what_follows_is_told(doing: Doing, acme: str) -> None:
    said = await doing(
        "set", acme, "Customer journey", "Launched", "--reason", "agreed by phone", "--as", "Bea"
    )
    assert (said.status, said.err) == (0, "")
    assert "Bea sets Customer journey to Launched: “agreed by phone”" in said.out
    assert "→ Customer journey: Onboarding → Launched (by hand, version 1)" in said.out
    assert "→ CTA opened: Review the first weeks with the customer" in said.out
    assert await stage(doing, acme, "customer_journey") == "launched"


async def test_g15_the_actor_and_the_reason_are_recorded(doing: Doing, acme: str) -> None:
    await doing("set", acme, "sales", "customer", "--reason", "signed", LIFECYCLE_ACTOR="Cleo")
    [entry, *_] = data(await doing("why", acme, "--json"))["entries"]
    assert (entry["entry"]["input"]["actor"], entry["entry"]["input"]["reason"]) == (
        "Cleo",
        "signed",
    )


async def test_r18_a_stage_that_changed_meanwhile_is_not_overruled(doing: Doing, acme: str) -> None:
    seen = data(await doing("show", acme, "--json"))["revision"]
    await doing("set", acme, "sales", "prospect", "--reason", "a first call")
    words = ("set", acme, "sales", "customer", "--reason", "signed")
    refused = await doing(*words, "--revision", str(seen))
    assert refused.status == 1
    assert "Sales has changed since you looked: Prospect" in refused.err
    assert "repeat the command with `anyway`" in refused.err
    assert (await doing(*words, "--revision", str(seen), "--anyway")).status == 0
    assert await stage(doing, acme, "sales") == "customer"


async def test_t14_clear_takes_an_account_out_of_a_lifecycle(doing: Doing, acme: str) -> None:
    said = await doing("clear", acme, "customer_stages", "--reason", "sold by a partner")
    assert "→ Customer stages: Onboarding → None" in said.out
    assert await stage(doing, acme, "customer_stages") is None


async def test_an_empty_reason_is_refused(doing: Doing, acme: str) -> None:
    said = await doing("set", acme, "sales", "customer", "--reason", " ")
    assert (said.status, said.out) == (1, "")
    assert said.err == "A change by hand needs a reason.\nSay why; it is kept with the change.\n"


async def test_setting_the_present_stage_again_changes_nothing(doing: Doing, acme: str) -> None:
    said = await doing("set", acme, "sales", "lead", "--reason", "x")
    assert said.status == 0
    assert "· Sales is already at Lead; nothing is reset." in said.out


# ── undo


async def test_r13_undo_tells_what_is_restored_and_what_was_sent(doing: Doing, acme: str) -> None:
    await doing("set", acme, "customer_journey", "renewal", "--reason", "by mistake")
    await doing("set", acme, "customer_journey", "onboarding", "--reason", "and back")
    await until(lambda: _statuses(doing, acme), lambda found: found == ["sent", "sent"])
    said = await doing("undo", acme, "--reason", "that was another account")
    assert "→ Taken back: Customer journey: Renewal → Onboarding" in said.out
    assert "Customer journey is back at Renewal." in said.out
    assert "Cannot be taken back: “Welcome" in said.out
    assert "eve@acme.example" in said.out
    assert await stage(doing, acme, "customer_journey") == "renewal"


async def _statuses(doing: Doing, account: str) -> list[str]:
    found = data(
        await doing("mail", "list", "--account", account, "--template", "welcome", "--json")
    )
    return sorted(one["status"] for one in found["deliveries"])


async def test_undo_with_nothing_to_undo(doing: Doing, town: Town) -> None:
    account = town.account()
    await town.report(account, "opportunity.closed_lost")
    await town.recorded(account, lambda state: state.revision)
    await doing("undo", account)
    said = await doing("undo", account)
    assert said.status == 1
    assert said.err.startswith("There is nothing to undo.")


# ── holds


async def test_r18_hold_and_release(doing: Doing, acme: str) -> None:
    said = await doing("hold", acme, "--until", "14d", "--reason", "their sponsor is away")
    assert "→ On hold until" in said.out
    held = await doing("event", acme, "product.went_live")
    assert "first_milestone did not run: automation is on hold." in held.out
    assert await stage(doing, acme, "customer_journey") == "onboarding"
    assert "→ Customer journey: Onboarding → Launched" in (await doing("release", acme)).out


async def test_a_hold_into_the_past_is_refused(doing: Doing, acme: str) -> None:
    said = await doing("hold", acme, "--until", "2020-01-01", "--reason", "x")
    assert (said.status, said.err.splitlines()[1]) == (1, "Give a later --until.")


# ── fields and events


async def test_fields_are_set_and_cleared(doing: Doing, acme: str) -> None:
    said = await doing(
        "fields", acme, "arr=12,000", "renewal_date=2027-04-01", "contact_email=None"
    )
    assert "→ ARR: EUR 12,000" in said.out
    assert "→ Renewal date: 1 Apr 2027" in said.out
    assert "→ Contact e-mail: eve@acme.example → –" in said.out


async def test_r16_every_wrong_field_is_named_at_once_and_none_is_set(
    doing: Doing, acme: str
) -> None:
    said = await doing(
        "fields", acme, "plan=Gold", "seet=3", "renewal_date=soon", "arr=5", COLUMNS="300"
    )
    assert said.status == 1
    for told in (
        "plan: 'Gold' is not one of the choices",
        "Did you mean seats?",
        "'soon' is not a date",
    ):
        assert told in said.err
    assert "arr" not in data(await doing("show", acme, "--json"))["fields"]


async def test_n3_an_event_tells_what_it_did_and_why_it_did_not_more(
    doing: Doing, acme: str
) -> None:
    words = (
        "event",
        acme,
        "opportunity.stage_changed",
        "--data",
        "stage=Negotiations Completed",
        "--id",
        "o-1",
    )
    said = await doing(*words)
    assert (
        "pre_onboarding_notification would move back from Onboarding to Pre-Onboarding." in said.out
    )
    again = await doing(*words)
    assert (again.status, "was applied before" in again.out) == (0, True)


async def test_r2_an_event_may_create_an_account(doing: Doing, town: Town) -> None:
    account = town.account("new")
    carried = json.dumps({"opportunity_id": "o-1", "amount": 99.5})
    said = await doing(
        "event", account, "opportunity.created", "--json-data", carried, "--as", "Bea"
    )
    assert f"{account} (a new account)" in said.out
    assert "→ Sales: Lead → Prospect (opportunity_makes_prospect, version 1)" in said.out
    [entry, *_] = data(await doing("why", account, "--json"))["entries"]
    assert entry["entry"]["input"]["source"] == "admin/Bea"


async def test_an_account_that_does_not_run_is_told_from_an_unknown_one(
    doing: Doing, acme: str, town: Town
) -> None:
    await town.handle(acme).terminate()
    said = await doing("fields", acme, "plan=Pro", COLUMNS="300")
    assert said.status == 1
    assert "is recorded, but its workflow does not run on this Temporal server." in said.err


# ── mail


async def test_mail_is_shown_as_sent_and_sent_again(doing: Doing, acme: str, town: Town) -> None:
    await doing("set", acme, "customer_journey", "renewal", "--reason", "x")
    await doing("set", acme, "customer_journey", "onboarding", "--reason", "y")
    await until(lambda: _statuses(doing, acme), lambda found: found == ["sent", "sent"])
    found = data(await doing("mail", "list", "--account", acme, "--status", "sent", "--json"))
    effect = next(one["id"] for one in found["deliveries"] if one["name"] == "welcome")
    shown = await doing("mail", "show", effect)
    assert "To eve@acme.example" in " ".join(shown.out.split())
    assert "Ana Torres" in shown.out
    assert (await doing("mail", "resend", effect, "--as", "Bea")).status == 0

    async def generation() -> tuple[int, EffectStatus]:
        row = await effect_row(town.store, effect)
        return row.generation, row.status

    await until(generation, lambda found: found == (2, EffectStatus.SENT))
    assert "Sent again by  Bea" in (await doing("mail", "show", effect)).out


async def test_mail_on_its_way_is_not_sent_twice(
    looking: Admin, server: WorkflowEnvironment
) -> None:
    address = server.client.service_client.config.target_host
    effect = "globex/customer_journey.welcome/v1"
    said = await asyncio.to_thread(looking, "mail", "resend", effect, TEMPORAL_ADDRESS=address)
    assert said.status == 1
    assert said.err == f"{effect} is on its way already.\nWait for its outcome.\n"


async def test_mail_that_could_not_go_out_says_why(doing: Doing, town: Town) -> None:
    account = town.account()
    await town.win(account)
    await until(lambda: _statuses(doing, account), lambda found: found == ["skipped"])
    said = await doing("mail", "list", "--account", account, "--status", "skipped")
    assert "welcome → the contact" in said.out
    assert "contact" in said.out.splitlines()[1].lower()


# ── the clock


async def test_fast_forward_moves_a_real_account(doing: Doing, acme: str) -> None:
    said = await doing("fast-forward", acme, "15d")
    assert (said.status, said.err) == (0, "")
    assert "→ Customer journey: Onboarding → Launched (two_weeks_passed, version 1)" in said.out
    view = data(await doing("show", acme, "--json"))
    assert view["lead_seconds"] == 15 * 86_400
    assert "Its clock is 15 days ahead" in (await doing("show", acme)).out


# ── what went wrong


async def test_n3_a_message_that_could_not_be_read_is_told(
    doing: Doing, acme: str, town: Town
) -> None:
    before = await town.state(acme)
    await town.send(acme, "record_event", {"type": "kickoff.held"})
    await town.recorded(acme, lambda state: state.refused > before.refused)
    said = await doing("why", acme, "--limit", "1", COLUMNS="200")
    assert "A message by record_event could not be read" in said.out
    assert "Refused: `id` is missing." in said.out


async def test_r20_a_late_event_tells_both_its_times(doing: Doing, acme: str) -> None:
    said = await doing("event", acme, "kickoff.held", "--time", "2026-01-31 12:00", COLUMNS="200")
    assert "The event's own time is 2026-01-31T12:00:00+00:00; it was applied at" in said.out
    assert "Onboarding project: Kickoff → Configuration" in said.out


# ── after a deployment


async def test_a_nudge_starts_again_what_is_gone(doing: Doing, town: Town, acme: str) -> None:
    """An account that was terminated has no timers; all accounts that are recorded are found and woken."""
    await town.handle(acme).terminate("a slip")
    assert data(await doing("nudge", "--all", "--json")) == {"nudged": 1}
    await town.forward(acme, days=14, hours=1)
    await town.in_stage(acme, "customer_journey", "launched")


async def test_an_event_for_an_account_whose_workflow_is_gone_says_how_to_go_on(
    doing: Doing, town: Town, acme: str
) -> None:
    await town.handle(acme).terminate("a slip")
    said = await doing("event", acme, "kickoff.held", COLUMNS="300")
    assert said.status == 1
    assert f"`nudge {acme}` starts the account again where it was." in said.err


async def test_data_that_an_event_does_not_carry_is_a_slip(doing: Doing, acme: str) -> None:
    said = await doing("event", acme, "training.completed", "--data", "cource=basics")
    assert said.status == 1
    assert "training.completed carries no 'cource'. Did you mean course?" in " ".join(
        said.err.split()
    )


async def test_a_start_that_was_refused_leaves_no_account(doing: Doing, town: Town) -> None:
    account = town.account()
    with pytest.raises(Refusal):
        await town.update_with_start(account, {"arr": "abc"})
    assert (await doing("show", account)).status == 1


async def test_a_nudge_needs_to_know_whom(doing: Doing) -> None:
    said = await doing("nudge")
    assert said.status == 1
    assert "Name some, or give --all." in said.err
    assert (await doing("nudge", "nobody-here")).status == 1
