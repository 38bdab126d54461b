"""What is read by HTTP: pages in order, the past, reports, segments, definitions, campaigns."""

import csv
import io
from datetime import UTC, datetime, timedelta
from typing import Any

import httpx2
import pytest

from lifecycle.roles import Role
from lifecycle.telling.reports.kinds import KINDS
from tests.web.api.conftest import House


async def followed(client: httpx2.AsyncClient, path: str, key: str) -> list[dict[str, Any]]:
    """All pages, by the links the answers carry."""
    found: list[dict[str, Any]] = []
    at: str | None = path
    while at:
        answer = await client.get(at)
        assert answer.status_code == 200, answer.text
        found += answer.json()[key]
        link = answer.headers.get("link", "")
        at = link.partition(">")[0].removeprefix("<") or None
    return found


async def test_pages_follow_each_other_by_their_links(house: House) -> None:
    """Sorted or not: every account once, in order."""
    tag = house.town.account("page")
    made = [await house.born(f"{tag}-{n}") for n in range(5)]
    for number, account in enumerate(made):
        await house.csm.patch(
            f"/v1/accounts/{account}/fields", json={"fields": {"arr": number * 10}}
        )
    by_id = await followed(house.csm, f"/v1/accounts?search={tag}&limit=2", "accounts")
    assert [one["account"] for one in by_id] == sorted(made)
    down = await followed(house.csm, f"/v1/accounts?search={tag}&limit=2&sort=-arr", "accounts")
    assert [one["account"] for one in down] == made[::-1]
    some = await house.csm.get(
        "/v1/accounts", params={"search": tag, "where": ["arr >= 20", "arr <= 30"]}
    )
    assert some.json()["total"] == 2
    past = await followed(house.csm, f"/v1/accounts/{made[0]}/history?limit=1", "entries")
    whole = (await house.csm.get(f"/v1/accounts/{made[0]}/history?limit=500")).json()["entries"]
    assert past == whole


async def test_the_list_of_a_past_day(house: House) -> None:
    """N5: where they stood, from what was recorded; what only the present knows is not asked of the past."""
    tag = house.town.account("past")
    acme = await house.born(tag)
    before = datetime.now(UTC).isoformat()
    await house.csm.put(
        f"/v1/accounts/{acme}/stages/customer_journey", json={"stage": "launched", "reason": "x"}
    )
    now = await house.csm.get("/v1/accounts", params={"search": acme})
    assert now.json()["accounts"][0]["stages"]["customer_journey"]["stage"] == "launched"
    then = await house.csm.get(
        "/v1/accounts", params={"as_of": before, "lifecycle": "customer_journey", "limit": 500}
    )
    told = then.json()
    [line] = [one for one in told["accounts"] if one["account"] == acme]
    assert line["stages"]["customer_journey"]["stage"] == "onboarding"
    assert told["by_stage"]["onboarding"] >= 1
    assert told["total"] == len(told["accounts"])
    late = await house.csm.get("/v1/accounts", params={"as_of": before, "late": "true"})
    assert (late.status_code, late.json()["field"]) == (422, "late")
    early = await house.csm.get("/v1/accounts", params={"known": before})
    assert (early.status_code, early.json()["field"]) == (422, "known")
    tomorrow = (datetime.now(UTC) + timedelta(days=2)).date().isoformat()
    ahead = await house.csm.get("/v1/accounts", params={"as_of": tomorrow})
    assert (ahead.status_code, ahead.json()["code"]) == (422, "bad_time")


@pytest.mark.parametrize("name", KINDS)
async def test_every_report_is_data_and_a_file(house: House, name: str) -> None:
    """G10: the same rows, as JSON and as CSV."""
    await house.born()
    data = await house.csm.get(f"/v1/reports/{name}")
    assert data.status_code == 200, data.text
    file = await house.csm.get(f"/v1/reports/{name}", headers={"Accept": "text/csv"})
    assert file.status_code == 200, file.text
    assert file.headers["content-type"].startswith("text/csv")
    rows = list(csv.DictReader(io.StringIO(file.text)))
    if name != "days":
        assert len(rows) == len(data.json()["rows"])
    odd = await house.csm.get(f"/v1/reports/{name}", params={"start": "lead", "by_csm": "true"})
    assert odd.status_code == 422, odd.text


async def test_a_segment_is_asked_and_counted(house: House) -> None:
    """T17: sentences that make no sense are told, all at once."""
    ask = await house.csm.post(
        "/v1/segments/ask", json={"where": ["customer_journey is one of onboarding"], "count": True}
    )
    assert ask.json()["accounts"] >= 1
    wrong = await house.csm.post("/v1/segments/ask", json={"where": ["typ is X", "arr is big"]})
    assert wrong.status_code == 422
    assert "Did you mean" in wrong.json()["detail"] + wrong.json()["remedy"]


@pytest.mark.parametrize("form", ["words", "yaml", "json", "mermaid"])
async def test_a_definition_in_every_form(house: House, form: str) -> None:
    """G8."""
    answer = await house.csm.get("/v1/definitions/sales", params={"format": form})
    assert answer.status_code == 200, answer.text
    assert "Customer" in answer.text or "customer" in answer.text


