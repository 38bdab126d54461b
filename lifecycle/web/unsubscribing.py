"""Leaving our e-mails by the link in one of them (RFC 8058), and coming back.

Looking changes nothing: mail scanners follow every link. The button and the one-click request of mail programs
are the same POST, whose body says nothing that the token does not.
"""

from datetime import UTC, datetime
from http import HTTPStatus
from typing import Annotated

from fastapi import APIRouter, Depends, HTTPException
from fastapi.responses import HTMLResponse

from lifecycle.failure import Failure
from lifecycle.signing import secret_of
from lifecycle.store.contact_mail import Contact, contact_of
from lifecycle.store.engine import Store
from lifecycle.store.keyed import MARK
from lifecycle.store.suppression import has_unsubscribed, subscribe_again, unsubscribe
from lifecycle.unsubscribing import BadLink, Links

from .door import Door
from .pages import Pages

PAGE = "unsubscribe.html"


class NoSecret(Failure):
    """There is no secret to read links with."""

    def __init__(self) -> None:
        super().__init__(
            "The links in e-mails are signed, and there is no secret to read them with.\n"
            "Set LIFECYCLE_SECRET to the one the workers have (see docs/settings.md)."
        )


def routes(door: Door) -> APIRouter:
    """`/unsubscribe/{token}`. Raises `NoSecret`."""
    secret, store, pages = secret_of(door.settings), door.store, door.pages
    if secret is None:
        raise NoSecret
    links, router = Links(secret, ""), APIRouter(prefix="/unsubscribe/{token}")

    async def named(token: str) -> Contact:
        return await _contact(links, store, token)

    Reader = Annotated[Contact, Depends(named)]  # noqa: N806  # a type

    @router.get("")
    async def look(token: str, contact: Reader) -> HTMLResponse:
        gone = await has_unsubscribed(store, contact.address)
        return _page(pages, "gone" if gone else "here", contact, token)

    @router.post("")
    async def leave(token: str, contact: Reader) -> HTMLResponse:
        await unsubscribe(store, contact.address, contact.mail, datetime.now(UTC))
        return _page(pages, "left", contact, token)

    @router.post("/undo")
    async def come_back(token: str, contact: Reader) -> HTMLResponse:
        free = await subscribe_again(store, contact.address, datetime.now(UTC))
        return _page(pages, "back" if free else "kept out", contact, token)

    return router


async def _contact(links: Links, store: Store, token: str) -> Contact:
    """Whom a token names; anything else is not found, without a word about what is wrong with it."""
    try:
        link = links.read(token)
    except BadLink:
        raise HTTPException(HTTPStatus.NOT_FOUND) from None
    contact = await contact_of(store, link.mail, link.number)
    if contact is None:
        raise HTTPException(HTTPStatus.NOT_FOUND)
    return contact


def _page(pages: Pages, what: str, contact: Contact, token: str) -> HTMLResponse:
    return pages.page(
        PAGE,
        what=what,
        address=masked(contact.address),
        company=contact.company,
        action=f"/unsubscribe/{token}",
    )


def masked(address: str) -> str:
    """`c•••@example.com`: enough for its owner to know it."""
    if address.startswith(MARK):
        return "your address"
    local, _, domain = address.rpartition("@")
    return f"{local[:1]}•••@{domain}"
