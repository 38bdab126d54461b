"""Somebody of a role before the app: signed in with a browser, or a program with a key."""

from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from datetime import UTC, datetime, timedelta

import httpx2
from fastapi import FastAPI

from lifecycle.access import digest_of, make_key, make_token
from lifecycle.roles import Role
from lifecycle.store.api_keys import NewKey, keep_key
from lifecycle.store.engine import Store
from lifecycle.store.sessions import Lasting, Person, begin_session
from lifecycle.web.callers import COOKIE

ADDRESS = "http://door"
HOST = "door.local"
"""The host of ADDRESS as a jar of cookies knows it: by it answers replace what was set."""
A_DAY = Lasting(timedelta(days=1), timedelta(days=1))


async def signed_in(store: Store, role: Role, name: str = "") -> dict[str, str]:
    """The cookies of a person of this role, whose name is the role's unless given."""
    token, person = make_token(), Person(name or role.value, role)
    await begin_session(store, digest_of(token), person, A_DAY, datetime.now(UTC), "a test")
    return {COOKIE: token}


async def key_for(store: Store, role: Role, name: str = "") -> str:
    """A new API key of this role."""
    key = make_key()
    kept = NewKey(name or f"{role}-{key[-6:]}", role, digest_of(key), "a test")
    await keep_key(store, kept, datetime.now(UTC))
    return key


@asynccontextmanager
async def as_role(
    app: FastAPI, store: Store, role: Role | None, *, key: bool = False, name: str = ""
) -> AsyncIterator[httpx2.AsyncClient]:
    """A client before `app`: a person's browser, or with `key` a program's. No role: a stranger."""
    transport = httpx2.ASGITransport(app=app)
    async with httpx2.AsyncClient(transport=transport, base_url=ADDRESS) as client:
        if role is not None and key:
            client.headers["Authorization"] = f"Bearer {await key_for(store, role, name)}"
        elif role is not None:
            for cookie, token in (await signed_in(store, role, name)).items():
                client.cookies.set(cookie, token, domain=HOST)
        yield client
