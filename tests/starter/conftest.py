"""The starter command as people run it, beside a running worker."""

import asyncio
import json
import os
import sys
from collections.abc import Awaitable, Callable
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import pytest

from tests.workflows.conftest import published, quiet_town, registered, town
from tests.workflows.town import Town

__all__ = ["published", "quiet_town", "registered", "town"]

ROOT = Path(__file__).parents[2]


@dataclass
class Ran:
    """What a command said, and its exit status."""

    status: int
    out: str
    err: str

    @property
    def data(self) -> Any:
        """The answer to `--json`."""
        return json.loads(self.out)


Run = Callable[..., Awaitable[Ran]]


@pytest.fixture
def starter(town: Town, tmp_path: Path) -> Run:
    """Runs `python starter.py …` in the test's folder; `without_temporal` where nothing listens."""

    async def run(*words: str | Path, without_temporal: bool = False, task_queue: str = "") -> Ran:
        address = town.env.client.service_client.config.target_host
        environment = {
            **os.environ,
            "TEMPORAL_ADDRESS": "127.0.0.1:9" if without_temporal else address,
            "TEMPORAL_NAMESPACE": town.env.client.namespace,
            "LIFECYCLE_STATE_DIR": str(tmp_path),
            "LIFECYCLE_TASK_QUEUE": task_queue or town.settings.task_queue,
            "LIFECYCLE_ACTOR": "Nora",
            "COLUMNS": "160",
        }
        process = await asyncio.create_subprocess_exec(
            sys.executable,
            str(ROOT / "starter.py"),
            *map(str, words),
            stdout=asyncio.subprocess.PIPE,
            stderr=asyncio.subprocess.PIPE,
            env=environment,
            cwd=tmp_path,
        )
        out, err = await process.communicate()
        return Ran(process.returncode or 0, out.decode(), err.decode())

    return run
