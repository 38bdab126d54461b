"""Who is meant by the roles and teams an e-mail is for."""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass, field

from lifecycle.core.model import Book, Role
from lifecycle.core.state import AccountState
from lifecycle.mail import InvalidAddress, Mailbox, mailbox

CONTACT = "contact"
"""The role of the customer's own people: their mail sleeps while the account is cancelled (R25)."""


@dataclass(slots=True)
class Recipients:
    """The mailboxes, each once, with the role it was found by; and why nobody stands for a role."""

    found: dict[str, tuple[str, Mailbox]] = field(default_factory=dict)
    lacking: list[str] = field(default_factory=list)

    def add(self, role: str, box: Mailbox) -> None:
        """The first role an address was found by counts."""
        self.found.setdefault(box.email.lower(), (role, box))


def recipients(book: Book, state: AccountState, roles: Iterable[str]) -> Recipients:
    """Who gets it now."""
    answer = Recipients()
    for role in roles:
        if role == CONTACT and state.is_cancelled:
            answer.lacking.append("mail to contacts sleeps while the account is cancelled")
            continue
        try:
            box = _of_role(book, state, role)
        except InvalidAddress as error:
            answer.lacking.append(str(error).rstrip("."))
            continue
        if box is None:
            answer.lacking.append(f"the account has no address for {role}, and nobody stands in")
        else:
            answer.add(role, box)
    return answer


def _of_role(book: Book, state: AccountState, role: str) -> Mailbox | None:
    spec = book.account.roles.get(role)
    if spec is None:
        return _team(book, role)
    return _person(spec, state) or _team(book, spec.otherwise)


def _person(role: Role, state: AccountState) -> Mailbox | None:
    email = state.fields.get(role.email) if role.email else None
    name = state.fields.get(role.name) if role.name else None
    return mailbox(str(email), str(name or "")) if email else None


def _team(book: Book, team: str | None) -> Mailbox | None:
    found = book.directory.teams.get(team or "")
    return mailbox(found.email, found.label) if found else None
