"""What people send who mean no good: it is refused or taken as the text it is, and nothing breaks."""

from http import HTTPStatus
from typing import Any

import pytest

from lifecycle.roles import Role
from tests.web.api.conftest import House

EVIL = [
    "'; DROP TABLE account; --",
    '" OR 1=1 --',
    "%' OR '1'='1",
    "{{ 7*7 }}{% for x in ().__class__.__mro__ %}",
    "${jndi:ldap://x}",
    "<script>alert(1)</script>",
    "=HYPERLINK(0)",
    "../../etc/passwd",
    "\u202egnp.exe",
    "a" * 500,
    "😀" * 200,
]
READ = [
    "/v1/accounts?search={}",
    "/v1/accounts?csm={}",
    "/v1/accounts?sort={}",
    "/v1/accounts?where={}",
    "/v1/accounts?after={}",
    "/v1/accounts?as_of={}",
    "/v1/accounts?as_of=2026-01-01&known={}",
    "/v1/accounts/{}",
    "/v1/accounts/{}/history",
    "/v1/segments/{}",
    "/v1/segments/customers?columns={}",
    "/v1/segments/customers?after={}",
    "/v1/scorecards/{}",
    "/v1/reports/{}",
    "/v1/reports/days?account={}",
    "/v1/reports/days?after={}",
    "/v1/reports/funnel?from={}",
    "/v1/reports/mail?campaign={}",
    "/v1/ctas?owner={}",
    "/v1/ctas?due_by={}",
    "/v1/mails?before={}",
    "/v1/mails?template={}",
    "/v1/campaigns/{}",
    "/v1/campaigns/{}/report",
    "/v1/definitions/{}",
]


@pytest.mark.parametrize("path", READ)
async def test_hostile_texts_in_addresses(house: House, path: str) -> None:
    """SQL, templates, paths: a text like any other. A NUL is none that a database keeps."""
    from urllib.parse import quote

    for text in EVIL:
        answer = await house.csm.get(path.format(quote(text, safe="")))
        assert answer.status_code in {200, 404, 409, 422}, (text, answer.text)
    nul = await house.csm.get(path.format("a%00b"))
    assert nul.status_code == HTTPStatus.UNPROCESSABLE_ENTITY, nul.text
    assert nul.json()["code"] == "bad_request"


@pytest.mark.parametrize("text", EVIL)
async def test_hostile_texts_in_fields_are_kept_as_they_are(house: House, text: str) -> None:
    """No template is made of a value, no formula, no markup."""
    acme = await house.born()
    here = f"/v1/accounts/{acme}"
    set_ = await house.csm.patch(f"{here}/fields", json={"fields": {"name": text}, "reason": text})
    assert set_.status_code == 200, set_.text
    assert (await house.csm.get(here)).json()["fields"]["name"] == text.strip()
    held = await house.csm.put(f"{here}/hold", json={"until": "7d", "reason": text})
    assert held.status_code == 200, held.text
    listed = await house.csm.get("/v1/reports/days", headers={"Accept": "text/csv"})
    assert "\n=" not in listed.text


@pytest.mark.parametrize(
    ("body", "field"),
    [
        ({"stage": 1, "reason": "x"}, "stage"),
        ({"stage": "launched", "reason": ["x"]}, "reason"),
        ({"stage": "launched", "reason": "x", "revision": "1"}, "revision"),
        ({"stage": "launched", "reason": "x", "revision": True}, "revision"),
        ({"stage": "launched", "reason": "x", "revision": 10**30}, "revision"),
        ({"stage": "launched", "reason": "x", "anyway": "yes"}, "anyway"),
        ({"stage": "launched", "reason": "x", "actor": "root"}, "actor"),
        ({"stage": "x" * 501, "reason": "x"}, "stage"),
        ({"stage": "launched", "reason": "x" * 2_001}, "reason"),
        ({"reason": "x"}, "stage"),
        ([], ""),
        ("launched", ""),
        (None, ""),
    ],
)
async def test_shapes_are_strict(house: House, body: Any, field: str) -> None:
    """Nothing is guessed, nothing surplus is taken; every problem is named."""
    answer = await house.csm.put("/v1/accounts/acme/stages/sales", json=body)
    problem = answer.json()
    assert answer.status_code == 422, problem
    assert problem["field"] == field
    assert problem["errors"][0]["field"] == field


