"""Mailboxes: a name and an address that a mail server will take."""

from __future__ import annotations

import re
from dataclasses import dataclass
from email.headerregistry import Address

import idna

_LOCAL = re.compile(r"[A-Za-z0-9!#$%&'*+/=?^_`{|}~-]+(\.[A-Za-z0-9!#$%&'*+/=?^_`{|}~-]+)*")
_DOMAIN = re.compile(
    r"([A-Za-z0-9]([A-Za-z0-9-]{0,61}[A-Za-z0-9])?\.)*[A-Za-z0-9]([A-Za-z0-9-]{0,61}[A-Za-z0-9])?"
)
_NAMED = re.compile(r"(?P<name>[^<>]*)<(?P<email>[^<>]*)>")
MAX_NAME = 200


class InvalidAddress(ValueError):
    """An address no mail can be sent to. `reason` says what is wrong with it."""

    def __init__(self, address: str, reason: str) -> None:
        super().__init__(f"{address!r} is not an address mail can be sent to: {reason}.")
        self.address = address
        self.reason = reason

    def __reduce__(self) -> tuple[type[InvalidAddress], tuple[str, str]]:
        return type(self), (self.address, self.reason)


@dataclass(frozen=True, slots=True)
class Mailbox:
    """`email` is ASCII (unicode domains in their wire form), `name` may be empty."""

    name: str
    email: str

    @property
    def header(self) -> Address:
        """As it stands in From and To; quoting and encoding are the library's."""
        return Address(display_name=self.name, addr_spec=self.email)


def mailbox(email: str, name: str = "") -> Mailbox:
    """`email` checked. Raises `InvalidAddress` when a mail server would not take it."""
    if not name.isprintable():
        raise InvalidAddress(email, "the name before it holds a line break or control character")
    if not email.isprintable() or " " in email:
        raise InvalidAddress(email, "it holds a space, line break or control character")
    local, at, domain = email.rpartition("@")
    if not at:
        raise InvalidAddress(email, "there is no @ in it")
    return Mailbox(name.strip()[:MAX_NAME], f"{_local(email, local)}@{_domain(email, domain)}")


def read_mailbox(text: str) -> Mailbox:
    """`Name <name@example.com>` or the address alone. Raises `InvalidAddress`."""
    match = _NAMED.fullmatch(text.strip())
    return mailbox(match["email"], match["name"].strip(' "')) if match else mailbox(text.strip())


def _local(email: str, local: str) -> str:
    if not local.isascii():
        raise InvalidAddress(
            email, "the part before the @ has letters beyond a-z, which many servers refuse"
        )
    if len(local) > 64 or not _LOCAL.fullmatch(local):
        raise InvalidAddress(
            email, "the part before the @ is empty, too long or holds a forbidden character"
        )
    return local


def _domain(email: str, domain: str) -> str:
    try:
        wire = domain if domain.isascii() else idna.encode(domain, uts46=True).decode("ascii")
    except idna.IDNAError:
        raise InvalidAddress(email, "the domain cannot be written in ASCII") from None
    if len(wire) > 253 or not _DOMAIN.fullmatch(wire):
        raise InvalidAddress(email, "the part after the @ is not a domain")
    return wire.lower()
