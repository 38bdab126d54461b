"""The tab Rehearse without JavaScript, and the API: begun, run behind the answer, listed, interrupted (N2)."""

import csv
import io
from collections.abc import AsyncIterator
from dataclasses import dataclass
from datetime import UTC, datetime, timedelta
from pathlib import Path
from typing import Any

import httpx2
import pytest
from fastapi import FastAPI
from pydantic import SecretStr
from sqlalchemy import update

from lifecycle.publishing import publish_first
from lifecycle.roles import Role
from lifecycle.settings import Settings
from lifecycle.store import rehearsals
from lifecycle.store.definitions import current_book
from lifecycle.store.engine import Store, make_engine
from lifecycle.store.migrate import migrate_database
from lifecycle.store.rehearsal_tables import RehearsalStatus
from lifecycle.web.app import make_app
from lifecycle.web.door import Door
from tests.clock import until
from tests.rehearsing.lives import APART, JOURNEY, fill, rows
from tests.web.as_who import as_role
from tests.web.conftest import SECRET, nowhere
from tests.web.lifecycles.test_publishing import send, text_of

PATH = f"/lifecycles/{JOURNEY}/rehearse"
IN_ORDER = sorted(APART, key=lambda name: (name == "old", name))
"""Who is in another stage today comes first."""
ADA = "Ada"


@dataclass(frozen=True)
class Place:
    """A database with seven accounts, and the app before it; Temporal is away."""

    store: Store
    app: FastAPI

    async def done(self, name: str | None = None) -> Any:
        """The rehearsal, once it is over."""

        async def look() -> Any:
            if name is not None:
                return await rehearsals.rehearsal(self.store, name)
            return await rehearsals.latest(self.store, part=JOURNEY)

        return await until(look, lambda row: row is not None and row.ended_at is not None)


@pytest.fixture
async def place(tmp_path: Path) -> AsyncIterator[Place]:
    settings = Settings(state_dir=tmp_path, secret=SecretStr(SECRET))
    await migrate_database(settings.database)
    store = Store(make_engine(settings.database))
    await publish_first(store, settings)
    book, _ = await current_book(store)
    await fill(store, book, datetime.now(UTC))
    door = Door(settings, store, await nowhere())
    yield Place(store, make_app(door))
    await door.background.close()
    await store.close()


async def write(ada: httpx2.AsyncClient, days: int = 45, before: int = 14) -> None:
    """Ada's draft has a longer timer."""
    text, was = await text_of(ada, JOURNEY), f"after: {before} days"
    assert was in text
    await send(ada, JOURNEY, text.replace(was, f"after: {days} days"))


async def test_a_draft_is_rehearsed_behind_the_page(place: Place) -> None:
    """N2: the summary, who differs and why, what the draft changes, the load; nothing is sent or moved."""
    async with as_role(place.app, place.store, Role.ADMIN, name=ADA) as ada:
        empty = (await ada.get(PATH)).text
        assert "Not rehearsed yet" in empty
        assert "Change the YAML first" in empty
        refused = await ada.post(PATH, data={})
        assert refused.status_code == 422
        assert "There is no draft to rehearse." in refused.text
        await write(ada)
        before = await rows(place.store)
        answer = await ada.post(PATH, data={"segment": "", "since": ""})
        assert answer.status_code == 303
        await place.done()
        assert await rows(place.store) == before
        page = (await ada.get(PATH)).text
        for said in (
            "5 differ",
            "The draft was run over every recorded input of 7 accounts",
            "accounts in another stage today",
            "Two weeks passed: day 45 not reached",
            "Held until",
            "45 days after entering Onboarding",
            "CTAs per person and week",
            "Stage today 4",
            "E-mails 0",
        ):
            assert said in page, said
        dates = (await ada.get(f"{PATH}?show=dates")).text
        assert "Entered Launched 31 days later" in dates
        assert "No account differs by this" in (await ada.get(f"{PATH}?show=mail")).text
        await write(ada, 40, 45)
        assert "The draft has changed since" in (await ada.get(PATH)).text
    async with as_role(place.app, place.store, Role.VIEWER) as viewer:
        seen = (await viewer.get(PATH)).text
        assert "Accounts that differ" in seen
        assert "Rehearse again" not in seen
        assert (await viewer.post(PATH, data={})).status_code == 403


async def test_the_accounts_are_a_file(place: Place) -> None:
    """N2: all of them, or those that differ by something."""
    async with as_role(place.app, place.store, Role.ADMIN, name=ADA) as ada:
        assert (await ada.get(f"{PATH}/accounts.csv")).status_code == 404
        await write(ada)
        await ada.post(PATH, data={})
        await place.done()
        answer = await ada.get(f"{PATH}/accounts.csv")
        found = list(csv.DictReader(io.StringIO(answer.text)))
        assert [row["account"] for row in found] == IN_ORDER
        [old] = [row for row in found if row["account"] == "old"]
        assert (old["stage_live"], old["why"]) == ("", "Entered Launched 31 days later")
        [timed] = [row for row in found if row["account"] == "timed-1"]
        assert (timed["stage_live"], timed["stage_draft"]) == ("launched", "onboarding")
        assert timed["automation"] == "customer_journey.two_weeks_passed"
        stage = await ada.get(f"{PATH}/accounts.csv?show=stage")
        assert len(list(csv.DictReader(io.StringIO(stage.text)))) == 4


