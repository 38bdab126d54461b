"""Accounts, the list and the board as of an instant: what was told then is told again, whatever was done since (N5)."""

import json
from dataclasses import replace
from datetime import UTC, datetime, timedelta
from itertools import groupby
from random import Random
from typing import Any

import pytest

from lifecycle.contract import RecordRequest
from lifecycle.core.evolve import copy_state
from lifecycle.core.fold import Fold
from lifecycle.core.inputs import (
    CloseCta,
    CreateAccount,
    Deadline,
    Event,
    OpenCta,
    SetFields,
    SetStage,
    Undo,
)
from lifecycle.core.model import Book
from lifecycle.core.refusal import Refusal
from lifecycle.core.state import AccountState
from lifecycle.store import board, erasures
from lifecycle.store.accounts import Wanted
from lifecycle.store.board_then import WantedThen, heads_then, page_then
from lifecycle.store.ctas import WantedCtas
from lifecycle.store.definitions import parts_of, publish
from lifecycle.store.engine import Store
from lifecycle.store.erasing_tables import ErasureRow
from lifecycle.store.moment import AsOf, Now
from lifecycle.store.one_account import coming_moves, stays
from lifecycle.store.one_account_then import coming_moves_of, stays_at
from lifecycle.store.record import record
from lifecycle.telling.accounts import found
from lifecycle.telling.audience import Asked
from lifecycle.telling.cta_list import CtasAsked, ctas_asked, ctas_data
from lifecycle.telling.ctas import CtaView
from lifecycle.telling.data import plain
from lifecycle.telling.foretold import foretold, foretold_data
from lifecycle.telling.listing import listing
from lifecycle.telling.past import Wanted as PastWanted
from lifecycle.telling.past import past, past_data
from lifecycle.telling.shown import shown
from lifecycle.telling.then import found_at, found_when, moment_words
from lifecycle.telling.viewer import Viewer
from tests.core.journey import START as BEGAN
from tests.core.journey import shipped
from tests.core.test_erasing import ADDRESS, NAME, erase, spoken_of
from tests.reports.lives import BOOK, STAGES, START, Lived, Step, live

DAY = timedelta(days=1)
QUARTER = datetime(2026, 4, 1, tzinfo=UTC) - timedelta(microseconds=1)
LATER = datetime(2026, 7, 15, 8, tzinfo=UTC)
FLOW = "flow"


def viewer(store: Store, now: datetime = LATER) -> Viewer:
    return Viewer(store, now, UTC)


async def begin(store: Store) -> None:
    await publish(store, parts_of(BOOK, {}), "ann", START - DAY)


def take(lived: Lived, item: Any, now: datetime) -> None:
    """What is sent is recorded when it arrives, whatever its own time."""
    told = len(lived.entries)
    lived.take(item, now)
    for entry in lived.entries[told:]:
        if not isinstance(entry.input, Deadline):
            lived.recorded[entry.revision] = now


async def write(store: Store, lived: Lived, after: int = 0) -> None:
    """Record what came after an entry, batch by batch, as a worker does: it names the versions that run."""
    versions = {one.id: one.version for one in BOOK.lifecycles.values()}
    for at, batch in groupby(lived.entries[after:], lambda one: lived.recorded[one.revision]):
        await record(store, RecordRequest(lived.account, list(batch), versions=versions), at)


def some_life(number: int, dice: Random, until: datetime) -> Lived:
    """Two of five came by an import; moves, undos, CTAs and fields by chance."""
    account = f"account-{number}"
    past: list[Step] = (
        [(9.0, "past", "flow.one"), (30.0, "past", "side.begun")] if number % 5 < 2 else []
    )
    lived = live(account, past, []) if past else Lived(account, Fold(BOOK, AccountState(account)))
    if past:  # what `live` let time do to its end is none of this test's
        told = [one for one in lived.entries if lived.recorded[one.revision] <= START]
        lived = Lived(account, Fold(BOOK, lived.at(START)), told, lived.recorded)
    else:
        lived.take(CreateAccount(START, {"name": account, "arr": number * 1_000}), START)
    go_on(lived, dice, START, until)
    return lived


def go_on(lived: Lived, dice: Random, since: datetime, until: datetime) -> None:
    """Whatever people and services do."""
    now, number = since, 0
    while (now := now + dice.choice([0.2, 1, 3.5, 8]) * DAY) < until:
        number += 1
        take(lived, something(lived, dice, now, f"{since:%j}-{number}"), now)
    lived.pass_time(until)