async def test_all_that_is_wrong_is_told_at_once(house: House) -> None:
    body = {"stage": 1, "reason": 2, "force": True}
    told = (await house.csm.put("/v1/accounts/acme/stages/sales", json=body)).json()
    assert {one["field"] for one in told["errors"]} == {"stage", "reason", "force"}
    assert told["detail"].endswith("(and 2 more)")
    slip = await house.csm.get("/v1/accounts", params={"serach": "x", "limit": "many"})
    assert {one["field"] for one in slip.json()["errors"]} == {"serach", "limit"}


@pytest.mark.parametrize(
    "number", ["1e999", "-1e999", "NaN", "Infinity", "9" * 400, "1" + "0" * 5_000]
)
async def test_numbers_that_are_none(house: House, number: str) -> None:
    acme = await house.born()
    body = f'{{"fields": {{"arr": {number}}}}}'
    answer = await house.csm.patch(
        f"/v1/accounts/{acme}/fields", content=body, headers={"Content-Type": "application/json"}
    )
    assert answer.status_code == 422, answer.text
    assert (await house.town.state(acme)).fields.get("arr") is None


@pytest.mark.parametrize("key", ["a b", "a\tb", "ä", "x" * 201, "a, b"])
async def test_a_key_is_printable_and_short(house: House, key: str) -> None:
    """Nothing is put into a header that a header could be broken with."""
    headers = {b"Idempotency-Key": key.encode()}
    answer = await house.csm.post("/v1/accounts/acme/undo", headers=headers)
    assert answer.status_code == 422, answer.text
    assert answer.json()["field"] == "Idempotency-Key"


async def test_a_body_that_says_what_it_is_not(house: House) -> None:
    path = "/v1/accounts/acme/fields"
    for kind in ("text/plain", "application/x-www-form-urlencoded", "application/xml", "nonsense"):
        answer = await house.csm.patch(
            path, content='{"fields": {}}', headers={"Content-Type": kind}
        )
        assert answer.status_code == 422, (kind, answer.text)
    deep = '{"fields": ' + '{"a": ' * 50_000 + "1" + "}" * 50_001
    answer = await house.csm.patch(path, content=deep, headers={"Content-Type": "application/json"})
    assert answer.status_code == 422
    assert "nested too deeply" in answer.json()["detail"]


@pytest.mark.parametrize("name", ["../x.yaml", "a/b.yaml", "x.yml", ".yaml", "X.yaml", "a\nb.yaml"])
async def test_definitions_have_names_of_definitions(house: House, name: str) -> None:
    answer = await house.csm.post("/v1/definitions/check", json={"files": {name: "a: 1"}})
    assert (answer.status_code, answer.json()["field"]) == (422, "files")


async def test_definitions_that_are_a_trap(house: House) -> None:
    """Anchors, tags and depth are problems like others, each at its place."""
    bomb = "a: &a [x, x]\nb: &b [*a, *a]\nc: [*b, *b]\n"
    for text in (bomb, "!!python/object/apply:os.system ['id']", "[" * 5_000, "a: 1\na: 2\n", "\t"):
        answer = await house.csm.post(
            "/v1/definitions/check", json={"files": {"segments.yaml": text}}
        )
        assert answer.status_code == 200, answer.text
        assert answer.json()["errors"] >= 1


async def test_whoever_may_not_is_told_so(house: House) -> None:
    """The rights of roles; who sends events reads nothing."""
    service, viewer = house.by[Role.SERVICE], house.by[Role.VIEWER]
    assert (await service.get("/v1/accounts")).status_code == 403
    assert (await viewer.get("/v1/accounts")).status_code == 200
    assert (await viewer.post("/v1/accounts/acme/undo")).status_code == 403
    assert (await viewer.post("/v1/events", json={})).status_code == 403
    assert (await house.csm.post("/v1/definitions/publish", json={"files": {}})).status_code == 403
    for known in (service, viewer):
        assert (await known.get("/v1/openapi.json")).status_code == 200