async def test_definitions_are_checked_and_published(house: House) -> None:
    """R14, V12: problems with line and column, nothing changed by looking; published by an administrator."""
    admin = house.by[Role.ADMIN]
    source = (await admin.get("/v1/definitions/segments", params={"format": "yaml"})).text
    wrong = source + "\n  broken:\n    where: typ is Customer\n"
    checked = (
        await admin.post("/v1/definitions/check", json={"files": {"segments.yaml": wrong}})
    ).json()
    problem = next(one for one in checked["problems"] if one["severity"] == "error")
    assert problem["file"] == "segments.yaml"
    assert problem["line"] > source.count("\n")
    refused = await admin.post("/v1/definitions/publish", json={"files": {"segments.yaml": wrong}})
    assert (refused.status_code, refused.json()["code"]) == (422, "bad_definitions")
    assert refused.json()["problems"] == checked["problems"]
    acme = await house.born()
    sales = (await admin.get("/v1/definitions/sales", params={"format": "yaml"})).text
    renamed = sales.replace("label: Prospect", "label: Interested")
    assert renamed != sales
    answer = await admin.post("/v1/definitions/publish", json={"files": {"sales.yaml": renamed}})
    told = answer.json()
    assert answer.status_code == 200, told
    assert [one["id"] for one in told["published"]] == ["sales"]
    publication = (await admin.get(f"/v1/publications/{told['publication']}")).json()
    assert publication["items"]["done"] >= 1
    moved = await house.csm.put(
        f"/v1/accounts/{acme}/stages/sales", json={"stage": "Interested", "reason": "x"}
    )
    assert moved.status_code == 200, moved.text
    again = await admin.post("/v1/definitions/publish", json={"files": {}})
    assert again.json()["published"] == []


async def test_a_campaign_by_http(house: House) -> None:
    """V2, G14: previewed, sent once however often it is asked for, ordered, and told account by account."""
    acme = await house.born()
    audience = {"template": "feature_news", "where": ['name is "Acme Campaign"'], "to": ["contact"]}
    await house.csm.patch(
        f"/v1/accounts/{acme}/fields",
        json={"fields": {"name": "Acme Campaign", "contact_email": "eve@acme.example"}},
    )
    seen = await house.csm.post("/v1/campaigns/preview", json=audience)
    assert seen.status_code == 200, seen.text
    assert seen.json()["matched"] == 1
    for _ in range(2):
        begun = await house.csm.post("/v1/campaigns", json={**audience, "name": "news-1"})
        assert begun.status_code == 202, begun.text
    other = await house.csm.post(
        "/v1/campaigns", json={**audience, "name": "news-1", "where": ["arr > 1"]}
    )
    assert (other.status_code, other.json()["code"]) == (409, "name_taken")
    report = await house.csm.get("/v1/campaigns/news-1/report")
    assert report.status_code == 200, report.text
    listed = await house.csm.get("/v1/campaigns")
    assert [one["name"] for one in listed.json()["campaigns"]] == ["news-1"]
    nobody = await house.csm.post("/v1/campaigns/preview", json={"template": "feature_news"})
    assert (nobody.status_code, nobody.json()["code"]) == (422, "no_audience")


async def test_the_description_is_a_page_too(house: House) -> None:
    """Every call with what it takes and answers; nothing is fetched from elsewhere."""
    spec = (await house.csm.get("/v1/openapi.json")).json()
    assert spec["openapi"].startswith("3.1")
    page = await house.csm.get("/v1/docs")
    assert page.status_code == 200
    for path in spec["paths"]:
        assert path in page.text
    assert "style=" not in page.text
    for calls in spec["paths"].values():
        for one in calls.values():
            assert one["description"]
            assert one["tags"]
            assert {"401", "403"} <= one["responses"].keys() or one["tags"] == ["live"]
    stranger = await house.csm.get("/v1/openapi.json", headers={"Authorization": "Bearer lc_no"})
    assert stranger.status_code == 401


@pytest.mark.parametrize(
    "path",
    [
        "/v1/accounts/{}?asof=2026-06-30",
        "/v1/accounts/{}?limit=3",
        "/v1/accounts/{}/history?limitt=3",
        "/v1/accounts/{}/stream?afer=3",
        "/v1/stream?since=3",
        "/v1/definitions?as_of=2026-06-30",
    ],
)
async def test_what_is_not_known_behind_the_question_mark_is_refused(
    house: House, path: str
) -> None:
    """Also where a route reads nothing there: an account of today is no answer to how it was."""
    answer = await house.csm.get(path.format(await house.born()))
    told = answer.json()
    name = path.partition("?")[2].partition("=")[0]
    assert (answer.status_code, told["code"], told["field"]) == (422, "bad_request", name)


async def test_an_event_with_a_slip_behind_the_question_mark_is_not_taken(house: House) -> None:
    account = await house.born()
    event = house.event(account, "training.completed")
    answer = await house.csm.post("/v1/events?wiat=true", json=event)
    assert (answer.status_code, answer.json()["field"]) == (422, "wiat")
