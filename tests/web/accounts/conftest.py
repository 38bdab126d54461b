"""A house for the pages about many accounts: a worker, a mail server, and the door; accounts are each test's own."""

from collections.abc import AsyncIterator
from datetime import UTC, datetime

import pytest
from temporalio.testing import WorkflowEnvironment

from lifecycle.checking import check_files
from lifecycle.publication_plan import Plan, store_definitions
from lifecycle.settings import Settings, Smtp
from lifecycle.store.engine import Store
from tests.definitions.sources import SHIPPED
from tests.smtp import SmtpServer, plain_server
from tests.web.people.conftest import chromium
from tests.web.people.house import House
from tests.web.people.opening import open_house

__all__ = ["chromium"]


@pytest.fixture(scope="module")
async def post() -> AsyncIterator[SmtpServer]:
    """Where mail arrives."""
    async with plain_server() as server:
        yield server


async def publish_awake(store: Store, settings: Settings) -> None:
    """The shipped definitions with their texts, but without rules for mail to contacts: it goes at any hour."""
    before, head, after = SHIPPED["directory.yaml"].partition("mail to contacts:")
    assert head
    directory = before + after[after.index("day begins at:") :]
    checked = check_files(settings, {**SHIPPED, "directory.yaml": directory}, None)
    await store_definitions(store, checked, Plan(None), "tests", datetime.now(UTC))


@pytest.fixture(scope="module")
async def house(
    temporal_env: WorkflowEnvironment, post: SmtpServer, tmp_path_factory: pytest.TempPathFactory
) -> AsyncIterator[House]:
    """A worker polls, the door is open."""
    smtp = Smtp(host=post.host, port=post.port, tls="none")
    folder = tmp_path_factory.mktemp("many")
    async with open_house(temporal_env, folder, publish_awake, mail="smtp", smtp=smtp) as house:
        yield house
