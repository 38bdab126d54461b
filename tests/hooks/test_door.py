"""The door for webhooks: deliveries become events of running accounts, once, or are kept (L4–L13, V7, V8, R20, T26)."""

import logging
from dataclasses import replace
from datetime import UTC, datetime, timedelta
from pathlib import Path
from typing import Any

import pytest

from lifecycle.core.changes import DuplicateSeen, StageEntered
from lifecycle.core.inputs import Event
from lifecycle.places import app_folder
from lifecycle.store.engine import Store, make_engine
from lifecycle.store.hook_map import accounts_of, learn, set_account
from lifecycle.store.hook_tables import ArrivalStatus
from tests.clock import until
from tests.hooks import signing
from tests.hooks.conftest import Number
from tests.hooks.signing import change
from tests.hooks.yard import Yard, opened
from tests.web.conftest import nowhere
from tests.workflows.town import Town


def now_text() -> str:
    return datetime.now(UTC).isoformat()


async def told(yard: Yard, account: str, number: int) -> list[Event]:
    """Wait for so many events of an account."""
    return await until(lambda: yard.town.events(account), lambda found: len(found) >= number)


# ── Salesforce


async def test_l4_to_l13_a_deal_in_outbound_messages(yard: Yard, new_id: Number) -> None:
    """Negotiations, then won: Pre-Onboarding with its alert, then Onboarding, type, CSM and owner."""
    account, deal = new_id(), new_id("006")
    said = {"Id": deal[:15], "AccountId": account[:15], "CreatedDate": now_text()}
    first = await yard.soap(("Opportunity", {**said, "StageName": "Negotiations Completed"}))
    assert (first.status_code, first.headers["content-type"]) == (200, "text/xml; charset=utf-8")
    assert "<Ack>true</Ack>" in first.text
    state = await yard.town.in_stage(account, "customer_stages", "pre_onboarding")
    assert state.tracks["sales"].stage == "prospect"
    won = {**said, "StageName": "Closed Won", "IsWon": "true", "Amount": "1200.50"}
    people = {"CSM_Name__c": "Ana Torres", "Owner_Name__c": "Olga Weber"}
    await yard.soap(("Opportunity", won | people), notification="04l4x00000ZzZzZ")
    state = await yard.town.in_stage(account, "customer_stages", "onboarding")
    assert (state.fields["type"], state.fields["csm"], state.fields["owner"]) == (
        "Customer",
        "Ana Torres",
        "Olga Weber",
    )
    assert not await yard.kept()


async def test_r20_the_same_notification_again_changes_nothing(
    yard_on_both: Yard, new_id: Number
) -> None:
    yard, account, deal = yard_on_both, new_id(), new_id("006")
    record = {
        "Id": deal,
        "AccountId": account,
        "StageName": "Closed Won",
        "CreatedDate": now_text(),
    }
    for _ in range(3):
        assert (await yard.soap(("Opportunity", record))).status_code == 200
    await told(yard, account, 9)
    changes = [one for entry in await yard.town.journal(account) for one in entry.changes]
    entered = [(one.lifecycle, one.entered) for one in changes if isinstance(one, StageEntered)]
    assert len(entered) == len(set(entered))
    assert {("customer_stages", "onboarding"), ("sales", "prospect")} <= set(entered)
    assert sum(isinstance(one, DuplicateSeen) for one in changes) == 6


async def test_a_change_event_without_account_is_known_by_an_earlier_one(
    yard: Yard, new_id: Number
) -> None:
    account, deal = new_id(), new_id("006")
    created = change("Opportunity", deal, "CREATE", AccountId=account, StageName="Prospecting")
    moved = change("Opportunity", deal, "UPDATE", "t-2", StageName="Negotiations Completed")
    assert (await yard.change(created)).json() == {"sent": 1, "kept": 0, "ignored": 0}
    assert (await yard.change(moved)).status_code == 200
    await yard.town.in_stage(account, "customer_stages", "pre_onboarding")


