"""The board counts and orders as a plain look at every state does; cards say what the core says (T8, T10, T22, T28)."""

from collections import defaultdict
from collections.abc import AsyncIterator
from datetime import UTC, timedelta
from pathlib import Path

import pytest
from hypothesis import strategies as st
from sqlmodel import select

from lifecycle.core import changes as c
from lifecycle.core.clock import days_in_stage, late_from, whole_days
from lifecycle.core.conditions import Compare, Const, Field, Op
from lifecycle.core.evolve import copy_state
from lifecycle.core.state import AccountState
from lifecycle.store import board
from lifecycle.store.ahead import foretold
from lifecycle.store.board import Cursor, Mark, Wanted
from lifecycle.store.engine import Store, make_engine
from lifecycle.store.moment import Now
from lifecycle.store.record import record
from lifecycle.store.stored import state_of
from lifecycle.store.tables import AccountRow
from lifecycle.store.where import where
from lifecycle.telling.board import columns, faces
from tests.definitions.sources import book
from tests.reports.lives import BOOK, END, Lived
from tests.reports.scene import NOW
from tests.reports.test_counting import counted, proved
from tests.store import lives as by_hand

MARKS = st.sampled_from([None, None, Mark.LATE])
RICH = Compare(Field("arr"), Op.GE, Const(50_000))
ONLY = st.sampled_from([None, RICH])


def state_at_end(lived: Lived) -> AccountState:
    return lived.at(END)


def shown(
    lives: list[Lived], lifecycle: str, mark: Mark | None, rich: bool
) -> dict[str | None, list[AccountState]]:
    """Who is on the board, by stage, in the order of the cards."""
    found: dict[str | None, list[AccountState]] = defaultdict(list)
    for state in map(state_at_end, lives):
        arr = state.fields.get("arr")
        if state.created_at is None or (rich and not (isinstance(arr, int) and arr >= 50_000)):
            continue
        track = state.tracks.get(lifecycle)
        late = track is not None and track.late and not state.is_cancelled
        if mark is None or late:
            found[track.stage if track else None].append(state)
    for stage, states in found.items():
        states.sort(key=lambda state: place(state, lifecycle, stage))
    return found


def place(state: AccountState, lifecycle: str, stage: str | None) -> tuple[object, ...]:
    if stage is None:
        return (state.account,)
    return state.is_cancelled, state.tracks[lifecycle].counting_since, state.account


def wanted(lifecycle: str, mark: Mark | None, only: Compare | None) -> Wanted:
    now = Now(END)
    return Wanted(lifecycle, now, where(only, now, {}) if only else None, mark)


async def test_t8_heads_are_what_the_states_say(store: Store) -> None:
    """T8, T22, T28, R10: accounts, ARR, late, stuck and days of every stage, and of none."""

    async def check(lives: list[Lived], mark: Mark | None, only: Compare | None) -> None:
        for lifecycle in BOOK.lifecycles:
            meant = shown(lives, lifecycle, mark, only is not None)
            found = await board.heads(store, wanted(lifecycle, mark, only))
            assert found.keys() == meant.keys()
            for stage, states in meant.items():
                head, tracks = found[stage], [one.tracks.get(lifecycle) for one in states]
                assert head.accounts == len(states)
                assert head.arr == sum(int(str(one.fields.get("arr") or 0)) for one in states)
                active = [
                    track
                    for track, one in zip(tracks, states, strict=True)
                    if track is not None and not one.is_cancelled
                ]
                assert head.late == sum(track.late for track in active)
                assert head.stuck == sum(track.stuck for track in active)
                days = [
                    whole_days(days_in_stage(one, track, END))
                    for track, one in zip(tracks, states, strict=True)
                    if track is not None
                ]
                assert head.days == counted([number for number in days if number is not None])

    await proved(store, check, MARKS, ONLY)


async def test_t10_cards_come_page_by_page_the_longest_there_first(store: Store) -> None:
    """T8, T10, T28: each account once, in order, whatever the size of the pages; the id comes last."""

    async def check(lives: list[Lived], mark: Mark | None, only: Compare | None, size: int) -> None:
        for lifecycle, runs in BOOK.lifecycles.items():
            meant = shown(lives, lifecycle, mark, only is not None)
            asked = wanted(lifecycle, mark, only)
            stages = [None, *(stage.id for stage in runs.stages)]
            firsts = await board.pages(store, asked, stages, size)
            for stage in stages:
                cards, after = firsts[stage].cards, firsts[stage].after
                while after is not None:
                    # As it stands in an address.
                    page = await board.page(store, asked, stage, Cursor.read(after.text), size)
                    cards, after = cards + page.cards, page.after
                assert [card.account for card in cards] == [one.account for one in meant[stage]]
                assert [card.cursor.text for card in cards] == sorted(
                    one.cursor.text for one in cards
                )
                for card, state in zip(cards, meant[stage], strict=True):
                    _same(card, state, lifecycle)

    await proved(store, check, MARKS, ONLY, st.integers(1, 3))


def _same(card: board.Card, state: AccountState, lifecycle: str) -> None:
    track = state.tracks.get(lifecycle)
    assert card.cancelled == state.is_cancelled
    assert card.name == state.fields["name"]
    if track is None:
        assert (card.stage, card.revision, card.late) == (None, 0, False)
        return
    assert (card.stage, card.counting_since, card.ended_at) == (
        track.stage,
        track.counting_since,
        track.ended_at,
    )
    assert card.revision == track.revision
    assert card.late == (track.late and not state.is_cancelled)


