"""The number beside "My day": open CTAs of whoever looks (G11), by the database alone."""

from pathlib import Path

import pytest
from pydantic import SecretStr

from lifecycle.roles import Role
from lifecycle.settings import Settings
from lifecycle.store.engine import Store, make_engine
from lifecycle.web.app import make_app
from lifecycle.web.door import Door
from tests.admin.book import fill, lives, shipped
from tests.web.as_who import as_role
from tests.web.conftest import SECRET, nowhere


def open_for(csm: str) -> int:
    """As the core has it: nothing is snoozed in this book."""
    number = 0
    for life in lives(shipped()):
        life.request()  # folds what happened
        state = life.fold.state
        if state.fields.get("csm") == csm:
            number += sum(cta.owner == "csm" for cta in state.ctas.values())
    return number


@pytest.mark.parametrize("name", ["Ann Lee", "Nobody Yet"])
async def test_g11_open_ctas_are_counted_for_their_person(
    tmp_path: Path, database_url: str, name: str
) -> None:
    await fill(database_url)
    settings = Settings(
        state_dir=tmp_path, database_url=SecretStr(database_url), secret=SecretStr(SECRET)
    )
    store = Store(make_engine(settings.database))
    app = make_app(Door(settings, store, await nowhere()))
    async with as_role(app, store, Role.CSM, name=name) as person:
        answer = await person.get("/nav/day")
    assert answer.status_code == 200
    expected = open_for(name)
    assert answer.text == (str(expected) if expected else "")
    assert (expected > 0) is (name == "Ann Lee")
    async with as_role(app, store, None) as stranger:
        sent_away = await stranger.get("/nav/day")
    assert sent_away.headers["location"] == "/sign-in?next=%2Fnav%2Fday"
    async with as_role(app, store, Role.SERVICE, key=True) as service:
        assert (await service.get("/nav/day")).status_code == 403
    await store.close()
