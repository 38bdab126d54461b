"""Changes of many accounts followed: how far each is, what came of every account, and orders to it."""

from __future__ import annotations

from collections.abc import AsyncIterator
from typing import Annotated, Any, Final, Literal

from fastapi import APIRouter, Depends, Form, Query, Request, Response
from fastapi.responses import StreamingResponse
from pydantic import BaseModel, ConfigDict, Field

from lifecycle import contract
from lifecycle.core.refusal import Refusal
from lifecycle.store.change_items import WantedLines
from lifecycle.store.change_tables import ChangeStatus, ItemStatus
from lifecycle.telling.changes import (
    COLUMNS,
    BecameOf,
    View,
    all_changes,
    became_of,
    cells_of,
    change_named,
    line_pages,
    many,
    what_stop_does,
    what_undo_does,
)
from lifecycle.telling.pace import length_words, pace_words
from lifecycle.telling.phrases import capital
from lifecycle.telling.reports.report import csv_line
from lifecycle.telling.viewer import Viewer

from ...door import Door
from ...problem import status_of
from ...temporal_ui import link_to
from ...who import Caller, Right, may
from ..words import quoted
from .beginning import PATH

Reader = Annotated[Caller, Depends(may(Right.READ))]
Commander = Annotated[Caller, Depends(may(Right.COMMAND))]
A_PAGE: Final = 50
KINDS: Final = {
    ChangeStatus.RUNNING: "info",
    ChangeStatus.PAUSED: "late",
    ChangeStatus.STOPPED: "stuck",
    ChangeStatus.DONE: "ok",
}
FASTER: Final = "“Change pace”"
SAID: Final = {
    contract.PAUSE: "Paused: those on their way land, no others go.",
    contract.RESUME: "It goes on.",
    contract.RETRY: "They are tried again.",
    contract.STOP: "Stopped. What was done stays.",
    contract.UNDO: "It is being undone.",
}


class Which(BaseModel):
    """Which accounts of a change."""

    model_config = ConfigDict(frozen=True)

    status: ItemStatus | Literal[""] = ""
    after: Annotated[int, Field(ge=0)] = 0

    @property
    def wanted(self) -> WantedLines:
        """As the store takes it."""
        return WantedLines(self.status or None, self.after, A_PAGE)


class Ordered(BaseModel):
    """An order as it was typed."""

    model_config = ConfigDict(frozen=True)

    reason: Annotated[str, Field(max_length=500)] = ""
    pace: Annotated[str, Field(max_length=20)] = ""


def routes(door: Door) -> APIRouter:
    """The list, a change, its file, and orders."""
    router = APIRouter(prefix=PATH)
    _looking(router, door)
    _asking(router, door)
    _ordering(router, door)
    return router


def _looking(router: APIRouter, door: Door) -> None:
    @router.get("")
    async def changes(request: Request, _: Reader) -> Response:
        views = await all_changes(_viewer(door))
        running = many(views) > 0
        return door.pages.page(
            "changes/list.html", request=request, views=views, state=_state, running=running
        )

    @router.get("/{name}")
    async def change(
        request: Request, _: Reader, name: str, which: Annotated[Which, Query()]
    ) -> Response:
        found = await became_of(_viewer(door), name, which.wanted)
        return door.pages.page("changes/one.html", request=request, **_shown(door, found, which))

    @router.get("/{name}/accounts.csv")
    async def file(_: Reader, name: str, which: Annotated[Which, Query()]) -> Response:
        await change_named(_viewer(door), name)
        headers = {"Content-Disposition": f'attachment; filename="{quoted(name)}.csv"'}
        lines = _lines(door, name, which.status or None)
        return StreamingResponse(lines, media_type="text/csv; charset=utf-8", headers=headers)


async def _lines(door: Door, name: str, status: ItemStatus | None) -> AsyncIterator[str]:
    yield csv_line(COLUMNS)
    async for page in line_pages(_viewer(door), name, status):
        yield "".join(csv_line(cells_of(one)) for one in page)