async def test_only_a_segment_or_since_a_day_and_what_is_wrong_is_said(place: Place) -> None:
    """N2: the form keeps what was typed."""
    async with as_role(place.app, place.store, Role.ADMIN, name=ADA) as ada:
        await write(ada)
        wrong = await ada.post(PATH, data={"segment": "nobody", "since": ""})
        assert wrong.status_code == 422
        assert "There is no segment" in wrong.text
        wrong = await ada.post(PATH, data={"segment": "", "since": "2999-01-01"})
        assert "yet to come" in wrong.text
        assert "2999-01-01" in wrong.text
        yesterday = (datetime.now(UTC) - timedelta(days=1)).date().isoformat()
        await ada.post(PATH, data={"segment": "customers", "since": yesterday})
        row = await place.done()
        assert (row.segment, row.since.date().isoformat()) == ("customers", yesterday)
        page = (await ada.get(PATH)).text
        assert "Only Customers" in page


async def test_who_was_interrupted_is_told_to_run_it_again(place: Place) -> None:
    """N2: the process of the page ended in the middle; another one says so."""
    async with as_role(place.app, place.store, Role.ADMIN, name=ADA) as ada:
        await write(ada)
        await ada.post(PATH, data={})
        row = await place.done()
        running = {"status": RehearsalStatus.RUNNING, "ended_at": None, "totals": None}
        async with place.store.writing() as connection:
            await connection.execute(update(rehearsals.REHEARSAL).values(**running))
        page = (await ada.get(PATH)).text
        assert "Rehearsing …" in page
        assert "every 1s" in page
        long_ago = datetime.now(UTC) - 2 * rehearsals.SILENCE
        async with place.store.writing() as connection:
            await connection.execute(update(rehearsals.REHEARSAL).values(seen_at=long_ago))
        assert "It was interrupted" in (await ada.get(PATH)).text
        await ada.post(PATH, data={})
        again = await place.done()
        assert again.id != row.id
        assert "Accounts that differ" in (await ada.get(PATH)).text


async def test_programs_rehearse_too(place: Place) -> None:
    """N2: begun with files, looked at, account by account; only who may publish may begin one."""
    async with as_role(place.app, place.store, Role.ADMIN, name=ADA) as ada:
        text = await text_of(ada, JOURNEY)
    new = {"files": {f"{JOURNEY}.yaml": text.replace("after: 14 days", "after: 45 days")}}
    async with as_role(place.app, place.store, Role.CSM, key=True) as csm:
        assert (await csm.post("/v1/rehearsals", json=new)).status_code == 403
    async with as_role(place.app, place.store, Role.ADMIN, key=True) as program:
        same = await program.post("/v1/rehearsals", json={"files": {}})
        assert (same.status_code, same.json()["code"]) == (409, "no_difference")
        answer = await program.post("/v1/rehearsals", json=new)
        assert answer.status_code == 202, answer.text
        where = answer.headers["location"]
        await place.done(answer.json()["id"])
        told = (await program.get(where)).json()
        assert (told["standing"], told["sums"]["differing"]["stage"]) == ("done", 4)
        listed = (await program.get("/v1/rehearsals")).json()["rehearsals"]
        assert [one["id"] for one in listed] == [told["id"]]
        first = await program.get(f"{where}/accounts?limit=2")
        assert [one["account"] for one in first.json()["accounts"]] == IN_ORDER[:2]
        rest = await program.get(first.links["next"]["url"])
        assert [one["account"] for one in rest.json()["accounts"]] == IN_ORDER[2:4]
        [old] = (await program.get(f"{where}/accounts?differ=dates&after=timed-3&limit=1")).json()[
            "accounts"
        ]
        assert old["compared"]["parting"]["case"] == "later"
        gone = await program.get("/v1/rehearsals/nothing")
        assert (gone.status_code, gone.json()["code"]) == (404, "unknown_rehearsal")


async def test_the_dialog_of_publishing_says_what_the_rehearsal_found(place: Place) -> None:
    """N2, R24: of this very draft."""
    async with as_role(place.app, place.store, Role.ADMIN, name=ADA) as ada:
        text = (await text_of(ada, JOURNEY)).replace("after: 14 days", "after: 45 days")
        await send(ada, JOURNEY, text.replace("version: 1\n", "version: 2\n"))
        await ada.post(PATH, data={})
        await place.done()
        page = (await ada.get(f"/lifecycles/{JOURNEY}/publish")).text
        assert "Rehearsed today at" in page
        assert "4 accounts in another stage" in page
