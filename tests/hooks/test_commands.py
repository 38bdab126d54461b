"""`admin hooks`: what could not be mapped is looked at, mended, sent once more, or dropped with a reason (R20)."""

import asyncio
import json
from collections.abc import AsyncIterator
from pathlib import Path
from typing import Any

import pytest

from lifecycle.store.hook_tables import ArrivalStatus
from tests.admin.conftest import Admin, Said, admin, server, surroundings, town
from tests.hooks import signing
from tests.hooks.signing import SECRETS, body_of
from tests.hooks.test_door import known, mended, own_hooks, stripe_event, told
from tests.hooks.yard import Yard, opened
from tests.workflows.town import Town

__all__ = ["admin", "server", "surroundings", "town"]


class Office:
    """An operator beside an open door."""

    def __init__(self, yard: Yard, admin: Admin, hooks: Path) -> None:
        self.yard, self.admin, self.hooks = yard, admin, hooks

    async def say(self, *words: str) -> Said:
        """A command, in a thread: the worker goes on meanwhile."""
        env = {"LIFECYCLE_HOOKS_DIR": str(self.hooks)}
        return await asyncio.to_thread(self.admin, "hooks", *words, **env)

    async def data(self, *words: str) -> dict[str, Any]:
        said = await self.say(*words, "--json")
        found: dict[str, Any] = json.loads(said.out)
        return found


@pytest.fixture
async def office(town: Town, admin: Admin, tmp_path: Path) -> AsyncIterator[Office]:
    hooks = own_hooks(tmp_path)
    async with opened(town, hooks) as yard:
        yield Office(yard, admin, hooks)


NEW_ENTRY = """messages:
  - if: type is invoice.overdue
    events:
      - {event: invoice.payment_failed, id: "{message.id}", time: message.time, data: {invoice_id: thing}}
"""


async def overdue(office: Office, account: str) -> dict[str, Any]:
    """An event of a type that nobody mapped, told twice."""
    event = stripe_event("invoice.overdue", "1", id="in_1", metadata={"account_id": account})
    mended(office.hooks, "stripe.yaml", "type contains invoice.", "type is invoice.sent")
    for _ in range(2):
        assert (await office.yard.tell("stripe", event)).json()["kept"] == 1
    return event


async def test_what_is_kept_is_told_with_its_reason_and_what_it_said(office: Office) -> None:
    account = await known(office.yard, "told")
    await overdue(office, account)
    listed = await office.say("kept")
    assert "invoice.overdue" in listed.out
    assert "Kept: stripe 1 × unknown_message." in listed.out
    shown = await office.say("show", "1")
    assert account in shown.out
    still = await office.say("retry", "1")
    assert still.status == 1
    assert "No entry of the hook stripe speaks of invoice.overdue." in still.out


async def test_kept_mended_and_sent_once(office: Office) -> None:
    """With an entry for it, it is sent, and what it said is gone."""
    yard = office.yard
    account = await known(yard, "kept")
    event = await overdue(office, account)
    mended(office.hooks, "stripe.yaml", "messages:\n", NEW_ENTRY)
    assert (await office.say("retry", "--all")).out == "1 message sent.\n"
    (fact,) = await told(yard, account, 1)
    assert (fact.type, fact.data["invoice_id"]) == ("invoice.payment_failed", "in_1")
    await yard.tell("stripe", event)
    await yard.own("after", "kickoff.held", account=account)
    await told(yard, account, 3)
    assert [one.type for one in await yard.town.events(account)].count("kickoff.held") == 1
    (row,) = await yard.kept(status=ArrivalStatus.SENT)
    assert (row.body, row.actor, row.attempts) == ("", "ann", 2)
    shown = await office.say("show", str(row.id))
    assert account not in shown.out
    assert "was erased" in shown.out
    again = await office.say("retry", str(row.id))
    assert (again.status, again.err) == (
        1,
        "The message 1 is sent already.\nNothing was changed.\n",
    )


async def test_a_person_says_whose_an_id_is(office: Office) -> None:
    yard = office.yard
    account = await known(yard, "mapped")
    bought = stripe_event("customer.subscription.created", account, id="sub_1", customer="cus_1")
    assert (await yard.tell("stripe", bought)).status_code == 202
    asked = await office.say("map", "stripe", "cus_1", account)
    assert asked.status == 1
    assert "Say it with --of customer." in asked.err
    said = await office.say("map", "stripe", "cus_1", account, "--of", "customer")
    assert f"The customer cus_1 belongs to {account}." in said.out
    assert "1 message waited for it." in said.out
    assert (await office.data("retry", "--all", "--source", "stripe"))["sent"] == [1]
    (fact,) = await told(yard, account, 1)
    assert fact.type == "product.purchased"
    listed = await office.data("map", "stripe")
    assert [(one["their_id"], one["actor"]) for one in listed["ids"]] == [("cus_1", "ann")]
    await office.say("map", "stripe", "cus_1", "--of", "customer", "--forget")
    assert (await office.say("map", "stripe")).out == "None.\n"


