"""Time for the tests: a real Temporal server whose workflows can be moved forward.

The one place where the tests touch the experimental time-skipping interface.
"""

import asyncio
import time
from collections.abc import Awaitable, Callable
from datetime import datetime, timedelta
from typing import Any, TypeVar

from temporalio.client import WorkflowExecutionStatus, WorkflowHandle
from temporalio.converter import DataConverter
from temporalio.service import RPCError, RPCStatusCode
from temporalio.testing import TimeSkippingConfig, WorkflowEnvironment

from lifecycle.embedded.server import DYNAMIC_CONFIG, find_binary

T = TypeVar("T")
# A test that moves an account by two years skips thousands of times.
SKIPS = 10_000


async def start_environment(converter: DataConverter) -> WorkflowEnvironment:
    """Boot a dev server; nothing skips time until `fast_forward` says so."""
    config = [f"--dynamic-config-value={key}={value}" for key, value in DYNAMIC_CONFIG.items()]
    return await WorkflowEnvironment.start_time_skipping_v2(
        ts_config=TimeSkippingConfig(enabled=False, max_session_skip_count=SKIPS),
        dev_server_existing_path=find_binary(),
        dev_server_extra_args=config,
        data_converter=converter,
    )


async def fast_forward(
    environment: WorkflowEnvironment, handle: WorkflowHandle[Any, Any], by: timedelta
) -> None:
    """Move one workflow's clock. It has got there then, but may not have reacted: see `until`."""
    arrived = await environment.fast_forward(handle, by)
    assert arrived, f"{handle.id} did not get {by} ahead: it ended, or an activity keeps failing"


async def fast_forward_or_end(
    environment: WorkflowEnvironment, handle: WorkflowHandle[Any, Any], by: timedelta
) -> None:
    """Move the clock of a workflow that may end on the way."""
    arrived = await environment.fast_forward(handle, by)
    ended = (await handle.describe()).status is not WorkflowExecutionStatus.RUNNING
    assert arrived or ended, f"{handle.id} did not get {by} ahead: an activity keeps failing"


async def current_time(
    environment: WorkflowEnvironment, handle: WorkflowHandle[Any, Any]
) -> datetime:
    """The workflow's own time (UTC)."""
    return await environment.get_current_time(handle)


async def until(
    look: Callable[[], Awaitable[T]],
    good: Callable[[T], bool] = bool,
    within: float = 60.0,
) -> T:
    """Look again and again until what is seen is good; return it, or fail with the last sight.

    A query right after a continue-as-new may find no run yet: that counts as not good yet.
    """
    deadline = time.monotonic() + within
    seen: object = "nothing yet"
    while time.monotonic() < deadline:
        try:
            found = await look()
        except RPCError as error:
            if error.status is not RPCStatusCode.FAILED_PRECONDITION:
                raise
            seen = error
        else:
            if good(found):
                return found
            seen = found
        await asyncio.sleep(0.02)
    raise AssertionError(f"not within {within} s; last seen: {seen!r}")
