"""`segment`: Totango's operators on real accounts, through the real command, on both databases."""

import asyncio
import json
from collections.abc import AsyncIterator, Awaitable, Callable
from datetime import UTC, timedelta
from functools import partial
from typing import Any

import pytest

from lifecycle.contract import RecordRequest
from lifecycle.core.fold import Fold
from lifecycle.core.inputs import CreateAccount, Input, SetFields, SetStage, Undo
from lifecycle.core.model import Book
from lifecycle.core.state import AccountState, Track
from lifecycle.core.values import Value
from lifecycle.files.lives import lives
from lifecycle.files.scope import Scope
from lifecycle.store.definitions import parts_of, publish
from lifecycle.store.engine import Store, make_engine
from lifecycle.store.migrate import migrate_database
from lifecycle.store.record import record
from lifecycle.telling.audience import Asked
from lifecycle.telling.segments import Wish, members
from lifecycle.telling.viewer import Viewer
from tests.admin.book import NOW, ago, shipped
from tests.admin.conftest import Admin, Said
from tests.admin.recorded import Golden
from tests.postgres import PostgresServer

Asking = Callable[..., Awaitable[Any]]


class Tree:
    """An account of these tests; every input is recorded when it happens."""

    def __init__(self, book: Book, account: str, days_ago: float, **fields: Value) -> None:
        self.fold = Fold(book, AccountState(account))
        self.inputs: list[Input] = [CreateAccount(ago(days_ago), dict(fields))]

    def set(self, days_ago: float, lifecycle: str, stage: str | None) -> "Tree":
        self.inputs.append(SetStage(ago(days_ago), "ann", "as agreed", lifecycle, stage))
        return self

    def fields(self, days_ago: float, **fields: Value) -> "Tree":
        self.inputs.append(SetFields(ago(days_ago), "ann", dict(fields)))
        return self

    def undo(self, days_ago: float) -> "Tree":
        self.inputs.append(Undo(ago(days_ago), "ann", "by mistake"))
        return self

    async def grow(self, store: Store) -> None:
        for item in [*self.inputs, None]:
            at = NOW if item is None else item.at  # type: ignore[union-attr]
            entries = [*(self.fold.take(item) if item else []), *self.fold.catch_up(at)]
            state = self.fold.state
            if entries:
                await record(store, RecordRequest(state.account, entries, state.lead), at)


def forest(book: Book) -> list[Tree]:
    """Accounts in every situation that Totango's operators tell apart."""
    return [
        # Left kickoff for configuration ten days ago, after thirty days.
        Tree(book, "pine", 100, name="Pine", type="Customer", arr=300, plan="Pro")
        .set(40, "onboarding", "kickoff")
        .set(10, "onboarding", "configuration"),
        # In kickoff for 45 days.
        Tree(book, "oak", 90, name="Oak", type="Customer", arr=100).set(
            45, "onboarding", "kickoff"
        ),
        # Through, and once more in kickoff: a second cycle (T21).
        Tree(book, "elm", 300, name="Elm", type="Customer", arr=200, plan="Standard")
        .set(250, "onboarding", "kickoff")
        .set(120, "onboarding", "go_live")
        .set(20, "onboarding", "kickoff"),
        # Done last month.
        Tree(book, "fir", 80, name="Fir", plan="Pro")
        .set(70, "onboarding", "kickoff")
        .set(30, "onboarding", "go_live"),
        # Never in it.
        Tree(book, "ash", 60, name="Ash", type="Customer"),
        # Taken out of it again (T14).
        Tree(book, "yew", 60, name="Yew")
        .set(50, "onboarding", "kickoff")
        .set(5, "onboarding", None),
        # In kickoff for ever, but cancelled (T28).
        Tree(book, "box", 95, name="Box", arr=50)
        .set(90, "onboarding", "kickoff")
        .fields(3, status="cancelled"),
        # Set by mistake and taken back (R13).
        Tree(book, "bay", 20, name="Bay").set(8, "onboarding", "configuration").undo(7),
    ]