async def test_a_change_event_that_comes_too_early_waits_for_the_one_that_says_whose_it_is(
    yard_on_both: Yard, new_id: Number
) -> None:
    """Kept, and sent by itself once the opportunity's account is known; its words are gone then."""
    yard, account, deal = yard_on_both, new_id(), new_id("006")
    moved = change("Opportunity", deal, "UPDATE", "t-2", StageName="Negotiations Completed")
    answer = await yard.change(moved)
    assert (answer.status_code, answer.json()["kept"]) == (202, 1)
    (row,) = await yard.kept()
    assert (row.code, row.waits_for, row.status) == ("no_account", f"opportunity/{deal}", "kept")
    assert deal in row.reason
    await yard.change(change("Opportunity", deal, "CREATE", "t-1", AccountId=account))
    await yard.town.in_stage(account, "customer_stages", "pre_onboarding")
    (row,) = await yard.kept(status=ArrivalStatus.SENT)
    assert (row.body, row.actor, row.attempts) == ("", "Salesforce", 2)


async def test_l5_v6_an_account_record_starts_the_account_and_sets_fields(
    yard: Yard, new_id: Number
) -> None:
    account = new_id()
    record: dict[str, Any] = {
        "Name": "Edge & Söhne",
        "Industry": "Electronics",
        "NumberOfEmployees": 1000,
    }
    await yard.change(change("Account", account, "CREATE", **record))
    state = await yard.town.in_stage(account, "sales", "lead")
    assert (state.fields["name"], state.fields["employees"]) == ("Edge & Söhne", 1000)
    later = change("Account", account, "UPDATE", "t-2", Industry="Energy", Name=None)
    await yard.change(later)
    state = await yard.town.recorded(account, lambda found: found.fields.get("sector") == "Energy")
    assert state.fields["name"] == "Edge & Söhne"  # an empty value changes nothing (R16)
    await yard.change(change("Account", account, "CREATE", **record))  # told once more, late
    await yard.own("late", "kickoff.held", account=account)
    await told(yard, account, 1)
    assert (await yard.town.state(account)).fields["sector"] == "Energy"


async def test_the_wrong_address_of_salesforce_is_refused_and_not_logged(
    yard: Yard, caplog: pytest.LogCaptureFixture
) -> None:
    caplog.set_level(logging.DEBUG)
    guess = "a-wrong-guess-of-the-secret"
    answer = await yard.post(f"salesforce/{guess}", signing.soap(), {"content-type": "text/xml"})
    assert answer.status_code == 401
    assert answer.json()["code"] == "not_proved"
    assert guess not in answer.text
    ours = [one for one in caplog.records if not one.name.startswith("httpx2")]
    assert not any(guess in one.getMessage() for one in ours)


# ── Stripe


def stripe_event(type_: str, name: str, **fields: Any) -> dict[str, Any]:
    created = int(datetime.now(UTC).timestamp())
    return {
        "id": f"evt_{name}",
        "object": "event",
        "type": type_,
        "created": created,
        "data": {"object": fields},
    }


async def known(yard: Yard, name: str) -> str:
    """An account that is there, in Lead."""
    account = yard.town.account(name)
    await yard.town.update_with_start(account, {"name": name})
    await yard.town.in_stage(account, "sales", "lead")
    return account


async def test_v8_bought_and_paid_in_either_order_makes_a_customer(yard: Yard) -> None:
    account = await known(yard, "v8")
    customer, order = f"cus_{account}", f"sub_{account}"
    meta = {"account_id": account}
    teaches = stripe_event("customer.created", f"1{account}", id=customer, metadata=meta)
    assert (await yard.tell("stripe", teaches)).json() == {"sent": 0, "kept": 0, "ignored": 1}
    paid = {"id": f"in_{account}", "customer": customer, "amount_paid": 2000, "currency": "eur"}
    parent = {"parent": {"subscription_details": {"subscription": order}}}
    await yard.tell("stripe", stripe_event("invoice.paid", f"2{account}", **paid, **parent))
    (event,) = await told(yard, account, 1)
    assert (event.type, event.data["amount"], event.data["order_id"]) == (
        "wholesale.billed",
        "20.00",
        order,
    )
    assert (await yard.town.state(account)).tracks["sales"].stage == "lead"
    bought = {
        "id": order,
        "customer": customer,
        "items": {"data": [{"price": {"nickname": "Standard"}}]},
    }
    await yard.tell(
        "stripe", stripe_event("customer.subscription.created", f"3{account}", **bought)
    )
    await yard.town.in_stage(account, "sales", "customer")