@pytest.mark.parametrize(
    ("words", "said"),
    [
        (("map", "strype", "x", "y"), "Did you mean stripe?"),
        (("map", "hubspot", "17", "nobody at all"), "If it is still to begin: --new."),
        (("map", "hubspot", "17"), "Name it behind the id."),
        (("map", "stripe", "17", "y", "--of", "custmer"), "Did you mean customer?"),
        (("map", "product", "17", "y"), "The hook product learns no ids."),
        (("map", "hubspot", "17", "--forget"), "It is not known whose the deal 17 is."),
        (("show", "99"), "There is no message 99."),
        (("drop", "99", "--reason", "x"), "There is no message 99."),
        (("drop", "99"), "Why is it dropped?"),
        (("retry",), "Name one by its id, or say --all"),
        (("retry", "1", "--all"), "Name one by its id, or say --all"),
    ],
)
async def test_refusals_say_what_to_do(office: Office, words: tuple[str, ...], said: str) -> None:
    answer = await office.say(*words)
    assert answer.status == 1
    assert said in answer.err


async def test_a_deal_of_an_account_that_is_still_to_begin(office: Office) -> None:
    """L5: the deal creates the account."""
    yard = office.yard
    account = yard.town.account("new")
    await office.say("map", "hubspot", "17", account, "--new")
    base = {"eventId": 1, "occurredAt": 1_790_000_000_000, "objectId": 17}
    await yard.tell("hubspot", [{**base, "subscriptionType": "deal.creation"}])
    await yard.town.in_stage(account, "sales", "prospect")


async def test_a_message_is_dropped_with_a_reason_and_erased(office: Office) -> None:
    await office.yard.own("m1", "kickoff.held", account="nobody-here", user="maria@example.com")
    (row,) = await office.yard.kept()
    dropped = await office.data("drop", str(row.id), "--reason", "a test of theirs")
    assert (dropped["status"], dropped["why"], dropped["actor"]) == (
        "dropped",
        "a test of theirs",
        "ann",
    )
    assert (await office.say("kept")).out == "None.\n"
    listed = await office.data("kept", "--status", "dropped")
    assert "maria" not in json.dumps(listed)
    shown = await office.data("show", str(row.id))
    assert shown["message"] is None
    await office.yard.own("m1", "kickoff.held", account="nobody-here", user="maria@example.com")
    assert not await office.yard.kept()  # told again: dropped is dropped


async def test_many_are_listed_page_by_page_and_tried_once_each(office: Office) -> None:
    for number in range(5):
        await office.yard.own(f"m{number}", "kickoff.held", account="nobody-here")
    first = await office.data("kept", "--limit", "3")
    assert [one["id"] for one in first["messages"]] == [1, 2, 3]
    rest = await office.data("kept", "--limit", "3", "--after", str(first["after"]))
    assert [one["id"] for one in rest["messages"]] == [4, 5]
    assert rest["after"] is None
    tried = await office.say("retry", "--all")
    assert tried.status == 1
    assert tried.out.endswith("0 messages sent. 5 messages kept.\n")
    assert {row.attempts for row in await office.yard.kept()} == {2}


async def test_check_and_list(office: Office) -> None:
    good = await office.say("check")
    assert (good.status, good.out) == (0, f"5 hooks in {office.hooks}: no problem.\n")
    mended(office.hooks, "product.yaml", "account: account_id", "account: acount_id")
    bad = await office.say("check")
    assert bad.status == 1
    assert "product.yaml:24:10: error[unknown_column]" in bad.out
    assert "Did you mean account_id?" in bad.out
    problems: Any = (await office.data("check"))["problems"]
    assert [one["line"] for one in problems] == [24]
    await office.yard.own("m1", "kickoff.held", account="acme")
    listed = await office.data("list")
    assert {one["hook"]: one["kept"] for one in listed["hooks"]}["product"] == 1
    shown = await office.say("list")
    assert "/hooks/salesforce/SECRET" in shown.out
    assert SECRETS["salesforce"] not in shown.out


def test_hooks_are_checked_before_there_is_a_database(admin: Admin, surroundings: Path) -> None:
    said = admin("hooks", "check")
    assert said.status == 0, said.err
    assert "5 hooks in" in said.out
    assert not (surroundings / "lifecycle.db").exists()


async def test_a_batch_that_is_kept_and_sent_in_part(office: Office) -> None:
    """HubSpot's array: one deal is known, one is not; the second waits, and nothing is sent twice."""
    yard = office.yard
    account = yard.town.account("part")
    await office.say("map", "hubspot", "1", account, "--new")
    base = {"eventId": 1, "occurredAt": 1_790_000_000_000, "subscriptionType": "deal.creation"}
    body = body_of([{**base, "objectId": 1}, {**base, "objectId": 2}])
    answer = await yard.post("hubspot", body, signing.hubspot(body))
    assert answer.json() == {"sent": 1, "kept": 1, "ignored": 0}
    await yard.town.in_stage(account, "sales", "prospect")
    (row,) = await yard.kept()
    assert row.waits_for == "deal/2"
