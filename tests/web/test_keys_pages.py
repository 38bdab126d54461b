"""`/keys` and `/audit`: what an administrator does about who is let in."""

import re
from collections.abc import AsyncIterator

import httpx2
import pytest

from lifecycle.roles import Role
from lifecycle.store.api_keys import api_keys
from lifecycle.web.app import make_app
from lifecycle.web.door import Door
from tests.web.as_who import as_role
from tests.web.conftest import Doorstep, nowhere


@pytest.fixture
async def admin(door: Doorstep) -> AsyncIterator[httpx2.AsyncClient]:
    app = make_app(Door(door.settings, door.store, await nowhere()))
    async with as_role(app, door.store, Role.ADMIN, name="Ada") as client:
        yield client


async def test_a_key_is_shown_when_it_is_made_and_never_again(
    admin: httpx2.AsyncClient, door: Doorstep
) -> None:
    made = await admin.post("/keys", data={"name": "crm", "role": "csm"})
    assert made.status_code == 200
    assert made.headers["cache-control"] == "no-store"
    [key] = re.findall(r"lc_[\w-]{43}", made.text)
    use = {"Authorization": f"Bearer {key}"}
    admin.cookies.clear()
    assert (await admin.get("/healthz", headers=use)).status_code == 200
    [row] = await api_keys(door.store)
    assert (row.name, row.role, row.made_by) == ("crm", Role.CSM, "Ada")


async def test_the_list_has_no_key_in_it_and_revokes(
    admin: httpx2.AsyncClient, door: Doorstep
) -> None:
    made = await admin.post("/keys", data={"name": "c<r>m", "role": "service"})
    [key] = re.findall(r"lc_[\w-]{43}", made.text)
    listed = (await admin.get("/keys")).text
    assert "c&lt;r&gt;m" in listed
    assert key not in listed
    done = await admin.post("/keys/revoke", data={"name": "c<r>m"})
    assert (done.status_code, done.headers["location"]) == (303, "/keys")
    assert await api_keys(door.store) == []
    page = (await admin.get("/audit")).text
    assert "Revoked the key c&lt;r&gt;m, service" in page
    assert page.index("Revoked the key") < page.index("Made the key") < page.index("Signed in by")


@pytest.mark.parametrize(
    ("path", "form", "said"),
    [
        (
            "/keys",
            {"name": "taken", "role": "csm"},
            "There is a valid key &#39;taken&#39; already.",
        ),
        ("/keys", {"name": " ", "role": "csm"}, "A name has 1 to 120 characters"),
        ("/keys/link", {"person": "a\tb", "role": "csm"}, "A name has 1 to 120 characters"),
        ("/keys/link", {"person": "crm", "role": "service"}, "they have keys"),
    ],
)
async def test_what_cannot_be_made_is_said_beside_the_field(
    admin: httpx2.AsyncClient, path: str, form: dict[str, str], said: str
) -> None:
    await admin.post("/keys", data={"name": "taken", "role": "csm"})
    answer = await admin.post(path, data=form)
    assert answer.status_code == 422
    assert said in answer.text
    assert "lc_" not in answer.text


async def test_a_link_lets_a_person_in_and_signing_out_shuts_them_out(
    admin: httpx2.AsyncClient, door: Doorstep
) -> None:
    made = await admin.post("/keys/link", data={"person": "Ben Ross", "role": "viewer"})
    [path] = re.findall(r"http://door(/sign-in/[\w-]{43})", made.text)
    app = make_app(Door(door.settings, door.store, await nowhere()))
    async with as_role(app, door.store, None) as ben:
        assert (await ben.post(path)).status_code == 303
        assert (await ben.get("/sign-in")).status_code == 303
        assert (await ben.get("/keys")).status_code == 403
        assert "Ben Ross" in (await admin.get("/keys")).text
        await admin.post("/keys/sign-out", data={"name": "Ben Ross"})
        assert (await ben.get("/sign-in")).status_code == 200


async def test_the_audit_is_filtered_and_paged(admin: httpx2.AsyncClient) -> None:
    for number in range(51):
        await admin.post("/keys", data={"name": f"key-{number}", "role": "viewer"})
    first = (await admin.get("/audit", params={"what": "key_made", "who": "Ada"})).text
    [after] = re.findall(r'href="(/audit\?[^"]+)"', first)
    rest = (await admin.get(after.replace("&amp;", "&"))).text
    assert "key-50" in first
    assert "key-0," not in first
    assert "key-0," in rest
    assert "Signed in by" not in rest
    nobody = (await admin.get("/audit", params={"what": "nonsense", "who": "nobody"})).text
    assert "Nothing of that kind" in nobody