async def test_stripe_events_that_nothing_waits_for_are_not_kept_and_unknown_ones_are(
    yard: Yard,
) -> None:
    updated = stripe_event("customer.subscription.updated", "u", id="sub_1", customer="cus_1")
    assert (await yard.tell("stripe", updated)).status_code == 200
    assert not await yard.kept()
    odd = stripe_event("plan.created", "p", id="price_1")
    assert (await yard.tell("stripe", odd)).status_code == 202
    (row,) = await yard.kept()
    assert (row.code, row.told) == ("unknown_message", "plan.created")
    assert "plan.created" in row.reason


# ── HubSpot, Segment, one's own


async def test_hubspot_deals_wait_for_their_company(yard: Yard) -> None:
    """Of one array, in whatever order: the association is learnt first."""
    company = yard.town.account("9001")
    base = {
        "eventId": 1,
        "portalId": 62_515,
        "occurredAt": int(datetime.now(UTC).timestamp() * 1000),
    }
    stage = {"propertyName": "dealstage", "propertyValue": "closedwon"}
    deal = f"d{company}"
    answer = await yard.tell(
        "hubspot",
        [
            {**base, "subscriptionType": "deal.propertyChange", "objectId": deal, **stage},
            {**base, "subscriptionType": "deal.creation", "objectId": deal},
            {**base, "subscriptionType": "deal.associationChange", "fromObjectId": deal,
             "toObjectId": company, "associationType": "DEAL_TO_COMPANY", "associationRemoved": False},
        ],
    )  # fmt: skip
    assert answer.json() == {"sent": 2, "kept": 0, "ignored": 1}
    await yard.town.in_stage(company, "customer_stages", "onboarding")


async def test_segment_users_belong_to_their_group(yard: Yard) -> None:
    account = await known(yard, "segment")
    user = f"u-{account}"
    traits = {"name": "Initech", "employees": "42"}
    group = {
        "messageId": "g1",
        "type": "group",
        "userId": user,
        "groupId": account,
        "traits": traits,
    }
    await yard.tell("segment", {**group, "timestamp": now_text()})
    call = {"messageId": "t1", "type": "track", "event": "Signed In", "userId": user}
    assert (await yard.tell("segment", call)).status_code == 200
    (event,) = await told(yard, account, 1)
    assert (event.type, event.data["user"]) == ("user.logged_in", user)
    state = await yard.town.recorded(account, lambda found: found.fields.get("name") == "Initech")
    assert state.fields["employees"] == 42


@pytest.mark.parametrize(
    ("type_", "data", "code", "said"),
    [
        ("user.loged_in", {}, "unknown_event", "Did you mean user.logged_in?"),
        ("usage.reported", {"active_users": "many"}, "bad_value", "'many' is not a whole number."),
        ("account.created", {}, "engine_event", "Only the engine raises account.created."),
    ],
)
async def test_what_cannot_be_mapped_is_kept_with_its_reason(
    yard: Yard, type_: str, data: dict[str, str], code: str, said: str
) -> None:
    answer = await yard.own(f"m-{type_}", type_, account="acme", **data)
    assert answer.status_code == 202
    (row,) = await yard.kept()
    assert (row.code, row.their_id) == (code, f"m-{type_}")
    assert said in row.reason


async def test_r2_an_event_for_an_account_that_is_not_there_is_kept(yard: Yard) -> None:
    account = yard.town.account("nobody")
    assert (await yard.own("m1", "user.logged_in", account=account)).status_code == 202
    (row,) = await yard.kept()
    assert (row.code, row.account) == ("unknown_account", account)
    nameless = await yard.own("m2", "user.logged_in")
    assert nameless.json()["kept"] == 1
    assert [one.code for one in await yard.kept()] == ["unknown_account", "no_account"]


async def test_what_was_kept_and_is_told_again_with_success_needs_nobody(yard: Yard) -> None:
    account = yard.town.account("again")
    await yard.own("m1", "kickoff.held", account=account)
    await yard.own("m1", "kickoff.held", account=account)
    assert len(await yard.kept()) == 1
    await yard.town.win(account)
    assert (await yard.own("m1", "kickoff.held", account=account)).status_code == 200
    assert not await yard.kept()


# ── away


