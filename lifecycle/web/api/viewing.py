"""Who looks and who orders, for the routes of the API."""

from __future__ import annotations

from dataclasses import dataclass
from hashlib import sha256
from typing import Annotated, Final

from fastapi import Depends, Header, Request

from lifecycle.client import Lifecycles
from lifecycle.commanding import KEY, Commander
from lifecycle.core.keys import ASKED
from lifecycle.telling.viewer import Viewer

from ..door import Door
from ..who import Caller, Right, may

Reader = Annotated[Caller, Depends(may(Right.READ))]
Orderer = Annotated[Caller, Depends(may(Right.COMMAND))]
Admin = Annotated[Caller, Depends(may(Right.ADMIN))]

PRINTABLE: Final = "^[!-~]+$"
Key = Annotated[
    str | None,
    Header(
        alias=KEY,
        description="Names the command, so that it counts once: the same again is answered as the first time.",
        pattern=PRINTABLE,
        min_length=1,
        max_length=200,
        examples=["7f1d8b9e-move"],
    ),
]


@dataclass(frozen=True, slots=True)
class Named:
    """The name a caller gave a command, and the digest of what they ask for under it."""

    key: str
    asked: str


async def _named(request: Request, key: Key = None) -> Named | None:
    if key is None:
        return None
    asked = (request.method, request.url.path, request.url.query, (await request.body()).hex())
    return Named(key, sha256("\n".join(asked).encode()).hexdigest()[:24])


IdempotencyKey = Annotated[Named | None, Depends(_named)]


def viewer_of(door: Door) -> Viewer:
    """Whoever asks now."""
    return Viewer(door.store, door.now(), door.zone)


def commander_of(door: Door, caller: Caller, named: Named | None = None) -> Commander:
    """The caller, giving commands; its name counts among the caller's own only."""

    async def accounts() -> Lifecycles:
        return door.accounts

    id_ = f"{named.key} {caller.name}{ASKED}{named.asked}" if named else ""
    return Commander(viewer_of(door), accounts, caller.name, id_)
