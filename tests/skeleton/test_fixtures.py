"""The real parts behind the fixtures answer, and time moves only when told to."""

from datetime import timedelta
from uuid import uuid4

import aiosmtplib
import pytest
from sqlalchemy import text
from sqlalchemy.ext.asyncio import create_async_engine
from temporalio import workflow
from temporalio.client import Client
from temporalio.testing import WorkflowEnvironment
from temporalio.worker import Worker

from tests.clock import current_time, fast_forward, until
from tests.smtp import ServeSmtp, Tls


@workflow.defn(sandboxed=False)
class Patience:
    """Waits a fortnight."""

    def __init__(self) -> None:
        self.rested = False

    @workflow.run
    async def run(self) -> None:
        await workflow.sleep(timedelta(days=14))
        self.rested = True
        await workflow.wait_condition(lambda: False)

    @workflow.query
    def has_rested(self) -> bool:
        return self.rested


async def test_fast_forward_moves_one_workflow(
    temporal_env: WorkflowEnvironment, client: Client, task_queue: str
) -> None:
    async with Worker(client, task_queue=task_queue, workflows=[Patience]):
        moved, still = [
            await client.start_workflow(Patience.run, id=str(uuid4()), task_queue=task_queue)
            for _ in range(2)
        ]
        await fast_forward(temporal_env, moved, timedelta(days=15))
        await until(lambda: moved.query(Patience.has_rested))
        ahead = await current_time(temporal_env, moved) - await current_time(temporal_env, still)
        assert not await still.query(Patience.has_rested)
        assert ahead > timedelta(days=14)


async def test_database_answers(database_url: str) -> None:
    engine = create_async_engine(database_url)
    async with engine.connect() as connection:
        assert (await connection.execute(text("SELECT 1"))).scalar() == 1
    await engine.dispose()


@pytest.mark.parametrize("tls", ["none", "starttls", "tls"])
@pytest.mark.parametrize("login", [None, ("hello", "s3cret")])
async def test_mail_server_takes_mail(
    serve_smtp: ServeSmtp, tls: Tls, login: tuple[str, str] | None
) -> None:
    async with serve_smtp(tls=tls, login=login) as server:
        user, password = login or (None, None)
        await aiosmtplib.send(
            "Subject: hello\r\n\r\nbody\r\n", sender="a@example.com", recipients=["b@example.com"],
            hostname=server.host, port=server.port, username=user, password=password,
            use_tls=tls == "tls", start_tls=tls == "starttls", cert_bundle=str(server.ca_file),
        )  # fmt: skip
        assert [received.message["Subject"] for received in server.received] == ["hello"]
        assert server.logins == (1 if login else 0)