def something(lived: Lived, dice: Random, now: datetime, id_: str) -> Any:
    lifecycle, stage = dice.choice(STAGES)
    opened = list(lived.fold.state.ctas)
    late = now - dice.choice([0, 0, 20]) * DAY
    choices: list[Any] = [
        SetStage(now, "ann", "agreed", lifecycle, stage, id=id_),
        SetStage(now, "ann", "agreed", lifecycle, stage, id=id_),
        Undo(now, "bob", "a slip", id=id_),
        SetFields(now, "ann", {"arr": dice.randrange(90_000)}, id=id_),
        SetFields(now, "ann", {"status": dice.choice(["active", "cancelled"])}, id=id_),
        Event(id_, "crm", "product.went_live", late, now),
        OpenCta(now, "ann", f"Call {id_}", due=now + 9 * DAY, id=id_),
    ]
    if opened:
        choices.append(CloseCta(now, "bob", dice.choice(opened), "done", id=id_))
    return dice.choice(choices)


async def picture(store: Store, lives: list[Lived], moment: AsOf) -> dict[str, str]:
    """All that is told of a moment, by what it is."""
    look, told = viewer(store, max(LATER, moment.known)), dict[str, Any]()
    when = Asked(as_of=moment.at.isoformat(), known=moment.known.isoformat())
    for lived in lives:
        of = await found_when(look, lived.account, when)
        told[f"{lived.account} shown"] = await shown(store, of)
        read = await past(store, of, PastWanted(500), UTC)
        told[f"{lived.account} past"] = past_data(read)
        told[f"{lived.account} ahead"] = foretold_data(foretold(of, 90, UTC))
        told[f"{lived.account} stays"] = await stays_at(store, lived.account, moment)
    every = CtasAsked(as_of=when.as_of, known=when.known)
    told["ctas"] = ctas_data(await ctas_asked(look, every, WantedCtas(limit=500)))
    for lifecycle in (FLOW, "side"):
        told[f"{lifecycle} list"] = (await listing(look, Wanted(lifecycle=lifecycle), when)).listing
        wanted = WantedThen(lifecycle, moment)
        heads = await heads_then(store, wanted)
        told[f"{lifecycle} heads"] = {str(key): value for key, value in heads.items()}
        told[f"{lifecycle} cards"] = {
            str(stage): await page_then(store, wanted, stage, None) for stage in heads
        }
    return {name: json.dumps(plain(value), sort_keys=True) for name, value in told.items()}


@pytest.mark.parametrize("seed", range(2))
async def test_n5_what_was_told_then_is_told_again(store: Store, seed: int) -> None:
    """N5, R13, R20, R21: byte by byte, after undos, late events, imports, moves, CTAs and other fields."""
    await begin(store)
    dice = Random(seed)
    lives = [some_life(number, dice, QUARTER) for number in range(5)]
    for lived in lives:
        await write(store, lived)
    moment = AsOf(QUARTER, QUARTER)
    then = await picture(store, lives, moment)
    for lived in lives:
        told = len(lived.entries)
        go_on(lived, dice, QUARTER, LATER)
        for number in range(3):
            at = LATER + number * timedelta(minutes=1)
            take(lived, Undo(at, "bob", "a slip", id=f"late-undo-{number}"), at)
        await write(store, lived, told)
    again = await picture(store, lives, moment)
    assert {name for name in then if then[name] != again[name]} == set()
    now = await picture(store, lives, AsOf(LATER + DAY, LATER + DAY))
    assert all(now[name] != then[name] for name in then if name.endswith("shown"))


