"""What is kept of webhooks, on both databases: ids and their accounts, and messages that wait."""

from collections.abc import AsyncIterator
from datetime import UTC, datetime, timedelta

import pytest

from lifecycle.core.refusal import Refusal
from lifecycle.store import hook_arrivals as kept
from lifecycle.store import hook_map as ids
from lifecycle.store.engine import Store, make_engine
from lifecycle.store.hook_arrivals import Problem, Unmapped, WantedArrivals
from lifecycle.store.hook_tables import ArrivalStatus
from lifecycle.store.migrate import migrate_database

NOW = datetime(2026, 11, 1, 12, tzinfo=UTC)
NO_ACCOUNT = Problem("no_account", "It is not known whose it is.", waits_for="deal/17")
BAD = Problem("bad_value", "'many' is no number.", "acme")


@pytest.fixture
async def store(database_url: str) -> AsyncIterator[Store]:
    await migrate_database(database_url)
    store = Store(make_engine(database_url))
    yield store
    await store.close()


def unmapped(number: int, problem: Problem = BAD) -> Unmapped:
    return Unmapped(f"evt_{number}", "invoice.paid", '{"who": "maria"}', problem)


async def test_a_message_is_kept_once_per_source(store: Store) -> None:
    for source in ("stripe", "stripe", "hubspot"):
        await kept.keep(store, source, [unmapped(1), unmapped(1)], NOW, NOW)
    rows = await kept.arrivals(store, WantedArrivals())
    assert [(row.source, row.their_id) for row in rows] == [
        ("stripe", "evt_1"),
        ("hubspot", "evt_1"),
    ]
    assert rows[0].received_at == NOW


async def test_lists_and_counts(store: Store) -> None:
    later = NOW + timedelta(hours=1)
    await kept.keep(store, "stripe", [unmapped(1), unmapped(2, NO_ACCOUNT)], NOW, NOW)
    await kept.keep(store, "stripe", [unmapped(3)], later, later)
    await kept.keep(store, "segment", [unmapped(4)], later, later)
    counted = await kept.kept_counts(store)
    assert [(one.source, one.code, one.messages, one.since) for one in counted] == [
        ("segment", "bad_value", 1, later),
        ("stripe", "bad_value", 2, NOW),
        ("stripe", "no_account", 1, NOW),
    ]
    page = await kept.arrivals(store, WantedArrivals("stripe", limit=2))
    rest = await kept.arrivals(store, WantedArrivals("stripe", after=page[-1].id or 0, limit=2))
    assert [row.their_id for row in [*page, *rest]] == ["evt_1", "evt_2", "evt_3"]
    coded = await kept.arrivals(store, WantedArrivals(code="no_account"))
    assert [row.waits_for for row in coded] == ["deal/17"]


async def test_what_ended_is_empty_and_stays_as_it_ended(store: Store) -> None:
    await kept.keep(store, "stripe", [unmapped(1), unmapped(2)], NOW, NOW)
    one, two = [row.id or 0 for row in await kept.arrivals(store, WantedArrivals())]
    await kept.tried(store, one, NO_ACCOUNT, NOW)
    assert (await kept.arrival(store, one)).waits_for == "deal/17"
    await kept.sent(store, [one], "ann", NOW)
    await kept.drop(store, two, "a test", "bo", NOW)
    await kept.keep(store, "stripe", [unmapped(1), unmapped(2)], NOW, NOW)
    await kept.sent(store, [one, two], "eve", NOW)
    await kept.tried(store, two, BAD, NOW)
    rows = await kept.arrivals(store, WantedArrivals(status=None))
    assert [(row.status, row.actor, row.attempts) for row in rows] == [
        (ArrivalStatus.SENT, "ann", 3),
        (ArrivalStatus.DROPPED, "bo", 1),
    ]
    assert {(row.body, row.reason, row.waits_for) for row in rows} == {("", "", "")}
    for number, code in ((two, "already_ended"), (99, "unknown_arrival")):
        with pytest.raises(Refusal) as refused:
            await kept.drop(store, number, "again", "bo", NOW)
        assert refused.value.code == code


async def test_messages_that_wait_for_an_id_are_found_by_it(store: Store) -> None:
    many = [unmapped(number, NO_ACCOUNT) for number in range(5)]
    await kept.keep(store, "hubspot", [*many, unmapped(9)], NOW, NOW)
    await kept.keep(store, "stripe", [unmapped(1, NO_ACCOUNT)], NOW, NOW)
    found = await kept.waiting_for(store, "hubspot", ["deal/16", "deal/17"], 3)
    assert [row.their_id for row in found] == ["evt_0", "evt_1", "evt_2"]
    assert await kept.kept_before(store, "stripe", ["evt_1", "evt_2"]) == [7]


async def test_ids_are_learnt_anew_but_for_those_a_person_set(store: Store) -> None:
    deal, other = ("deal", "17"), ("deal", "18")
    assert await ids.learn(store, "hubspot", {deal: "acme", other: "borg"}, NOW) == {deal, other}
    assert await ids.learn(store, "hubspot", {deal: "acme"}, NOW) == set()
    assert await ids.learn(store, "hubspot", {deal: "initech"}, NOW) == {deal}
    await ids.set_account(store, "hubspot", other, "umbrella", "ann", NOW)
    assert await ids.learn(store, "hubspot", {other: "borg"}, NOW) == set()
    found = await ids.accounts_of(store, "hubspot", [deal, other, ("company", "17")])
    assert found == {deal: "initech", other: "umbrella"}
    assert await ids.accounts_of(store, "stripe", [deal]) == {}
    assert await ids.forget(store, "hubspot", other)
    assert not await ids.forget(store, "hubspot", other)
    assert await ids.learn(store, "hubspot", {other: "borg"}, NOW) == {other}


async def test_more_ids_than_one_query_takes(store: Store) -> None:
    told = {("deal", str(number)): f"a{number}" for number in range(1_000)}
    assert len(await ids.learn(store, "hubspot", told, NOW)) == 1_000
    assert await ids.accounts_of(store, "hubspot", told) == told


async def test_known_ids_page_by_page(store: Store) -> None:
    told = {(kind, str(number)): f"a_{number}" for kind in ("a", "b") for number in range(3)}
    await ids.learn(store, "stripe", told, NOW)
    page = await ids.known_ids(store, ids.WantedIds("stripe", limit=4))
    last = (page[-1].kind, page[-1].their_id)
    rest = await ids.known_ids(store, ids.WantedIds("stripe", after=last, limit=4))
    assert [(row.kind, row.their_id) for row in [*page, *rest]] == sorted(told)
    found = await ids.known_ids(store, ids.WantedIds("stripe", search="a_1"))
    assert [row.kind for row in found] == ["a", "b"]
    assert not await ids.known_ids(store, ids.WantedIds("stripe", search="a%1"))
