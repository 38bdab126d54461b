"""Every refusal and failure as one answer: problem+json for programs, a page for people (RFC 9457).

The words and the code are those of the command line; `status_of` is the one table of codes and statuses.
"""

from __future__ import annotations

from collections.abc import Awaitable, Callable, Mapping
from dataclasses import replace
from http import HTTPStatus
from typing import Any, Final

from fastapi import FastAPI, Request, Response
from fastapi.exceptions import RequestValidationError
from fastapi.responses import JSONResponse
from sqlalchemy.exc import DBAPIError
from starlette.exceptions import HTTPException
from temporalio.service import RPCError

from lifecycle.core.refusal import Refusal
from lifecycle.failure import Failure
from lifecycle.store.errors import StoreError
from lifecycle.telling.refusals import told

from .pages import Pages
from .shape import shape

FOR_PROGRAMS: Final = ("/v1/", "/hooks/", "/codec/", "/live/", "/embedded/")
AWAY: Final = frozenset(
    {
        "no_server",
        "no_worker",
        "no_database",
        "database_not_ready",
        "database_too_new",
        "database_too_old",
        "not_recorded",
    }
)
"""What may be there again soon, without the caller doing anything."""
NOT_HERE: Final = frozenset(
    {
        "not_found",
        "unknown_account",
        "unknown_campaign",
        "unknown_change",
        "unknown_cta",
        "unknown_effect",
        "unknown_part",
        "unknown_publication",
        "unknown_rehearsal",
        "unknown_report",
        "unknown_task",
    }
)
IN_CONFLICT: Final = frozenset(
    {
        "adopted_since",
        "ambiguous_account",
        "ambiguous_cta",
        "campaign_cancelled",
        "campaign_done",
        "campaign_not_running",
        "change_done",
        "change_not_running",
        "change_paused",
        "change_running",
        "change_stopped",
        "changed_since",
        "closed_cta",
        "nobody_waits",
        "conflict",
        "disabled_stage",
        "key_exists",
        "name_taken",
        "no_difference",
        "not_newest",
        "not_on_hold",
        "not_resendable",
        "not_running",
        "no_way_back",
        "publication_done",
        "publication_not_running",
        "publication_open",
        "publication_rolled_back",
        "publication_rolling_back",
        "publication_rolling_on",
        "publication_stopped",
        "publication_trying",
        "publication_watching",
        "of_publication",
        "not_snoozed",
        "nothing_published",
        "nothing_to_undo",
        "stage_gone",
        "version_taken",
        "taken_back",
    }
)
"""What would be in order of another state of things."""
LATER_SECONDS: Final = 5
LATER: Final = "Send it again after the seconds that Retry-After names."
KINDS: Final = (Refusal, Failure, StoreError, DBAPIError, RPCError)

Handler = Callable[[Request, Exception], Awaitable[Response]]


def status_of(code: str) -> HTTPStatus:
    """The status a refusal is answered with: what is wrong with the request itself is 422."""
    if code in AWAY:
        return HTTPStatus.SERVICE_UNAVAILABLE
    if code in NOT_HERE:
        return HTTPStatus.NOT_FOUND
    return HTTPStatus.CONFLICT if code in IN_CONFLICT else HTTPStatus.UNPROCESSABLE_ENTITY


def handle_problems(app: FastAPI, pages: Pages) -> None:
    """Let the app answer every refusal, failure and wrong request."""
    for kind in KINDS:
        app.add_exception_handler(kind, _of_ours(pages))
    app.add_exception_handler(HTTPException, _of_http(pages))
    app.add_exception_handler(RequestValidationError, _of_shape(pages))
    app.add_exception_handler(Exception, _of_ours(pages))


def _of_ours(pages: Pages) -> Handler:
    async def answer(request: Request, error: Exception) -> Response:
        refusal = told(error)
        if refusal is None:
            return refused(pages, request, _fault(), HTTPStatus.INTERNAL_SERVER_ERROR)
        return refused(pages, request, refusal, _status(request, refusal))

    return answer


def _status(request: Request, refusal: Refusal) -> HTTPStatus:
    """What the address itself names and is not there, is not found."""
    if refusal.code.startswith("unknown_") and refusal.where in request.path_params:
        return HTTPStatus.NOT_FOUND
    return status_of(refusal.code)


def _of_http(pages: Pages) -> Handler:
    async def answer(request: Request, error: Exception) -> Response:
        assert isinstance(error, HTTPException)
        status = HTTPStatus(error.status_code)
        said = error.detail if error.detail != status.phrase else ""
        refusal = Refusal(status.name.lower(), said or status.phrase, REMEDIES.get(status, ""))
        return refused(pages, request, refusal, status, error.headers)

    return answer


def _of_shape(pages: Pages) -> Handler:
    async def answer(request: Request, error: Exception) -> Response:
        assert isinstance(error, RequestValidationError)
        refusal, errors = shape(error.errors())
        status = HTTPStatus.UNPROCESSABLE_ENTITY
        if request.url.path.startswith(FOR_PROGRAMS):
            return problem(refusal, status, errors=errors)
        return refused(pages, request, refusal, status)

    return answer


def _fault() -> Refusal:
    return Refusal("fault", "Something went wrong here, not with you.", "It is logged. Try again.")


REMEDIES: Final[Mapping[HTTPStatus, str]] = {
    HTTPStatus.UNAUTHORIZED: "Sign in, or send an API key: Authorization: Bearer …",
    HTTPStatus.FORBIDDEN: "An administrator can change that.",
    HTTPStatus.NOT_FOUND: "Look at the address.",
}


def refused(
    pages: Pages,
    request: Request,
    refusal: Refusal,
    status: HTTPStatus,
    headers: Mapping[str, str] | None = None,
) -> Response:
    """A refusal as whoever asked can read it: problem+json, or a page."""
    if request.url.path.startswith(FOR_PROGRAMS):
        return problem(refusal, status, headers)
    page = pages.lost(request, refusal, status)
    page.headers.update(headers or {})
    return page


def problem(
    refusal: Refusal,
    status: HTTPStatus,
    headers: Mapping[str, str] | None = None,
    **more: Any,
) -> JSONResponse:
    """A refusal as problem+json, with what `more` there is to say.

    401 says how to authenticate, 503 when to come again.
    """
    if status is HTTPStatus.SERVICE_UNAVAILABLE and not refusal.remedy:
        refusal = replace(refusal, remedy=LATER)
    said = {
        HTTPStatus.UNAUTHORIZED: {"WWW-Authenticate": "Bearer"},
        HTTPStatus.SERVICE_UNAVAILABLE: {"Retry-After": str(LATER_SECONDS)},
    }
    return JSONResponse(
        {**problem_data(refusal, status), **more},
        status,
        {**said.get(status, {}), **(headers or {})},
        media_type="application/problem+json",
    )


def problem_data(refusal: Refusal, status: HTTPStatus) -> dict[str, Any]:
    """The members of the answer: `field` names what is wrong, `remedy` what to do."""
    return {
        "type": "about:blank",
        "title": status.phrase,
        "status": int(status),
        "detail": refusal.what,
        "code": refusal.code,
        "field": refusal.where,
        "remedy": refusal.remedy,
    }