@pytest.mark.parametrize("seed", [100, 102])
async def test_n5_as_of_this_moment_is_the_present(store: Store, seed: int) -> None:
    """N5: the past that has just been is what the present says: page, rail, board, list."""
    await begin(store)
    dice = Random(seed)
    lives = [some_life(number, dice, QUARTER) for number in range(5)]
    for lived in lives:
        await write(store, lived)
    moment, now = AsOf(QUARTER, QUARTER), Now(QUARTER)
    look, moves = viewer(store, QUARTER), 0
    for lived in lives:
        present = await shown(store, await found(store, lived.account, QUARTER))
        of = await found_at(look, lived.account, moment)
        as_of = replace(await shown(store, of), as_of=None, known=None)
        assert plain(as_of) == plain(replace(present, waiting=[]))
        assert await stays_at(store, lived.account, moment) == await stays(store, lived.account)
        ahead = await coming_moves(store, lived.account)
        assert coming_moves_of(of.book, of.state) == ahead
        moves += len(ahead)
    assert moves > 0
    then = await ctas_asked(look, CtasAsked(as_of=QUARTER.isoformat()), WantedCtas(limit=500))
    today = await ctas_asked(look, CtasAsked(), WantedCtas(limit=500))
    assert then.page.total == today.page.total > 3
    assert {plain_cta(one) for one in then.views} == {plain_cta(one) for one in today.views}
    for lifecycle in (FLOW, "side"):
        wanted, of_now = WantedThen(lifecycle, moment), board.Wanted(lifecycle, now)
        heads = await heads_then(store, wanted)
        assert heads == await board.heads(store, of_now)
        for stage in heads:
            page = await page_then(store, wanted, stage, None)
            assert page == await board.page(store, of_now, stage, None)
            assert await behind(store, wanted, stage) == page.cards


def plain_cta(view: CtaView) -> str:
    return json.dumps(plain(view), sort_keys=True)


async def behind(store: Store, wanted: WantedThen, stage: str | None) -> list[board.Card]:
    """The same column, a card at a time."""
    cards: list[board.Card] = []
    after: board.Cursor | None = None
    while True:
        page = await page_then(store, wanted, stage, after, 1)
        cards += page.cards
        after = page.after
        if after is None:
            return cards


# ── as known now


def twin(account: str, *, slips: bool) -> Lived:
    """One goes to `three` by mistake, which is taken back after the quarter; the other never did."""
    lived = Lived(account, Fold(BOOK, AccountState(account)))
    lived.take(CreateAccount(START, {"arr": 5}), START)
    lived.take(SetStage(START, "ann", "new", FLOW, "one"), START)
    at = QUARTER - 10 * DAY
    if slips:
        lived.take(SetStage(at, "ann", "a slip", FLOW, "three"), at)
        lived.pass_time(QUARTER)
    return lived


async def test_n5_as_known_now_differs_by_what_was_undone(store: Store) -> None:
    """N5, R13: a move taken back in May is in March's report of then, and not in March as known today."""
    await begin(store)
    slipped, straight = twin("slipped", slips=True), twin("straight", slips=False)
    straight.pass_time(QUARTER)
    told = len(slipped.entries)
    await write(store, slipped)
    undone = QUARTER + 30 * DAY
    slipped.take(Undo(undone, "bob", "a slip"), undone)
    await write(store, slipped, told)
    await write(store, straight)
    look = viewer(store)
    then = await found_at(look, "slipped", AsOf(QUARTER, QUARTER))
    assert then.state.tracks[FLOW].stage == "three"
    known = AsOf(QUARTER, LATER)
    of, other = await found_at(look, "slipped", known), await found_at(look, "straight", known)
    assert standing(of.state) == standing(other.state)
    mine, others = await shown(store, of), await shown(store, other)
    assert [replace(one, by_stage=[]) for one in mine.standings] == [
        replace(one, by_stage=[]) for one in others.standings
    ]
    heads = await heads_then(store, WantedThen(FLOW, known))
    assert heads["two"].accounts == 2
    assert "three" not in heads
    assert moment_words(known, look) == "As of 31 Mar 2026, 23:59, as known on 15 Jul 2026, 08:00."


def standing(state: AccountState) -> Any:
    track = copy_state(state).tracks[FLOW]
    return track.stage, track.entered_at, track.counting_since, track.cycle, track.last_entered


async def test_n5_as_known_now_knows_what_came_late(store: Store) -> None:
    """N5, R20: an event of March that arrived in April, before anything else happened, is March's as known now."""
    await begin(store)
    lived = Lived("acme", Fold(BOOK, AccountState("acme")))
    lived.take(CreateAccount(START, {"arr": 5}), START)
    lived.take(SetStage(START, "ann", "new", "side", "begun"), START)
    await write(store, lived)
    told, own = len(lived.entries), QUARTER - 2 * DAY
    arrived = QUARTER + 3 * DAY
    for entry in lived.fold.take(Event("late", "crm", "product.went_live", own, arrived)):
        lived.entries.append(entry)
        lived.recorded[entry.revision] = arrived
    await write(store, lived, told)
    look = viewer(store)
    then = await found_at(look, "acme", AsOf(QUARTER, QUARTER))
    known = await found_at(look, "acme", AsOf(QUARTER, LATER))
    assert then.state.tracks["side"].stage == "begun"
    assert known.state.tracks["side"].stage == "over"
    assert known.state.tracks["side"].entered_at == own


