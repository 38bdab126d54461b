"""A house of its own: what is published here would change the lives of others' accounts."""

from collections.abc import AsyncIterator

import pytest
from temporalio.testing import WorkflowEnvironment

from tests.web.people.conftest import chromium
from tests.web.people.house import House
from tests.web.people.opening import open_house

__all__ = ["chromium"]


@pytest.fixture(scope="module")
async def house(
    temporal_env: WorkflowEnvironment, tmp_path_factory: pytest.TempPathFactory
) -> AsyncIterator[House]:
    """A worker polls, the door is open; the shipped definitions are published."""
    async with open_house(temporal_env, tmp_path_factory.mktemp("lifecycles")) as house:
        yield house
