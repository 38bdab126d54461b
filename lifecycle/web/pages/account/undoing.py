"""Undo: what will be as it was, what cannot be taken back, and the button (N1, R13)."""

from __future__ import annotations

from typing import Annotated

from fastapi import APIRouter, Form, Request, Response

from lifecycle.core.inputs import Undo
from lifecycle.core.refusal import Refusal
from lifecycle.store.tables import EffectRow
from lifecycle.telling.accounts import Found, found
from lifecycle.telling.consequences import About, Consequence, consequences, foresee
from lifecycle.telling.taking_back import readers, sent_by_newest

from ...door import Door
from ..commanding import (
    Commander,
    Line,
    Typed,
    carried_out,
    in_page_words,
    new_id,
    signed,
    status_for,
)
from ..moving import local
from .page import PATH
from .view import path_of


class Undoing(Typed):
    """`unit` is the revision of the change that was looked at: another one is not undone in its place."""

    unit: int | None = None
    reason: Line = ""


def routes(door: Door) -> APIRouter:
    """`/accounts/{id}/undo`."""
    router = APIRouter()

    @router.get(PATH + "/undo")
    async def ask(request: Request, caller: Commander, account: str, back: str = "") -> Response:
        of = await found(door.store, account, door.now())
        unit = of.state.units[-1].revision if of.state.units else None
        typed = Undoing(id=new_id(), unit=unit, back=back[:4_000])
        return await _form(door, request, of, typed, None)

    @router.post(PATH + "/undo")
    async def undo(
        request: Request, caller: Commander, account: str, typed: Annotated[Undoing, Form()]
    ) -> Response:
        of = await found(door.store, account, door.now())
        words = {"actor": caller.name, "reason": typed.reason, "id": typed.id}
        answer = await carried_out(of, door.accounts.undo(of.account, unit=typed.unit, **words))
        if isinstance(answer, Refusal):
            return await _form(door, request, of, typed, answer)
        taken = next((one for one in of.state.units if one.revision == typed.unit), None)
        said = f"Taken back: {taken.summary}." if taken else "Taken back."
        return door.pages.done(request, local(typed.back, path_of(of)), said)

    return router


async def _form(
    door: Door, request: Request, of: Found, typed: Undoing, refusal: Refusal | None
) -> Response:
    """With what there is to know. Raises `Refusal` when nothing can be undone and nobody has tried yet."""
    seen = foresee(of, Undo(of.now, "…", unit=typed.unit))
    if seen.refused is not None and refusal is None:
        raise in_page_words(seen.refused)
    lines = [] if seen.refused else consequences(seen, door.zone)
    for row in await sent_by_newest(door.store, of):
        lines.append(_sent(row, of))
    return door.pages.page(
        "account/undo.html",
        status_for(refusal),
        request=request,
        of=of,
        typed=typed,
        unit=of.state.units[-1] if of.state.units else None,
        lines=signed(lines),
        final=any(line.final for line in lines),
        refusal=refusal,
        action=f"{path_of(of)}/undo",
        back=local(typed.back, path_of(of)),
    )


def _sent(row: EffectRow, of: Found) -> Consequence:
    said = f"“{row.subject or row.name}” went to {readers(row, of.book)}. It cannot be taken back."
    return Consequence(About.MAIL, said, final=True)
