"""Who calls: by an API key in `Authorization: Bearer lc_…`, by the cookie of a session, or nobody.

The answer is `request.state.caller` (`Caller` or None) for every request, also for those no route answers.
"""

from __future__ import annotations

import hmac
from collections.abc import Callable
from datetime import datetime, timedelta
from functools import partial
from time import monotonic
from typing import Any, Final

from sqlalchemy.exc import SQLAlchemyError
from starlette.requests import HTTPConnection
from starlette.types import ASGIApp, Receive, Scope, Send

from lifecycle.access import KEY_PREFIX, LONGEST, digest_of
from lifecycle.actor import actor_of
from lifecycle.settings import LOOPBACK, Settings
from lifecycle.store.api_keys import valid_key
from lifecycle.store.engine import Store
from lifecycle.store.sessions import Lasting, session_of

from .door import Door
from .naming import has_https, host_of, is_loopback
from .who import Caller, Role

KEY_SECONDS: Final = 5.0
"""How long a key is taken as valid without asking the database again: as long as a revoked one may still work."""
MOST_KEYS: Final = 1_000
COOKIE: Final = "lifecycle_session"
ASKS_NOBODY: Final = ("/static/", "/healthz")


class Keys:
    """API keys, each looked up once in a few seconds."""

    def __init__(self, store: Store, now: Callable[[], datetime]) -> None:
        self._store = store
        self._now = now
        self._known: dict[str, tuple[Caller, float]] = {}

    async def caller(self, key: str) -> Caller | None:
        """Whose key it is; None where it is none of ours, or revoked."""
        if not key.startswith(KEY_PREFIX) or len(key) > LONGEST:
            return None
        digest = digest_of(key)
        caller, until = self._known.get(digest, (None, 0.0))
        return caller if monotonic() < until else await self._look_up(digest)

    async def _look_up(self, digest: str) -> Caller | None:
        row = await valid_key(self._store, digest, self._now())
        self._known.pop(digest, None)
        if row is None or not hmac.compare_digest(row.digest, digest):
            return None
        if len(self._known) >= MOST_KEYS:
            self._known.clear()
        caller = Caller(row.name, row.role, key=row.name)
        self._known[digest] = caller, monotonic() + KEY_SECONDS
        return caller


def lasting(settings: Settings) -> Lasting:
    """How long sessions last."""
    web = settings.web
    return Lasting(timedelta(hours=web.session_hours), timedelta(days=web.session_days))


def is_secure(settings: Settings, connection: HTTPConnection) -> bool:
    """Whether a browser reaches this door by https: itself, or through a proxy whose http is all we see."""
    if connection.scope["scheme"] == "https":
        return True
    return has_https(settings) and host_of(connection) not in LOOPBACK


def cookie_name(secure: bool) -> str:
    """By `__Host-` a browser keeps others from setting it: other hosts of the domain, and plain http."""
    return f"__Host-{COOKIE}" if secure else COOKIE


def token_of(settings: Settings, connection: HTTPConnection) -> str | None:
    """The session's token, if the browser sent one."""
    secure = is_secure(settings, connection)
    token = connection.cookies.get(cookie_name(secure))
    return token if token and len(token) <= LONGEST else None


class Callers:
    """Finds out who calls before `app` is asked. A wrong key is nobody, whatever else was sent."""

    def __init__(self, app: ASGIApp, door: Door) -> None:
        self.app = app
        self._settings, self._store, self._now = door.settings, door.store, door.now
        self._keys = Keys(door.store, door.now)
        self._lasting = lasting(door.settings)

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        """As ASGI has it."""
        if scope["type"] == "http":
            state: dict[str, Any] = scope.setdefault("state", {})
            state["caller"] = None
            if not str(scope["path"]).startswith(ASKS_NOBODY):
                connection = HTTPConnection(scope)
                # An answer that goes on asks again, whether this is still the caller.
                state["again"] = partial(self._caller, connection)
                await self._name(connection, state)
        await self.app(scope, receive, send)

    async def _name(self, connection: HTTPConnection, state: dict[str, Any]) -> None:
        """The caller; or, where the database cannot say, why not."""
        try:
            state["caller"] = await self._caller(connection)
        except (OSError, SQLAlchemyError) as error:
            state["away"] = error

    async def _caller(self, connection: HTTPConnection) -> Caller | None:
        if self._settings.web.auth == "off":
            return self._neighbour(connection)
        if (said := connection.headers.get("authorization")) is not None:
            scheme, _, key = said.partition(" ")
            return await self._keys.caller(key.strip()) if scheme.lower() == "bearer" else None
        token = token_of(self._settings, connection)
        return await self._person(digest_of(token)) if token else None

    async def _person(self, digest: str) -> Caller | None:
        row = await session_of(self._store, digest, self._lasting, self._now())
        return Caller(row.name, row.role) if row else None

    def _neighbour(self, connection: HTTPConnection) -> Caller | None:
        """Without authentication everybody on this machine is its administrator, and nobody else is anybody."""
        if connection.client is None or not is_loopback(connection.client.host):
            return None
        return Caller(actor_of(self._settings), Role.ADMIN)