async def test_while_temporal_is_away_nothing_is_half_taken(
    quiet_town: Town, new_id: Number
) -> None:
    """503, so that the sender tells it again; then it is taken whole, and once (R20)."""
    account, deal = new_id(), new_id("006")
    record = ("Opportunity", {"Id": deal, "AccountId": account, "StageName": "Closed Won"})
    odd = ("Contract", {"Id": new_id("800")})
    async with opened(quiet_town, client=await nowhere()) as away:
        answer = await away.soap(record, odd)
        assert answer.status_code == 503
        assert answer.headers["content-type"] == "application/problem+json"
        assert "Ack" not in answer.text
        assert not await away.kept()
    async with quiet_town.open(), opened(quiet_town) as yard:
        assert "<Ack>true</Ack>" in (await yard.soap(record, odd)).text
        await yard.town.in_stage(account, "customer_stages", "onboarding")
        assert [row.told for row in await yard.kept()] == ["Contract"]


async def test_while_the_database_is_away_the_sender_tries_again(town: Town) -> None:
    away = Store(make_engine("sqlite:////nowhere/at/all/lifecycle.db"))
    async with opened(replace(town, store=away)) as yard:
        answer = await yard.own("m1", "kickoff.held", account="acme")
    await away.close()
    assert (answer.status_code, answer.json()["code"]) == (503, "no_database")


async def test_what_waits_is_sent_also_when_its_id_was_explained_before(yard: Yard) -> None:
    """A delivery that was broken off behind its lesson is told again, and sets free what waits."""
    company, deal = yard.town.account("9002"), yard.town.account("d2")
    base = {"eventId": 1, "occurredAt": int(datetime.now(UTC).timestamp() * 1000)}
    creation = {**base, "subscriptionType": "deal.creation", "objectId": deal}
    told_ = {**base, "subscriptionType": "deal.associationChange", "fromObjectId": deal}
    association = {**told_, "toObjectId": company, "associationType": "DEAL_TO_COMPANY"}
    await yard.tell("hubspot", [creation])
    await learn(yard.store, "hubspot", {("deal", deal): company}, datetime.now(UTC))
    await yard.tell("hubspot", [association])
    await yard.town.in_stage(company, "sales", "prospect")
    assert not await yard.kept()


async def test_events_are_taken_while_no_worker_runs(quiet_town: Town, new_id: Number) -> None:
    """Taken means: Temporal has it. The worker does the rest when there is one."""
    account = new_id()
    record = {"Id": new_id("006"), "AccountId": account, "StageName": "Closed Won"}
    async with opened(quiet_town) as yard:
        assert (await yard.soap(("Opportunity", record))).status_code == 200
    async with quiet_town.open():
        await quiet_town.in_stage(account, "customer_stages", "onboarding")


# ── mending


def mended(folder: Path, name: str, old: str, new: str) -> None:
    path = folder / name
    text = path.read_text(encoding="utf-8")
    assert old in text
    path.write_text(text.replace(old, new), encoding="utf-8")


def own_hooks(folder: Path) -> Path:
    """A folder of hooks to write in."""
    hooks = folder / "own"
    hooks.mkdir()
    for path in (app_folder() / "hooks").glob("*.yaml"):
        (hooks / path.name).write_text(path.read_text(encoding="utf-8"), encoding="utf-8")
    return hooks


async def test_a_mapping_is_mended_while_the_door_is_open(town: Town, tmp_path: Path) -> None:
    """A broken one keeps every message; the mended one is read at once."""
    hooks = own_hooks(tmp_path)
    async with opened(town, hooks) as yard:
        account = await known(yard, "mended")
        mended(hooks, "product.yaml", "account: account_id", "account: acount_id")
        assert (await yard.own("m1", "kickoff.held", account=account)).status_code == 202
        (row,) = await yard.kept()
        assert row.code == "bad_hook"
        assert "Did you mean account_id?" in row.reason
        mended(hooks, "product.yaml", "account: acount_id", "account: account_id")
        assert (await yard.own("m2", "kickoff.held", account=account)).status_code == 200
        (event,) = await told(yard, account, 1)
        assert event.id == "m2"


async def test_a_hook_that_cannot_be_read_at_all_is_told_again_later(
    town: Town, tmp_path: Path
) -> None:
    """Who speaks is not known then, and so no signature can be looked at."""
    hooks = own_hooks(tmp_path)
    (hooks / "product.yaml").write_text("hook: [", encoding="utf-8")
    async with opened(town, hooks) as yard:
        answer = await yard.own("m1", "kickoff.held", account="acme")
        assert (answer.status_code, answer.headers["retry-after"]) == (503, "30")


