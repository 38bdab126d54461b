"""R16: every door gives the same answer. A dozen refusals and a dozen looks, by `admin --json` and by `/v1`."""

import json
from collections.abc import AsyncIterator, Awaitable, Callable
from contextlib import AsyncExitStack
from typing import Any

import httpx2
import pytest
from pydantic import SecretStr

from lifecycle.roles import Role
from lifecycle.web.app import make_app
from lifecycle.web.door import Door
from tests.admin.conftest import Doing
from tests.web.as_who import as_role
from tests.web.conftest import SECRET
from tests.workflows.town import Town

WORDS = ("code", "what", "remedy", "where")


@pytest.fixture
async def api(town: Town) -> AsyncIterator[httpx2.AsyncClient]:
    """The API before the town of the commands; the caller is called as their actor is."""
    settings = town.settings.model_copy(update={"secret": SecretStr(SECRET)})
    app = make_app(Door(settings, town.store, town.client))
    async with AsyncExitStack() as stack:
        yield await stack.enter_async_context(
            as_role(app, town.store, Role.CSM, key=True, name="ann")
        )


Call = Callable[[httpx2.AsyncClient, str], Awaitable[Any]]


def put(path: str, **body: Any) -> Call:
    return lambda api, acme: api.put(f"/v1/accounts/{acme}/{path}", json=body)


def post(path: str, **body: Any) -> Call:
    return lambda api, acme: api.post(f"/v1/accounts/{acme}/{path}", json=body)


def get(path: str, **asked: Any) -> Call:
    return lambda api, acme: api.get(path.format(acme), params=asked)


REFUSALS: list[tuple[tuple[str, ...], Call]] = [
    (
        ("set", "{}", "sales", "custommer", "--reason", "x"),
        put("stages/sales", stage="custommer", reason="x"),
    ),
    (
        ("set", "{}", "salse", "customer", "--reason", "x"),
        put("stages/salse", stage="customer", reason="x"),
    ),
    (
        ("set", "{}", "sales", "customer", "--reason", " "),
        put("stages/sales", stage="customer", reason=" "),
    ),
    (
        ("hold", "{}", "--until", "2020-01-01", "--reason", "x"),
        put("hold", until="2020-01-01", reason="x"),
    ),
    (
        ("hold", "{}", "--until", "soon", "--reason", "x"),
        put("hold", until="soon", reason="x"),
    ),
    (("release", "{}"), lambda api, acme: api.delete(f"/v1/accounts/{acme}/hold")),
    (
        ("fields", "{}", "seats=many", "sets=3", "arr=1,5"),
        lambda api, acme: api.patch(
            f"/v1/accounts/{acme}/fields",
            json={"fields": {"seats": "many", "sets": "3", "arr": "1,5"}},
        ),
    ),
    (("cta", "open", "{}", " "), post("ctas", title=" ")),
    (
        ("cta", "open", "{}", "Call", "--playbook", "unboard"),
        post("ctas", title="Call", playbook="unboard"),
    ),
    (("cta", "open", "{}", "Call", "--due", "5 moons"), post("ctas", title="Call", due="5 moons")),
    (("cta", "close", "{}", "no such thing"), post("ctas/no%20such%20thing/close")),
    (("show", "acmee-nobody"), get("/v1/accounts/acmee-nobody")),
    (("segment", "custommers"), get("/v1/segments/custommers")),
    (
        ("segment", "--where", "typ is Customer", "--where", "arr is above"),
        lambda api, _: api.post(
            "/v1/segments/ask", json={"where": ["typ is Customer", "arr is above"]}
        ),
    ),
    (("list", "--lifecycle", "salse"), get("/v1/accounts", lifecycle="salse")),
    (
        ("report", "transitions", "--from", "2026-02-01", "--to", "2026-01-01"),
        get("/v1/reports/transitions", **{"from": "2026-02-01", "to": "2026-01-01"}),
    ),
    (("campaign", "show", "nothing"), get("/v1/campaigns/nothing")),
    (("mail", "show", "nothing"), get("/v1/mails/nothing")),
    (("definitions", "show", "salse", "--published"), get("/v1/definitions/salse")),
]


async def test_what_is_refused_is_refused_in_the_same_words(
    town: Town, doing: Doing, api: httpx2.AsyncClient
) -> None:
    acme = town.account()
    await town.win(acme)
    for words, call in REFUSALS:
        said = await doing(*(word.format(acme) for word in words), "--json")
        assert said.status == 1, words
        refusal = json.loads(said.err)["error"]
        answer = await call(api, acme)
        problem = answer.json()
        assert answer.status_code in {404, 409, 422}, (words, problem)
        here = {
            "code": problem["code"],
            "what": problem["detail"],
            "remedy": problem["remedy"],
            "where": problem["field"],
        }
        assert here == {name: refusal[name] for name in WORDS}, words


LOOKS: list[tuple[tuple[str, ...], Call]] = [
    (("show", "{}"), get("/v1/accounts/{}")),
    (
        ("list", "--search", "{}"),
        lambda api, acme: api.get("/v1/accounts", params={"search": acme}),
    ),
    (
        ("list", "-l", "sales", "--stage", "None"),
        get("/v1/accounts", lifecycle="sales", stage="None"),
    ),
    (("history", "{}"), get("/v1/accounts/{}/history")),
    (("why", "{}", "--limit", "3"), get("/v1/accounts/{}/why", limit=3)),
    (("forecast", "{}", "--days", "30"), get("/v1/accounts/{}/forecast", days=30)),
    (("ctas", "--account", "{}"), get("/v1/accounts/{}/ctas")),
    (("health", "{}"), get("/v1/accounts/{}/scorecard")),
    (("segment",), get("/v1/segments")),
    (("segment", "customers", "--sort", "-arr"), get("/v1/segments/customers", sort="-arr")),
    (("scorecard",), get("/v1/scorecards/health")),
    (("report", "distribution"), get("/v1/reports/distribution")),
    (("report", "funnel", "-l", "sales"), get("/v1/reports/funnel", lifecycle="sales")),
    (
        ("report", "days", "--account", "{}"),
        lambda api, acme: api.get("/v1/reports/days", params={"account": acme}),
    ),
    (("mail", "list", "--account", "{}"), get("/v1/accounts/{}/mails")),
    (("campaign", "list"), get("/v1/campaigns")),
    (("definitions", "list"), get("/v1/definitions")),
    (("definitions", "show", "sales", "--published"), get("/v1/definitions/sales")),
]


def timeless(data: Any) -> Any:
    """Without the instant it was asked at."""
    if isinstance(data, dict):
        return {
            name: timeless(one) for name, one in data.items() if name not in {"at", "days_over"}
        }
    return [timeless(one) for one in data] if isinstance(data, list) else data


async def test_what_is_shown_is_the_same_data(
    town: Town, doing: Doing, api: httpx2.AsyncClient
) -> None:
    acme = town.account()
    await town.win(acme, arr="12000")
    for words, call in LOOKS:
        said = await doing(*(word.format(acme) for word in words), "--json")
        assert said.status == 0, (words, said.err)
        answer = await call(api, acme)
        assert answer.status_code == 200, (words, answer.text)
        assert timeless(answer.json()) == timeless(json.loads(said.out)), words
