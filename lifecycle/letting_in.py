"""Letting people in: links that are good once and for a quarter of an hour, and where they lead."""

from __future__ import annotations

from datetime import datetime, timedelta
from typing import Final

from lifecycle.access import digest_of, make_token
from lifecycle.core.refusal import Refusal
from lifecycle.roles import Role
from lifecycle.settings import Settings
from lifecycle.store.engine import Store
from lifecycle.store.sessions import Person, keep_link

LASTS: Final = timedelta(minutes=15)
PEOPLE: Final = (Role.VIEWER, Role.CSM, Role.ADMIN)
"""The roles of people, the mightiest last; a service has a key."""
LONGEST_NAME: Final = 120


async def make_link(store: Store, person: Person, actor: str, now: datetime) -> str:
    """The path of a new link, `/sign-in/…`. Raises `Refusal` for a role or a name that is no person's."""
    check_name(person.name)
    if person.role not in PEOPLE:
        said = f"The role {person.role} is for programs: they have keys."
        raise Refusal("not_for_people", said, "Make one with: lifecycle admin keys make", "role")
    token = make_token()
    await keep_link(store, digest_of(token), person, now + LASTS, actor, now)
    return f"/sign-in/{token}"


def check_name(name: str) -> str:
    """The name, stripped. Raises `Refusal` for none, one that is too long, and one with signs that nobody sees."""
    found = name.strip()
    if not found or len(found) > LONGEST_NAME or not found.isprintable():
        said = f"A name has 1 to {LONGEST_NAME} characters, all of them to be seen."
        raise Refusal(
            "bad_name", said, "Commands are recorded under it: choose one people know.", "name"
        )
    return found


def address_of(settings: Settings, path: str, embedded: str | None) -> str:
    """A link's whole address: under `base_url`, else where the embedded stack opened its door, else the path alone."""
    base = settings.base_url or embedded or settings.public_url
    return f"{str(base).rstrip('/')}{path}" if base else path
