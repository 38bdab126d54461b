"""Every page there is, walked by its links: none is dead, none sends anybody away, whatever the role.

In a browser nothing leaves the machine or breaks the policy, and nothing is a hindrance, in light, dark and on a phone.
"""

import gzip
import re
from collections import Counter, deque
from collections.abc import AsyncIterator
from datetime import datetime
from html import unescape
from pathlib import Path
from typing import Final
from urllib.parse import unquote, urljoin, urlsplit

import httpx2
import pytest
from fastapi import FastAPI
from pydantic import SecretStr
from starlette.routing import compile_path

from lifecycle.hooks.message import Message
from lifecycle.publishing import publish_first
from lifecycle.roles import Role
from lifecycle.settings import Settings
from lifecycle.store import effects, hook_arrivals
from lifecycle.store.engine import Store, make_engine
from lifecycle.store.hook_arrivals import Problem, Unmapped
from lifecycle.store.migrate import migrate_database
from lifecycle.store.record import record
from lifecycle.store.suppression import suppress
from lifecycle.web.app import make_app
from lifecycle.web.door import Door
from lifecycle.web.pages.navigation import DAILY, OTHERS
from tests.admin.book import NOW, lives, shipped
from tests.web.as_who import as_role
from tests.web.conftest import SECRET, nowhere
from tests.web.routes import ways

LINK: Final = re.compile(r'<a\b[^>]*?\bhref="([^"#]+)[^"]*"')
PLACES: Final = [*DAILY, *(place for _, group in OTHERS for place in group)]
A_KIND: Final = 2
"""So many pages of one kind are walked: two accounts are as good as forty."""
BUDGET: Final = 100_000
"""Bytes of scripts that a page may load, as they travel (issue of the first page)."""


class Standing(Door):
    """A door whose clock stands where the book ends: no timer is overdue."""

    def now(self) -> datetime:
        """The book's last day."""
        return NOW


@pytest.fixture(scope="module")
async def door(tmp_path_factory: pytest.TempPathFactory) -> AsyncIterator[Door]:
    """A book with something on every page: accounts, mails that failed, messages that were kept, addresses kept out."""
    folder = tmp_path_factory.mktemp("walk")
    url = f"sqlite+aiosqlite:///{folder / 'lifecycle.db'}"
    settings = Settings(state_dir=folder, database_url=SecretStr(url), secret=SecretStr(SECRET))
    await migrate_database(url)
    store = Store(make_engine(url))
    await publish_first(store, settings)
    for life in lives(shipped()):
        await record(store, life.request(), NOW)
    message = Message("evt_1", "invoice.paid", NOW, {"object": {"id": "in_1"}})
    found = [Unmapped("evt_1", message.type, message.text(), Problem("no_account", "Whose is it?"))]
    await hook_arrivals.keep(store, "stripe", found, NOW, NOW)
    await suppress(store, ["max@example.com"], "asked on the phone", "ann", NOW)
    for row in (await effects.effects(store, effects.WantedEffects()))[:2]:
        await effects.failed(store, row.id, "550 No such user", NOW)
    yield Standing(settings, store, await nowhere())
    await store.close()


@pytest.fixture(scope="module")
async def empty(tmp_path_factory: pytest.TempPathFactory) -> AsyncIterator[Door]:
    """The first day: definitions, and nothing else."""
    folder = tmp_path_factory.mktemp("empty")
    url = f"sqlite+aiosqlite:///{folder / 'lifecycle.db'}"
    settings = Settings(state_dir=folder, database_url=SecretStr(url), secret=SecretStr(SECRET))
    await migrate_database(url)
    store = Store(make_engine(url))
    await publish_first(store, settings)
    yield Door(settings, store, await nowhere())
    await store.close()


# ── links


class Kinds:
    """What kind of page an address is of: its route, and the names behind `?`. Some of each kind are enough."""

    def __init__(self, app: FastAPI) -> None:
        self._routes = [
            (compile_path(way.path)[0], way.path) for way in ways(app) if way.method == "GET"
        ]
        self._seen: Counter[str] = Counter()

    def wants(self, path: str) -> bool:
        parts = urlsplit(path)
        route = next(
            (name for regex, name in self._routes if regex.match(unquote(parts.path))), path
        )
        asked = sorted({pair.partition("=")[0] for pair in parts.query.split("&")})
        kind = f"{route}?{'&'.join(asked)}"
        self._seen[kind] += 1
        return self._seen[kind] <= A_KIND


async def walked(client: httpx2.AsyncClient, app: FastAPI) -> dict[str, tuple[int, str]]:
    """Every page that links lead to from the start, some of each kind: how it was answered, and from where."""
    ahead, found, kinds = deque([("/day", "")]), dict[str, tuple[int, str]](), Kinds(app)
    while ahead:
        path, before = ahead.popleft()
        if path in found or not kinds.wants(path):
            continue
        answer = await client.get(path, follow_redirects=True)
        found[path] = (answer.status_code, before)
        if answer.headers.get("content-type", "").startswith("text/html"):
            links = (urljoin(path, unescape(link)) for link in LINK.findall(answer.text))
            ahead.extend((to, path) for to in links if not to.startswith("mailto:"))
    return found


@pytest.mark.parametrize("role", [Role.VIEWER, Role.CSM, Role.ADMIN])
async def test_no_link_is_dead_and_none_leads_away(door: Door, role: Role) -> None:
    app = make_app(door)
    async with as_role(app, door.store, role, name="Ann Lee") as client:
        found = await walked(client, app)
    outside = [path for path in found if not path.startswith("/")]
    assert outside == []
    dead = {path: said for path, said in found.items() if said[0] >= 400}
    assert dead == {}
    seen = {urlsplit(path).path for path in found}
    mine = {one.path for one in PLACES if role is Role.ADMIN or one.right == "read"}
    assert mine <= seen
    assert len(found) > 40


async def test_the_first_day_has_a_word_on_every_page(empty: Door) -> None:
    """Nothing is there yet: each page says so, and is no fault."""
    app = make_app(empty)
    async with as_role(app, empty.store, Role.ADMIN) as client:
        found = await walked(client, app)
        dead = {path: said for path, said in found.items() if said[0] >= 400}
        assert dead == {}
        for place in PLACES:
            page = await client.get(place.path, follow_redirects=True)
            assert "<h1" in page.text, place.path


# ── scripts


def scripts_of(page: str) -> set[str]:
    return set(re.findall(r'<script[^>]+src="/static/([^"?]+)', page))


def needed(folder: Path, name: str, known: set[str]) -> set[str]:
    """A script with all it imports."""
    if name in known:
        return known
    known.add(name)
    for other in re.findall(r'from "\./([^"]+)"|import "\./([^"]+)"', (folder / name).read_text()):
        known |= needed(folder, next(filter(None, other)), known)
    return known


@pytest.mark.parametrize("place", PLACES, ids=lambda place: place.path[1:])
async def test_a_first_page_needs_less_than_100_kb_of_script(door: Door, place: object) -> None:
    path = str(getattr(place, "path"))  # noqa: B009 - a place
    folder = Path(__file__).parents[2] / "lifecycle" / "web" / "static"
    async with as_role(make_app(door), door.store, Role.ADMIN) as client:
        page = (await client.get(path, follow_redirects=True)).text
    names: set[str] = set()
    for name in scripts_of(page):
        names |= needed(folder, re.sub(r"^[0-9a-f]{12}/", "", name), set())
    assert names
    if path != "/dashboard":
        sizes = {name: len(gzip.compress((folder / name).read_bytes())) for name in names}
        assert sum(sizes.values()) < BUDGET, sizes
