"""`POST /v1/events`: what services report."""

from __future__ import annotations

from collections import Counter
from http import HTTPStatus
from typing import Annotated, Any, Final

from fastapi import APIRouter, Depends, Header, Query, Request
from fastapi.responses import JSONResponse

from lifecycle.commanding import Done, done_data
from lifecycle.core.refusal import Refusal
from lifecycle.telling.data import plain

from ..door import Door
from ..problem import problem, status_of
from ..who import Caller, Right, may
from .answering import answer, gives, refusals
from .cloud_events import MANY, MOST, ONE, PLAIN, read_events
from .intake import ACCEPTED, FAILED, REFUSED, Checked, Intake, Result
from .strict import StrictRoute
from .viewing import viewer_of

Reporter = Annotated[Caller, Depends(may(Right.EVENTS))]
Wait = Annotated[
    bool, Query(description="Answer with what the event did, once it is recorded. One event only.")
]
Prefer = Annotated[str, Header(description="`wait` is the same as `?wait=true`.", max_length=200)]

EVENT: Final = {
    "specversion": "1.0",
    "id": "0068d00000XYZ-closed",
    "source": "crm",
    "type": "opportunity.closed_won",
    "subject": "acme",
    "time": "2026-01-31T12:00:00Z",
    "data": {"amount": "12000.00", "csm": "Ana Torres"},
}
EVENT_SHAPE: Final = {
    "type": "object",
    "required": ["id", "source", "type", "subject"],
    "properties": {
        "specversion": {"type": "string", "enum": ["1.0"]},
        "id": {"type": "string", "minLength": 1, "maxLength": 500},
        "source": {"type": "string", "minLength": 1, "maxLength": 500},
        "type": {"type": "string", "minLength": 1, "maxLength": 500},
        "subject": {"type": "string", "description": "The account's id.", "minLength": 1},
        "time": {"type": "string", "description": "When it happened; left out: now."},
        "data": {
            "type": "object",
            "additionalProperties": {"type": ["string", "number", "boolean", "null"]},
        },
    },
}
EVENTS_SHAPE: Final = {"type": "array", "minItems": 1, "maxItems": MOST, "items": EVENT_SHAPE}
BODY: Final[dict[str, Any]] = {
    "required": True,
    "content": {
        ONE: {"schema": EVENT_SHAPE, "example": EVENT},
        MANY: {"schema": EVENTS_SHAPE, "example": [EVENT]},
        PLAIN: {"schema": {"oneOf": [EVENT_SHAPE, EVENTS_SHAPE]}, "example": EVENT},
    },
}
RESULT: Final = {
    "place": 0,
    "id": "0068d00000XYZ-closed",
    "source": "crm",
    "account": "acme",
    "status": ACCEPTED,
    "code": "",
    "detail": "",
    "field": "",
    "remedy": "",
}
TAKEN: Final = {"accepted": 1, "refused": 0, "failed": 0, "results": [RESULT]}
ANSWERS: Final = {
    **gives(said="With `wait`: what the event did, as it is recorded."),
    **gives(example=TAKEN, said="Temporal has them all: none is lost.", status=202),
    **gives(
        example=TAKEN | {"refused": 1},
        said="Some are accepted, some refused: see `results`.",
        status=207,
    ),
    **refusals(404, 409, 413, 415),
}


def routes(door: Door) -> APIRouter:
    """The one route of services."""
    router, intake = APIRouter(route_class=StrictRoute, tags=["events"]), Intake(door)

    @router.post(
        "/events",
        status_code=202,
        responses=ANSWERS,
        openapi_extra={"requestBody": BODY},
        response_model=None,
    )
    async def report(
        request: Request, caller: Reporter, wait: Wait = False, prefer: Prefer = ""
    ) -> JSONResponse:
        """Report one event or many: CloudEvents in structured, batch or binary mode, or plain JSON.

        `source` and `id` identify an event: the same again changes nothing, so that everything may be sent again.
        Every event is checked by itself; `results` tells what became of each.
        """
        events, is_many = await read_events(request)
        good, bad = await intake.checked(events)
        if not is_many and bad:
            return _problem_of(bad[0])
        if wait or _prefers_to_wait(prefer):
            return await _wait(door, intake, events, good, bad)
        results = sorted([*bad, *await intake.take(good)], key=lambda one: one.place)
        if not is_many and results[0].status != ACCEPTED:
            return _problem_of(results[0])
        return _answer(results)

    return router


def _prefers_to_wait(prefer: str) -> bool:
    return any(one.strip().lower().startswith("wait") for one in prefer.split(","))


async def _wait(
    door: Door, intake: Intake, events: list[object], good: list[Checked], bad: list[Result]
) -> JSONResponse:
    if len(events) != 1:
        raise Refusal("bad_request", "Wait for one event at a time.", "Leave `wait` out.", "wait")
    if bad:
        return _problem_of(bad[0])
    one, client = good[0], await intake.client()
    own = one.event.time if "time" in one.message else None
    said = await client.report_event(
        one.account,
        one.event.type,
        one.event.data,
        source=one.event.source,
        id=one.event.id,
        time=own,
    )
    return answer(await done_data(viewer_of(door), Done(one.account, said)))


def _answer(results: list[Result]) -> JSONResponse:
    """202 when Temporal has them all; a problem when it has none, or when some are to be sent again."""
    counts = Counter(one.status for one in results)
    taken = {name: counts[name] for name in (ACCEPTED, REFUSED, FAILED)}
    body: dict[str, Any] = {**taken, "results": [plain(one) for one in results]}
    if counts[FAILED]:
        first = next(one for one in results if one.status == FAILED)
        return problem(_refusal(first), HTTPStatus.SERVICE_UNAVAILABLE, None, **body)
    if counts[ACCEPTED] == len(results):
        return JSONResponse(body, HTTPStatus.ACCEPTED)
    if counts[ACCEPTED]:
        return JSONResponse(body, HTTPStatus.MULTI_STATUS)
    return problem(_refusal(results[0]), HTTPStatus.UNPROCESSABLE_ENTITY, None, **body)


def _problem_of(result: Result) -> JSONResponse:
    status = HTTPStatus.SERVICE_UNAVAILABLE if result.status == FAILED else status_of(result.code)
    return problem(_refusal(result), status)


def _refusal(result: Result) -> Refusal:
    return Refusal(result.code, result.detail, result.remedy, result.field)
