"""Every published version is kept, and a book is put together for what an account runs."""

from dataclasses import replace
from datetime import timedelta
from typing import Any

import pytest

from lifecycle.core import conditions as c
from lifecycle.core.durations import Duration
from lifecycle.core.model import (
    AccountModel,
    After,
    Automation,
    Book,
    Directory,
    EventType,
    FieldDef,
    Lifecycle,
    Place,
    Stage,
)
from lifecycle.core.refusal import Refusal
from lifecycle.core.values import Kind
from lifecycle.store.definitions import (
    Published,
    book_for,
    current_book,
    parts_of,
    publish,
    published,
)
from lifecycle.store.engine import Store
from lifecycle.store.errors import VersionTaken
from lifecycle.store.tables import PartKind
from tests.store.lives import NOW


def journey(version: int = 1, days: int = 7, **changes: Any) -> Lifecycle:
    guard = c.Compare(c.Field("plan"), c.Op.IS, c.Const("Pro"), "plan is Pro")
    move = Automation(
        "onwards", "journey", Place.MOVE, After(Duration(days)), "one", guard, to="two"
    )
    stages = (Stage("one", "One"), Stage("two", "Two", end=True))
    return replace(Lifecycle("journey", "Journey", version, stages, (move,)), **changes)


def book(*lifecycles: Lifecycle) -> Book:
    account = AccountModel({"plan": FieldDef("plan", "Plan", Kind.TEXT)})
    events = {"deal.won": EventType("deal.won", {"amount": Kind.MONEY}, creates_account=True)}
    return Book(account, events, Directory(), {}, {found.id: found for found in lifecycles})


async def publish_book(store: Store, found: Book) -> list[Published]:
    return await publish(store, parts_of(found, {"journey": "lifecycle: journey"}), "ann", NOW)


async def test_a_published_book_is_read_back(store: Store) -> None:
    first = book(journey())
    assert len(await publish_book(store, first)) == 7
    found, name = await current_book(store)
    assert found == first
    assert (await current_book(store))[0] is found
    assert len(name) == 64


async def test_publishing_the_same_again_publishes_nothing(store: Store) -> None:
    await publish_book(store, book(journey()))
    assert await publish_book(store, book(journey())) == []


async def test_behaviour_under_a_published_number_cannot_change(store: Store) -> None:
    """R14: all or none is published, and the next free number is named."""
    await publish_book(store, book(journey()))
    shared = replace(book(journey(days=8)), events={})
    with pytest.raises(VersionTaken, match=r"journey: version 1 is published already.*version 2"):
        await publish_book(store, shared)
    assert (await current_book(store))[0] == book(journey())


async def test_an_older_number_than_the_published_one_is_refused(store: Store) -> None:
    await publish_book(store, book(journey(3)))
    with pytest.raises(VersionTaken, match="older than the published version 3"):
        await publish_book(store, book(journey(2)))


async def test_labels_change_in_place(store: Store) -> None:
    """R14: label, colour, description, disabled, published and shadow; accounts see the newest edition."""
    first = journey()
    await publish_book(store, book(first))
    stages = (replace(first.stages[0], label="First", disabled=True), first.stages[1])
    automations = (replace(first.automations[0], published=False),)
    relabelled = replace(first, stages=stages, automations=automations)
    assert await publish_book(store, book(relabelled)) == [
        Published(PartKind.LIFECYCLE, "journey", 1, 2)
    ]
    assert (await book_for(store, {"journey": 1}))[0].lifecycles["journey"] == relabelled
    assert [row.edition for row in await published(store, "journey")] == [1, 2]


async def test_n11_lines_in_shadow_come_and_go_under_one_version(store: Store) -> None:
    """R14, N11: one more in shadow, made live, is the version's; another line that acts is not."""
    first = journey()
    tried = replace(first.automations[0], name="tried", shadow=True)
    await publish_book(store, book(first))
    for line in (tried, replace(tried, shadow=False)):
        other = replace(first, automations=(*first.automations, line))
        assert len(await publish_book(store, book(other))) == 1
    with pytest.raises(VersionTaken, match="behaves differently"):
        await publish_book(store, book(first))


async def test_the_wording_of_a_sentence_is_no_behaviour(store: Store) -> None:
    first = journey()
    await publish_book(store, book(first))
    guard = replace(first.automations[0].guard, said="plan  is  Pro")  # type: ignore[type-var]
    said = replace(first, automations=(replace(first.automations[0], guard=guard),))
    assert [one.edition for one in await publish_book(store, book(said))] == [2]


async def test_a_running_account_keeps_its_version(store: Store) -> None:
    """R24: what it runs, what waits for its next move, and the newest shared parts."""
    other = replace(journey(), id="sales")
    await publish_book(store, book(journey(), other))
    events = {"deal.lost": EventType("deal.lost")}
    await publish_book(store, replace(book(journey(2, days=9), other), events=events))
    found, name = await book_for(store, {"journey": 1}, {"journey": 2})
    assert found.lifecycles == {"journey": journey()}
    assert found.pending == {"journey": journey(2, days=9)}
    assert found.events == events
    assert name != (await current_book(store))[1]
    assert (await current_book(store))[0].lifecycles["journey"].version == 2


async def test_books_of_the_same_content_have_the_same_name(store: Store) -> None:
    await publish_book(store, book(journey()))
    _, current = await current_book(store)
    _, running = await book_for(store, {"journey": 1})
    assert current == running


async def test_what_is_not_published_is_refused(store: Store) -> None:
    with pytest.raises(Refusal, match="Not published yet: account, events, directory, playbooks"):
        await current_book(store)
    await publish_book(store, book(journey()))
    with pytest.raises(Refusal, match="Version 7 of journey was never published here"):
        await book_for(store, {"journey": 7})


async def test_n5_the_book_as_it_was_then(store: Store) -> None:
    """N5, R14: editions and shared parts as published by then; before all of them, the first."""
    first, later = book(journey(title="Then")), replace(book(journey(title="Now")), events={})
    await publish(store, parts_of(first, {}), "ann", NOW)
    await publish(store, parts_of(later, {}), "ann", NOW + timedelta(days=2))
    found = [
        (await book_for(store, {"journey": 1}, known=NOW + timedelta(days=shift)))[0]
        for shift in (-1, 0, 1, 2)
    ]
    assert found == [first, first, first, later]
    assert (await book_for(store, {"journey": 1}))[0] == later
