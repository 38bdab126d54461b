"""Files that pages load: what is pinned is what is there, kept by browsers, and small."""

import gzip
import json
import re
import shutil
import subprocess
import sys
from collections.abc import AsyncIterator
from hashlib import sha256
from pathlib import Path

import httpx2
import pytest

from lifecycle.web import assets
from lifecycle.web.assets import FOR_EVER, HOUR, PINNED, STATIC, VENDOR, address, edition, shortfall
from tests.web.frame import frame_app

ROOT = Path(__file__).parents[2]
BUDGET = 100_000


@pytest.fixture
async def browser() -> AsyncIterator[httpx2.AsyncClient]:
    transport = httpx2.ASGITransport(app=frame_app())
    async with httpx2.AsyncClient(transport=transport, base_url="http://door") as browser:
        yield browser


def test_what_others_wrote_is_what_is_pinned() -> None:
    there = {file.name: sha256(file.read_bytes()).hexdigest() for file in VENDOR.iterdir()}
    assert there == json.loads(PINNED.read_text())


def test_each_has_its_licence_beside_it() -> None:
    names = {file.name for file in VENDOR.iterdir()}
    for script in ("htmx", "sortable", "echarts"):
        assert {f"{script}.min.js", f"{script}.LICENSE.txt"} <= names
    assert {"zrender.LICENSE.txt", "tslib.LICENSE.txt"} <= names  # within ECharts as built


def test_the_lock_has_hashes_and_no_addresses() -> None:
    wanted = json.loads((ROOT / "assets" / "deno.json").read_text())["imports"].values()
    lock = json.loads((ROOT / "assets" / "deno.lock").read_text())
    assert set(wanted) == set(lock["specifiers"])
    assert all(package["integrity"].startswith("sha512-") for package in lock["npm"].values())
    for file in (ROOT / "assets" / "deno.lock", ROOT / "requirements" / "assets.txt", PINNED):
        assert "://" not in file.read_text()


def test_another_file_is_not_taken_for_ours(tmp_path: Path) -> None:
    """The builder looks at every file: one that was changed, is missing or does not belong is none of ours."""
    web = tmp_path / "lifecycle" / "web"
    shutil.copytree(ROOT / "assets", tmp_path / "assets")
    shutil.copytree(VENDOR, web / "static" / "vendor")
    shutil.copy(PINNED, web)
    there = [sys.executable, str(tmp_path / "assets" / "build.py"), "--there"]
    assert subprocess.run(there, check=False).returncode == 0
    (web / "static" / "vendor" / "htmx.min.js").write_text("alert(1)")
    assert subprocess.run(there, check=False).returncode == 1


def test_what_was_not_built_is_told(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    assert shortfall() == ""
    monkeypatch.setattr(assets, "VENDOR", tmp_path)
    assert "The pages lack echarts.LICENSE.txt" in shortfall()
    assert "`make assets`" in shortfall()


async def test_browsers_keep_a_file_for_as_long_as_it_is_the_same(
    browser: httpx2.AsyncClient,
) -> None:
    kept = await browser.get(address("app.css"))
    assert (kept.status_code, kept.headers["cache-control"]) == (200, FOR_EVER)
    plain = await browser.get("/static/app.css")
    assert (plain.text, plain.headers["cache-control"]) == (kept.text, HOUR)
    older = await browser.get("/static/0123456789ab/app.css")
    assert older.text == kept.text
    again = await browser.get(address("app.css"), headers={"If-None-Match": kept.headers["etag"]})
    assert again.status_code == 304
    assert (await browser.get(f"/static/{edition()}/../../who.py")).status_code == 404


async def test_files_travel_small_and_pages_do_not(browser: httpx2.AsyncClient) -> None:
    """A compressed page would tell by its length what is on it beside what was sent in."""
    asked = {"Accept-Encoding": "gzip"}
    script = await browser.get(address("vendor/htmx.min.js"), headers=asked)
    assert script.headers["content-encoding"] == "gzip"
    assert script.content == (VENDOR / "htmx.min.js").read_bytes()
    assert "content-encoding" not in (await browser.get("/frame", headers=asked)).headers


async def test_a_first_page_loads_little_script(browser: httpx2.AsyncClient) -> None:
    html = (await browser.get("/frame")).text
    scripts: list[str] = re.findall(r'<script[^>]* src="([^"]+)"', html)
    files = _with_imports({STATIC / src.split("/", 3)[3] for src in scripts})
    # A page that moves cards about loads this one too.
    files |= {VENDOR / "sortable.min.js"}
    assert sum(file.stat().st_size for file in files) < BUDGET
    assert sum(len(gzip.compress(file.read_bytes())) for file in files) < BUDGET * 0.4


def _with_imports(files: set[Path]) -> set[Path]:
    """With the modules they import, and those these import."""
    found = set(files)
    for file in files:
        named = re.findall(r'^import .*"\./([\w-]+\.js)";', file.read_text(), re.MULTILINE)
        found |= _with_imports({STATIC / name for name in named})
    return found
