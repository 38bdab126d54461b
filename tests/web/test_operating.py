"""`/outbox`, `/suppressions`, `/events` and the foot of the navigation, on both databases, Temporal away."""

import re
from collections.abc import AsyncIterator
from dataclasses import replace
from datetime import UTC, datetime, timedelta
from itertools import pairwise

import httpx2
import pytest
from fastapi import FastAPI

from lifecycle.hooks.message import Message
from lifecycle.publishing import publish_first
from lifecycle.roles import Role
from lifecycle.store import effects, hook_arrivals
from lifecycle.store.hook_arrivals import Problem, Unmapped
from lifecycle.store.record import record
from lifecycle.store.suppression import is_suppressed, unsubscribe
from lifecycle.web.app import make_app
from lifecycle.web.door import Door
from tests.store.lives import NOW, Life, mail
from tests.web.as_who import as_role
from tests.web.conftest import Doorstep, nowhere

LONG_AGO = datetime(2026, 1, 5, tzinfo=UTC)


@pytest.fixture
async def app(door: Doorstep) -> FastAPI:
    await publish_first(door.store, door.settings)
    return make_app(Door(door.settings, door.store, await nowhere()))


@pytest.fixture
async def csm(door: Doorstep, app: FastAPI) -> AsyncIterator[httpx2.AsyncClient]:
    async with as_role(app, door.store, Role.CSM, name="Ann Lee") as client:
        yield client


@pytest.fixture
async def viewer(door: Doorstep, app: FastAPI) -> AsyncIterator[httpx2.AsyncClient]:
    async with as_role(app, door.store, Role.VIEWER) as client:
        yield client


def subjects(page: str) -> list[str]:
    """What the table lists, by its links to mails."""
    return re.findall(r'<a href="/mails/[^"]+">([^<]+)</a></th>', page)


