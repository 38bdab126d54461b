"""`admin rehearse` as it is typed: in words, as JSON and as a file, kept; and what it refuses (N2)."""

import csv
import io
import json
from collections.abc import Callable
from datetime import UTC, datetime, timedelta
from pathlib import Path

import pytest

from lifecycle.publishing import publish_first
from lifecycle.settings import Settings
from lifecycle.store import rehearsals
from lifecycle.store.definitions import current_book
from lifecycle.store.engine import Store, make_engine
from lifecycle.store.migrate import migrate_database
from tests.admin.conftest import Admin, admin, surroundings
from tests.rehearsing.lives import APART, JOURNEY, fill

__all__ = ["admin", "surroundings"]
SHIPPED = Path(__file__).parents[2] / "definitions"
NOW = datetime(2031, 6, 4, 10, tzinfo=UTC)


@pytest.fixture(scope="module")
async def filled(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """A state folder whose database has the lives."""
    folder = tmp_path_factory.mktemp("rehearsing")
    settings = Settings(state_dir=folder)
    await migrate_database(settings.database)
    store = Store(make_engine(settings.database))
    await publish_first(store, settings)
    book, _ = await current_book(store)
    await fill(store, book, NOW)
    await store.close()
    return folder


@pytest.fixture
def rehearse(admin: Admin, filled: Path, monkeypatch: pytest.MonkeyPatch) -> Admin:
    """The command over the book, its clock standing."""
    monkeypatch.setenv("LIFECYCLE_STATE_DIR", str(filled))
    monkeypatch.setenv("COLUMNS", "300")
    stand(monkeypatch, NOW)
    return lambda *words, **env: admin("rehearse", *words, **env)


def stand(monkeypatch: pytest.MonkeyPatch, at: datetime) -> None:
    """The commands' clock stands at this instant."""
    for place in ("desk", "rehearse"):
        monkeypatch.setattr(f"lifecycle.console.{place}.wall_clock", lambda: at)


@pytest.fixture
def draft(tmp_path: Path) -> Callable[..., str]:
    """The file of the journey with another timer."""

    def write(days: int = 45, old: str = "", new: str = "") -> str:
        text = (SHIPPED / f"{JOURNEY}.yaml").read_text()
        file = tmp_path / f"{JOURNEY}.yaml"
        file.write_text(text.replace("after: 14 days", f"after: {days} days").replace(old, new))
        return str(file)

    return write


def test_totals_come_first_then_who_differs_and_why(
    rehearse: Admin, draft: Callable[..., str]
) -> None:
    """N2: 14 → 45 days in words."""
    said = rehearse(draft())
    assert said.status == 0, said.err
    for line in (
        "The draft of Customer journey was run over every recorded input of 7 accounts",
        "Nothing was sent or moved.",
        "4  accounts in another stage today",
        "4  Launched  Onboarding",
        "Two weeks passed: day 45 not reached, 29 Jun",
        "Held until 14 Jun; Two weeks passed: day 45 not reached, 11 Jul",
        "Entered Launched 31 days later",
        "The most for one person: Ann Lee, −4.",
    ):
        assert line in said.out, f"{line}\n{said.out}"
    assert "1 problem stands in the way of publishing it like this" in said.err
    assert said.out.index("accounts the same") < said.out.index("Accounts that differ")
    short = rehearse(draft(), "--limit", "2", "--differ", "stage")
    assert "2 of 4 accounts listed" in short.out


def test_as_json_and_as_a_file(rehearse: Admin, draft: Callable[..., str], tmp_path: Path) -> None:
    """N2: the same data at every door."""
    found = json.loads(rehearse(draft(), "--json").out)
    assert found["rehearsal"]["sums"]["differing"]["stage"] == 4
    in_order = sorted(APART, key=lambda name: (name == "old", name))
    """Who is in another stage today comes first."""
    assert [one["account"] for one in found["accounts"]] == in_order
    parting = next(one for one in found["accounts"] if one["account"] == "old")["compared"]
    assert parting["parting"]["automation"] == f"{JOURNEY}.two_weeks_passed"
    rows = list(csv.DictReader(io.StringIO(rehearse(draft(), "--csv", "-").out)))
    assert [row["account"] for row in rows] == in_order
    file = tmp_path / "apart.csv"
    assert f"5 rows written to {file}" in rehearse(draft(), "--csv", str(file)).out


def test_only_some_accounts_and_since_a_day(rehearse: Admin, draft: Callable[..., str]) -> None:
    """N2: `--segment`, `--where`, `--since`."""
    said = rehearse(draft(), "--where", "csm is Cy Ode")
    assert "every recorded input of 1 account:" in said.out
    assert "Entered Launched 31 days later" in said.out
    assert "of 7 accounts" in rehearse(draft(), "--segment", "customers").out
    since = rehearse(draft(), "--since", "2031-06-01")
    assert "since 1 Jun 2031" in since.out
    assert rehearse(draft(), "--segment", "custommers").status == 1
    assert rehearse(draft(), "--since", "never").status == 1
    assert rehearse(draft(), "--differ", "mood").status == 2


def test_what_cannot_be_rehearsed_is_said(rehearse: Admin, draft: Callable[..., str]) -> None:
    """T27: problems at their places, a draft that changes nothing, a file that is none."""
    wrong = rehearse(draft(old="to: launched", new="to: lunched"))
    assert wrong.status == 1
    assert "Nothing was rehearsed." in wrong.out
    assert "lunched" in wrong.err
    same = rehearse(draft(14))
    assert same.status == 1
    assert "The draft says what is published already." in same.err
    problems = json.loads(rehearse(draft(old="to: launched", new="to: lunched"), "--json").out)
    assert problems["problems"]
    assert rehearse("nothing.yaml").status == 2


async def test_it_is_kept_for_who_publishes(
    rehearse: Admin, draft: Callable[..., str], filled: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    """N2: the dialog finds it by what the draft says."""
    stand(monkeypatch, NOW + timedelta(minutes=1))  # after those of the other tests
    assert rehearse(draft(40)).status == 0
    store = Store(make_engine(Settings(state_dir=filled).database))
    row = await rehearsals.latest(store, part=JOURNEY, done=True)
    await store.close()
    assert row is not None
    assert (row.door, row.actor, row.done, row.total) == ("admin", "ann", 7, 7)
