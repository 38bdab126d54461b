"""docs/api.md is held to what is there: its addresses, its example in Python, its refusal."""

import json
import re
from pathlib import Path

import pytest

from lifecycle.web.api.describing import Described
from tests.web.api.conftest import House

PAGE = (Path(__file__).parents[3] / "docs" / "api.md").read_text()


def test_every_address_is_one_of_the_api(house: House) -> None:
    paths = Described().spec(house.app)["paths"]
    known = [re.compile(re.sub(r"\{\w+\}", "[^/?]+", path)) for path in paths]
    known += [re.compile("/v1/docs"), re.compile("/v1/openapi.json")]
    told = set(re.findall(r"/v1/[\w/.-]+", PAGE))
    assert len(told) >= 8
    for path in told:
        assert any(one.fullmatch(path) for one in known), path


async def test_the_event_and_the_python_of_the_page_work(
    house: House, capsys: pytest.CaptureFixture[str]
) -> None:
    """What the page posts and prints, by the client of the tests."""
    code = re.search(r"```python\n(.*?)```", PAGE, re.DOTALL)
    assert code is not None
    event = re.search(r"event = (\{.*?\n\})", code[1], re.DOTALL)
    assert event is not None
    acme = house.town.account("docs")
    body = json.loads(re.sub(r",(\s*\})", r"\1", event[1])) | {"subject": acme}
    assert (await house.csm.post("/v1/events", json=body)).status_code == 202
    await house.town.in_stage(acme, "customer_journey", "onboarding")
    account = (await house.csm.get(f"/v1/accounts/{acme}")).json()
    exec(code[1].splitlines()[-1], {"account": account})
    assert "('Customer journey', 'Onboarding')" in capsys.readouterr().out


async def test_the_sentences_of_the_page_and_of_the_examples_are_understood(house: House) -> None:
    told = re.findall(r'"where=([^"]+)"', PAGE)
    spec = Described().spec(house.app)
    shown = spec["components"]["schemas"]["Question"]["examples"][0]["where"]
    (of_list,) = (
        one["schema"]["examples"][0]
        for one in spec["paths"]["/v1/accounts"]["get"]["parameters"]
        if one["name"] == "where"
    )
    assert min(map(len, (told, shown, of_list))) >= 2
    answer = await house.csm.get("/v1/accounts", params={"where": [*told, *shown, *of_list]})
    assert answer.status_code == 200, answer.text


async def test_a_refusal_reads_as_the_page_shows_it(house: House) -> None:
    shown = re.search(r"```json\n(.*?)```", PAGE, re.DOTALL)
    assert shown is not None
    acme = await house.born()
    path = f"/v1/accounts/{acme}/stages/customer_journey"
    answer = await house.csm.put(path, json={"stage": "lunched", "reason": "x"})
    assert answer.json() == json.loads(shown[1])
