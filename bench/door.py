"""The web door as a process of its own, started as operators start it."""

from __future__ import annotations

import asyncio
import os
import re
import sys
from asyncio.subprocess import PIPE, Process
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from datetime import UTC, datetime
from pathlib import Path

import psutil

from lifecycle.access import digest_of, make_key
from lifecycle.roles import Role
from lifecycle.settings import Settings
from lifecycle.store.api_keys import NewKey, keep_key
from lifecycle.store.engine import Store

ROOT = Path(__file__).parent.parent


async def key_for(store: Store, role: Role) -> str:
    """A key of that role."""
    key = make_key()
    await keep_key(store, NewKey("bench", role, digest_of(key), "bench"), datetime.now(UTC))
    return key


@asynccontextmanager
async def door(settings: Settings) -> AsyncIterator[tuple[psutil.Process, int]]:
    """The process and its port, while the block is open."""
    process = await asyncio.create_subprocess_exec(
        *(sys.executable, "-m", "lifecycle", "web", "--port", "0"),
        stdout=PIPE,
        cwd=ROOT,
        env={
            **os.environ,
            "LIFECYCLE_STATE_DIR": str(settings.state_dir),
            "LIFECYCLE_SECRET": "a secret of the benchmark, long enough",
            "LIFECYCLE_WEB__REQUESTS_PER_MINUTE": "1000000",
            "LIFECYCLE_WEB__EVENTS_PER_MINUTE": "1000000",
        },
    )
    try:
        yield psutil.Process(process.pid), await _port(process)
    finally:
        process.terminate()
        await process.communicate()


async def _port(process: Process) -> int:
    assert process.stdout is not None
    said = ""
    async for line in process.stdout:
        said += line.decode()
        if found := re.search(r"http://127\.0\.0\.1:(\d+)", said):
            return int(found[1])
    raise RuntimeError(f"The door did not open: {said}")
