"""The same change-sets by the command line and by HTTP (R16)."""

import asyncio
import json
from pathlib import Path

from pydantic import SecretStr

from lifecycle import contract
from lifecycle.roles import Role
from lifecycle.web.app import make_app
from lifecycle.web.door import Door
from tests.admin.conftest import Doing, Said
from tests.web.as_who import as_role
from tests.web.conftest import SECRET
from tests.workflows.town import Town

STAGE = ("change", "stage", "customer_journey")


async def crowd(town: Town, count: int = 3) -> list[str]:
    names = [town.account(f"a{number}") for number in range(count)]
    await asyncio.gather(*(town.win(name) for name in names))
    return names


def named(folder: Path, accounts: list[str]) -> tuple[str, str]:
    file = folder / "accounts.txt"
    file.write_text("\n".join([*accounts, "", accounts[0]]))
    return "--accounts", str(file)


def parsed(said: Said) -> dict[str, object]:
    assert said.out, said.err
    found: dict[str, object] = json.loads(said.out)
    return found


async def test_a_change_is_looked_at_begun_followed_and_undone(
    doing: Doing, town: Town, tmp_path: Path
) -> None:
    accounts = await crowd(town)
    whom = named(tmp_path, accounts)
    words = (*STAGE, "Launched", *whom, "--reason", "they are live")
    dry = await doing(*words, "--dry-run")
    assert dry.status == 0, dry.err
    for part in ("Move to Launched", "3 accounts would change.", "Onboarding", "For example"):
        assert part in dry.out
    unsure = await doing(*words)
    assert (unsure.status, "Give --yes" in unsure.err) == (1, True)
    assert (await town.state(accounts[0])).tracks["customer_journey"].stage == "onboarding"
    begun = await doing(*words, "--yes", "--json", "--per-minute", "6000")
    assert begun.status == 0, begun.err
    data = parsed(begun)
    assert (data["stands"], data["items"]) == ("done", {"done": 3})
    name = str(data["name"])
    assert "3 done" in (await doing("changes", "show", name)).out
    listed = parsed(await doing("changes", "list", "--json"))["changes"]
    assert isinstance(listed, list)
    assert [one["name"] for one in listed] == [name]
    assert (await doing("changes", "pause", name)).status == 1
    wrong = await doing("changes", "undo", name, "--reason", "a slip", "--json")
    assert (wrong.status, "not_confirmed" in wrong.err) == (1, True)
    move = {"lifecycle": "customer_journey", "stage": "adopting", "reason": "they use it"}
    await town.update(accounts[1], contract.SET_STAGE, actor="eve", **move)
    undone = await doing("changes", "undo", name, "--reason", "a slip", "--yes")
    assert undone.status == 1  # one of them is kept
    assert "Takes back 3 changes, the newest first." in undone.out
    assert "2 undone · 1 kept" in undone.out
    shown = await doing("changes", "show", name, "--status", "kept")
    assert "Undo the newest first" in " ".join(shown.out.split())


async def test_who_is_meant_has_to_be_said_and_to_be_there(
    doing: Doing, town: Town, tmp_path: Path
) -> None:
    (account,) = await crowd(town, 1)
    nobody = await doing(*STAGE, "launched", "--reason", "x")
    assert (nobody.status, "Say which accounts" in " ".join(nobody.err.split())) == (2, True)
    unknown = await doing(*STAGE, "launched", *named(tmp_path, [account + "x"]), "--reason", "x")
    assert unknown.status == 1
    assert "1 account not there" in unknown.err
    both = (*named(tmp_path, [account]), "--segment", "leads")
    assert (await doing(*STAGE, "launched", *both, "--reason", "x")).status == 2
    missing = await doing("changes", "show", "nothing")
    assert (missing.status, "There is no change-set 'nothing'." in missing.err) == (1, True)


