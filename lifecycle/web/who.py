"""Who asks, and whether they may: every route declares a right (`may`), see `lifecycle.roles`."""

from __future__ import annotations

from collections.abc import Awaitable, Callable
from dataclasses import dataclass
from http import HTTPStatus

from fastapi import HTTPException, Request

from lifecycle.roles import RIGHTS as RIGHTS
from lifecycle.roles import Right as Right
from lifecycle.roles import Role as Role


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
            # Whoever asks may be known: it is the database that does not say so.
            raise getattr(request.state, "away", None) or HTTPException(HTTPStatus.UNAUTHORIZED)
        if not found.may(right):
            said = f"The role {found.role} does not include this: it asks for the right “{right}”."
            raise HTTPException(HTTPStatus.FORBIDDEN, said)
        return found

    caller.right = right  # type: ignore[attr-defined]  # the table of routes reads it
    return caller
