"""`/v1/openapi.json`, and the same as a page: every call, what it takes, and what it answers."""

from __future__ import annotations

import json
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass
from typing import Annotated, Any, Final

from fastapi import APIRouter, Depends, FastAPI, Request, Response
from fastapi.openapi.utils import get_openapi
from fastapi.responses import JSONResponse
from starlette.routing import BaseRoute

from lifecycle import __version__

from ..door import Door
from ..who import Caller, Right, may
from .answering import Problem
from .strict import StrictRoute

TITLE: Final = "Lifecycle"
TAGS: Final = {
    "events": "What services report. Accepted means that Temporal has it.",
    "accounts": "Where accounts stand, what happened, and what comes next.",
    "commands": "What people do by hand; answered when it is committed. An Idempotency-Key makes a retry harmless.",
    "ctas": "Calls to action: of the team, of an account, and what is done with one.",
    "segments": "Accounts for which conditions hold, now or as of a day.",
    "scorecards": "How accounts lie in the bands of a scorecard.",
    "reports": "Numbers over all accounts, as JSON or CSV.",
    "campaigns": "E-mails to segments.",
    "mails": "The outbox.",
    "definitions": "What is published, checked and to be published.",
    "changes": "Change-sets: one command to many accounts, followed, paused and undone as one.",
    "verifications": "What is stored, counted again from what was recorded.",
    "catch-up": "After an outage: which accounts wait for their turn, and letting them go on.",
    "erasures": "People whose data was erased.",
    "live": "Changes as they are recorded, as server-sent events.",
}
DESCRIPTION: Final = """\
Authenticate with `Authorization: Bearer lc_…` (made by `lifecycle admin keys make`), or by the session of a person who
is signed in. What is refused is answered as problem+json: `detail` says what was wrong, `field` where, `remedy` what to
do, `code` is for programs. Times are UTC; money is whole cents unless it says otherwise.
"""
Known = Annotated[Caller, Depends(may(Right.KNOWN))]
MEDIA: Final = "application/json"
PREFIX: Final = "/v1/"
SCHEMAS: Final = "#/components/schemas/"

Spec = dict[str, Any]


def routes(door: Door) -> APIRouter:
    """The description, for programs and for people."""
    router, made = APIRouter(route_class=StrictRoute), Described()

    @router.get("/openapi.json", include_in_schema=False)
    async def openapi(request: Request, _: Known) -> JSONResponse:
        return JSONResponse(made.spec(request.app))

    @router.get("/docs", include_in_schema=False)
    async def docs(request: Request, _: Known) -> Response:
        calls = calls_of(made.spec(request.app))
        return door.pages.page("api.html", request=request, tags=TAGS, calls=calls)

    return router


class Described:
    """The description of an app, made when it is asked for first."""

    def __init__(self) -> None:
        self._spec: Spec | None = None

    def spec(self, app: FastAPI) -> Spec:
        """OpenAPI 3.1 of what stands below `/v1`."""
        if self._spec is None:
            self._spec = _spec(app.routes)
        return self._spec


def _spec(routes: Sequence[BaseRoute]) -> Spec:
    spec = get_openapi(
        title=TITLE,
        version=__version__,
        description=DESCRIPTION,
        routes=routes,
        tags=[{"name": name, "description": said} for name, said in TAGS.items()],
    )
    paths = {path: of for path, of in spec["paths"].items() if path.startswith(PREFIX)}
    told = Problem.model_json_schema(ref_template=f"{SCHEMAS}{{model}}")
    known = {**spec["components"]["schemas"], **told.pop("$defs"), "Problem": told}
    key = {"type": "http", "scheme": "bearer", "description": "An API key: lc_…"}
    parts = {"schemas": _used(paths, known), "securitySchemes": {"key": key}}
    return {**spec, "paths": paths, "components": parts, "security": [{"key": []}]}


def _used(told: Any, known: Mapping[str, Spec]) -> dict[str, Spec]:
    """The schemas that are spoken of, and those they speak of."""
    found: dict[str, Spec] = {}
    waiting = set(_named_in(told))
    while waiting:
        name = waiting.pop()
        found[name] = known[name]
        waiting |= {*_named_in(known[name])} - found.keys()
    return dict(sorted(found.items()))


def _named_in(told: Any) -> Iterator[str]:
    if isinstance(told, dict):
        if str(told.get("$ref", "")).startswith(SCHEMAS):
            yield told["$ref"].removeprefix(SCHEMAS)
        for part in told.values():
            yield from _named_in(part)
    elif isinstance(told, list):
        for part in told:
            yield from _named_in(part)


# ── the page


@dataclass(frozen=True, slots=True)
class Call:
    """One call as the page tells it: `takes` are name, place and what it is, `answers` status and what it means."""

    method: str
    path: str
    said: str
    takes: list[tuple[str, str, str]]
    answers: list[tuple[str, str]]
    body: str = ""


def calls_of(spec: Spec) -> dict[str, list[Call]]:
    """The calls by tag, in the order of the description."""
    found: dict[str, list[Call]] = {}
    for path, methods in spec["paths"].items():
        for method, one in methods.items():
            call = _call(spec, method.upper(), path, one)
            found.setdefault(one.get("tags", [""])[0], []).append(call)
    return found


def _call(spec: Spec, method: str, path: str, one: Spec) -> Call:
    takes = [
        (each["name"], each["in"], each.get("description", ""))
        for each in one.get("parameters", [])
    ]
    answers = [(code, each["description"]) for code, each in one["responses"].items()]
    said = one.get("description") or one.get("summary", "")
    return Call(method, path, said, takes, answers, _body(spec, one))


def _body(spec: Spec, one: Spec) -> str:
    """An example of what is sent, as JSON; empty where nothing is."""
    content: Mapping[str, Spec] = one.get("requestBody", {}).get("content", {})
    told = content.get(MEDIA, {})
    found = told.get("example") or next(iter(_schema(spec, told).get("examples", [])), None)
    return json.dumps(found, indent=2, ensure_ascii=False) if found is not None else ""


def _schema(spec: Spec, told: Spec) -> Spec:
    schema: Spec = told.get("schema", {})
    name = schema.get("$ref", "").rpartition("/")[2]
    found: Spec = spec["components"]["schemas"].get(name, schema)
    return found
