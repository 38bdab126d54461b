"""Payloads as handlers take and give them: any JSON in, or a refusal; answers that every client can read."""

from __future__ import annotations

from temporalio import workflow
from temporalio.api.common.v1 import Payload
from temporalio.common import RawValue
from temporalio.exceptions import ApplicationError

from lifecycle import contract, messages
from lifecycle.core.codec import Data, to_data
from lifecycle.core.refusal import Refusal

NOTHING = RawValue(Payload())


def error_of(refusal: Refusal) -> ApplicationError:
    """A refusal on its way to the person who asked."""
    return ApplicationError(str(refusal), to_data(refusal), type=refusal.code, non_retryable=True)


def decoded(raw: RawValue) -> Data:
    """The JSON of a message. Raises `Refusal` for anything else."""
    try:
        return workflow.payload_converter().from_payload(raw.payload)
    except Exception as error:
        said = messages.plain(str(error) or type(error).__name__, 200)
        raise Refusal("unreadable", f"It is not JSON this engine can read: {said}") from None


def data_or_none(raw: RawValue) -> Data:
    """The JSON of a message, or None."""
    try:
        return decoded(raw)
    except Refusal:
        return None


def readable(data: Data) -> RawValue:
    """An answer that clients without our compression can read."""
    payload = workflow.payload_converter().to_payload(data)
    payload.metadata[contract.READABLE] = b"1"
    return RawValue(payload)


def text_of(raw: RawValue) -> str:
    """What was sent, as far as it can be shown."""
    return raw.payload.data[:500].decode(errors="replace")
