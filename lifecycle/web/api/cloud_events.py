"""CloudEvents 1.0 over HTTP: one in the body, one in the headers, or a list; and plain JSON of the same shape."""

from __future__ import annotations

from collections.abc import Mapping
from http import HTTPStatus
from typing import Any, Final
from urllib.parse import unquote

from fastapi import HTTPException, Request

from lifecycle.core.refusal import Refusal
from lifecycle.messages import bad, kind_of

from .strict import check_texts, read_json

ONE: Final = "application/cloudevents+json"
MANY: Final = "application/cloudevents-batch+json"
PLAIN: Final = "application/json"
ATTRIBUTES: Final = ("specversion", "id", "source", "type", "subject", "time")
VERSIONS: Final = (None, "1.0")
MOST: Final = 1_000
"""Events in one request."""


async def read_events(request: Request) -> tuple[list[object], bool]:
    """The events of a request as they were sent, and whether they came as a list. Raises `Refusal`, `HTTPException`."""
    kind = request.headers.get("content-type", PLAIN).partition(";")[0].strip().lower()
    if kind not in (ONE, MANY, PLAIN):
        said = f"Events come as {PLAIN}, {ONE} or {MANY}."
        raise HTTPException(HTTPStatus.UNSUPPORTED_MEDIA_TYPE, said)
    body = await request.body()
    if kind == PLAIN and _is_in_headers(request.headers):
        return [_from_headers(request.headers, read_json(body) if body else None)], False
    found = read_json(body)
    if isinstance(found, list) is not (kind == MANY) and kind != PLAIN:
        raise bad("A batch is a list of events." if kind == MANY else "It is one event, no list.")
    many = found if isinstance(found, list) else [found]
    if not 1 <= len(many) <= MOST:
        remedy = (
            "Send more requests." if many else "Leave the request out: there is nothing to tell."
        )
        raise Refusal("bad_message", f"Send 1 to {MOST:,} events at once.", remedy)
    return many, isinstance(found, list)


def _is_in_headers(headers: Mapping[str, str]) -> bool:
    return any(f"ce-{name}" in headers for name in ATTRIBUTES)


def _from_headers(headers: Mapping[str, str], data: object) -> dict[str, object]:
    """Binary mode: attributes in headers, whose values are percent-encoded, and the data in the body."""
    told = {name: headers.get(f"ce-{name}") for name in ATTRIBUTES}
    found: dict[str, object] = {
        name: unquote(text) for name, text in told.items() if text is not None
    }
    check_texts(found)
    return {**found, "data": data}


def message_of(event: object) -> dict[str, Any]:
    """What an account is told of it: the attributes it reads. Raises `Refusal`."""
    if not isinstance(event, dict):
        raise bad(f"An event is a JSON object, not {kind_of(event)}.")
    if event.get("specversion") not in VERSIONS:
        raise bad("The version of CloudEvents is 1.0.", "specversion")
    if "data_base64" in event:
        raise bad("Binary data are not taken: send `data` as JSON.", "data_base64")
    if event.get("subject") in (None, ""):
        raise bad("`subject` is missing: it is the account's id.", "subject")
    return {name: event[name] for name in (*ATTRIBUTES, "data") if event.get(name) is not None}
