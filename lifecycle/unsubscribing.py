"""Unsubscribe links: signed, and without an address, so that a link that is passed on tells nothing (RFC 8058).

A link names the mail it stood in and which of its readers got it. Who that was, the database knows.
"""

from __future__ import annotations

from dataclasses import dataclass, field
from hashlib import sha256
from typing import Final

from itsdangerous import BadData, URLSafeSerializer

from lifecycle.settings import Settings
from lifecycle.signing import secret_of

SALT: Final = "unsubscribe"
LONGEST: Final = 4_000
LONGEST_ADDRESS: Final = 900


class BadLink(Exception):
    """Not a link of ours: cut off, changed, or signed with another secret."""


@dataclass(frozen=True, slots=True)
class Link:
    """`mail` is the delivery's key (`store.contact_mail.key_of`), `number` its reader's."""

    mail: str
    number: int


@dataclass(frozen=True, slots=True)
class Links:
    """Writes links that begin with `base`, and reads their tokens."""

    secret: str = field(repr=False)
    base: str

    def address(self, link: Link) -> str:
        """`https://mail.example.com/unsubscribe/…`."""
        return f"{self.base.rstrip('/')}/unsubscribe/{self.token(link)}"

    def token(self, link: Link) -> str:
        """The last part of the address."""
        return self._serializer().dumps([link.mail, link.number])

    def read(self, token: str) -> Link:
        """What a token names. Raises `BadLink`."""
        if len(token) > LONGEST:
            raise BadLink
        try:
            match self._serializer().loads(token):
                case [str(mail), int(number)]:
                    return Link(mail, number)
        except BadData:
            raise BadLink from None
        raise BadLink

    def _serializer(self) -> URLSafeSerializer:
        return URLSafeSerializer(self.secret, salt=SALT, signer_kwargs={"digest_method": sha256})


def links_of(settings: Settings) -> Links | None:
    """The links mail to contacts carries; None where the secret or the public address is not set."""
    secret = secret_of(settings)
    if secret is None or settings.public_url is None:
        return None
    return Links(secret, str(settings.public_url))


def sample_address(settings: Settings) -> str | None:
    """What a sample shows in place of a link; None where mail goes without one.

    It leads nowhere: who clicks in a preview is not the reader.
    """
    if secret_of(settings) is None:
        return None
    base = str(settings.public_url or "https://mail.example.com")
    return f"{base.rstrip('/')}/unsubscribe/sample"


def headers(address: str) -> dict[str, str]:
    """The two headers by which mail programs show a button of their own (RFC 2369, RFC 8058).

    None for an address that no line of a mail can hold: its link in the footer works all the same.
    """
    if len(address) > LONGEST_ADDRESS:
        return {}
    return {
        "List-Unsubscribe": f"<{address}>",
        "List-Unsubscribe-Post": "List-Unsubscribe=One-Click",
    }
