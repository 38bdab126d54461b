"""Commands by HTTP: answered when they are committed, counted once by their key, refused as everywhere."""

from datetime import timedelta
from urllib.parse import quote

import pytest

from lifecycle.client import Lifecycles
from lifecycle.core.changes import Entry
from lifecycle.core.inputs import OpenCta, SetFields, SetStage, Undo
from lifecycle.roles import Role
from tests.clock import until
from tests.web.api.conftest import House

STAGE = "stages/customer_journey"


async def test_a_person_moves_an_account(house: House) -> None:
    """V9, V10, N3: by label or id; the answer is what the database has, and names the actor."""
    acme = await house.born()
    moved = await house.csm.put(
        f"/v1/accounts/{acme}/{STAGE}", json={"stage": "Launched", "reason": "trained by phone"}
    )
    told = moved.json()
    assert moved.status_code == 200, told
    state = await house.town.state(acme)
    assert state.tracks["customer_journey"].stage == "launched"
    assert state.revision >= told["revision"]
    [command] = [one.input for one in await house.journal(acme) if isinstance(one.input, SetStage)]
    assert command.actor.startswith("csm-")
    cleared = await house.csm.put(
        f"/v1/accounts/{acme}/stages/Customer%20journey", json={"stage": "None", "reason": "over"}
    )
    assert cleared.status_code == 200, cleared.text
    assert (await house.town.state(acme)).tracks["customer_journey"].stage is None


async def test_a_command_is_decided_on_what_was_seen(house: House) -> None:
    """R18: the ETag one looked at; 412 tells what happened since, `anyway` does it all the same."""
    acme = await house.born()
    seen = (await house.csm.get(f"/v1/accounts/{acme}")).headers["etag"]
    path, new = f"/v1/accounts/{acme}/{STAGE}", {"stage": "launched", "reason": "trained"}
    first = await house.csm.put(path, json=new, headers={"If-Match": seen})
    assert first.status_code == 200, first.text
    back = {"stage": "onboarding", "reason": "not yet"}
    late = await house.csm.put(path, json=back, headers={"If-Match": seen})
    assert (late.status_code, late.json()["code"]) == (412, "changed_since")
    assert "Launched since" in late.json()["detail"]
    assert late.json()["remedy"] == "Look again, or repeat the command with `anyway`."
    by_body = await house.csm.put(path, json={**back, "revision": 1})
    assert (by_body.status_code, by_body.json()["field"]) == (409, "revision")
    anyway = {**back, "anyway": True}
    assert (await house.csm.put(path, json=anyway, headers={"If-Match": seen})).status_code == 200
    odd = await house.csm.put(path, json=back, headers={"If-Match": "twelve"})
    assert (odd.status_code, odd.json()["field"]) == (422, "If-Match")
    fields = await house.csm.patch(
        f"/v1/accounts/{acme}/fields", json={"fields": {}}, headers={"If-Match": seen}
    )
    assert (fields.status_code, fields.json()["code"]) == (422, "not_conditional")


async def test_an_account_that_is_as_it_was_is_not_sent_again(house: House) -> None:
    """The tag changes with what stands there, by a command or by time alone."""
    acme = await house.born()
    first = await house.csm.get(f"/v1/accounts/{acme}")
    tag = {"If-None-Match": first.headers["etag"]}
    again = await house.csm.get(f"/v1/accounts/{acme}", headers=tag)
    assert (again.status_code, again.content) == (304, b"")
    assert again.headers["etag"] == first.headers["etag"]
    await house.csm.patch(f"/v1/accounts/{acme}/fields", json={"fields": {"seats": 7}})
    changed = await house.csm.get(f"/v1/accounts/{acme}", headers=tag)
    assert changed.status_code == 200
    assert changed.json()["fields"]["seats"] == 7