def _asking(router: APIRouter, door: Door) -> None:
    @router.get("/{name}/stop")
    async def ask_stop(request: Request, _: Commander, name: str) -> Response:
        return await _question(door, request, name, contract.STOP, Ordered(), None)

    @router.get("/{name}/undo")
    async def ask_undo(request: Request, _: Commander, name: str) -> Response:
        return await _question(door, request, name, contract.UNDO, Ordered(), None)

    @router.get("/{name}/pace")
    async def ask_pace(request: Request, _: Commander, name: str) -> Response:
        row = (await change_named(_viewer(door), name)).row
        typed = Ordered(pace=str(row.per_minute or ""))
        return await _question(door, request, name, contract.SET_PACE, typed, None)

    @router.post("/{name}/stop")
    async def stop(
        request: Request, caller: Commander, name: str, typed: Annotated[Ordered, Form()]
    ) -> Response:
        return await _with_reason(door, request, name, contract.STOP, caller, typed)

    @router.post("/{name}/undo")
    async def undo(
        request: Request, caller: Commander, name: str, typed: Annotated[Ordered, Form()]
    ) -> Response:
        return await _with_reason(door, request, name, contract.UNDO, caller, typed)

    @router.post("/{name}/pace")
    async def pace(
        request: Request, caller: Commander, name: str, typed: Annotated[Ordered, Form()]
    ) -> Response:
        text = typed.pace.strip().replace(",", "")
        if text and not (text.isdecimal() and text.isascii()):
            wrong = Refusal("bad_pace", "A pace is a whole number a minute.", where="per_minute")
            return await _question(door, request, name, contract.SET_PACE, typed, wrong)
        more = {"per_minute": int(text) if text else None}
        return await _order(door, request, name, contract.SET_PACE, caller, **more)


def _ordering(router: APIRouter, door: Door) -> None:
    @router.post("/{name}/pause")
    async def pause(request: Request, caller: Commander, name: str) -> Response:
        return await _order(door, request, name, contract.PAUSE, caller)

    @router.post("/{name}/resume")
    async def resume(request: Request, caller: Commander, name: str) -> Response:
        return await _order(door, request, name, contract.RESUME, caller)

    @router.post("/{name}/retry")
    async def retry(request: Request, caller: Commander, name: str) -> Response:
        return await _order(door, request, name, contract.RETRY, caller)


async def _with_reason(
    door: Door, request: Request, name: str, order: str, caller: Caller, typed: Ordered
) -> Response:
    if not typed.reason.strip():
        lacks = Refusal("no_reason", "It needs a reason.", "Say why.", "reason")
        return await _question(door, request, name, order, typed, lacks)
    return await _order(door, request, name, order, caller, reason=typed.reason)


async def _order(
    door: Door, request: Request, name: str, order: str, caller: Caller, **more: Any
) -> Response:
    made = await door.changes.order(name, order, actor=caller.name, **more)
    paced = f"Its pace from now on: {pace_words(made.per_minute)}."
    return door.pages.done(request, f"{PATH}/{quoted(name)}", SAID.get(order, paced))


async def _question(
    door: Door, request: Request, name: str, order: str, typed: Ordered, refusal: Refusal | None
) -> Response:
    viewer = _viewer(door)
    view = await change_named(viewer, name)
    stops = order == contract.STOP
    lines = what_stop_does(view) if stops else await what_undo_does(viewer, view, FASTER)
    back = f"{PATH}/{quoted(name)}"
    return door.pages.page(
        "changes/order.html",
        status_of(refusal.code) if refusal else 200,
        request=request,
        view=view,
        order=order,
        typed=typed,
        lines=lines,
        wrong={refusal.where: str(refusal)} if refusal else {},
        action=f"{back}/{'pace' if order == contract.SET_PACE else order}",
        back=back,
    )


def _viewer(door: Door) -> Viewer:
    return Viewer(door.store, door.now(), door.zone)


def _state(view: View) -> tuple[str, str]:
    """In a word, and the kind of its tag."""
    return capital(view.status), KINDS[view.row.status]


def _shown(door: Door, found: BecameOf, which: Which) -> dict[str, Any]:
    view = found.view
    path = f"{PATH}/{quoted(view.row.name)}"
    left = view.left
    return {
        "told": found,
        "view": view,
        "row": view.row,
        "state": _state(view),
        "left": length_words(left) if left and view.waiting else "",
        "tabs": [*_tabs(view, path, which)],
        "which": which,
        "path": path,
        "pace": pace_words(view.row.per_minute),
        "temporal": link_to(door, contract.change_set_id(view.row.name)),
    }


def _tabs(view: View, path: str, which: Which) -> list[tuple[str, str, bool]]:
    """All, and every status that some came to."""
    found = [(f"All {sum(view.counts.values()):,}", path, not which.status)]
    for status, number in view.counted:
        address, words = f"{path}?status={status}", capital(view.word(status, number))
        found.append((f"{words} {number:,}", address, which.status == status))
    return found
