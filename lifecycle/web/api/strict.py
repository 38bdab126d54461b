"""JSON read strictly: NaN, 1e999, what is nested too deeply and texts that cannot be kept are refused."""

from __future__ import annotations

import json
import re
from collections.abc import Callable, Collection, Coroutine
from itertools import chain
from math import isfinite
from typing import Any, Final

from fastapi import Request, Response
from fastapi.dependencies.models import Dependant
from fastapi.exceptions import RequestValidationError
from fastapi.routing import APIRoute

from lifecycle.core.refusal import Refusal
from lifecycle.core.texts import kept

UNTOLD: Final = re.compile(r"\\u0000|\\u[dD][89a-fA-F]|\x00")
"""What may be, or may be half of, a character that no database keeps; to be looked at more closely."""
LOOKING: Final = frozenset({"GET", "HEAD", "OPTIONS"})


def read_json(body: bytes) -> Any:
    """The value that the body holds. Raises `RequestValidationError`."""
    try:
        text = body.decode()
        value = json.loads(text, parse_constant=_no_number, parse_float=_number)
        if UNTOLD.search(text):
            _check_texts(value)
    except UnicodeDecodeError:
        raise _invalid("it is not UTF-8") from None
    except RecursionError:
        raise _invalid("it is nested too deeply") from None
    except json.JSONDecodeError as error:
        raise _invalid(f"{error.msg}, line {error.lineno}, column {error.colno}") from None
    except ValueError as error:
        raise _invalid(str(error)) from None
    return value


def _number(text: str) -> float:
    found = float(text)
    return found if isfinite(found) else _no_number(text)


def _no_number(text: str) -> float:
    raise ValueError(f"{text[:20]} is no number")


def check_texts(value: Any) -> None:
    """Raises `RequestValidationError` for a text that no database keeps."""
    try:
        _check_texts(value)
    except ValueError as error:
        raise _invalid(str(error)) from None


def _check_texts(value: Any) -> None:
    if isinstance(value, dict):
        for key, item in value.items():
            _check_texts(key)
            _check_texts(item)
    elif isinstance(value, list):
        for item in value:
            _check_texts(item)
    elif isinstance(value, str):
        kept(value)


def _invalid(said: str) -> RequestValidationError:
    problem = {"type": "json_invalid", "loc": ("body",), "msg": said, "input": {}}
    return RequestValidationError([problem | {"ctx": {"error": said}}])


def check_address(request: Request) -> None:
    """Raises `RequestValidationError` for a NUL in the address: no id, no name, no filter holds one."""
    asked = request.query_params.multi_items()
    for part, values in (("path", [*request.path_params.items()]), ("query", asked)):
        for name, value in values:
            if "\x00" in f"{name}{value}":
                problem = {"type": "string_pattern_mismatch", "loc": (part, name), "msg": "NUL"}
                raise RequestValidationError([problem])


def check_asked(request: Request, known: Collection[str]) -> None:
    """Raises `RequestValidationError` for names behind the `?` that are not known: each would be a slip."""
    problems = [
        {"type": "extra_forbidden", "loc": ("query", name), "msg": "unknown"}
        for name in request.query_params
        if name not in known
    ]
    if problems:
        raise RequestValidationError(problems)


def names_asked(dependant: Dependant) -> frozenset[str] | None:
    """What a route reads behind the `?`; None where a shape reads it, which refuses what it does not know itself."""
    asked = [one.query_params for one in (dependant, *dependant.dependencies)]
    fields = list(chain.from_iterable(asked))
    if any(hasattr(one.field_info.annotation, "model_fields") for one in fields):
        return None
    return frozenset(one.alias for one in fields)


def check_condition(request: Request, dependant: Dependant) -> None:
    """Raises `Refusal` for an If-Match where it would be passed over: whoever sends it relies on it."""
    reads = any(one.alias.lower() == "if-match" for one in dependant.header_params)
    if "if-match" in request.headers and not reads and request.method not in LOOKING:
        raise Refusal(
            "not_conditional",
            "If-Match is for moves: nothing else is refused because the account has changed since.",
            "Leave it out here.",
            "If-Match",
        )


class _Strict(Request):
    async def json(self) -> Any:
        """The body, read strictly."""
        body = await self.body()
        try:
            return read_json(body)
        except RequestValidationError as error:
            # The one error that the reader of bodies lets through as it is.
            said = error.errors()[0]["ctx"]["error"]
            raise json.JSONDecodeError(said, "", 0) from None


class StrictRoute(APIRoute):
    """A route whose address and JSON body are read strictly."""

    def get_route_handler(self) -> Callable[[Request], Coroutine[Any, Any, Response]]:
        """As FastAPI has it."""
        handle, known = super().get_route_handler(), names_asked(self.dependant)

        async def strictly(request: Request) -> Response:
            check_address(request)
            check_condition(request, self.dependant)
            if known is not None:
                check_asked(request, known)
            return await handle(_Strict(request.scope, request.receive))

        return strictly