async def plant(url: str) -> None:
    await migrate_database(url)
    store, book = Store(make_engine(url)), shipped()
    await publish(store, parts_of(book, {}), "ann", ago(500))
    for tree in forest(book):
        await tree.grow(store)
    await store.close()


@pytest.fixture(scope="module", params=["sqlite", "postgresql"])
async def forest_url(
    request: pytest.FixtureRequest, tmp_path_factory: pytest.TempPathFactory
) -> AsyncIterator[str]:
    """The forest on each database; these tests only look."""
    if request.param == "sqlite":
        url = f"sqlite+aiosqlite:///{tmp_path_factory.mktemp('forest') / 'lifecycle.db'}"
        await plant(url)
        yield url
        return
    server: PostgresServer = request.getfixturevalue("postgres_server")
    url = await server.create_database()
    await plant(url)
    yield url
    await server.drop_database(url)


@pytest.fixture
def ask(forest_url: str, admin: Admin, at_now: Any) -> Asking:
    """The command, as typed."""

    async def asking(*words: str) -> Said:
        command = partial(admin, "segment", *words, LIFECYCLE_DATABASE_URL=forest_url)
        return await asyncio.to_thread(command)

    return asking


@pytest.fixture
def found(ask: Asking) -> Asking:
    """The ids for which sentences hold, in order."""

    async def finding(*sentences: str, more: tuple[str, ...] = ()) -> list[str]:
        where = [word for sentence in sentences for word in ("--where", sentence)]
        said = await ask(*where, "--sort", "id", "--json", *more)
        assert said.status == 0, said.err
        return [row["account"] for row in json.loads(said.out)["rows"]]

    return finding


async def test_t17_is_one_of_with_days(found: Asking) -> None:
    """T17, R10: is one of, optionally with a number of days in that stage; a cancelled account has none (T28)."""
    inside = "onboarding is one of kickoff, configuration"
    assert await found(inside) == ["box", "elm", "oak", "pine"]
    assert await found(f"{inside} for more than 15 days") == ["elm", "oak"]
    assert await found(f"{inside} for more than 30 days") == ["oak"]
    assert await found(f"{inside} for less than 15 days") == ["pine"]
    assert await found("onboarding is go_live for more than 20 days") == ["fir"]


async def test_t18_is_not_one_of_counts_none_in(found: Asking, ask: Asking) -> None:
    """T18, R17: `is not one of` includes None, and the answer says how many."""
    sentence = "onboarding is not one of kickoff, configuration"
    assert await found(sentence) == ["ash", "bay", "fir", "yew"]
    told = await ask("--where", sentence)
    assert "4 accounts, 3 of them with no stage in Onboarding project (None)." in told.out
    counted = json.loads((await ask("--where", sentence, "--count", "--json")).out)
    assert counted == {"accounts": 4, "without": {"onboarding": 3}}


async def test_r17_fields_that_are_not_there(found: Asking, ask: Asking) -> None:
    """R17: a positive comparison with a missing value is false, a negation is the plain `not` of it."""
    assert await found("plan is one of Pro, Standard") == ["elm", "fir", "pine"]
    assert await found("plan is not Pro") == ["ash", "bay", "box", "elm", "oak", "yew"]
    assert await found("plan does not exist") == ["ash", "bay", "box", "oak", "yew"]
    counted = await ask("--where", "plan is not Pro", "--count")
    assert counted.out == "6 accounts, 5 of them with no Plan (None).\n"