async def test_n5_what_of_ctas_is_asked_of_the_present_only(store: Store) -> None:
    await begin(store)
    await write(store, twin("acme", slips=False))
    then = CtasAsked(as_of="2026-03-31")
    for asked, wanted in (
        (replace(then, mine=True), WantedCtas()),
        (replace(then, due_by="7d"), WantedCtas()),
        (then, WantedCtas(overdue=True)),
        (then, WantedCtas(closed=True)),
    ):
        with pytest.raises(Refusal, match="Of the past, CTAs are asked by account"):
            await ctas_asked(viewer(store), asked, wanted)


async def test_n5_before_it_existed_and_days_to_come_are_refused(store: Store) -> None:
    await begin(store)
    await write(store, twin("acme", slips=False))
    look = viewer(store)
    with pytest.raises(Refusal, match="acme did not exist on 1 Jan 2026"):
        await found_when(look, "acme", Asked(as_of="2026-01-01"))
    with pytest.raises(Refusal, match="is yet to come"):
        await found_when(look, "acme", Asked(as_of="2027-01-01"))
    with pytest.raises(Refusal, match="asked of a day in the past"):
        await found_when(look, "acme", Asked(known="now"))


async def test_n5_definitions_are_those_of_then(store: Store) -> None:
    """N5: what was armed then is told in the words of then, by the edition that was published."""
    await begin(store)
    await write(store, twin("acme", slips=False))
    flow = BOOK.lifecycles[FLOW]
    stages = tuple(replace(one, label=one.label.upper()) for one in flow.stages)
    later = replace(BOOK, lifecycles=BOOK.lifecycles | {FLOW: replace(flow, stages=stages)})
    await publish(store, parts_of(later, {}), "ann", QUARTER + DAY)
    look, day = viewer(store), START + DAY
    of = await found_at(look, "acme", AsOf(day, day))
    assert [one.text for one in (await shown(store, of)).next if one.automation] == ["moves to Two"]
    today = await found_at(look, "acme", AsOf(day, LATER))
    assert [one.text for one in (await shown(store, today)).next if one.automation] == [
        "moves to TWO"
    ]


async def test_n5_n12_who_was_erased_is_gone_from_the_past_and_the_numbers_stay(
    store: Store,
) -> None:
    """N5, N12: last quarter's board and stages are the same; the person is named nowhere in them."""
    book, journey = shipped(), spoken_of()
    await publish(store, parts_of(book, {}), "ops", BEGAN)
    entries = list(journey.entries)
    last = entries[-1].at
    request = RecordRequest("acme", entries, versions=journey.fold.state.versions)
    await record(store, request, last)
    moment, now = AsOf(last, last), last + DAY
    before = await numbers(store, book, moment)
    erase(journey, "contact_name", "contact_email")
    later = [one for one in journey.entries if one.revision > entries[-1].revision]
    await record(store, RecordRequest("acme", later, versions=journey.fold.state.versions), now)
    row = ErasureRow(id="erasure", at=now, actor="dpo", account="acme", accounts=["acme"])
    await erasures.begin(store, row, erasures.Wanted())
    await erasures.sweep(store, book, row, "acme")
    assert await numbers(store, book, moment) == before
    of = await found_at(viewer(store, now), "acme", moment)
    told = json.dumps(plain(await shown(store, of)))
    told += json.dumps(plain(past_data(await past(store, of, PastWanted(500), UTC))))
    assert [word for word in (NAME, ADDRESS) if word in told] == []


async def numbers(store: Store, book: Book, moment: AsOf) -> Any:
    """Stages, days, heads and cards of every lifecycle, and the account's standings."""
    of = await found_at(viewer(store, moment.known), "acme", moment)
    told: list[Any] = [(await shown(store, of)).standings]
    for lifecycle in book.lifecycles:
        wanted = WantedThen(lifecycle, moment)
        heads = await heads_then(store, wanted)
        told += [heads, [await page_then(store, wanted, stage, None) for stage in heads]]
        stayed = await stays_at(store, "acme", moment)
        told.append([one._replace(reason="") for one in stayed])
    return told
