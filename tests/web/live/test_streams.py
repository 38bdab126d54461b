"""Live changes: what is recorded by whatever process arrives at whoever listens (issue 4, A3)."""

import asyncio
from collections.abc import Awaitable, Callable
from datetime import UTC, datetime, timedelta

import httpx2
import pytest
from sqlalchemy import text

from lifecycle.roles import Role
from lifecycle.store.api_keys import revoke_key
from lifecycle.store.record import record
from lifecycle.web import callers
from lifecycle.web.live import tellers, watching
from lifecycle.web.live.hub import Subscription
from lifecycle.web.live.stream import Stream
from lifecycle.web.live.tellers import AccountTeller, stamp
from lifecycle.web.live.watching import Look
from lifecycle.web.serving import address_of, listen, serving
from tests.clock import until
from tests.store.lives import Life
from tests.web.as_who import key_for, signed_in
from tests.web.live.listening import JOURNEY, House

ACME = "/v1/accounts/acme/stream"
BOARD = f"/live/board/{JOURNEY}"


async def test_an_account_is_told_as_it_is_recorded(both: House, key: str) -> None:
    life = await both.enter()
    async with both.listening(ACME, key) as stream:
        life.move(2, JOURNEY, "launched")
        await both.record(life)
        heard = await stream.next()
    assert (heard.event, heard.id) == ("changed", "3")
    assert (heard.data["account"], heard.data["revision"], heard.data["all"]) == ("acme", 3, True)
    [entry] = heard.data["entries"]
    assert entry["said"]["headline"] == "ann sets customer_journey to launched: “as agreed”"
    assert entry["entry"]["revision"] == 3


async def test_who_comes_again_hears_what_was_missed(both: House, key: str) -> None:
    life = await both.enter()
    for number in (2, 3):
        life.fields(number, plan=f"plan {number}")
        await both.record(life)
    async with both.listening(ACME, key, **{"Last-Event-ID": "2"}) as stream:
        missed = await stream.next()
        life.fields(4, plan="plan 4")
        await both.record(life)
        new = await stream.next()
    assert [one["entry"]["revision"] for one in missed.data["entries"]] == [3, 4]
    assert [one["entry"]["revision"] for one in new.data["entries"]] == [5]


