"""`lifecycle web`: the door alone, as a process; what it needs, it says."""

import asyncio
import os
import re
import signal
import sys
from asyncio.subprocess import PIPE, STDOUT, Process
from pathlib import Path

import httpx2

from lifecycle.store.migrate import migrate_database
from tests.web.conftest import SECRET

ROOT = Path(__file__).parents[2]
WITHIN = 60


async def opened(state_dir: Path, *words: str, **environment: str) -> tuple[Process, str]:
    """The process, and the first line it prints."""
    clean = {name: text for name, text in os.environ.items() if not name.startswith("LIFECYCLE_")}
    process = await asyncio.create_subprocess_exec(
        *(sys.executable, "-W", "error", "-m", "lifecycle", "web", *words),
        stdout=PIPE, stderr=STDOUT, cwd=ROOT,
        env={**clean, "LIFECYCLE_STATE_DIR": str(state_dir), **environment},
    )  # fmt: skip
    assert process.stdout is not None
    line = await asyncio.wait_for(process.stdout.readline(), WITHIN)
    return process, line.decode()


async def test_it_answers_until_it_is_told_to_end(tmp_path: Path) -> None:
    await migrate_database(f"sqlite:///{tmp_path / 'lifecycle.db'}")
    process, said = await opened(tmp_path, "--port", "0", LIFECYCLE_SECRET=SECRET)
    found = re.search(r"The web door is open: (http://127\.0\.0\.1:\d+)\.", said)
    assert found, said
    async with httpx2.AsyncClient() as browser:
        assert (await browser.get(f"{found[1]}/healthz")).json() == {"status": "ok"}
        assert (await browser.get(f"{found[1]}/unsubscribe/x")).status_code == 404
    process.send_signal(signal.SIGINT)
    assert process.stdout is not None
    assert await asyncio.wait_for(process.stdout.read(), WITHIN) == b""
    assert await process.wait() == 0


async def test_without_a_secret_it_says_which_setting_is_missing(tmp_path: Path) -> None:
    await migrate_database(f"sqlite:///{tmp_path / 'lifecycle.db'}")
    process, said = await opened(tmp_path, "--port", "0")
    assert "there is no secret to read them with" in said
    assert process.stdout is not None
    assert b"LIFECYCLE_SECRET" in await process.stdout.read()
    assert await process.wait() == 1


async def test_without_a_database_it_says_so(tmp_path: Path) -> None:
    process, said = await opened(tmp_path, "--port", "0", LIFECYCLE_SECRET=SECRET)
    assert "There is no database" in said
    assert process.stdout is not None
    assert b"Traceback" not in await process.stdout.read()
    assert await process.wait() == 3


async def test_to_other_machines_it_is_not_open_without_authentication(tmp_path: Path) -> None:
    await migrate_database(f"sqlite:///{tmp_path / 'lifecycle.db'}")
    off = {"LIFECYCLE_SECRET": SECRET, "LIFECYCLE_WEB__AUTH": "off"}
    process, said = await opened(tmp_path, "--host", "0.0.0.0", "--port", "0", **off)
    assert "nobody may listen at 0.0.0.0" in said
    assert process.stdout is not None
    assert b"LIFECYCLE_WEB__AUTH=on, or listen at 127.0.0.1 only." in await process.stdout.read()
    assert await process.wait() == 1


async def test_to_other_machines_it_says_that_https_is_missing(tmp_path: Path) -> None:
    await migrate_database(f"sqlite:///{tmp_path / 'lifecycle.db'}")
    words = ("--host", "0.0.0.0", "--port", "0")
    process, said = await opened(tmp_path, *words, LIFECYCLE_SECRET=SECRET)
    assert "The web door is open" in said
    assert process.stdout is not None
    line = await asyncio.wait_for(process.stdout.readline(), WITHIN)
    assert b"plain http to other machines" in line
    process.send_signal(signal.SIGINT)
    assert await process.wait() == 0