async def test_t19_changed_in_a_window(found: Asking) -> None:
    """T19, R13: changed, optionally from and to a stage; what was undone never was."""
    moved = "onboarding changed {}in the last {} days"
    assert await found(moved.format("", 15)) == ["pine", "yew"]
    assert await found(moved.format("", 25)) == ["elm", "pine", "yew"]
    assert await found(moved.format("from kickoff ", 60)) == ["fir", "pine", "yew"]
    assert await found(moved.format("from kickoff to configuration ", 60)) == ["pine"]
    assert await found(moved.format("from None to kickoff ", 55)) == ["oak", "pine", "yew"]
    assert await found(moved.format("to None ", 60)) == ["yew"]
    day = (NOW - timedelta(days=30)).date()
    assert await found(f"onboarding changed between {day} and {day}") == ["fir"]


async def test_t20_completed(found: Asking) -> None:
    """T20, T21: an end stage was reached; a new cycle does not take that back."""
    assert await found("onboarding completed") == ["elm", "fir"]
    assert await found("onboarding completed in the last 90 days") == ["fir"]


async def test_t22_does_not_exist(found: Asking, ask: Asking) -> None:
    """T22: in no stage, shown as None."""
    assert await found("onboarding does not exist") == ["ash", "bay", "yew"]
    assert await found("onboarding is one of None, go_live") == ["ash", "bay", "fir", "yew"]
    told = await ask("--where", "onboarding does not exist")
    assert [line.split()[:3] for line in told.out.splitlines() if "None" in line] == [
        ["Ash", "ash", "None"],
        ["Bay", "bay", "None"],
        ["Yew", "yew", "None"],
    ]


async def test_fields_by_their_kinds(found: Asking) -> None:
    """T16: account fields with operators by type."""
    assert await found("arr >= 200") == ["elm", "pine"]
    assert await found("arr < 100") == ["box"]
    assert await found("name contains o") == ["box", "oak"]
    assert await found("status is cancelled") == ["box"]
    assert await found("arr exists", "arr is not 300") == ["box", "elm", "oak"]


async def test_open_ctas(found: Asking) -> None:
    """T16, G11: accounts with an open CTA, of any kind or of one."""
    assert await found("has open cta of onboarding") == ["box", "elm", "oak"]
    assert await found("has open cta") == ["ash", "box", "elm", "fir", "oak", "pine", "yew"]
    assert await found("has open cta of growth") == []


async def test_segments_and_sentences_together(found: Asking) -> None:
    """T16: a saved segment, with more sentences; all must hold."""
    assert await found(more=("customers",)) == ["ash", "elm", "oak", "pine"]
    assert await found("arr > 100", more=("customers",)) == ["elm", "pine"]
    assert await found("in segment customers", "not in segment never_escalated") == []


async def test_n5_as_of_a_day(found: Asking) -> None:
    """N5: how it was, as it was known then, or as it is known today."""

    def then(days: float, *more: str) -> tuple[str, ...]:
        return ("--as-of", str(ago(days).date()), *more)

    inside = "onboarding is one of kickoff, configuration"
    assert await found(inside, more=then(60)) == ["box", "fir"]
    assert await found(f"{inside} for more than 15 days", more=then(35)) == ["box", "fir", "yew"]
    assert await found("has open cta of onboarding", more=then(35)) == [
        "box",
        "fir",
        "oak",
        "pine",
        "yew",
    ]
    assert await found("onboarding is configuration", more=then(8)) == ["bay", "pine"]
    today = then(8, "--known", "now")
    assert await found("onboarding is configuration", more=today) == ["pine"]
    assert await found("status is cancelled", more=then(10)) == []
    assert await found("name exists", more=then(85)) == ["box", "elm", "oak", "pine"]


