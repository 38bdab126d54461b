"""A running worker for the demo book, on a server of its own: the book's ids are fixed."""

from collections.abc import AsyncIterator

import pytest
from temporalio.testing import WorkflowEnvironment

from lifecycle.converter import data_converter
from tests.clock import start_environment
from tests.workflows.conftest import published, quiet_town, registered, town

__all__ = ["published", "quiet_town", "registered", "town"]


@pytest.fixture(scope="session")
async def temporal_env() -> AsyncIterator[WorkflowEnvironment]:
    """A server on which no other test brought the book, or verifies."""
    async with await start_environment(data_converter) as environment:
        yield environment
