"""Fixtures every test may use: a Temporal server, databases, a mail server, shared data."""

import os
from collections.abc import AsyncIterator, Generator, Iterator
from pathlib import Path
from typing import Any
from uuid import uuid4

import pytest
from temporalio.client import Client
from temporalio.testing import WorkflowEnvironment
from temporalio.worker._workflow import _WorkflowWorker

from lifecycle.converter import data_converter
from tests.clock import start_environment

pytest_plugins = ("tests.postgres", "tests.smtp")

ROOT = Path(__file__).parent.parent
SHARED_DATA_ABSENT = "shared data absent"


@pytest.fixture(scope="session", autouse=True)
def patience() -> Iterator[None]:
    """A workflow task that waits for a busy machine's processor is no deadlock: the SDK's two seconds are a minute."""
    patch = pytest.MonkeyPatch()
    begin = _WorkflowWorker.__init__

    def patient(worker: _WorkflowWorker, **config: Any) -> None:
        begin(worker, **config)
        assert worker._deadlock_timeout_seconds == 2
        worker._deadlock_timeout_seconds = 60

    patch.setattr(_WorkflowWorker, "__init__", patient)
    yield
    patch.undo()


@pytest.fixture(scope="session")
async def temporal_env() -> AsyncIterator[WorkflowEnvironment]:
    """The session's Temporal server; each of its workflows has a clock of its own."""
    async with await start_environment(data_converter) as environment:
        yield environment


@pytest.fixture(scope="session")
def client(temporal_env: WorkflowEnvironment) -> Client:
    """A client with the engine's data converter; time stands still but for `fast_forward`."""
    return temporal_env.client


@pytest.fixture
def task_queue() -> str:
    """A task queue nobody else uses."""
    return f"test-{uuid4()}"


@pytest.fixture(scope="session")
def shared_data() -> Path:
    """Public exports that lie beside the checkout, too large to be part of it."""
    folder = ROOT.parent / "shared" / "data"
    if not folder.is_dir():
        pytest.skip(SHARED_DATA_ABSENT)
    return folder


@pytest.hookimpl(wrapper=True)
def pytest_runtest_makereport() -> Generator[None, pytest.TestReport, pytest.TestReport]:
    """A skipped test proves nothing: in CI it is a failed one."""
    report = yield
    _forbid_skip(report)
    return report


@pytest.hookimpl(wrapper=True)
def pytest_make_collect_report() -> Generator[None, pytest.CollectReport, pytest.CollectReport]:
    """The same for a module that skips itself."""
    report = yield
    _forbid_skip(report)
    return report


def _forbid_skip(report: pytest.TestReport | pytest.CollectReport) -> None:
    if not report.skipped or hasattr(report, "wasxfail") or "LIFECYCLE_CI" not in os.environ:
        return
    reason = report.longrepr[2] if isinstance(report.longrepr, tuple) else str(report.longrepr)
    if not reason.endswith(SHARED_DATA_ABSENT):
        report.outcome = "failed"
        report.longrepr = f"skipped, which CI does not allow: {reason}"
