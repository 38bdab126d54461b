"""`/keys`: who is let in. Keys for programs, shown once when made; links for people; who is signed in."""

from __future__ import annotations

from http import HTTPStatus
from typing import Annotated, Final

from fastapi import APIRouter, Depends, Form, Request, Response

from lifecycle.access import digest_of, make_key
from lifecycle.core.refusal import Refusal
from lifecycle.letting_in import PEOPLE, check_name, make_link
from lifecycle.letting_in import address_of as link_address
from lifecycle.roles import Role
from lifecycle.store.api_keys import NewKey, api_keys, keep_key, revoke_key
from lifecycle.store.sessions import Person, sessions, shut_out

from ..door import Door
from ..who import Caller, Right, may

PAGE: Final = "keys.html"
MEANINGS: Final = {
    Role.SERVICE: "reports events",
    Role.VIEWER: "looks",
    Role.CSM: "looks, gives commands, reports events",
    Role.ADMIN: "everything",
}
Admin = Annotated[Caller, Depends(may(Right.ADMIN))]
Name = Annotated[str, Form(max_length=200)]


def routes(door: Door) -> APIRouter:
    """`/keys`, and what its buttons do."""
    router = APIRouter()

    @router.get("/keys")
    async def look(request: Request, caller: Admin) -> Response:
        return await _page(door, request)

    @router.post("/keys")
    async def make(
        request: Request, caller: Admin, role: Annotated[Role, Form()], name: Name = ""
    ) -> Response:
        key = make_key()
        try:
            kept = NewKey(check_name(name), role, digest_of(key), caller.name)
            await keep_key(door.store, kept, door.now())
        except Refusal as refusal:
            return await _page(door, request, refusal=refusal, typed=name, chosen=role)
        return await _page(door, request, made=(kept.name, key))

    @router.post("/keys/revoke")
    async def revoke(request: Request, caller: Admin, name: Name) -> Response:
        await revoke_key(door.store, name, caller.name, door.now())
        return door.pages.done(request, "/keys", f"The key {name} is revoked.")

    @router.post("/keys/link")
    async def link(
        request: Request, caller: Admin, role: Annotated[Role, Form()], person: Name = ""
    ) -> Response:
        try:
            somebody = Person(person.strip(), role)
            path = await make_link(door.store, somebody, caller.name, door.now())
        except Refusal as refusal:
            return await _page(door, request, link_refusal=refusal, person=person)
        address = link_address(door.settings, path, str(request.base_url))
        return await _page(door, request, link=(somebody.name, address))

    @router.post("/keys/sign-out")
    async def sign_out(request: Request, caller: Admin, name: Name) -> Response:
        await shut_out(door.store, name, caller.name, door.now())
        return door.pages.done(request, "/keys", f"{name} is signed out everywhere.")

    return router


async def _page(door: Door, request: Request, **context: object) -> Response:
    """The page; `made` is a key and `link` a link, each shown this once."""
    refused = "refusal" in context or "link_refusal" in context
    known = {
        "keys": await api_keys(door.store),
        "people": await sessions(door.store, door.now()),
        "roles": [(role, f"{role}: {MEANINGS[role]}") for role in Role],
        "person_roles": [(role, f"{role}: {MEANINGS[role]}") for role in PEOPLE],
        **dict.fromkeys(("made", "link", "refusal", "link_refusal")),
        "typed": "",
        "person": "",
        "chosen": Role.SERVICE,
    }
    return door.pages.page(
        PAGE,
        HTTPStatus.UNPROCESSABLE_ENTITY if refused else HTTPStatus.OK,
        request=request,
        part="",
        said="",
        **{**known, **context},
    )