async def test_a_stop_and_another_pace_by_hand(doing: Doing, town: Town, tmp_path: Path) -> None:
    accounts = await crowd(town)
    words = ("change", "hold", "--until", "9d", *named(tmp_path, accounts), "--reason", "freeze")
    begun = parsed(await doing(*words, "--yes", "--detach", "--per-minute", "1", "--json"))
    name = str(begun["name"])
    assert "paused" in (await doing("changes", "pause", name, "--reason", "wait")).out
    assert parsed(await doing("changes", "pace", name, "none", "--json"))["per_minute"] is None
    assert (await doing("changes", "pace", name, "fast")).status == 2
    assert "stopped" in (await doing("changes", "stop", name, "--reason", "enough")).out
    again = await doing("changes", "resume", name)
    assert (again.status, "is stopped" in again.err) == (1, True)
    assert "left as they were" in (await doing("changes", "show", name)).out
    held = [bool((await town.state(account)).hold) for account in accounts]
    assert sum(held) < 3
    fields = ("change", "fields", "seats=5", *named(tmp_path, accounts), "--reason", "as agreed")
    done = parsed(await doing(*fields, "--yes", "--json"))
    assert done["items"] == {"done": 3}
    assert (await town.state(accounts[2])).fields["seats"] == 5


async def test_an_import_is_one_change_and_undone_as_one(
    doing: Doing, town: Town, tmp_path: Path
) -> None:
    accounts = await crowd(town, 2)
    path = tmp_path / "prices.csv"
    lines = [f"{account},7,Launched" for account in accounts]
    path.write_text("\n".join(["account,seats,Customer journey", *lines]))
    said = await doing("import", "accounts", str(path))
    assert said.status == 0, said.err
    assert "lifecycle admin changes undo import-" in said.out
    listed = parsed(await doing("changes", "list", "--json"))["changes"]
    assert isinstance(listed, list)
    (one,) = listed
    assert (one["title"], one["items"]) == ("Import prices.csv: 2 accounts", {"done": 4})
    undone = await doing("changes", "undo", one["name"], "--reason", "the wrong file", "--yes")
    assert undone.status == 0, undone.out
    for account in accounts:
        state = await town.state(account)
        assert state.fields.get("seats") is None
        assert state.tracks["customer_journey"].stage == "onboarding"


async def test_the_same_by_http(town: Town) -> None:
    accounts = await crowd(town, 2)
    settings = town.settings.model_copy(update={"secret": SecretStr(SECRET)})
    door = Door(settings, town.store, town.client)
    asked = {"kind": "stage", "lifecycle": "customer_journey", "stage": "launched", "reason": "why"}
    async with as_role(make_app(door), town.store, Role.CSM, key=True, name="ann") as csm:
        nobody = await csm.post("/v1/changes/preview", json=asked)
        assert (nobody.status_code, nobody.json()["field"]) == (422, "segment")
        asked |= {"accounts": accounts}  # type: ignore[dict-item]
        seen = await csm.post("/v1/changes/preview", json=asked)
        assert (seen.status_code, seen.json()["changes"]) == (200, 2)
        late = await csm.post("/v1/changes", json={**asked, "expected": 5})
        assert (late.status_code, late.json()["code"]) == (409, "changed_since")
        begun = await csm.post("/v1/changes", json={**asked, "expected": 2})
        assert begun.status_code == 202, begun.text
        name = begun.json()["name"]
        await asyncio.gather(
            *(town.in_stage(one, "customer_journey", "launched") for one in accounts)
        )
        undo = await csm.post(f"/v1/changes/{name}/undo", json={"reason": "a slip"})
        assert undo.status_code == 200, undo.text
        await asyncio.gather(
            *(town.in_stage(one, "customer_journey", "onboarding") for one in accounts)
        )
        page = await csm.get(f"/v1/changes/{name}", params={"limit": 1})
        assert page.json()["accounts"][0]["account"] in accounts
        assert 'rel="next"' in page.headers["Link"]
        assert (await csm.get("/v1/changes/nothing")).status_code == 404
        assert (await csm.post(f"/v1/changes/{name}/pause")).status_code in {200, 409}
