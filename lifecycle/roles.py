"""Roles and what each allows: the one table that the web door, the keys and the settings share."""

from __future__ import annotations

from enum import StrEnum
from typing import Final


class Role(StrEnum):
    """What a key or a person is for."""

    SERVICE = "service"
    VIEWER = "viewer"
    CSM = "csm"
    ADMIN = "admin"


class Right(StrEnum):
    """What a route asks for. Whoever is known at all has `KNOWN`."""

    KNOWN = "known"
    EVENTS = "events"
    READ = "read"
    COMMAND = "command"
    ADMIN = "admin"


RIGHTS: Final[dict[Role, frozenset[Right]]] = {
    Role.SERVICE: frozenset({Right.KNOWN, Right.EVENTS}),
    Role.VIEWER: frozenset({Right.KNOWN, Right.READ}),
    Role.CSM: frozenset({Right.KNOWN, Right.READ, Right.COMMAND, Right.EVENTS}),
    Role.ADMIN: frozenset(Right),
}
