"""Objects as Salesforce and Stripe publish them run through the door: the shipped hooks fit what is really sent."""

import json
from collections.abc import Callable
from datetime import UTC, datetime
from hashlib import sha256
from pathlib import Path
from typing import Any
from xml.sax.saxutils import escape

from lifecycle.core.state import AccountState
from tests.hooks.signing import change
from tests.hooks.test_door import known, told
from tests.hooks.yard import Yard, salesforce_id

Record = dict[str, Any]


def records(folder: Path, name: str) -> dict[str, Record]:
    """Salesforce's sample records by their ids; what is only of the file's own form is left out."""
    found = json.loads((folder / "salesforce" / f"{name}.json").read_text(encoding="utf-8"))
    return {
        one["attributes"]["referenceId"].removeprefix("ref"): {
            key: value.removeprefix("@ref") if isinstance(value, str) else value
            for key, value in one.items()
            if key != "attributes"
        }
        for one in found["records"]
    }


async def test_every_account_and_opportunity_as_change_events(
    yard: Yard, shared_data: Path
) -> None:
    """Told in the worst order, deals first: each account is where its deals say, with its fields."""
    accounts, deals = records(shared_data, "Account"), records(shared_data, "Opportunity")
    told_deals = [
        change("Opportunity", key, "CREATE", f"d-{key}", **one) for key, one in deals.items()
    ]
    told_accounts = [
        change("Account", key, "CREATE", f"a-{key}", **one) for key, one in accounts.items()
    ]
    for event in [*told_deals, *told_accounts]:
        assert (await yard.change(event)).json() == {"sent": 1, "kept": 0, "ignored": 0}
    assert (await yard.change(*told_deals, *told_accounts)).json()["sent"] == len(deals) + len(
        accounts
    )
    won = {one["AccountId"] for one in deals.values() if one["StageName"] == "Closed Won"}
    assert len(won) >= 4
    for key, one in accounts.items():
        state = await yard.town.recorded(key, named(one["Name"]))
        assert state.fields.get("sector") == one.get("Industry")
        assert state.fields.get("employees") == one.get("NumberOfEmployees")
        if key in won:
            state = await yard.town.in_stage(key, "customer_stages", "onboarding")
        assert state.fields["type"] == ("Customer" if key in won else "Prospect")
    assert not await yard.kept()


async def test_every_account_and_opportunity_as_outbound_messages(
    yard: Yard, shared_data: Path
) -> None:
    """The same in SOAP, all in one message; what is not text there is text here."""
    deals = list(records(shared_data, "Opportunity").values())
    own = {one["AccountId"]: salesforce_id(hash_of(yard, one["AccountId"])) for one in deals}
    told_deals = [
        (
            "Opportunity",
            {**said(one), "Id": salesforce_id(number, "006"), "AccountId": own[one["AccountId"]]},
        )
        for number, one in enumerate(deals, hash_of(yard, ""))
    ]
    answer = await yard.soap(*told_deals)
    assert "<Ack>true</Ack>" in answer.text
    for one in deals:
        if one["StageName"] == "Closed Won":
            account = own[one["AccountId"]]
            await yard.town.in_stage(account, "customer_stages", "onboarding")
    assert not await yard.kept()


def named(name: str) -> Callable[[AccountState], bool]:
    return lambda state: state.fields.get("name") == name


def hash_of(yard: Yard, text: str) -> int:
    """A number that only this test has for a text."""
    return int(sha256(f"{yard.town.prefix}{text}".encode()).hexdigest()[:9], 16)


def said(one: Record) -> dict[str, str]:
    """Every field as the text it is in XML."""
    return {name: escape(str(value)) for name, value in one.items()}


async def test_stripes_objects_make_a_customer(yard: Yard, shared_data: Path) -> None:
    """V8 with a subscription, its invoice and its customer as Stripe's own samples have them."""
    account = await known(yard, "stripe-objects")
    sample = {
        name: json.loads((shared_data / "stripe" / f"{name}.json").read_text(encoding="utf-8"))
        for name in ("event", "customer", "subscription", "invoice")
    }
    assert (await yard.tell("stripe", sample["event"])).json()["kept"] == 1  # plan.created
    customer = sample["customer"] | {"metadata": {"account_id": account}, "name": "Acme"}
    bought = sample["subscription"]
    paid = sample["invoice"] | {"amount_paid": 1000, "status": "paid"}
    paid["parent"]["subscription_details"]["subscription"] = bought["id"]

    def event(type_: str, thing: Record) -> Record:
        now = int(datetime.now(UTC).timestamp())
        name = f"evt_{type_}_{account}"
        return {
            **sample["event"],
            "id": name,
            "type": type_,
            "created": now,
            "data": {"object": thing},
        }

    for one in (
        event("invoice.paid", paid),  # before anybody said whose it is: waits
        event("customer.created", customer),
        event("customer.subscription.created", bought),
        event("invoice.payment_failed", sample["invoice"]),
        event("customer.subscription.trial_will_end", bought),
    ):
        assert (await yard.tell("stripe", one)).status_code in {200, 202}
    await yard.town.in_stage(account, "sales", "customer")
    facts = {fact.type: fact.data for fact in await told(yard, account, 3)}
    assert facts["wholesale.billed"] == {"order_id": bought["id"], "amount": "10.00"}
    assert facts["product.purchased"]["product"] == "prod_QXg1hqf4jFNsqG"
    assert facts["invoice.payment_failed"]["amount"] == "10.00"
    assert [row.told for row in await yard.kept()] == ["plan.created"]
