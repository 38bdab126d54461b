"""The embedded stack in a process of its own, that tests may kill."""

import asyncio
import os
import re
import sys
from asyncio.subprocess import PIPE, STDOUT, Process
from collections.abc import AsyncIterator, Awaitable, Callable
from dataclasses import dataclass
from pathlib import Path

import pytest

from lifecycle.embedded.record import end_leftover

ROOT = Path(__file__).parents[2]
START_WITHIN = 40


@dataclass
class Engine:
    """A running engine and what it printed when it was ready."""

    process: Process
    greeting: str

    @property
    def address(self) -> str:
        return self._printed(r"Temporal +(127\.0\.0\.1:\d+)")

    @property
    def ui(self) -> str:
        return self._printed(r"Temporal UI +(http://127\.0\.0\.1:\d+)")

    @property
    def web(self) -> str:
        return self._printed(r"Web +(http://127\.0\.0\.1:\d+)")

    @property
    def sign_in(self) -> str:
        return self._printed(r"Sign in +(http://127\.0\.0\.1:\d+/sign-in/[\w-]+) ")

    def _printed(self, pattern: str) -> str:
        found = re.search(pattern, self.greeting)
        assert found, self.greeting
        return found[1]

    async def rest(self) -> str:
        """What it prints until it ends."""
        assert self.process.stdout is not None
        rest = await asyncio.wait_for(self.process.stdout.read(), START_WITHIN)
        await self.process.wait()
        return rest.decode()


Start = Callable[..., Awaitable[Engine]]


@pytest.fixture
async def start(tmp_path: Path) -> AsyncIterator[Start]:
    """Start the engine with its state in `tmp_path`; it is ready, or has ended, on return."""
    started: list[Process] = []

    async def run(**environment: str) -> Engine:
        process = await asyncio.create_subprocess_exec(
            *(sys.executable, "-W", "error", "-m", "tests.embedded.serve", str(tmp_path)),
            stdout=PIPE, stderr=STDOUT, cwd=ROOT, env={**_clean(tmp_path), **environment},
        )  # fmt: skip
        started.append(process)
        return Engine(process, await asyncio.wait_for(_greeting(process), START_WITHIN))

    yield run
    for process in started:
        if process.returncode is None:
            process.kill()
            await process.wait()
    await asyncio.to_thread(end_leftover, tmp_path)


def _clean(state_dir: Path) -> dict[str, str]:
    """The environment without a Temporal profile of whoever runs the tests."""
    kept = {name: text for name, text in os.environ.items() if not name.startswith("TEMPORAL_")}
    return {**kept, "TEMPORAL_CONFIG_FILE": str(state_dir / "none.toml")}


async def _greeting(process: Process) -> str:
    assert process.stdout is not None
    printed = ""
    while line := (await process.stdout.readline()).decode():
        printed += line
        if "Ctrl-C ends it" in line:
            break
    return printed
