"""`POST /v1/events`: in every mode; what is accepted is with Temporal, what is refused says why."""

import json
from typing import Any
from urllib.parse import quote

import httpx2
import pytest

from lifecycle.roles import Role
from lifecycle.web.api.intake import Intake
from tests.web.api.conftest import DEAL, House

ONE = {"Content-Type": "application/cloudevents+json"}
MANY = {"Content-Type": "application/cloudevents-batch+json; charset=utf-8"}
PLAIN = {"Content-Type": "application/json"}


async def post(client: httpx2.AsyncClient, body: Any, headers: dict[str, str], **more: Any) -> Any:
    content = body if isinstance(body, str | bytes) else json.dumps(body)
    return await client.post("/v1/events", content=content, headers=headers, **more)


@pytest.mark.parametrize(
    ("headers", "many"), [(ONE, False), (MANY, True), (PLAIN, False), (PLAIN, True)]
)
async def test_an_event_is_taken_in_every_mode(
    house: House, headers: dict[str, str], many: bool
) -> None:
    """T26, L5: structured, batch and plain; 202 means that Temporal has it."""
    account = house.town.account(f"mode{len(headers['Content-Type'])}{many}")
    event = house.event(account, csm="Ana Torres")
    answer = await post(house.by[Role.SERVICE], [event] if many else event, headers)
    assert answer.status_code == 202, answer.text
    [result] = answer.json()["results"]
    assert (result["status"], result["account"], result["id"]) == ("accepted", account, event["id"])
    await house.town.in_stage(account, "customer_journey", "onboarding")


async def test_an_event_may_stand_in_the_headers(house: House) -> None:
    """Binary mode: values are percent-encoded."""
    account = house.town.account("binär")
    headers = {
        **PLAIN,
        "ce-specversion": "1.0",
        "ce-id": "1",
        "ce-source": "crm/%C3%A4",
        "ce-type": DEAL,
        "ce-subject": account.replace("ä", "%C3%A4"),
        "ce-time": "2026-01-31T12:00:00Z",
    }
    answer = await post(house.csm, {"csm": "Ana Torres"}, headers)
    assert answer.status_code == 202, answer.text
    await house.town.in_stage(account, "customer_journey", "onboarding")
    [event] = await house.town.events(account)
    assert (event.source, event.id, event.data["csm"]) == ("crm/ä", "1", "Ana Torres")


async def test_the_same_again_counts_once(house: House) -> None:
    """R20."""
    account = await house.born()
    event = house.event(account, "kickoff.held")
    for _ in range(3):
        assert (await post(house.csm, event, ONE)).status_code == 202
    state = await house.town.recorded(account, lambda it: it.duplicates == 2)
    assert state.duplicates == 2


@pytest.mark.parametrize(
    ("change", "status", "field", "said"),
    [
        ({"type": "oportunity.closed_won"}, 422, "type", f"Did you mean {DEAL}?"),
        ({"type": "account.created"}, 422, "type", "Send the fact it stands for."),
        ({"data": {"amount": "much"}}, 422, "data", "amount"),
        ({"data": {"amount": {"deep": 1}}}, 422, "data.amount", "only texts"),
        ({"data": [1]}, 422, "", "object"),
        ({"subject": None}, 422, "subject", "the account's id"),
        ({"subject": "a\nb"}, 422, "subject", "no account id"),
        ({"id": ""}, 422, "id", "is missing"),
        ({"source": 7.5}, 422, "source", "is missing"),
        ({"time": "yesterday"}, 422, "time", "2026-01-31T12:00:00Z"),
        ({"specversion": "0.3"}, 422, "specversion", "1.0"),
        ({"data_base64": "aGk="}, 422, "data_base64", "JSON"),
        ({"data": {"csm": "x" * 17_000}}, 422, "", "16,000"),
        ({"subject": "nobody-at-all", "type": "kickoff.held"}, 404, "subject", "no account"),
    ],
)
async def test_what_is_refused_names_field_and_remedy(
    house: House, change: dict[str, Any], status: int, field: str, said: str
) -> None:
    """R2, R16, T27."""
    event = {**house.event(house.town.account("refused")), **change}
    answer = await post(house.csm, event, ONE)
    problem = answer.json()
    assert answer.status_code == status, problem
    assert answer.headers["content-type"] == "application/problem+json"
    assert problem["field"] == field
    assert said in f"{problem['detail']} {problem['remedy']}"