async def test_of_very_much_the_newest_is_told(
    house: House, key: str, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(tellers, "MOST_ENTRIES", 2)
    life = await house.enter()
    for number in (2, 3, 4):
        life.fields(number, plan="Pro")
    await house.record(life)
    async with house.listening(f"{ACME}?after=1", key) as stream:
        heard = await stream.next()
    assert [one["entry"]["revision"] for one in heard.data["entries"]] == [4, 5]
    assert heard.data["all"] is False


async def test_a_page_is_told_the_revision_and_nothing_else(house: House) -> None:
    """With the session of its reader, from the revision it shows."""
    await house.enter("über/50%")
    cookies = await signed_in(house.store, Role.VIEWER)
    async with (
        httpx2.AsyncClient(base_url=house.address, cookies=cookies) as browser,
        browser.stream("GET", "/live/accounts/%C3%BCber%2F50%25?after=1") as answer,
    ):
        lines = answer.aiter_lines()
        told = [await anext(lines) for _ in range(5)]
    assert told == [
        "retry: 3000",
        "",
        "id: 2",
        "event: changed",
        'data: {"account":"\\u00fcber/50%","revision":2}',
    ]


async def test_a_board_is_told_moves_of_its_lifecycle(both: House, key: str) -> None:
    life = await both.enter()
    async with both.listening(BOARD, key) as stream:
        life.move(2, JOURNEY, "launched")
        await both.record(life)
        moved = await stream.next()
        life.undo(3)
        await both.record(life)
        undone = await stream.next()
        other = Life("beta").create()
        other.move(1, "onboarding", "kickoff")
        await both.record(other)
        life.fields(4, plan="Pro")
        await both.record(life)
        stayed = await stream.next()
    told = {"account": "acme", "lifecycle": JOURNEY}
    assert moved.data == {**told, "revision": 3, "from": "onboarding", "to": "launched"}
    assert undone.data == {**told, "revision": 4, "from": "launched", "to": "onboarding"}
    assert stayed.data == {**told, "revision": 5, "from": "onboarding", "to": "onboarding"}


async def test_programs_hear_of_all_accounts_with_words(both: House, key: str) -> None:
    life = await both.enter()
    async with both.listening("/v1/stream", key) as stream:
        life.move(2, JOURNEY, "launched")
        await both.record(life)
        heard = await stream.next()
    move = {"lifecycle": JOURNEY, "from": "onboarding", "to": "launched"}
    assert heard.data["moves"] == [move]
    assert "launched" in heard.data["entries"][0]["said"]["headline"]


async def test_a_board_that_comes_again_hears_what_it_missed(both: House, key: str) -> None:
    since = stamp(datetime.now(UTC))
    await both.enter("one")
    await both.enter("two")
    async with both.listening(f"{BOARD}?since={since}", key) as stream:
        heard = [await stream.next(), await stream.next()]
    assert {one.data["account"] for one in heard} == {"one", "two"}
    assert int(heard[0].id) >= int(since)


async def test_a_board_that_missed_too_much_reads_everything_anew(
    house: House, key: str, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(tellers, "MOST_MISSED", 1)
    since = stamp(datetime.now(UTC))
    await house.enter("one")
    await house.enter("two")
    async with house.listening(BOARD, key, **{"Last-Event-ID": since}) as stream:
        assert (await stream.next()).event == "reset"


async def test_a_reader_who_is_far_behind_reads_everything_anew(
    house: House, key: str, monkeypatch: pytest.MonkeyPatch
) -> None:
    """Nothing is kept without end: more than a handful of accounts in one look become one word."""
    watcher, all_are_there = house.door.live.watcher, asyncio.Event()
    look = watcher.look

    async def late(most: int) -> Look:
        await all_are_there.wait()
        return await look(most)

    monkeypatch.setattr(watcher, "look", late)
    async with house.listening(BOARD, key) as stream:
        await asyncio.gather(*(house.enter(f"account {number}") for number in range(9)))
        all_are_there.set()
        assert (await stream.next()).event == "reset"


async def test_more_than_a_look_tells_is_no_loss(
    house: House, key: str, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(watching, "MOST", 1)
    life = await house.enter("zeta")
    async with house.listening("/v1/accounts/zeta/stream", key) as stream:
        life.fields(2, plan="Pro")
        others = [house.enter(f"account {number}") for number in range(5)]
        await asyncio.gather(*others, house.record(life))
        assert (await stream.next()).data["revision"] == 3


async def test_what_commits_long_after_its_instant_is_told(
    both: House, key: str, monkeypatch: pytest.MonkeyPatch
) -> None:
    """The recorder's instant is older than the overlap of looks: a sweep finds it."""
    monkeypatch.setattr(watching, "SWEEP_EVERY", timedelta(seconds=0.2))
    life = await both.enter()
    async with both.listening(ACME, key) as stream:
        await both.enter("beta")
        life.fields(2, plan="Pro")
        await record(both.store, life.batch(), datetime.now(UTC) - timedelta(seconds=25))
        assert (await stream.next()).data["revision"] == 3


async def test_an_account_whose_clock_leads_is_told(house: House, key: str) -> None:
    """Its own time is years ahead; what counts is when it was recorded."""
    life = await house.enter()
    async with house.listening(ACME, key) as stream:
        life.move(2_000, JOURNEY, "launched")
        await house.record(life)
        assert (await stream.next()).data["revision"] == 3


async def test_a_revision_is_told_once(both: House, key: str) -> None:
    life = await both.enter()
    async with both.listening(ACME, key) as stream:
        for number in range(2, 7):
            life.fields(number, plan=f"plan {number}")
            await both.record(life)
        told: list[int] = []
        while not told or told[-1] != 7:
            told += [one["entry"]["revision"] for one in (await stream.next()).data["entries"]]
    assert told == [3, 4, 5, 6, 7]


async def test_it_says_that_it_lives_and_how_far_it_is(house: House, key: str) -> None:
    """Proxies end what is silent; a board that comes again after a quiet hour asks from there."""
    async with house.listening(BOARD, key) as stream, asyncio.timeout(10):
        block = await stream.block()
        while len(block) == 1:
            block = await stream.block()
    assert block[0] == ": still here"
    assert block[1].startswith("id: ")


async def test_a_revoked_key_ends_the_stream(house: House, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(callers, "KEY_SECONDS", 0.0)
    key = await key_for(house.store, Role.CSM, "crm")
    async with house.listening(BOARD, key) as stream:
        await revoke_key(house.store, "crm", "an admin", datetime.now(UTC))
        assert (await stream.ends())[-2:] == ["event: ended", "data: {}"]


async def test_the_door_closes_although_streams_are_open(house: House, key: str) -> None:
    await house.enter()
    with listen("127.0.0.1", 0) as listener:
        async with serving(house.app, listener):
            second = House(house.door, house.app, address_of(listener))
            async with second.listening(ACME, key) as one, second.listening(BOARD, key) as two:
                house.door.live.close()
                await one.ends()
                await two.ends()


@pytest.mark.parametrize("path", [ACME, "/v1/stream", "/live/accounts/acme", BOARD])
@pytest.mark.parametrize(("role", "status"), [(Role.SERVICE, 403), (None, 401)])
async def test_who_may_not_read(house: House, path: str, role: Role | None, status: int) -> None:
    headers = {"Authorization": f"Bearer {await key_for(house.store, role)}"} if role else {}
    async with httpx2.AsyncClient(base_url=house.address) as client:
        answer = await client.get(path, headers=headers)
    assert answer.status_code == status
    assert answer.headers["content-type"] == "application/problem+json"


@pytest.mark.parametrize(
    ("path", "code"),
    [
        ("/v1/accounts/nobody/stream", "unknown_account"),
        ("/live/board/jurney", "unknown_lifecycle"),
        ("/v1/stream?lifecycle=x", "unknown_lifecycle"),
    ],
)
async def test_what_is_not_there(house: House, key: str, path: str, code: str) -> None:
    async with httpx2.AsyncClient(base_url=house.address) as client:
        answer = await client.get(path, headers={"Authorization": f"Bearer {key}"})
    assert answer.status_code in {404, 422}
    assert answer.json()["code"] == code


async def test_an_id_that_is_none_of_ours_counts_for_nothing(house: House, key: str) -> None:
    """Whatever a reader says it had: the stream begins here and now."""
    await house.enter()
    for path in (ACME, "/v1/stream", BOARD):
        for said in ("-1", "x", "9" * 5_000, "9" * 16):
            async with house.listening(path, key, **{"Last-Event-ID": said}) as stream:
                assert (await stream.block())[0] == ": still here", (path, said)


async def test_too_many_streams_are_refused(house: House, key: str) -> None:
    await house.enter()
    object.__setattr__(house.door.live.pace, "streams", 1)
    try:
        async with house.listening(ACME, key), httpx2.AsyncClient(base_url=house.address) as client:
            answer = await client.get(ACME, headers={"Authorization": f"Bearer {key}"})
    finally:
        object.__setattr__(house.door.live.pace, "streams", 5_000)
    assert answer.status_code == 503
    assert answer.headers["retry-after"] == "30"


async def test_the_database_goes_and_comes_back(both: House, key: str) -> None:
    life = await both.enter()
    async with both.listening(f"{ACME}?after=2", key) as stream:
        await _rename(both, "account", "elsewhere")
        async with asyncio.timeout(10):
            await stream.block()
        await _rename(both, "elsewhere", "account")
        life.fields(3, plan="Pro")
        await both.record(life)
        assert (await stream.next()).data["revision"] == 3


async def test_an_error_of_ours_ends_no_stream(
    house: House, key: str, monkeypatch: pytest.MonkeyPatch
) -> None:
    """It is logged once, and what is recorded after it is told."""
    life, failed = await house.enter(), asyncio.Event()
    look = watching.Watcher.look

    async def fails_once(watcher: watching.Watcher, most: int) -> watching.Look:
        if not failed.is_set():
            failed.set()
            raise KeyError("an error of ours")
        return await look(watcher, most)

    monkeypatch.setattr(watching.Watcher, "look", fails_once)
    async with house.listening(ACME, key) as stream:
        await failed.wait()
        life.fields(3, plan="Pro")
        await house.record(life)
        assert (await stream.next()).data["revision"] == 3


async def _rename(house: House, before: str, after: str) -> None:
    async with house.store.writing() as connection:
        await connection.execute(text(f"ALTER TABLE {before} RENAME TO {after}"))


async def test_who_does_not_read_is_let_go(house: House) -> None:
    """The server's side of a connection whose buffers are full: its `send` does not come back."""
    await house.enter()
    subscription = Subscription("acme")
    stream = Stream(house.door.live, subscription, AccountTeller(house.door, None, "acme", 1), _may)
    started = asyncio.Event()

    async def send(message: object) -> None:
        if started.is_set():
            await asyncio.Event().wait()
        started.set()

    async def receive() -> dict[str, str]:
        await asyncio.Event().wait()
        return {"type": "http.disconnect"}

    async with asyncio.timeout(10):
        await stream({"type": "http"}, receive, send)
    assert not house.door.live.is_watching


async def _may() -> bool:
    return True


def _quiet(house: House) -> Callable[[], Awaitable[bool]]:
    async def look() -> bool:
        return not house.door.live.is_watching

    return look


async def test_nobody_listens_and_nobody_asks(house: House, key: str) -> None:
    await house.enter()
    async with house.listening(ACME, key):
        assert house.door.live.is_watching
    await until(_quiet(house))


async def test_a_session_that_was_ended_ends_the_stream(house: House) -> None:
    cookies = await signed_in(house.store, Role.VIEWER)
    async with (
        httpx2.AsyncClient(base_url=house.address, cookies=cookies) as browser,
        browser.stream("GET", BOARD) as answer,
    ):
        lines = answer.aiter_lines()
        assert await anext(lines) == "retry: 3000"
        async with house.store.writing() as connection:
            await connection.execute(text("UPDATE session SET ended_at = begun_at"))
        async with asyncio.timeout(10):
            rest = [line async for line in lines]
    assert "event: ended" in rest
