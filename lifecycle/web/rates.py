"""How often one may ask in a minute: a key, a person, an address nobody has signed in from yet.

Counted in this process: with several processes each counts for itself.
"""

from __future__ import annotations

from http import HTTPStatus
from ipaddress import IPv6Address, ip_address, ip_network
from math import ceil
from time import time
from typing import Final

from limits import RateLimitItemPerMinute
from limits.storage import MemoryStorage
from limits.strategies import SlidingWindowCounterRateLimiter
from starlette.requests import Request
from starlette.responses import Response
from starlette.types import ASGIApp

from lifecycle.core.refusal import Refusal

from .callers import ASKS_NOBODY
from .door import Door
from .edge import SAFE, Edge
from .who import Caller

EVENTS: Final = "/v1/events"
HOOKS: Final = "/hooks/"
SIGN_IN: Final = "/sign-in"
IPV6_NETWORK: Final = 64
"""What one customer of a network gets: single addresses in it are for the taking."""


class Rates(Edge):
    """Refuses with 429 what is too often, and says when to come again."""

    def __init__(self, app: ASGIApp, door: Door) -> None:
        super().__init__(app, door)
        web = door.settings.web
        self._requests = RateLimitItemPerMinute(web.requests_per_minute)
        self._events = RateLimitItemPerMinute(web.events_per_minute)
        self._hooks = RateLimitItemPerMinute(web.hooks_per_minute)
        self._attempts = RateLimitItemPerMinute(web.attempts_per_minute)
        self._limiter = SlidingWindowCounterRateLimiter(MemoryStorage())

    def look(self, request: Request) -> Response | None:
        """429 for one too many."""
        if request.scope["path"].startswith(ASKS_NOBODY):
            return None
        item, kind, who = self._counted(request)
        if self._limiter.hit(item, kind, who):
            return None
        refusal = Refusal(
            "too_many_requests",
            f"More than {item.amount:,} requests in a minute.",
            "Come again after the seconds that Retry-After names.",
        )
        headers = {"Retry-After": str(self._wait(item, kind, who))}
        return self.refuse(request, refusal, HTTPStatus.TOO_MANY_REQUESTS, headers)

    def _counted(self, request: Request) -> tuple[RateLimitItemPerMinute, str, str]:
        """Which limit counts, and for whom."""
        path, caller = request.scope["path"], request.state.caller
        if path.startswith(HOOKS):
            return self._hooks, "hooks", address_of(request)
        if is_attempt(request):
            return self._attempts, "attempts", address_of(request)
        if caller is None:
            return self._requests, "address", address_of(request)
        if path == EVENTS:
            return self._events, "events", _name(caller)
        return self._requests, "caller", _name(caller)

    def _wait(self, item: RateLimitItemPerMinute, kind: str, who: str) -> int:
        return max(1, ceil(self._limiter.get_window_stats(item, kind, who).reset_time - time()))


def _name(caller: Caller) -> str:
    return f"{'key' if caller.key else 'person'} {caller.name}"


def is_attempt(request: Request) -> bool:
    """Whether somebody tries to sign in; the page that only asks is none."""
    path = request.scope["path"]
    below = path.startswith(f"{SIGN_IN}/")
    return below or (path == SIGN_IN and request.method not in SAFE)


def address_of(request: Request) -> str:
    """Where a request comes from, as far as it counts; never kept and never logged."""
    host = request.client.host if request.client else ""
    try:
        address = ip_address(host)
    except ValueError:
        return host
    if isinstance(address, IPv6Address):
        return str(ip_network((int(address), IPV6_NETWORK), strict=False))
    return host
