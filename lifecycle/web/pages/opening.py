"""Opening a CTA by hand (G11)."""

from __future__ import annotations

from typing import Annotated, Any, Final

from fastapi import APIRouter, Form, Query, Request, Response

from lifecycle.core.model import PRIORITIES, Book
from lifecycle.core.refusal import Refusal
from lifecycle.core.state import AccountState
from lifecycle.telling.accounts import Found, found
from lifecycle.telling.owners import owner_asked
from lifecycle.telling.spans import due_asked

from ..door import Door
from .commanding import (
    ADDRESS,
    Commander,
    Line,
    Typed,
    Word,
    carried_out,
    new_id,
    status_for,
)
from .ctas import owners, path_of
from .moving import local

PATH: Final = "/accounts/{account:path}/ctas/new"
BESIDE: Final = ("title", "owner", "due", "playbook", "kind")
"""Fields whose problem is shown beside them."""


class Opening(Typed):
    """`due` is a date, or a time from now such as `5 business days`; `lifecycle` names the stay it belongs to."""

    title: Line = ""
    owner: Word = "csm"
    due: Word = ""
    priority: Word = "normal"
    kind: Word = "task"
    playbook: Word = ""
    lifecycle: Word = ""
    close_on_leaving: bool = False


def routes(door: Door) -> APIRouter:
    """`/accounts/{id}/ctas/new`."""
    router = APIRouter()

    @router.get(PATH)
    async def ask(
        request: Request,
        caller: Commander,
        account: str,
        back: Annotated[str, Query(max_length=ADDRESS)] = "",
    ) -> Response:
        of = await found(door.store, account, door.now())
        return _form(door, request, of, Opening(id=new_id(), back=back), None)

    @router.post(PATH)
    async def open_(
        request: Request, caller: Commander, account: str, typed: Annotated[Opening, Form()]
    ) -> Response:
        of = await found(door.store, account, door.now())
        try:
            wanted = _wanted(door, of, typed)
        except Refusal as refusal:
            return _form(door, request, of, typed, refusal)
        words = {**wanted, "actor": caller.name, "id": typed.id}
        answer = await carried_out(of, door.accounts.open_cta(of.account, typed.title, **words))
        if isinstance(answer, Refusal):
            return _form(door, request, of, typed, answer)
        to = local(typed.back, path_of(of.account))
        return door.pages.done(request, to, f"Opened: {typed.title}.")

    return router


def _wanted(door: Door, of: Found, typed: Opening) -> dict[str, Any]:
    """The command's parts. Raises `Refusal` for what can be seen to be wrong here."""
    if not typed.title.strip():
        raise Refusal("no_title", "A CTA needs a title.", "Say what is to be done.", "title")
    try:
        due = due_asked(typed.due, of.now, door.zone) if typed.due.strip() else None
    except Refusal as refusal:
        raise Refusal(refusal.code, refusal.what, refusal.remedy, "due") from None
    return {
        "kind": typed.kind.strip() or "task",
        "owner": owner_asked(typed.owner, of.book),
        "priority": typed.priority,
        "due": due,
        "playbook": typed.playbook or None,
        "lifecycle": typed.lifecycle or None,
        "close_on_leaving": typed.close_on_leaving and bool(typed.lifecycle),
    }


def _form(
    door: Door, request: Request, of: Found, typed: Opening, refusal: Refusal | None
) -> Response:
    beside = refusal is not None and refusal.where in BESIDE
    return door.pages.page(
        "cta/new.html",
        status_for(refusal),
        request=request,
        of=of,
        typed=typed,
        owners=owners(of.book),
        priorities=[(one, one) for one in PRIORITIES],
        playbooks=[("", "none"), *((one.id, one.title) for one in of.book.playbooks.values())],
        stays=_stays(of.book, of.state),
        wrong={refusal.where: str(refusal)} if refusal and beside else {},
        refusal=None if beside else refusal,
        action=f"{path_of(of.account)}/ctas/new",
        back=local(typed.back, path_of(of.account)),
    )


def _stays(book: Book, state: AccountState) -> list[tuple[str, str]]:
    """Stages the account is in: a CTA may belong to the stay in one of them."""
    found = [("", "the account")]
    for track in state.tracks.values():
        lifecycle = book.lifecycles.get(track.lifecycle)
        stage = lifecycle.stage(track.stage) if lifecycle else None
        if lifecycle is not None and stage is not None:
            found.append((lifecycle.id, f"{stage.label} of {lifecycle.title}"))
    return found