async def test_pages_in_every_order(ask: Asking) -> None:
    """Sorted, page by page: nobody twice, nobody left out, those without a value last."""

    async def pages(sort: str, *more: str) -> list[str]:
        seen: list[str] = []
        after: str | None = None
        while not seen or after:
            page = ("--after", after) if after else ()
            words = ("--where", "name exists", "--limit", "3", "--sort", sort, "--json")
            data = json.loads((await ask(*words, *page, *more)).out)
            seen += [row["account"] for row in data["rows"]]
            after = data["after"]
        return seen

    names = ["ash", "bay", "box", "elm", "fir", "oak", "pine", "yew"]
    then = ("--as-of", str(ago(1).date()))
    for more in ((), then):
        assert await pages("name", *more) == names
        assert await pages("-name", *more) == names[::-1]
        assert await pages("-id", *more) == names[::-1]
        assert await pages("arr", *more) == [
            "box",
            "oak",
            "elm",
            "pine",
            "ash",
            "bay",
            "fir",
            "yew",
        ]
        assert await pages("-arr", *more) == [
            "pine",
            "elm",
            "oak",
            "box",
            "ash",
            "bay",
            "fir",
            "yew",
        ]
        most = ["oak", "elm", "pine", "fir", "ash", "bay", "box", "yew"]
        assert await pages("-days:onboarding", *more) == most


async def test_all_of_them_as_csv(ask: Asking) -> None:
    """Exported: every page, the columns that were asked for."""
    words = ("--where", "onboarding is one of kickoff, configuration", "--sort", "-days")
    said = await ask(*words, "--limit", "1", "--columns", "name,days:onboarding,arr", "--csv", "-")
    assert said.out.splitlines() == [
        "account,name,days:onboarding,arr",
        "oak,Oak,45,100.00",
        "elm,Elm,20,200.00",
        "pine,Pine,10,300.00",
        "box,Box,,50.00",
    ]


async def test_all_segments_are_listed(ask: Asking) -> None:
    said = json.loads((await ask("--json")).out)
    numbers = {one["id"]: one["accounts"] for one in said["segments"]}
    assert numbers["customers"] == 4
    assert numbers["stuck_in_onboarding"] == 1
    assert list(numbers) == list(shipped().segments)


async def test_a_wrong_word_is_shown_with_its_place(ask: Asking) -> None:
    unknown = await ask("custmers")
    assert (unknown.status, unknown.err) == (
        1,
        "There is no segment 'custmers'.\nDid you mean customers?\n",
    )
    slip = await ask("--where", "onboarding is one of kickof")
    assert slip.status == 1
    assert "^^^^^^" in slip.err
    assert "Did you mean kickoff?" in slip.err
    for words in (
        ("customers", "--columns", "nam"),
        ("customers", "--sort", "nam"),
        ("customers", "--as-of", "2030-01-01"),
        ("customers", "--as-of", "2026-05-01", "--known", "2026-04-01"),
        ("customers", "--as-of", "soon"),
    ):
        assert (await ask(*words)).status == 1, words
    assert (await ask("customers", "--known", "now")).status == 2


async def test_what_a_csm_sees(ask: Asking, golden: Golden) -> None:
    data = json.loads((await ask("--where", "name is Oak", "--json")).out)
    assert data["rows"][0]["arr"] == 100_00, "money in whole cents"
    told = await ask("--where", "onboarding is not one of configuration", "--sort", "-days")
    golden.check("segment", told.out)


@pytest.mark.parametrize("days", [None, 8, 35, 60])
async def test_late_and_stuck_stand_beside_the_days(forest_url: str, days: float | None) -> None:
    """T16, N5: as an export has them, now and as of a day; no mark while cancelled (R25)."""
    store = Store(make_engine(forest_url))
    when = Asked(as_of=str(ago(days).date()) if days else None)
    wanted = await members(Viewer(store, NOW, UTC), when, Wish("mark:onboarding,next"))
    found = {one.account: one for one in (await wanted.page()).members}
    scope = Scope(store, wanted.meant.book, wanted.meant.moment)
    marks = []
    async for life in lives(scope):
        track = life.state.tracks.get("onboarding") or Track("onboarding")
        mark = "stuck" if track.stuck else "late" if track.late else None
        marks.append(None if life.state.is_cancelled else mark)
        assert wanted.columns[0].value(found[life.state.account]) == marks[-1], life.state.account
    await store.close()
    assert {"stuck", None} <= {*marks}