async def test_fields_hold_release_and_undo(house: House) -> None:
    """R13, R18: what a CSM does in a day; a refusal names every wrong field."""
    acme = await house.born()
    here = f"/v1/accounts/{acme}"
    wrong = await house.csm.patch(f"{here}/fields", json={"fields": {"seats": "many", "foo": 1}})
    assert wrong.status_code == 422
    assert "seats" in wrong.json()["detail"]
    assert "foo" in wrong.json()["detail"]
    fields = {"arr": "1200.50", "plan": None}
    assert (await house.csm.patch(f"{here}/fields", json={"fields": fields})).status_code == 200
    assert (await house.town.state(acme)).fields["arr"] == 120_050
    held = await house.csm.put(f"{here}/hold", json={"until": "14d", "reason": "merger"})
    assert held.status_code == 200, held.text
    assert (await house.town.state(acme)).hold is not None
    assert (await house.csm.delete(f"{here}/hold")).status_code == 200
    gone = await house.csm.delete(f"{here}/hold")
    assert (gone.status_code, gone.json()["code"]) == (409, "not_on_hold")
    moved = {"stage": "launched", "reason": "x"}
    await house.csm.put(f"{here}/{STAGE}", json=moved)
    undone = await house.csm.post(f"{here}/undo", json={"reason": "wrong account"})
    assert undone.status_code == 200, undone.text
    assert (await house.town.state(acme)).tracks["customer_journey"].stage == "onboarding"
    without_body = await house.csm.post(f"{here}/undo")
    assert without_body.status_code == 200, without_body.text


async def test_a_command_with_a_key_counts_once_and_is_answered_as_the_first_time(
    house: House,
) -> None:
    """R20: the second answer is the first one, also while the account could not do it again."""
    acme = await house.born()
    path, key = f"/v1/accounts/{acme}/undo", {"Idempotency-Key": "undo-1"}
    await house.csm.patch(f"/v1/accounts/{acme}/fields", json={"fields": {"seats": 3}})
    first = await house.csm.post(path, headers=key)
    again = await house.csm.post(path, headers=key)
    assert first.status_code == again.status_code == 200
    assert again.json() | {"cannot_be_taken_back": []} == first.json()
    assert sum(isinstance(one.input, Undo) for one in await house.journal(acme)) == 1
    # Another person's key of the same letters is another command.
    other = await house.by[Role.ADMIN].post(path, headers=key)
    assert other.status_code == 200
    assert other.json()["revision"] > first.json()["revision"]


async def test_an_answer_that_was_lost_is_asked_for_again(
    house: House, monkeypatch: pytest.MonkeyPatch
) -> None:
    """R20: nobody knows whether the command was carried out; the same key finds out, and does it once."""
    acme = await house.born()
    path, body = f"/v1/accounts/{acme}/fields", {"fields": {"seats": 9}}
    key = {"Idempotency-Key": "seats-9"}
    accounts = house.door.accounts
    hasty = Lifecycles(accounts.client, accounts.task_queue, (), timedelta(milliseconds=1))
    with monkeypatch.context() as while_hasty:
        while_hasty.setattr(house.door.accounts, "answer_within", hasty.answer_within)
        lost = await house.csm.patch(path, json=body, headers=key)
    assert (lost.status_code, lost.json()["code"]) == (503, "no_worker")
    found = await house.csm.patch(path, json=body, headers=key)
    assert found.status_code == 200, found.text

    async def carried_out() -> list[Entry]:
        found = [one for one in await house.journal(acme) if isinstance(one.input, SetFields)]
        return [one for one in found if not any(note.code == "duplicate" for note in one.notes)]

    [entry] = await until(carried_out, bool)
    assert found.json()["revision"] == entry.revision


