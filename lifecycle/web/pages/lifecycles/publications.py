"""A publication: how far it is, promised and happened, account by account; rolled on, stopped, brought back (R24)."""

from __future__ import annotations

from typing import Annotated, Any, Final, Literal

from fastapi import APIRouter, Depends, Form, Query, Request, Response
from pydantic import BaseModel, ConfigDict, Field

from lifecycle import contract
from lifecycle.core.refusal import Refusal
from lifecycle.store.publication_tables import PublicationStatus as S
from lifecycle.store.publication_tables import Verdict
from lifecycle.telling.bringing_back import foresee_back
from lifecycle.telling.phrases import capital
from lifecycle.telling.publication import (
    VERDICTS,
    View,
    all_publications,
    how_long,
    lives,
    outcome_words,
    promise_words,
    publication_named,
    standing_words,
    what_roll_on_does,
)
from lifecycle.telling.viewer import Viewer

from ...door import Door
from ...problem import status_of
from ...temporal_ui import link_to
from ...who import Caller, Right, may
from ..words import quoted

PATH: Final = "/publications"
A_PAGE: Final = 50
Admin = Annotated[Caller, Depends(may(Right.ADMIN))]
Reader = Annotated[Caller, Depends(may(Right.READ))]
KINDS: Final = {S.STOPPED: "stuck", S.DONE: "ok", S.ROLLED_BACK: "late"}
MARKS: Final = {
    Verdict.AS_PROMISED: "ok",
    Verdict.AS_FOLDED: "ok",
    Verdict.PARTED: "stuck",
    Verdict.FAILED: "stuck",
    Verdict.WAITING: "",
}
SAID: Final = {
    contract.LOOK: "Looked at every account of the share.",
    contract.STOP: "Stopped. The accounts that run it keep it.",
    contract.ROLL_ON: "It holds for all; the accounts are being told.",
    contract.ROLL_BACK: "The version before is being brought back.",
}
FASTER: Final = "“Change pace” of its change-set"
TELLING: Final = (S.TRYING, S.ROLLING_ON, S.ROLLING_BACK)


class Which(BaseModel):
    """Which accounts of the share."""

    model_config = ConfigDict(frozen=True)

    only: Verdict | Literal[""] = ""
    after: Annotated[str, Field(max_length=300)] = ""


class Ordered(BaseModel):
    """An order as it was typed."""

    model_config = ConfigDict(frozen=True)

    reason: Annotated[str, Field(max_length=500)] = ""


def page_of(view: View) -> str:
    """The address of its page."""
    return f"{PATH}/{quoted(view.row.name)}"


def routes(door: Door) -> APIRouter:
    """`/publications`."""
    router = APIRouter(prefix=PATH)

    @router.get("")
    async def every(request: Request, _: Reader) -> Response:
        views = await all_publications(door.store)
        shown = [(view, page_of(view), *_state(view)) for view in views]
        return door.pages.page("lifecycles/publications.html", request=request, views=shown)

    @router.get("/{name}")
    async def one(
        request: Request, _: Reader, name: str, which: Annotated[Which, Query()]
    ) -> Response:
        context = await _shown(door, name, which)
        return door.pages.page("lifecycles/publication.html", request=request, **context)

    _ordering(router, door)
    return router


def _ordering(router: APIRouter, door: Door) -> None:
    @router.post("/{name}/look")
    async def look(request: Request, caller: Admin, name: str) -> Response:
        return await _order(door, request, caller, name, contract.LOOK, "")

    @router.post("/{name}/stop")
    async def stop(request: Request, caller: Admin, name: str) -> Response:
        return await _order(door, request, caller, name, contract.STOP, "")

    @router.get("/{name}/roll-on")
    async def ask_on(request: Request, _: Admin, name: str) -> Response:
        return await _question(door, request, name, contract.ROLL_ON, Ordered(), None)

    @router.post("/{name}/roll-on")
    async def roll_on(
        request: Request, caller: Admin, name: str, typed: Annotated[Ordered, Form()]
    ) -> Response:
        return await _order(door, request, caller, name, contract.ROLL_ON, typed.reason)

    @router.get("/{name}/roll-back")
    async def ask_back(request: Request, _: Admin, name: str) -> Response:
        return await _question(door, request, name, contract.ROLL_BACK, Ordered(), None)

    @router.post("/{name}/roll-back")
    async def roll_back(
        request: Request, caller: Admin, name: str, typed: Annotated[Ordered, Form()]
    ) -> Response:
        if not typed.reason.strip():
            lacks = Refusal("no_reason", "It needs a reason.", "Say why.", "reason")
            return await _question(door, request, name, contract.ROLL_BACK, typed, lacks)
        return await _order(door, request, caller, name, contract.ROLL_BACK, typed.reason)


async def _order(
    door: Door, request: Request, caller: Caller, name: str, order: str, reason: str
) -> Response:
    await door.publications.order(name, order, actor=caller.name, reason=reason.strip())
    return door.pages.done(request, f"{PATH}/{quoted(name)}", SAID[order])


async def _question(
    door: Door, request: Request, name: str, order: str, typed: Ordered, refusal: Refusal | None
) -> Response:
    view = await publication_named(door.store, name)
    back = order == contract.ROLL_BACK
    seen = await foresee_back(door.store, view.row, door.now()) if back else None
    lines = list(seen.lines()) if seen else what_roll_on_does(view)
    number = seen.total if seen else view.waiting
    action = f"{page_of(view)}/{'roll-back' if back else 'roll-on'}"
    return door.pages.page(
        "lifecycles/rolling.html",
        status_of(refusal.code) if refusal else 200,
        request=request,
        view=view,
        row=view.row,
        is_back=back,
        lines=[*lines, *await how_long(door.store, view.row, number, FASTER)],
        kept=seen.kept[:10] if seen else [],
        typed=typed,
        wrong={refusal.where: str(refusal)} if refusal else {},
        action=action,
        back=page_of(view),
    )


def _state(view: View) -> tuple[str, str]:
    """In a word, and the kind of its tag."""
    return capital(view.row.status.value), KINDS.get(view.row.status, "info")


async def _shown(door: Door, name: str, which: Which) -> dict[str, Any]:
    view = await publication_named(door.store, name)
    viewer = Viewer(door.store, door.now(), door.zone)
    found = await lives(viewer, name, which.only or None, which.after, A_PAGE)
    path = page_of(view)
    return {
        "view": view,
        "row": view.row,
        "state": _state(view),
        "standing": standing_words(view, door.zone),
        "promise": promise_words(view),
        "outcome": outcome_words(view),
        "running": view.row.status in TELLING,
        "lives": found,
        "marks": MARKS,
        "which": which,
        "tabs": _tabs(view, path, which),
        "after": found[-1].account if len(found) == A_PAGE else None,
        "path": path,
        "temporal": link_to(door, contract.publication_id(name)),
    }


def _tabs(view: View, path: str, which: Which) -> list[tuple[str, str, bool]]:
    found = [(f"All {view.tried:,}", path, not which.only)]
    for verdict, words in VERDICTS.items():
        if number := view.progress.verdicts.get(verdict, 0):
            address = f"{path}?only={quoted(verdict.value)}"
            found.append((f"{words} {number:,}", address, which.only == verdict))
    return found
