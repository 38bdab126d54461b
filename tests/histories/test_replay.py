"""Determinism is a gate: histories of every release replay on the code of today.

A change that breaks one needs `workflow.patched`, or a worker deployment version of its own.
"""

import json
import re
from pathlib import Path

import pytest
from temporalio import workflow
from temporalio.client import WorkflowHistory
from temporalio.worker import Replayer

from lifecycle import __version__
from tests.histories.record import FOLDER
from worker import make_plugin

RECORDED = sorted(FOLDER.glob("*.json"))
KINDS = {
    "activityTaskScheduled",
    "timerStarted",
    "timerCanceled",
    "workflowExecutionUpdateAccepted",
    "workflowExecutionSignaled",
    "upsertWorkflowSearchAttributes",
    "workflowExecutionContinuedAsNew",
    "activityTaskFailed",
}


IDS = {
    "sending": "campaign/spring-news",
    "publishing": "publication/customer_journey-2",
    "changing": "change-set/publish-customer_journey-2",
    "erasing": "erasure/recorded",
    "turns": "catch-up/recorded",
}
"""By which a workflow knows what it is about."""


def read(path: Path) -> WorkflowHistory:
    kind = path.stem.split("-")[1]
    return WorkflowHistory.from_json(IDS.get(kind, "account/recorded"), path.read_text())


@pytest.mark.parametrize("path", RECORDED, ids=lambda path: path.stem)
async def test_a_recorded_history_replays(path: Path) -> None:
    """With the plugin the worker runs with, so that both are the same."""
    replayer = Replayer(workflows=[], plugins=[make_plugin()])
    await replayer.replay_workflow(read(path))


def test_this_release_is_recorded() -> None:
    assert any(path.stem.startswith(__version__) for path in RECORDED)


def test_the_histories_hold_what_the_workflow_can_do() -> None:
    """Else a replay would prove little."""
    text = " ".join(path.read_text() for path in RECORDED)
    assert {kind for kind in KINDS if f"{kind}EventAttributes" in text} == KINDS


def test_nothing_of_the_recording_machine_is_kept() -> None:
    for path in RECORDED:
        assert not re.search(r"stackTrace|@(?!recorder|example|msg)\w", path.read_text()), path


async def test_a_change_of_commands_is_found() -> None:
    """The gate can fail: a history whose commands are not what the code gives is refused."""
    path = next(path for path in RECORDED if "-run-" in path.stem)
    data = json.loads(path.read_text())
    for event in data["events"]:
        scheduled = event.get("activityTaskScheduledEventAttributes")
        if scheduled and scheduled["activityType"]["name"] == "record":
            scheduled["activityType"]["name"] = "recorded"
    changed = WorkflowHistory.from_json("account/recorded", json.dumps(data))
    replayer = Replayer(workflows=[], plugins=[make_plugin()])
    with pytest.raises(workflow.NondeterminismError):
        await replayer.replay_workflow(changed)