async def test_ctas_by_http(house: House) -> None:
    """G11, G12: opened, given away, put aside, woken, its tasks ticked, closed; each by number."""
    acme = await house.born()
    await house.town.in_stage(acme, "onboarding", "kickoff")
    ctas = f"/v1/accounts/{acme}/ctas"
    listed = (await house.csm.get(ctas)).json()
    [one] = listed["ctas"]
    task = one["tasks"][0]["task"]
    done = await house.csm.post(f"{ctas}/{one['number']}/tasks/{task}/done")
    assert done.status_code == 200, done.text
    opened = await house.csm.post(
        ctas, json={"title": "Call them", "due": "5 business days", "priority": "high"}
    )
    assert opened.status_code == 200, opened.text
    number = 2
    given = await house.csm.patch(f"{ctas}/{number}", json={"owner": "bea@example.com"})
    assert given.status_code == 200, given.text
    aside = await house.csm.patch(f"{ctas}/{number}", json={"snoozed_until": "7d"})
    assert aside.status_code == 200, aside.text
    woken = await house.csm.patch(f"{ctas}/{number}", json={"snoozed_until": None})
    assert woken.status_code == 200, woken.text
    for odd in ({}, {"owner": None}, {"owner": "csm", "snoozed_until": "7d"}):
        assert (await house.csm.patch(f"{ctas}/{number}", json=odd)).status_code == 422
    closed = await house.csm.post(f"{ctas}/{number}/close", json={"outcome": "renewed"})
    assert closed.status_code == 200, closed.text
    page = (await house.csm.get(f"{ctas}/{number}")).json()
    assert page["cta"]["outcome"] == "renewed"
    again = await house.csm.post(f"{ctas}/{number}/close")
    assert (again.status_code, again.json()["code"]) == (409, "closed_cta")
    unknown = await house.csm.post(f"{ctas}/99/close")
    assert (unknown.status_code, unknown.json()["code"]) == (404, "unknown_cta")
    mine = [one for one in await house.journal(acme) if isinstance(one.input, OpenCta)]
    assert len(mine) == 1


@pytest.mark.parametrize("name", ["a/b%c", "x y", "ä?&=#", "x/history", "../etc"])
async def test_an_account_may_be_called_anything(house: House, name: str) -> None:
    """Ids are those of a CRM: slashes and all."""
    account = house.town.account(f"{name}-")
    await house.town.win(account)
    here = f"/v1/accounts/{quote(account, safe='')}"
    answer = await house.csm.get(here)
    assert answer.status_code == 200, answer.text
    assert answer.json()["account"] == account
    moved = await house.csm.put(f"{here}/{STAGE}", json={"stage": "launched", "reason": "x"})
    assert moved.status_code == 200, moved.text
    past = await house.csm.get(f"{here}/history")
    assert past.json()["account"] == account


async def test_commands_need_temporal_and_say_so(away: House) -> None:
    acme = await away.born()
    answer = await away.csm.patch(f"/v1/accounts/{acme}/fields", json={"fields": {"seats": 1}})
    assert (answer.status_code, answer.json()["code"]) == (503, "no_server")
    assert (await away.csm.get(f"/v1/accounts/{acme}")).status_code == 200


async def test_a_key_is_not_good_for_another_command(house: House) -> None:
    """R20: the same key with something else in it is refused; nobody takes the first answer for the second's."""
    acme, key = await house.born(), {"Idempotency-Key": "once"}
    here = f"/v1/accounts/{acme}"
    seats = await house.csm.patch(f"{here}/fields", json={"fields": {"seats": 3}}, headers=key)
    assert seats.status_code == 200, seats.text
    others = [
        await house.csm.patch(f"{here}/fields", json={"fields": {"seats": 4}}, headers=key),
        await house.csm.put(
            f"{here}/{STAGE}", json={"stage": "launched", "reason": "x"}, headers=key
        ),
        await house.csm.post(f"{here}/undo", headers=key),
        await house.csm.post(f"{here}/ctas", json={"title": "Call"}, headers=key),
        await house.csm.put(f"{here}/hold", json={"until": "7d", "reason": "x"}, headers=key),
    ]
    for other in others:
        assert (other.status_code, other.json()["code"]) == (422, "key_reused"), other.text
        assert other.json()["field"] == "Idempotency-Key"
    state = await house.town.state(acme)
    assert state.fields["seats"] == 3
    assert state.hold is None
    again = await house.csm.patch(f"{here}/fields", json={"fields": {"seats": 3}}, headers=key)
    assert again.json() == seats.json()


async def test_what_was_refused_is_refused_again(house: House) -> None:
    """A key remembers what was done; what was not done is decided anew."""
    acme, key = await house.born(), {"Idempotency-Key": "late"}
    path, late = f"/v1/accounts/{acme}/{STAGE}", {"stage": "launched", "reason": "x"}
    await house.csm.put(path, json={"stage": "kickoff", "reason": "x"})
    old = {**late, "revision": 1}
    first = await house.csm.put(path, json=old, headers=key)
    again = await house.csm.put(path, json=old, headers=key)
    assert (first.status_code, again.status_code) == (409, 409), again.text
