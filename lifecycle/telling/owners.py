"""Whose a CTA is: a role resolved on its account, a team, or a person; and whose CTAs somebody asks for."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from email.utils import parseaddr

from lifecycle.core.model import Book, Role
from lifecycle.core.refusal import Refusal, did_you_mean
from lifecycle.store.ctas import Whose

from .effects import person


def fields_of(role: Role) -> tuple[str, ...]:
    """The fields of the account that say who a role is: name, address."""
    return tuple(name for name in (role.name, role.email) if name)


def people_fields(book: Book) -> list[str]:
    """Those of all roles."""
    return sorted({name for role in book.account.roles.values() for name in fields_of(role)})


def owner_name(owner: str, fields: Mapping[str, object], book: Book) -> str:
    """The person behind an owner: of a role by the account's fields, or the team that stands in."""
    role = book.account.roles.get(owner)
    if role is None:
        return person(owner, book)
    named = next((str(fields[name]) for name in fields_of(role) if fields.get(name)), None)
    return named or person(role.otherwise or owner, book)


def owner_asked(text: str, book: Book) -> str:
    """A role or a team by its id, or a team by its label, in any case; anybody else as typed. Raises `Refusal`."""
    if not text.strip():
        said = "A CTA needs an owner."
        raise Refusal("no_owner", said, "Name a role, a team or a person.", "owner")
    folded = text.strip().casefold()
    teams = {team.label.casefold(): team.id for team in book.directory.teams.values()}
    known = {*book.account.roles, *book.directory.teams}
    return folded if folded in known else teams.get(folded, text)


def whose(text: str, book: Book, named: Sequence[str]) -> Whose:
    """The CTAs of a role, of a team (with those it stands in for), or of a person.

    `named` are the people CTAs are assigned to by name.
    """
    owner = owner_asked(text, book)
    if owner in book.account.roles:
        return Whose(owners=(owner,))
    if owner in book.directory.teams:
        return Whose(owners=(owner,), vacant=_roles(book, otherwise=owner))
    return of_person(text, book, named)


def of_person(text: str, book: Book, named: Sequence[str]) -> Whose:
    """The CTAs of a person: by name, by address, or `Name <address>`."""
    names = {part.strip().casefold() for part in (text, *_parts(text)) if part.strip()}
    owners = tuple(one for one in named if one.casefold() in names)
    return Whose(owners, tuple(sorted(names)), _roles(book))


def _parts(text: str) -> tuple[str, ...]:
    return parseaddr(text) if "<" in text else ()


def _roles(book: Book, otherwise: str | None = None) -> dict[str, tuple[str, ...]]:
    """Roles with the fields that say who it is; those with this stand-in, or all."""
    roles = book.account.roles.values()
    return {
        role.id: fields_of(role)
        for role in roles
        if fields_of(role) and otherwise in (None, role.otherwise)
    }


def refuse_slip(text: str, book: Book, named: Sequence[str]) -> None:
    """Of an owner that nothing was found for: raise `Refusal` when the word is nearly one there is."""
    known = [*book.account.roles, *book.directory.teams, *named]
    remedy = did_you_mean(text.strip().casefold(), known)
    if text.strip().casefold() not in known and remedy.startswith("Did you mean"):
        raise Refusal("unknown_owner", f"No open CTA belongs to {text!r}.", remedy, "owner")