async def test_of_many_the_good_ones_are_taken_and_the_bad_ones_told(house: House) -> None:
    """R16: each by itself, at its place; those of an account stay in order."""
    acme, new = await house.born(), house.town.account("new")
    events = [
        house.event(acme, "kickoff.held"),
        house.event(acme, "kikoff.held"),
        house.event(new, csm="Ana Torres"),
        house.event("nobody-here", "kickoff.held"),
        "no event",
        house.event(new, "kickoff.held"),
    ]
    answer = await post(house.csm, events, MANY)
    told = answer.json()
    assert answer.status_code == 207
    assert (told["accepted"], told["refused"], told["failed"]) == (3, 3, 0)
    assert [one["place"] for one in told["results"]] == [0, 1, 2, 3, 4, 5]
    assert [one["code"] for one in told["results"]] == [
        "",
        "unknown_event",
        "",
        "unknown_account",
        "bad_message",
        "",
    ]
    await house.town.recorded(new, lambda it: it.revision >= 3)
    assert [one.type for one in await house.town.events(new)] == [DEAL, "kickoff.held"]
    nothing = await post(house.csm, events[1:2] * 2, MANY)
    assert nothing.status_code == 422
    assert nothing.json()["refused"] == 2


async def test_the_account_comes_into_being_among_the_events_of_one_request(house: House) -> None:
    """R2: what came before it is refused, what comes after it is not."""
    account = house.town.account("late")
    types = ["kickoff.held", DEAL, "kickoff.held"]
    answer = await post(house.csm, [house.event(account, one) for one in types], MANY)
    assert answer.status_code == 202
    state = await house.town.in_stage(account, "customer_journey", "onboarding")
    assert state.created_at is not None


@pytest.mark.parametrize("how", [{"params": {"wait": "true"}}, {"headers": {"Prefer": "wait=10"}}])
async def test_one_may_wait_for_what_it_did(house: House, how: dict[str, Any]) -> None:
    """N3: the entries, with their words."""
    account = house.town.account("-".join(("wait", *how)))
    headers = {**ONE, **how.pop("headers", {})}
    answer = await post(house.csm, house.event(account, csm="Ana Torres"), headers, **how)
    told = answer.json()
    assert answer.status_code == 200, told
    assert told["account"] == account
    texts = [said["text"] for one in told["entries"] for said in one["said"]["changes"]]
    assert any("Onboarding" in text for text in texts)
    assert (await house.town.state(account)).revision >= told["revision"]


async def test_waiting_is_for_one(house: House) -> None:
    events = [house.event("a"), house.event("b")]
    answer = await post(house.csm, events, MANY, params={"wait": "true"})
    assert (answer.status_code, answer.json()["field"]) == (422, "wait")


async def test_while_temporal_is_away_nothing_is_accepted(away: House) -> None:
    """503 with Retry-After; of many each says that it has to be sent again."""
    one = await post(away.csm, away.event("acme"), ONE)
    assert (one.status_code, one.json()["code"]) == (503, "no_server")
    assert int(one.headers["retry-after"]) > 0
    many = await post(away.csm, [away.event("acme"), away.event("acme", "nonsense")], MANY)
    told = many.json()
    assert many.status_code == 503
    assert [one["status"] for one in told["results"]] == ["failed", "refused"]
    assert (told["accepted"], told["failed"]) == (0, 1)


async def test_events_are_checked_while_the_database_is_away(
    house: House, monkeypatch: pytest.MonkeyPatch
) -> None:
    """The definitions read last count: a database that is away refuses nobody's event."""
    intake = Intake(house.door)
    good, _ = await intake.checked([house.event("acme")])
    assert len(good) == 1

    async def is_away(_: object) -> Any:
        raise ConnectionRefusedError

    monkeypatch.setattr("lifecycle.web.api.intake.current_book", is_away)
    monkeypatch.setattr("lifecycle.web.api.intake.FRESH", -1.0)
    good, bad = await intake.checked([house.event("acme"), house.event("acme", "unknown.type")])
    assert (len(good), [one.code for one in bad]) == (1, ["unknown_event"])