async def several(door: Doorstep, number: int) -> None:
    """Mails of an account whose id nobody would choose, due on days one after the other, two on each."""
    life = Life("a/b%c").create(name="<b>Slash</b>")
    for one in range(1, number + 1):
        life.event(one // 2, f"e{one}", mail(f"s/{one}"))
    await record(door.store, life.batch(), NOW)


# ── outbox


async def test_r22_what_became_of_a_mail_is_told(
    door: Doorstep, viewer: httpx2.AsyncClient
) -> None:
    await effects.failed(door.store, "m1", "550 No such <user>", NOW)
    page = (await viewer.get("/outbox?status=failed")).text
    assert "550 No such &lt;user&gt;" in page
    assert "Acme &amp; Söhne" in page
    assert "Failed 1" in page
    assert "Send again" not in page
    assert "Nothing of that kind" in (await viewer.get("/outbox?status=sent")).text
    assert "No webhook has been called yet" in (await viewer.get("/outbox?kind=webhook")).text


async def test_filters_choose_and_pages_show_each_mail_once(
    door: Doorstep, viewer: httpx2.AsyncClient
) -> None:
    await several(door, 120)
    for day in range(1, 120, 7):
        await effects.failed(door.store, f"s/{day}", "gone", NOW)
    path, seen, dates = "/outbox", list[str](), list[str]()
    while path:
        page = (await viewer.get(path)).text
        seen += re.findall(r'<a href="/mails/([^"]+)">[^<]+</a></th>', page)
        dates += re.findall(r'<tr><td class="nowrap"><time datetime="([^"]+)"', page)
        found = re.search(r'rel="next" href="([^"]+)"', page)
        path = found[1].replace("&amp;", "&") if found else ""
    assert len(seen) == len(set(seen)) == 121
    assert all(first >= second for first, second in pairwise(dates))
    only = (await viewer.get("/outbox", params={"account": "a/b%c", "status": "failed"})).text
    assert len(subjects(only)) == 17
    assert "&lt;b&gt;Slash&lt;/b&gt;" in only
    assert subjects((await viewer.get("/outbox?template=nothing")).text) == []
    nobody = await viewer.get("/outbox?account=nobody-like-that")
    assert nobody.status_code == 404
    assert "nobody-like-that" in nobody.text


async def test_search_looks_into_subjects_and_addresses(
    door: Doorstep, viewer: httpx2.AsyncClient
) -> None:
    sent = effects.Sent("<1@x>", ("Clara@example.com",), "Your 100% Contract", "text")
    await effects.sent(door.store, "m1", sent, NOW)
    for text, number in (("clara@", 1), ("100% contract", 1), ("1__% contract", 0), ("%", 1)):
        page = (await viewer.get("/outbox", params={"search": text})).text
        assert len(subjects(page)) == number, text


async def test_nothing_is_made_due_while_temporal_is_away(
    door: Doorstep, csm: httpx2.AsyncClient
) -> None:
    await effects.failed(door.store, "m1", "gone", NOW)
    form = await csm.get("/mails/m1/resend?back=/outbox")
    assert "Last time: gone" in form.text
    assert 'name="back" value="/outbox"' in form.text
    answer = await csm.post("/mails/m1/resend", data={"back": "https://evil.example/"})
    assert answer.status_code == 503
    assert "Temporal" in answer.text
    assert (await effects.effect_row(door.store, "m1")).status == "failed"


# ── who gets no mail


async def test_addresses_are_kept_out_and_let_in_again(
    door: Doorstep, csm: httpx2.AsyncClient
) -> None:
    typed = {"addresses": "Max@example.com\n\n Eve <eve@example.com>,", "reason": "bounced"}
    wrong = await csm.post("/suppressions", data=typed)
    assert wrong.status_code == 422
    assert "Eve" in wrong.text
    assert not await is_suppressed(door.store, "max@example.com")
    both = {"addresses": "Max@example.com\r\neve@example.com", "reason": "bounced"}
    assert (await csm.post("/suppressions", data=both)).status_code == 303
    assert "2 addresses kept out from now on." in (await csm.get("/suppressions")).text
    again = await csm.post("/suppressions", data=both)
    assert "2 already kept out." in (await csm.get(again.headers["location"])).text
    assert (
        await csm.post("/suppressions/lift", data={"address": "max@example.com"})
    ).status_code == 422
    lifted = {"address": "MAX@example.com", "reason": "wrote to us"}
    assert (await csm.post("/suppressions/lift", data=lifted)).status_code == 303
    assert not await is_suppressed(door.store, "max@example.com")
    assert await is_suppressed(door.store, "eve@example.com")
    slip = await csm.post("/suppressions/lift", data={**lifted, "address": "evee@example.com"})
    assert "Did you mean eve@example.com?" in slip.text
    listed = (await csm.get("/suppressions?lifted=true&search=max")).text
    assert "by Ann Lee: wrote to us" in listed


async def test_a_readers_own_wish_leads_to_the_mail(
    door: Doorstep, viewer: httpx2.AsyncClient
) -> None:
    await unsubscribe(door.store, "clara@example.com", "m1", NOW)
    page = (await viewer.get("/suppressions")).text
    assert '<a href="/mails/m1">the reader</a>' in page
    assert "Keep out" not in page
    assert "Let in again" not in page


# ── events


async def kept(door: Doorstep, number: int = 1) -> None:
    problem = Problem("no_account", "Whose is <it>?", waits_for="deal/17")
    invoice = {"data": {"object": {"id": "in_1", "customer_name": "<maria>"}}}
    found = [
        Unmapped(one.id, one.type, one.text(), problem)
        for one in (
            Message(f"evt_{n}", "invoice.payment_failed", NOW, invoice) for n in range(number)
        )
    ]
    await hook_arrivals.keep(door.store, "stripe", found, NOW, NOW)


async def test_what_a_message_says_is_for_those_who_give_commands(
    door: Doorstep, csm: httpx2.AsyncClient, viewer: httpx2.AsyncClient
) -> None:
    await kept(door)
    theirs, ours = await viewer.get("/events/1"), await csm.get("/events/1")
    assert "Whose is &lt;it&gt;?" in theirs.text
    assert "maria" not in theirs.text
    assert "&lt;maria&gt;" in ours.text
    assert "deal 17" in ours.text
    assert (await csm.get("/events/99")).status_code == 404


async def test_a_message_is_dropped_with_a_reason(door: Doorstep, csm: httpx2.AsyncClient) -> None:
    await kept(door, 60)
    first = (await csm.get("/events")).text
    assert "stripe: 60 × no account" in first
    [after] = re.findall(r'rel="next" href="([^"]+)"', first)
    assert len(re.findall(r'<a href="/events/\d+">', (await csm.get(after)).text)) == 10
    assert (await csm.post("/events/1/drop", data={"reason": " "})).status_code == 422
    done = await csm.post("/events/1/drop", data={"reason": "A test of theirs"})
    assert done.headers["location"] == "/events"
    dropped = (await csm.get("/events?status=dropped")).text
    assert "A test of theirs" in dropped
    assert "by Ann Lee" in dropped
    assert "It was erased when it was dropped" in (await csm.get("/events/1")).text
    twice = await csm.post("/events/1/drop", data={"reason": "again"})
    assert (twice.status_code, "dropped already" in twice.text) == (422, True)


async def test_messages_stay_kept_while_temporal_is_away(
    door: Doorstep, csm: httpx2.AsyncClient
) -> None:
    object_ = {"id": "in_1", "amount_paid": 100, "metadata": {"account_id": "acme"}}
    one = Message("evt_9", "invoice.paid", NOW, {"data": {"object": object_}})
    found = [Unmapped(one.id, one.type, one.text(), Problem("no_account", "Whose is it?"))]
    await hook_arrivals.keep(door.store, "stripe", found, NOW, NOW)
    for path in ("/events/1/retry", "/events/retry"):
        answer = await csm.post(path)
        assert answer.status_code == 503
        assert "Temporal" in answer.text
    assert "stripe: 1 × no account" in (await csm.get("/events")).text


async def test_what_still_cannot_be_used_says_why(door: Doorstep, csm: httpx2.AsyncClient) -> None:
    await kept(door, 2)
    one = await csm.post("/events/1/retry")
    assert one.headers["location"] == "/events/1"
    assert "It still cannot be used" in (await csm.get("/events/1")).text
    every = await csm.post("/events/retry", data={"source": "stripe", "back": "/events?x=1"})
    assert every.headers["location"] == "/events?x=1"
    assert "0 messages sent. 2 messages kept: see why below." in (await csm.get("/events")).text


# ── the foot


async def test_timers_that_nobody_carries_out_are_told(
    door: Doorstep, viewer: httpx2.AsyncClient
) -> None:
    life = Life("waits").create()
    batch = life.batch()
    soon = datetime.now(UTC) + timedelta(hours=1)
    await record(door.store, replace(batch, next_deadline=soon), NOW)
    assert "1 timer set, none overdue" in (await viewer.get("/nav/engine")).text
    life.fields(1, name="Waits")
    batch = life.batch()
    await record(door.store, replace(batch, next_deadline=LONG_AGO), NOW)
    page = (await viewer.get("/nav/engine")).text
    assert "1 timer due for more than a minute. Is a worker away?" in page


async def test_what_needs_a_look_is_counted_beside_its_page(
    door: Doorstep, viewer: httpx2.AsyncClient
) -> None:
    await kept(door, 3)
    await effects.failed(door.store, "m1", "gone", NOW)
    page = (await viewer.get("/nav/engine")).text
    assert re.search(r'id="n-events"[^>]*>3<', page)
    assert re.search(r'id="n-outbox"[^>]*>1<', page)
