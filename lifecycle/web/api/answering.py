"""Answers: data as programs get it at every door, and how it is documented."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any, Final
from urllib.parse import quote, urlencode

from fastapi import Request
from fastapi.responses import JSONResponse
from pydantic import BaseModel, Field

from lifecycle.telling.data import plain

PROBLEM: Final = "application/problem+json"


class FieldProblem(BaseModel):
    """One thing that is wrong with the shape of a request."""

    field: str
    detail: str


class Problem(BaseModel):
    """What was refused, and what to do about it (RFC 9457). `code` is for programs, `field` names what is wrong."""

    type: str
    title: str
    status: int
    detail: str = Field(examples=["Sales has no stage 'custommer'."])
    code: str = Field(examples=["unknown_stage"])
    field: str = Field(examples=["stage"])
    remedy: str = Field(examples=["Did you mean customer?"])
    errors: list[FieldProblem] | None = None


def answer(data: Any, status: int = 200, headers: Mapping[str, str] | None = None) -> JSONResponse:
    """Anything a view is made of, as JSON."""
    return JSONResponse(plain(data), status, headers)


def next_page(request: Request, after: str | int | None, name: str = "after") -> dict[str, str]:
    """`Link: <…>; rel="next"`, where there is a next page."""
    if after is None:
        return {}
    asked = [pair for pair in request.query_params.multi_items() if pair[0] != name]
    where = urlencode([*asked, (name, str(after))])
    path = quote(request.url.path, safe="/")
    return {"Link": f'<{path}?{where}>; rel="next"'}


# ── documentation

SAID: Final[Mapping[int, str]] = {
    401: "Nobody is signed in, and there is no valid key.",
    403: "The role does not include this.",
    404: "There is no such thing.",
    409: "It would be in order of another state of things.",
    412: "It has changed since the revision in If-Match.",
    413: "The request is too large.",
    415: "The content type is not taken.",
    422: "Something in the request is wrong; `field` names it.",
    429: "Too many requests; come again after Retry-After.",
    503: "Temporal or the database is away; come again after Retry-After.",
}
ALWAYS: Final = (401, 403, 422, 429, 503)


def refusals(*codes: int) -> dict[int | str, dict[str, Any]]:
    """The refusals a route may answer with, beside those every route may."""
    return {
        code: {
            "description": SAID[code],
            "content": {PROBLEM: {"schema": {"$ref": "#/components/schemas/Problem"}}},
        }
        for code in sorted({*ALWAYS, *codes})
    }


def gives(
    model: Any = None,
    example: Any = None,
    said: str = "As `lifecycle admin … --json` gives it.",
    status: int = 200,
    headers: Mapping[str, str] | None = None,
) -> dict[int | str, dict[str, Any]]:
    """What a route answers with when all is well: its shape where there is one, and an example."""
    content: dict[str, Any] = {"example": example} if example is not None else {}
    if model is None:
        content["schema"] = {"type": "object"}
    found: dict[str, Any] = {"description": said, "content": {"application/json": content}}
    if model is not None:
        found["model"] = model
    if headers:
        found["headers"] = {
            name: {"description": words, "schema": {"type": "string"}}
            for name, words in headers.items()
        }
    return {status: found}


LINK: Final = {"Link": 'The next page, with rel="next"; absent on the last one.'}