async def test_v9_t26_a_stage_set_in_the_crm_is_a_persons_move(town: Town, tmp_path: Path) -> None:
    hooks = own_hooks(tmp_path)
    moved = (hooks / "hubspot.yaml").read_text(encoding="utf-8").replace("  # - if", "  - if")
    lines = [
        line.replace("  #   ", "    ", 1) if line.startswith("  #   ") else line
        for line in moved.splitlines()
    ]
    (hooks / "hubspot.yaml").write_text("\n".join(lines), encoding="utf-8")
    async with opened(town, hooks) as yard:
        account = await known(yard, "moved")
        base = {"eventId": 7, "occurredAt": int(datetime.now(UTC).timestamp() * 1000), "objectId": account,
                "subscriptionType": "company.propertyChange", "propertyName": "lifecyclestage"}  # fmt: skip
        assert (
            await yard.tell("hubspot", [{**base, "propertyValue": "opportunity"}])
        ).status_code == 200
        await yard.town.in_stage(account, "sales", "prospect")
        *_, entry = await yard.town.journal(account)
        assert (entry.input.actor, entry.input.reason) == ("HubSpot", "Set in HubSpot")  # type: ignore[union-attr]
        odd = await yard.tell("hubspot", [{**base, "eventId": 8, "propertyValue": "evangelist"}])
        assert odd.status_code == 202
        (row,) = await yard.kept()
        assert row.code == "unknown_stage"  # T27


# ── ids


async def test_a_persons_word_on_whose_an_id_is_stands(yard_on_both: Yard) -> None:
    yard, now = yard_on_both, datetime.now(UTC)
    account = yard.town.account("by-hand")
    await set_account(yard.store, "stripe", ("customer", "cus_7"), account, "ann", now)
    other = stripe_event("customer.updated", "x", id="cus_7", metadata={"account_id": "other"})
    await yard.tell("stripe", other)
    asked = [("customer", "cus_7"), ("customer", "cus_8")]
    assert await accounts_of(yard.store, "stripe", asked) == {("customer", "cus_7"): account}


# ── refusals


async def test_a_source_without_a_setting_has_no_address(yard: Yard) -> None:
    for name in ("pigeon", "..%2Fsecrets", "stripe.yaml"):
        answer = await yard.post(name, b"{}", signing.JSON)
        assert answer.status_code == 404


@pytest.mark.parametrize(
    ("body", "headers", "status"),
    [
        (b"{}", {"content-type": "application/json"}, 401),
        (b"{}", {"content-type": "text/plain"}, 415),
        (b"{}", {}, 415),
        (b"no json", timedelta(), 422),
        (b"[" * 100_000, timedelta(), 422),
        (b"{}", timedelta(hours=1), 401),
        (b" " * 1_100_000, timedelta(), 413),
    ],
    ids=["unsigned", "text", "untyped", "no json", "deep", "replayed", "large"],
)
async def test_what_is_refused_is_told_as_a_problem(
    yard: Yard, body: bytes, headers: dict[str, str] | timedelta, status: int
) -> None:
    """In place of headers: signed so long ago, counted from when the test runs."""
    if isinstance(headers, timedelta):
        headers = signing.stripe(body, datetime.now(UTC) - headers)
    answer = await yard.post("stripe", body, headers)
    assert answer.status_code == status
    assert answer.headers["content-type"] == "application/problem+json"
    assert answer.json()["code"]
    assert not await yard.kept()


async def test_looking_at_the_address_is_no_delivery(yard: Yard) -> None:
    assert (await yard.browser.get("/hooks/stripe")).status_code == 405


HOSTILE = [
    "'; DROP TABLE hook_arrival; --",
    "<script>alert(1)</script>",
    "{{7*7}}",
    "a\x00b",
    "\ud800",
    "x" * 5_000,
]


async def test_hostile_words_are_words(yard_on_both: Yard) -> None:
    """As account, type, data and ids: refused or kept as they are, on both databases."""
    yard = yard_on_both
    for number, text in enumerate(HOSTILE):
        meta = {"metadata": {"account_id": text}}
        for event in (
            stripe_event(text, f"a{number}", id="x"),
            stripe_event("invoice.payment_failed", f"b{number}", id=text, customer=text, **meta),
            stripe_event("customer.subscription.deleted", text, id="x", **meta),
        ):
            answer = await yard.tell("stripe", event)
            assert answer.status_code in {200, 202}, (number, answer.text)
    assert len(await yard.kept()) == 3 * len(HOSTILE)
