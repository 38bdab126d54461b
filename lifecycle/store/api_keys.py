"""API keys: made, looked up by their digest, revoked."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import datetime, timedelta
from typing import Final

from sqlalchemy import insert, update
from sqlalchemy.exc import IntegrityError
from sqlmodel import col, select

from lifecycle.core.refusal import Refusal, did_you_mean
from lifecycle.roles import Role

from .audit import Deed, note
from .door_tables import ApiKeyRow
from .engine import Store
from .tables import table_of

KEYS: Final = table_of(ApiKeyRow)
USED_TO: Final = timedelta(hours=1)
"""How exact the last use is: one write an hour, not one per request."""


@dataclass(frozen=True, slots=True)
class NewKey:
    """A key to be kept: `digest` is all of it that is (`access.digest_of`)."""

    name: str
    role: Role
    digest: str
    made_by: str


async def keep_key(store: Store, key: NewKey, now: datetime) -> None:
    """Raises `Refusal` `key_exists` when a valid key has the name."""
    row = {"name": key.name, "role": key.role, "digest": key.digest, "made_by": key.made_by}
    try:
        async with store.writing() as connection:
            await connection.execute(insert(KEYS).values(**row, made_at=now, revoked_by=""))
            await note(connection, now, Deed.KEY_MADE, key.made_by, key.role, key.name)
    except IntegrityError:
        said = f"There is a valid key {key.name!r} already."
        remedy = "Choose another name, or revoke that one first."
        raise Refusal("key_exists", said, remedy, "name") from None


async def api_keys(store: Store, revoked: bool = False) -> list[ApiKeyRow]:
    """Valid keys by name; with `revoked` the others as well, the latest first."""
    query = select(ApiKeyRow).order_by(col(ApiKeyRow.name), col(ApiKeyRow.id).desc())
    if not revoked:
        query = query.where(col(ApiKeyRow.revoked_at).is_(None))
    async with store.reading() as session:
        return list((await session.exec(query)).all())


async def valid_key(store: Store, digest: str, now: datetime) -> ApiKeyRow | None:
    """The key of this digest unless it is revoked; that it was used is kept to the hour."""
    query = select(ApiKeyRow).where(ApiKeyRow.digest == digest, col(ApiKeyRow.revoked_at).is_(None))
    async with store.reading() as session:
        row = (await session.exec(query)).one_or_none()
    if row is not None and (row.last_used_at is None or now - row.last_used_at >= USED_TO):
        async with store.writing() as connection:
            used = update(KEYS).where(KEYS.c.id == row.id).values(last_used_at=now)
            await connection.execute(used)
    return row


async def revoke_key(store: Store, name: str, actor: str, now: datetime) -> None:
    """Raises `Refusal` `unknown_key` when no valid key has the name."""
    revoked = (
        update(KEYS)
        .where(KEYS.c.name == name, KEYS.c.revoked_at.is_(None))
        .values(revoked_at=now, revoked_by=actor)
        .returning(KEYS.c.role)
    )
    async with store.writing() as connection:
        role = (await connection.execute(revoked)).scalar_one_or_none()
        if role is not None:
            await note(connection, now, Deed.KEY_REVOKED, actor, role, name)
    if role is None:
        known = [row.name for row in await api_keys(store)]
        said = f"There is no valid key {name!r}."
        raise Refusal("unknown_key", said, did_you_mean(name, known), "name")
