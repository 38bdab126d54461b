"""By which names this door is reached: a page elsewhere must not get at it under a name of its own (DNS rebinding)."""

from __future__ import annotations

from http import HTTPStatus
from typing import Final

from starlette.requests import Request
from starlette.responses import Response
from starlette.types import ASGIApp

from lifecycle.core.refusal import Refusal
from lifecycle.failure import Failure
from lifecycle.settings import LOOPBACK, Settings

from .door import Door
from .edge import Edge
from .naming import host_of, is_loopback

ANY_NAME: Final = "/healthz"
"""Load balancers ask for it by address; it says nothing to anybody else."""


class Exposed(Failure):
    """The door would let in whoever reaches it."""

    def __init__(self, host: str) -> None:
        super().__init__(
            f"Without authentication (web.auth is off) nobody may listen at {host}: whoever reaches it would be an"
            " administrator.\nSet LIFECYCLE_WEB__AUTH=on, or listen at 127.0.0.1 only."
        )


def check_exposure(settings: Settings, host: str) -> None:
    """Raises `Exposed` for an address beyond this machine while authentication is off."""
    if settings.web.auth == "off" and not is_loopback(host):
        raise Exposed(host)


def names_of(settings: Settings) -> frozenset[str]:
    """The names of the settings; empty where none is set."""
    addresses = (settings.base_url, settings.public_url)
    found = {address.host for address in addresses if address is not None and address.host}
    return frozenset(name.lower() for name in found | set(settings.web.hosts))


class Hosts(Edge):
    """Refuses other names than those of the settings; on a loopback address those of this machine are added."""

    def __init__(self, app: ASGIApp, door: Door) -> None:
        super().__init__(app, door)
        self._names = names_of(door.settings)

    def look(self, request: Request) -> Response | None:
        """400 for a name that is not ours."""
        name = host_of(request)
        if request.scope["path"] == ANY_NAME or self._is_ours(request, name):
            return None
        refusal = Refusal(
            "unknown_host",
            "This door is not known by the name in the request's Host header.",
            "If it should be, set LIFECYCLE_BASE_URL, or add the name to LIFECYCLE_WEB__HOSTS.",
        )
        return self.refuse(request, refusal, HTTPStatus.BAD_REQUEST)

    def _is_ours(self, request: Request, name: str) -> bool:
        if name in self._names:
            return True
        server = request.scope.get("server")
        at_home = server is not None and is_loopback(server[0])
        return name in LOOPBACK if at_home else not self._names
