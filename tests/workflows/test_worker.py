"""The worker: what it needs before it polls, what it prepares by itself, and what it says when it cannot."""

from datetime import timedelta
from pathlib import Path
from uuid import uuid4

import pytest
from google.protobuf.duration_pb2 import Duration
from pydantic import SecretStr
from temporalio.api.enums.v1 import IndexedValueType
from temporalio.api.operatorservice.v1 import AddSearchAttributesRequest
from temporalio.api.workflowservice.v1 import RegisterNamespaceRequest
from temporalio.client import Client
from temporalio.service import RPCError
from temporalio.testing import WorkflowEnvironment

from lifecycle.client import Lifecycles, NoWorker
from lifecycle.converter import data_converter
from lifecycle.failure import Failure, NoServer
from lifecycle.publishing import DefinitionsUnusable
from lifecycle.search_attributes import SearchAttributesMissing, register
from lifecycle.settings import Settings
from lifecycle.store.definitions import current_book
from lifecycle.store.engine import Store, make_engine
from lifecycle.store.errors import DatabaseNotReady
from lifecycle.store.migrate import migrate_database
from tests.clock import until
from tests.workflows.town import Town
from worker import make_worker


async def test_the_first_worker_publishes_the_definitions(
    registered: WorkflowEnvironment, tmp_path: Path, task_queue: str
) -> None:
    """V5: built-in automations ship ready; a second start publishes nothing."""
    settings = Settings(state_dir=tmp_path, task_queue=task_queue)
    await migrate_database(settings.database)
    ids = []
    for _ in range(2):
        async with make_worker(registered.client, settings):
            store = Store(make_engine(settings.database))
            book, book_id = await current_book(store)
            ids.append(book_id)
            await store.close()
    assert "customer_journey" in book.lifecycles
    assert ids[0] == ids[1]


async def test_a_database_that_is_not_ready_is_named(
    registered: WorkflowEnvironment, tmp_path: Path
) -> None:
    settings = Settings(state_dir=tmp_path)
    with pytest.raises(DatabaseNotReady, match="migrate"):
        async with make_worker(registered.client, settings):
            pass


async def test_a_database_that_is_not_there_is_named_without_its_password(
    registered: WorkflowEnvironment, tmp_path: Path
) -> None:
    url = SecretStr("postgresql+asyncpg://lifecycle:hush@127.0.0.1:1/lifecycle")
    settings = Settings(state_dir=tmp_path, database_url=url)
    with pytest.raises(Failure, match=r"127\.0\.0\.1:1/lifecycle cannot be used") as failed:
        async with make_worker(registered.client, settings):
            pass
    assert "hush" not in str(failed.value)
    assert failed.value.exit_code == 3


async def test_definitions_with_an_error_are_shown_at_their_place(
    registered: WorkflowEnvironment, tmp_path: Path
) -> None:
    folder = tmp_path / "definitions"
    folder.mkdir()
    (folder / "account.yaml").write_text("fields: {csm: {label: CSM, is: txt}}\n")
    settings = Settings(state_dir=tmp_path, definitions_dir=folder)
    await migrate_database(settings.database)
    with pytest.raises(DefinitionsUnusable, match=r"account\.yaml:1"):
        async with make_worker(registered.client, settings):
            pass


async def test_registering_twice_is_once(registered: WorkflowEnvironment) -> None:
    await register(registered.client)


async def test_a_search_attribute_of_another_type_is_told_before_polling(
    temporal_env: WorkflowEnvironment,
) -> None:
    """Temporal answers OK to a second type and changes nothing: so we look."""
    client = await namespace(temporal_env.client)
    keyword = IndexedValueType.INDEXED_VALUE_TYPE_KEYWORD
    await until(lambda: add(client, {"Late": keyword}), within=30)
    with pytest.raises(SearchAttributesMissing, match="Late is Keyword and has to be Bool"):
        await register(client)


async def namespace(client: Client) -> Client:
    """A client of a namespace nobody else uses."""
    name = f"test-{uuid4()}"
    retention = Duration(seconds=86_400)
    request = RegisterNamespaceRequest(
        namespace=name, workflow_execution_retention_period=retention
    )
    await client.workflow_service.register_namespace(request)
    return Client(client.service_client, namespace=name, data_converter=data_converter)


async def add(client: Client, attributes: dict[str, IndexedValueType.ValueType]) -> bool:
    """Whether the namespace is known to all parts of the server by now."""
    request = AddSearchAttributesRequest(namespace=client.namespace, search_attributes=attributes)
    try:
        await client.operator_service.add_search_attributes(request)
    except RPCError:
        return False
    return True


async def test_without_a_worker_a_command_says_so(quiet_town: Town) -> None:
    acme = quiet_town.account()
    api = Lifecycles(
        quiet_town.env.client,
        quiet_town.settings.task_queue,
        {"opportunity.closed_won"},
        answer_within=timedelta(seconds=1),
    )
    await api.record_event(acme, "opportunity.closed_won", source="crm")
    with pytest.raises(NoWorker, match="lifecycle worker"):
        await api.release(acme, actor="ann")
    with pytest.raises(NoWorker):
        await api.state(acme)
    async with quiet_town.open():
        await quiet_town.in_stage(acme, "customer_journey", "onboarding")


async def test_without_a_server_everything_says_so() -> None:
    client = await Client.connect("127.0.0.1:1", lazy=True)
    with pytest.raises(NoServer, match="does not answer"):
        await Lifecycles(client).nudge("acme")