@pytest.mark.parametrize(
    ("body", "kind", "status", "said"),
    [
        ("<event/>", "application/xml", 415, "application/cloudevents+json"),
        ("", "application/json", 422, "no JSON"),
        ("{", "application/json", 422, "no JSON"),
        ("[]", "application/json", 422, "1 to 1,000"),
        ("{}", "application/cloudevents-batch+json", 422, "list"),
        ("[{}]", "application/cloudevents+json", 422, "one event"),
        ('{"id": NaN}', "application/json", 422, "NaN is no number"),
        ('{"data": {"amount": 1e999}}', "application/json", 422, "1e999 is no number"),
        ("9" * 5_000, "application/json", 422, "no JSON"),
        ("[" * 100_000, "application/json", 422, "no JSON"),
        ('{"a":' * 50_000 + "1" + "}" * 50_000, "application/json", 422, "nested too deeply"),
        (r'{"id": "\u0000"}', "application/json", 422, "NUL"),
        (r'{"id": "\ud800"}', "application/json", 422, "surrogate"),
        (b'{"id": "\xff"}', "application/json", 422, "UTF-8"),
    ],
)
async def test_what_is_no_event_at_all_is_refused(
    house: House, body: str | bytes, kind: str, status: int, said: str
) -> None:
    answer = await post(house.csm, body, {"Content-Type": kind})
    assert answer.status_code == status, answer.text
    assert answer.headers["content-type"] == "application/problem+json"
    assert said in answer.json()["detail"]


async def test_ids_that_nobody_can_keep_are_refused_at_the_door(house: House) -> None:
    """R16: Temporal takes 1,000 bytes of an id, no database a NUL: sending it again would never help."""
    long = await house.csm.post("/v1/events", json=house.event("😀" * 255))
    assert (long.status_code, long.json()["code"]) == (422, "bad_account"), long.text
    assert long.json()["field"] == "subject"
    acme = await house.born()
    for name in ("ce-id", "ce-source", "ce-time"):
        headers = {
            "ce-specversion": "1.0",
            "ce-id": "one",
            "ce-source": "test",
            "ce-type": "opportunity.closed_won",
            "ce-subject": quote(acme),
            name: "a%00b",
        }
        nul = await house.csm.post("/v1/events", json={}, headers=headers)
        assert nul.status_code == 422, (name, nul.text)


async def test_an_account_that_was_only_ever_refused_is_not_what_somebody_means(
    house: House,
) -> None:
    """The refused event leaves a row, for its journal only."""
    event = house.event(house.town.account("nemo"), "training.completed")
    told = await house.csm.post("/v1/events", json=event)
    assert (told.status_code, told.json()["code"]) == (404, "unknown_account")
    asked = await house.csm.get(f"/v1/accounts/{event['subject']}")
    assert (asked.status_code, event["subject"] in asked.json()["remedy"]) == (404, False)


@pytest.mark.parametrize(
    ("body", "said", "remedy"),
    [
        ({"data": [1]}, "`data` is a JSON object, not a list.", "Correct"),
        ({"data": {"a": {}}}, "`data.a` is an object: only texts", "Correct"),
        ("x", "An event is a JSON object, not a text.", "Correct"),
        ([None], "An event is a JSON object, not null.", "Correct"),
        ([], "Send 1 to 1,000", "nothing to tell"),
    ],
)
async def test_wrong_shapes_are_called_as_json_calls_them(
    house: House, body: Any, said: str, remedy: str
) -> None:
    event = house.event("acme") | body if isinstance(body, dict) else body
    told = (await house.csm.post("/v1/events", json=event)).json()
    assert told["detail"].startswith(said), told
    assert remedy in told["remedy"]


async def test_who_may_not_is_told_what_is_missing(house: House) -> None:
    refused = await house.by[Role.SERVICE].get("/v1/accounts")
    assert refused.status_code == 403
    assert "service" in refused.json()["detail"]
    assert "read" in refused.json()["detail"]
