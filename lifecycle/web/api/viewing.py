"""Who looks and who orders, for the routes of the API."""

from __future__ import annotations

from typing import Annotated, Final

from fastapi import Depends, Header

from lifecycle.client import Lifecycles
from lifecycle.commanding import Commander
from lifecycle.telling.viewer import Viewer

from ..door import Door
from ..who import Caller, Right, may

Reader = Annotated[Caller, Depends(may(Right.READ))]
Orderer = Annotated[Caller, Depends(may(Right.COMMAND))]
Admin = Annotated[Caller, Depends(may(Right.ADMIN))]

KEY: Final = "^[!-~]+$"
IdempotencyKey = Annotated[
    str | None,
    Header(
        alias="Idempotency-Key",
        description="Names the command, so that it counts once: the same again is answered as the first time.",
        pattern=KEY,
        min_length=1,
        max_length=200,
        examples=["7f1d8b9e-move"],
    ),
]


def viewer_of(door: Door) -> Viewer:
    """Whoever asks now."""
    return Viewer(door.store, door.now(), door.zone)


def commander_of(door: Door, caller: Caller, key: str | None = None) -> Commander:
    """The caller, giving commands; `key` counts among the caller's own only."""

    async def accounts() -> Lifecycles:
        return door.accounts

    id_ = f"{key} {caller.name}" if key else ""
    return Commander(viewer_of(door), accounts, caller.name, id_)
