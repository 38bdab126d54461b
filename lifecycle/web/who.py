"""Who asks, and what that allows: the one table of roles and rights."""

from __future__ import annotations

from collections.abc import Awaitable, Callable
from dataclasses import dataclass
from enum import StrEnum
from http import HTTPStatus
from typing import Final

from fastapi import HTTPException, Request


class Role(StrEnum):
    """What a key or a person is for."""

    SERVICE = "service"
    VIEWER = "viewer"
    CSM = "csm"
    ADMIN = "admin"


class Right(StrEnum):
    """What a route asks for."""

    EVENTS = "events"
    READ = "read"
    COMMAND = "command"
    ADMIN = "admin"


RIGHTS: Final[dict[Role, frozenset[Right]]] = {
    Role.SERVICE: frozenset({Right.EVENTS}),
    Role.VIEWER: frozenset({Right.READ}),
    Role.CSM: frozenset({Right.READ, Right.COMMAND, Right.EVENTS}),
    Role.ADMIN: frozenset(Right),
}


@dataclass(frozen=True, slots=True)
class Caller:
    """Who asks. `name` is the actor of their commands; `key` names the API key, or is empty for a person."""

    name: str
    role: Role
    key: str = ""

    def may(self, right: Right) -> bool:
        """Whether the role includes the right."""
        return right in RIGHTS[self.role]


Asked = Callable[[Request], Awaitable[Caller]]


def may(right: Right) -> Asked:
    """A dependency that answers with the caller. Refuses with 401 who is not known, with 403 who may not."""

    async def caller(request: Request) -> Caller:
        found: Caller | None = getattr(request.state, "caller", None)
        if found is None:
            raise HTTPException(HTTPStatus.UNAUTHORIZED)
        if not found.may(right):
            raise HTTPException(HTTPStatus.FORBIDDEN)
        return found

    caller.right = right  # type: ignore[attr-defined]  # the table of routes reads it
    return caller