async def test_r18_cards_of_some_accounts_are_those_of_their_columns(store: Store) -> None:
    """What a board fetches after a change is what it would show anew; who is not on it is not among them."""

    async def check(lives: list[Lived], mark: Mark | None, only: Compare | None) -> None:
        asked = wanted("flow", mark, only)
        pages = await board.pages(
            store, asked, [None, *(one.id for one in BOOK.lifecycles["flow"].stages)]
        )
        whole = {card.account: card for page in pages.values() for card in page.cards}
        assert await board.some(store, asked, [lived.account for lived in lives]) == whole

    await proved(store, check, MARKS, ONLY)


async def test_late_and_stuck_end_with_the_subscription(store: Store) -> None:
    """T28, R25: a cancelled account is neither, has no days, and comes last."""
    acme = by_hand.Life("acme").create(name="Acme", status="active")
    bolt = by_hand.Life("bolt").create(name="Bolt", status="active")
    for life in (acme, bolt):
        life.move(1, "journey", "onboarding", restart=True)
        life.event(40, "late", c.BecameLate("journey"), c.BecameStuck("journey"))
    bolt.fields(50, status="cancelled")
    for life in (acme, bolt):
        await record(store, life.batch(), by_hand.NOW)
    asked = Wanted("journey", Now(by_hand.NOW))
    head = (await board.heads(store, asked))["onboarding"]
    assert (head.accounts, head.late, head.stuck, head.days.number) == (2, 1, 1, 1)
    cards = (await board.page(store, asked, "onboarding", None)).cards
    assert [(one.account, one.late, one.stuck) for one in cards] == [
        ("acme", True, True),
        ("bolt", False, False),
    ]
    only_stuck = Wanted("journey", Now(by_hand.NOW), mark=Mark.STUCK)
    assert [
        one.account for one in (await board.page(store, only_stuck, "onboarding", None)).cards
    ] == ["acme"]


@pytest.fixture
async def told(demo: Path) -> AsyncIterator[Store]:
    """The demo book."""
    store = Store(make_engine(f"sqlite:///{demo / 'lifecycle.db'}"))
    yield store
    await store.close()


async def test_cards_say_what_the_core_says(told: Store) -> None:
    """T10, T11, N4, G6: days, what is expected, how late, and the next thing that is foretold."""
    store, shipped = told, book()
    async with store.reading() as session:
        states = {row.id: state_of(row.state) for row in await session.exec(select(AccountRow))}
    for lifecycle, runs in shipped.lifecycles.items():
        asked = Wanted(lifecycle, Now(NOW))
        pages = await board.pages(store, asked, [None, *(stage.id for stage in runs.stages)])
        cards = [card for page in pages.values() for card in page.cards]
        assert len(cards) == len(states)
        made = await faces(store, shipped, lifecycle, cards, NOW, UTC)
        for card in cards:
            face, state = made.of(card), states[card.account]
            track = state.tracks.get(lifecycle)
            days = whole_days(days_in_stage(state, track, NOW)) if track else None
            assert face.days == days
            due = late_from(shipped, state, track) if track else None
            assert (face.part is None) == (due is None)
            if face.mark == "late" and due is not None and NOW - due >= timedelta(days=1):
                assert face.marked == f"{(NOW - due).days} d late"
            ahead = [
                row
                for row in foretold(shipped, copy_state(state))
                if row["kind"] in ("move", "late", "stuck", "cta")
                and row.get("lifecycle", "") in ("", lifecycle)
            ]
            assert (card.ahead is None) == (not ahead)
            if card.ahead is not None:
                assert (card.ahead.at, card.ahead.kind) == (ahead[0]["at"], ahead[0]["kind"])


async def test_columns_stand_in_order_and_lose_nobody(told: Store) -> None:
    """T8, T22, R24: None first, then the stages; who stands in a stage of another version has a column, too."""
    store, shipped = told, book()
    journey = shipped.lifecycles["customer_journey"]
    found = await board.heads(store, Wanted("customer_journey", Now(NOW)))
    found["from_of_old"] = board.Head(accounts=3)
    made = columns(shipped, journey, found)
    assert [one.id for one in made] == [
        "None",
        *(stage.id for stage in journey.stages),
        "from_of_old",
    ]
    assert sum(one.head.accounts for one in made) == sum(head.accounts for head in found.values())
    assert [one.id for one in made if one.folded] == ["None", "churned"]
    assert {one.id: one.median for one in made}["churned"] == ""


async def test_whose_accounts_there_are_to_choose_from(store: Store) -> None:
    """Each name once, in order, however many accounts it has."""
    assert await board.values(store, "csm") == []
    for number, csm in enumerate(("Cleo", "Ana", "Cleo", None, "Ben " + "b" * 80, "Ana")):
        await record(store, by_hand.Life(f"a{number}").create(csm=csm).batch(), by_hand.NOW)
    assert await board.values(store, "csm") == ["Ana", "Ben " + "b" * 80, "Cleo"]
    assert await board.values(store, "csm", 1) == ["Ana"]
