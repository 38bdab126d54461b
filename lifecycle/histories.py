"""Histories of workflows: whether they speak of somebody, and deleting them (N12)."""

from __future__ import annotations

import json
import re
from collections.abc import AsyncIterator, Iterator
from contextlib import suppress
from typing import Final

from google.protobuf.message import Message
from temporalio.api.common.v1 import Payload, WorkflowExecution
from temporalio.api.workflowservice.v1 import DeleteWorkflowExecutionRequest
from temporalio.client import Client, WorkflowExecutionStatus
from temporalio.service import RPCError, RPCStatusCode

from lifecycle.core.erasing import Words

FORBIDDEN: Final = {RPCStatusCode.PERMISSION_DENIED, RPCStatusCode.UNIMPLEMENTED}
ESCAPED: Final = re.compile(r'"[^"\\]*\\(?:[^"\\]|\\.)*"')
RUNNING: Final = WorkflowExecutionStatus.RUNNING


class NotAllowed(Exception):
    """The service lets nobody delete: what is closed goes with the namespace's retention."""


async def runs_of(client: Client, workflow_id: str) -> list[str]:
    """All runs of a workflow that can still be looked at, the present one first.

    Visibility may lag behind: from each run the one before it is followed, too.
    """
    found: dict[str, None] = {}
    present = await _present(client, workflow_id)
    for run in [*([present] if present else []), *await _listed(client, workflow_id)]:
        following: str | None = run
        while following and following not in found:
            before = await _before(client, workflow_id, following)
            if before is None:
                break
            found[following] = None
            following = before
    return list(found)


async def _present(client: Client, workflow_id: str) -> str | None:
    try:
        described = await client.get_workflow_handle(workflow_id).describe()
    except RPCError as error:
        if error.status is RPCStatusCode.NOT_FOUND:
            return None
        raise
    return described.run_id


async def _listed(client: Client, workflow_id: str) -> list[str]:
    quoted = workflow_id.replace('"', '\\"')
    query = f'WorkflowId = "{quoted}"'
    return [one.run_id async for one in client.list_workflows(query)]


async def _before(client: Client, workflow_id: str, run: str) -> str | None:
    """The run that it continues; "" for the first, None where there is no such run."""
    try:
        handle = client.get_workflow_handle(workflow_id, run_id=run)
        async for event in handle.fetch_history_events(page_size=1):
            started = event.workflow_execution_started_event_attributes
            return started.continued_execution_run_id
    except RPCError as error:
        if error.status is not RPCStatusCode.NOT_FOUND:
            raise
    return None


async def is_running(client: Client, workflow_id: str, run: str) -> bool:
    """Whether a run goes on."""
    described = await client.get_workflow_handle(workflow_id, run_id=run).describe()
    return described.status is RUNNING


async def delete(client: Client, workflow_id: str, run: str) -> None:
    """Delete a run that has ended; one that is gone is fine. Raises `NotAllowed`."""
    request = DeleteWorkflowExecutionRequest(
        namespace=client.namespace,
        workflow_execution=WorkflowExecution(workflow_id=workflow_id, run_id=run),
    )
    try:
        await client.workflow_service.delete_workflow_execution(request)
    except RPCError as error:
        if error.status in FORBIDDEN:
            raise NotAllowed(error.message) from None
        if error.status is not RPCStatusCode.NOT_FOUND:
            raise


async def is_gone(client: Client, workflow_id: str, run: str) -> bool:
    """Whether nothing of a run can be looked at any more."""
    return await _before(client, workflow_id, run) is None


async def speaks_of(client: Client, workflow_id: str, run: str, words: Words) -> bool:
    """Whether anything in a run's history speaks of a person. Raises `KeyMissing` where it cannot be read."""
    async for text in texts_of(client, workflow_id, run):
        if words.are_in(text):
            return True
    return False


async def texts_of(client: Client, workflow_id: str, run: str) -> AsyncIterator[str]:
    """Everything a run's history says: payloads as they are read with the client's codec, and plain texts."""
    handle = client.get_workflow_handle(workflow_id, run_id=run)
    try:
        async for event in handle.fetch_history_events():
            payloads = list[Payload]()
            for text in _walk(event, payloads):
                yield text
            for payload in await _decoded(client, payloads):
                for text in _said(payload):
                    yield text
    except RPCError as error:
        if error.status is not RPCStatusCode.NOT_FOUND:
            raise


def _walk(message: Message, payloads: list[Payload]) -> Iterator[str]:
    """The texts of a message; its payloads are laid aside."""
    if isinstance(message, Payload):
        payloads.append(message)
        return
    for spec, value in message.ListFields():
        several = value.values() if hasattr(value, "values") else value
        for one in several if spec.is_repeated else [value]:
            if isinstance(one, Message):
                yield from _walk(one, payloads)
            elif isinstance(one, str):
                yield one


async def _decoded(client: Client, payloads: list[Payload]) -> list[Payload]:
    codec = client.data_converter.payload_codec
    return list(await codec.decode(payloads)) if codec and payloads else payloads


def _said(payload: Payload) -> Iterator[str]:
    """The payload as a text, and the strings of JSON that stand there escaped: however deep, whatever is around."""
    text = payload.data.decode("utf-8", "replace")
    yield text
    for found in ESCAPED.finditer(text):
        with suppress(ValueError):
            yield json.loads(found[0])
