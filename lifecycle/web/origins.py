"""Requests that change something come from our own pages, or from a program that proves itself.

Browsers send cookies along with what other sites' pages make them send. They also say where it comes from:
`Sec-Fetch-Site`, and where that is missing (plain http) `Origin`. Programs send neither, and no cookie.
"""

from __future__ import annotations

from http import HTTPStatus
from typing import Final

from pydantic import AnyHttpUrl
from starlette.requests import Request
from starlette.responses import Response
from starlette.types import ASGIApp

from lifecycle.core.refusal import Refusal

from .door import Door
from .edge import OWN_PROOF, SAFE, Edge

OURS: Final = frozenset({"same-origin", "none"})
CODEC: Final = "/codec/"
FOREIGN: Final = Refusal(
    "cross_site",
    "This request comes from a page of another site.",
    "Open the page here and do it there.",
)


def origin_of(address: AnyHttpUrl) -> str:
    """`https://temporal.example.com`, as browsers write it."""
    standard = {"http": 80, "https": 443}[address.scheme]
    port = f":{address.port}" if address.port != standard else ""
    return f"{address.scheme}://{address.host}{port}"


class Origins(Edge):
    """Refuses what pages of other sites send; the Temporal UI alone may ask the codec endpoint."""

    def __init__(self, app: ASGIApp, door: Door) -> None:
        super().__init__(app, door)
        addresses = (door.settings.base_url, door.settings.public_url)
        self._ours = frozenset(origin_of(one) for one in addresses if one is not None)
        ui = door.settings.temporal_ui
        self._ui = origin_of(ui) if ui is not None else None

    def look(self, request: Request) -> Response | None:
        """403 for a foreign one."""
        if request.method in SAFE or self._proves_itself(request) or not self._is_foreign(request):
            return None
        return self.refuse(request, FOREIGN, HTTPStatus.FORBIDDEN)

    def _proves_itself(self, request: Request) -> bool:
        # No page can make a browser send a key, and with one cookies are not looked at.
        has_key = "authorization" in request.headers and self.door.settings.web.auth == "on"
        return has_key or request.scope["path"].startswith(OWN_PROOF)

    def _is_foreign(self, request: Request) -> bool:
        site, origin = request.headers.get("sec-fetch-site"), request.headers.get("origin")
        if origin is not None and origin == self._ui and request.scope["path"].startswith(CODEC):
            return False
        if site is not None:
            return site not in OURS
        return origin is not None and not self._is_own(request, origin)

    def _is_own(self, request: Request, origin: str) -> bool:
        here = f"{request.scope['scheme']}://{request.headers.get('host', '')}"
        return origin == here or origin in self._ours
