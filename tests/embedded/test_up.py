"""`lifecycle up`: starts everything, survives being killed, carries on, ends cleanly."""

import signal
import socket
from pathlib import Path

import httpx2
import psutil
from temporalio.client import Client, WorkflowHandle

from lifecycle.embedded.record import server_pids
from tests.clock import until
from tests.embedded.conftest import Start
from tests.embedded.serve import Waiter

Handle = WorkflowHandle[Waiter, None]


async def start_waiter(address: str, seconds: float) -> Handle:
    client = await Client.connect(address)
    return await client.start_workflow(
        Waiter.run, seconds, id="account/acme", task_queue="lifecycle"
    )


async def waiter(address: str) -> Handle:
    return (await Client.connect(address)).get_workflow_handle_for(Waiter.run, "account/acme")


async def gone(state_dir: Path) -> bool:
    return not server_pids(state_dir)


async def test_everything_runs_on_the_loopback_interface_only(start: Start, tmp_path: Path) -> None:
    engine = await start()
    async with httpx2.AsyncClient() as browser:
        assert (await browser.get(engine.ui)).status_code == 200
        assert (await browser.get(f"{engine.web}/healthz")).json() == {"status": "ok"}
        assert engine.sign_in.startswith(f"{engine.web}/")
        assert [(await browser.post(engine.sign_in)).status_code for _ in range(2)] == [303, 410]
        assert (await browser.get(f"{engine.web}/keys")).status_code == 200
    [pid] = server_pids(tmp_path)
    listening = [
        connection.laddr.ip
        for connection in psutil.Process(pid).net_connections()
        if connection.status == psutil.CONN_LISTEN
    ]
    assert len(listening) >= 2
    assert {ip.removeprefix("::ffff:") for ip in listening} <= {"127.0.0.1", "::1"}


async def test_ctrl_c_ends_everything(start: Start, tmp_path: Path) -> None:
    engine = await start()
    engine.process.send_signal(signal.SIGINT)
    assert "Stopped. Everything is kept" in await engine.rest()
    assert engine.process.returncode == 0
    assert not server_pids(tmp_path)


async def test_a_killed_engine_carries_on(start: Start, tmp_path: Path) -> None:
    first = await start()
    await start_waiter(first.address, 0.5)
    first.process.kill()
    await first.process.wait()
    [left] = server_pids(tmp_path)
    second = await start()
    assert (second.address, second.ui) == (first.address, first.ui)
    assert server_pids(tmp_path) != [left]
    handle = await waiter(second.address)
    await until(lambda: handle.query(Waiter.has_fired))


async def test_a_killed_server_keeps_its_timers(start: Start, tmp_path: Path) -> None:
    first = await start()
    await start_waiter(first.address, 0.5)
    [server] = server_pids(tmp_path)
    psutil.Process(server).kill()
    printed = await first.rest()
    assert first.process.returncode == 1
    assert "The embedded Temporal server ended (exit status -9)" in printed
    second = await start()
    handle = await waiter(second.address)
    await until(lambda: handle.query(Waiter.has_fired))


async def test_a_second_engine_on_the_same_state_is_refused(start: Start, tmp_path: Path) -> None:
    first = await start()
    second = await start()
    assert f"already runs with the state in {tmp_path}" in second.greeting
    assert first.ui in second.greeting
    assert await second.process.wait() == 1
    assert len(server_pids(tmp_path)) == 1


async def test_a_taken_port_is_stepped_over(start: Start) -> None:
    first = await start()
    port = int(first.address.partition(":")[2])
    first.process.send_signal(signal.SIGTERM)
    await first.rest()
    with socket.create_server(("127.0.0.1", port)):
        second = await start()
    assert second.address != first.address


async def test_another_temporal_is_used_when_named(
    start: Start, tmp_path: Path, client: Client
) -> None:
    address = client.service_client.config.target_host
    engine = await start(TEMPORAL_ADDRESS=address)
    assert address in engine.greeting
    assert "Temporal UI" not in engine.greeting
    assert not server_pids(tmp_path)


async def test_a_database_that_is_not_there(start: Start, tmp_path: Path) -> None:
    engine = await start(LIFECYCLE_DATABASE_URL="postgresql://me:hunter2@127.0.0.1:1/lifecycle")
    assert await engine.process.wait() == 1
    assert "postgresql+asyncpg://me:***@127.0.0.1:1/lifecycle cannot be used: " in engine.greeting
    assert "hunter2" not in engine.greeting
    assert "Traceback" not in engine.greeting
    assert not server_pids(tmp_path)


async def test_a_database_of_ones_own(start: Start, postgres_url: str, tmp_path: Path) -> None:
    engine = await start(LIFECYCLE_DATABASE_URL=postgres_url)
    assert "postgresql+asyncpg://lifecycle@" in engine.greeting
    assert not (tmp_path / "lifecycle.db").exists()
