"""What people see: the workflow's page for operators, the question on a terminal, names a shell completes."""

import asyncio
import os
import pty
import subprocess
import sys
from pathlib import Path

import pytest
from temporalio.api.sdk.v1 import WorkflowMetadata

from lifecycle import contract
from lifecycle.console.completing import campaigns, roles
from tests.campaigns.conftest import Commands
from tests.campaigns.stand import Stand
from tests.clock import until

ADMIN = Path(__file__).parents[2] / "admin.py"


async def page(stand: Stand) -> str:
    metadata: WorkflowMetadata = await stand.handle.query(
        "__temporal_workflow_metadata", result_type=WorkflowMetadata
    )
    return metadata.current_details


async def test_the_workflow_s_page_tells_how_far_it_is(stand: Stand) -> None:
    """G14: numbers, the pace, what the next mail waits for, the last order, what was refused."""
    await stand.people(["ada", "bob", "cyd"])
    await stand.begin(per_hour=60)
    await stand.counted(sent=1)
    told = await until(lambda: page(stand), lambda text: "| 1 | 0 | 0 | 0 | 2 |" in text)
    assert told.startswith("**running** · template feature\\_news · 60 mails an hour")
    assert "the pace: the next mail goes at" in told
    await stand.order(contract.PAUSE, reason="a | wrong *link*")
    await stand.handle.signal("make_coffee")
    told = await until(lambda: page(stand), lambda text: "make\\_coffee" in text)
    assert told.startswith("**paused**")
    assert "Last order: paused by ann: a \\| wrong \\*link\\*" in told
    await stand.order(contract.CANCEL)
    await stand.end()


async def test_activities_and_timers_say_what_they_are_for(stand: Stand) -> None:
    await stand.people(["ada", "bob"])
    await stand.begin(per_hour=60)
    await stand.counted(sent=1)
    await stand.forward(seconds=61)
    await stand.end()
    history = await stand.handle.fetch_history()
    said = [event.user_metadata.summary.data.decode().strip('"') for event in history.events]
    for one in ("the campaign as it is recorded", "the first accounts", "ada", "bob", "done"):
        assert one in said
    assert any(one.startswith("the pace: the next mail goes at") for one in said)


@pytest.mark.parametrize(("typed", "sent"), [("n", 0), ("y", 2)])
async def test_a_person_is_asked_before_anything_is_sent(
    stand: Stand, commands: Commands, typed: str, sent: int
) -> None:
    """On a terminal: the preview, then one question."""
    await stand.people(["ada", "bob"])
    seen = await asyncio.to_thread(on_a_terminal, stand, typed)
    assert "2 would get it now" in seen
    assert "Send news-by-hand? [y/N]" in seen
    stand.name = "news-by-hand"
    assert ("is on its way" in seen) == bool(sent)
    listed = await commands("campaign", "list")
    assert ("news-by-hand" in listed.out) == bool(sent)
    if sent:
        assert await stand.end() == {"sent": sent}


def on_a_terminal(stand: Stand, typed: str) -> str:
    """The command in a process of its own, with somebody who answers."""
    words = ["campaign", "send", "news-by-hand", "--segment", "leads", "--template", "feature_news"]
    address = stand.env.client.service_client.config.target_host
    env = {
        **os.environ, "TEMPORAL_ADDRESS": address, "LIFECYCLE_TASK_QUEUE": stand.settings.task_queue,
        "LIFECYCLE_STATE_DIR": str(stand.settings.state_dir), "TERM": "dumb",
    }  # fmt: skip
    ours, theirs = pty.openpty()
    process = subprocess.Popen(
        [sys.executable, str(ADMIN), *words], env=env, stdin=theirs, stdout=theirs, stderr=theirs
    )
    os.close(theirs)
    os.write(ours, f"{typed}\n".encode())
    seen = b""
    try:
        while piece := os.read(ours, 65536):
            seen += piece
    except OSError:  # how Linux tells the end of a terminal
        pass
    os.close(ours)
    assert process.wait() == (0 if typed == "y" else 1)
    return seen.decode()


async def test_names_and_roles_are_completed(
    both: Stand, surroundings: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    await both.person("ada")
    both.name = "june-news"
    await both.send()
    monkeypatch.setenv("LIFECYCLE_DATABASE_URL", both.settings.database)
    found = await asyncio.to_thread(campaigns, "ju")
    assert list(found) == [("june-news", "done")]
    assert list(await asyncio.to_thread(campaigns, "%")) == []
    assert [name for name, _ in roles("c")] == ["csm", "contact"]
