"""What was published in a page and the folder that lacks it: told, fetched, never silently taken back (R14)."""

import asyncio
import json
import shutil
from concurrent.futures import ThreadPoolExecutor
from datetime import UTC, datetime
from pathlib import Path

import pytest

from lifecycle.checking import book_of, check_files, with_published
from lifecycle.publication_plan import Plan, store_definitions
from lifecycle.publications import to_hand_over
from lifecycle.settings import load
from lifecycle.store.engine import Store, make_engine
from tests.admin.book import SHIPPED
from tests.admin.conftest import Admin
from tests.admin.test_definitions import edit, publish

LINE = "      - name: training_reminder\n"
OFF = LINE + "        published: no\n"
JOURNEY = "customer_journey.yaml"


@pytest.fixture
def folder(tmp_path: Path, admin: Admin) -> Path:
    """A copy of the shipped definitions, published."""
    found = Path(shutil.copytree(SHIPPED, tmp_path / "definitions"))
    admin("migrate")
    publish(admin, found)
    return found


async def _in_a_page(file: str, text: str, policy: str | None) -> None:
    settings = load()
    store = Store(make_engine(settings.database))
    before = await book_of(store)
    files = await with_published(store, {file: text})
    checked = check_files(settings, files, before)
    now = datetime.now(UTC)
    outcome = await store_definitions(store, checked, Plan(policy), "Ann", now, "page")
    await to_hand_over(store, outcome, now)
    await store.close()


def in_a_page(file: str, text: str, policy: str | None = None) -> None:
    """Ann publishes it as her page does."""
    with ThreadPoolExecutor(1) as pool:
        pool.submit(asyncio.run, _in_a_page(file, text, policy)).result()


def changed(folder: Path, old: str = LINE, new: str = OFF) -> str:
    text = (folder / JOURNEY).read_text()
    assert old in text
    return text.replace(old, new, 1)


def test_an_older_folder_does_not_take_back_what_a_page_published(
    admin: Admin, folder: Path
) -> None:
    """V12: what Ann unpublished stays so, until somebody says otherwise."""
    in_a_page(JOURNEY, changed(folder))
    said = admin("definitions", "publish", str(folder), COLUMNS="300")
    assert said.status == 1
    told = "customer_journey: Ann published a change (published of training_reminder) in a page on"
    assert told in said.err
    assert "lifecycle admin definitions fetch" in said.err
    assert (
        "training_reminder" in admin("definitions", "show", "customer_journey", "--published").out
    )
    forced = publish(admin, folder, "--take-back")
    assert [one["edition"] for one in forced["published"]] == [3]
    edit(folder, JOURNEY, LINE, OFF)
    assert publish(admin, folder)["published"][0]["edition"] == 4  # folder to folder, as ever


def test_a_folder_edited_without_it_is_told_as_well(admin: Admin, folder: Path) -> None:
    """Neither older nor newer: it has changes of its own, and lacks Ann's."""
    in_a_page(JOURNEY, changed(folder))
    edit(folder, JOURNEY, "label: Launched", "label: Live")
    said = admin("definitions", "publish", str(folder), COLUMNS="300")
    assert (said.status, "published of training_reminder" in said.err) == (1, True)
    edit(folder, JOURNEY, LINE, OFF)
    assert [one["edition"] for one in publish(admin, folder)["published"]] == [3]


def test_a_newer_version_is_told_with_where_it_is_fetched(admin: Admin, folder: Path) -> None:
    """R14, R24."""
    in_a_page(JOURNEY, changed(folder, "version: 1\n", "version: 2\n"), "never")
    said = admin("definitions", "publish", str(folder), COLUMNS="300")
    assert said.status == 1
    assert "`definitions fetch` writes it into the folder" in said.out


def test_fetch_writes_what_is_published_and_keeps_own_changes(admin: Admin, folder: Path) -> None:
    (folder / JOURNEY).rename(folder / "journey.yaml")  # a file may be called otherwise
    text = (folder / "journey.yaml").read_text().replace(LINE, OFF, 1)
    in_a_page(JOURNEY, text)
    edit(folder, "sales.yaml", "title: Sales", "title: Selling")
    said = admin("definitions", "fetch", "--into", str(folder), "--json")
    assert said.status == 1
    files = {one["file"]: one["became"] for one in json.loads(said.out)["files"]}
    assert (files["journey.yaml"], files["sales.yaml"]) == ("written", "kept")
    assert set(files.values()) == {"written", "kept", "same"}
    assert (folder / "journey.yaml").read_text() == text
    assert "Selling" in (folder / "sales.yaml").read_text()
    over = admin("definitions", "fetch", "--into", str(folder), "--over")
    assert (over.status, "title: Sales\n" in (folder / "sales.yaml").read_text()) == (0, True)
    assert publish(admin, folder)["published"] == []


def test_fetch_makes_a_folder_that_can_be_published(
    admin: Admin, folder: Path, tmp_path: Path
) -> None:
    new = tmp_path / "new"
    said = admin("definitions", "fetch", "--into", str(new))
    assert (said.status, said.err) == (0, "")
    assert sorted(path.name for path in new.iterdir()) == sorted(
        path.name for path in folder.iterdir()
    )
    assert publish(admin, new)["published"] == []
