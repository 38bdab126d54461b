"""`/imports`: sheets of accounts brought in: uploaded, looked at, applied; and what came of earlier ones (T26, T27)."""

from __future__ import annotations

import asyncio
from http import HTTPStatus
from typing import Annotated, Final

from fastapi import APIRouter, Depends, File, Form, Request, Response, UploadFile
from fastapi.responses import StreamingResponse

from lifecycle.core.refusal import Refusal
from lifecycle.store import sheet_imports as kept
from lifecycle.store.import_tables import ImportStatus, PartOf

from ...door import Door
from ...problem import status_of
from ...who import Caller, Right, may
from .uploading import ENCODINGS, TAKEN, Options, keep
from .view import Shown
from .working import Workshop

PATH: Final = "/imports"
A_MOMENT: Final = 1.5
"""Seconds an answer waits for a small sheet to be through."""
Reader = Annotated[Caller, Depends(may(Right.READ))]
Commander = Annotated[Caller, Depends(may(Right.COMMAND))]
Text = Annotated[str, Form(max_length=300)]
Switch = Annotated[bool, Form()]


def routes(door: Door) -> APIRouter:
    """The list, an upload, and each import."""
    router, workshop = APIRouter(prefix=PATH), Workshop(door)
    _looking(router, door)
    _uploading(router, door, workshop)
    _ordering(router, door, workshop)
    return router


def _looking(router: APIRouter, door: Door) -> None:
    @router.get("")
    async def imports(request: Request, _: Reader) -> Response:
        return await _list(door, request)

    @router.get("/{name}")
    async def one(request: Request, _: Reader, name: str) -> Response:
        shown = Shown(await kept.import_row(door.store, name), door.now())
        return door.pages.page("imports/one.html", request=request, one=shown)

    @router.get("/{name}/errors.csv")
    async def errors(_: Reader, name: str) -> Response:
        row = await kept.import_row(door.store, name)
        stem = row.file.rpartition(".")[0].encode("ascii", "replace").decode().replace("?", "_")
        headers = {"Content-Disposition": f'attachment; filename="{stem}-errors.csv"'}
        pieces = kept.pieces_of(door.store, row.id, PartOf.ERRORS)
        return StreamingResponse(pieces, media_type="text/csv; charset=utf-8", headers=headers)


def _uploading(router: APIRouter, door: Door, workshop: Workshop) -> None:
    @router.post("")
    async def upload(  # noqa: PLR0913, PLR0917 - the fields of a form with a file
        request: Request,
        caller: Commander,
        file: Annotated[UploadFile | None, File()] = None,
        sheet: Text = "",
        encoding: Text = "utf-8",
        reason: Text = "",
        create: Switch = False,
        anyway: Switch = False,
    ) -> Response:
        options = Options(sheet, encoding, reason, create, anyway)
        await kept.tidy(door.store, door.now())
        try:
            name = await keep(door, file, options, caller.name)
        except Refusal as refusal:
            return await _list(door, request, options, refusal)
        await _moment(workshop.check(name))
        return door.pages.done(request, f"{PATH}/{name}")


def _ordering(router: APIRouter, door: Door, workshop: Workshop) -> None:
    @router.post("/{name}/check")
    async def check(request: Request, caller: Commander, name: str) -> Response:
        row = await kept.import_row(door.store, name)
        if await kept.claim(door.store, row.id, ImportStatus.CHECKING, door.now()):
            await _moment(workshop.check(row.id))
        return door.pages.done(request, f"{PATH}/{row.id}")

    @router.post("/{name}/apply")
    async def apply(
        request: Request, caller: Commander, name: str, atomic: Switch = False
    ) -> Response:
        row = await kept.import_row(door.store, name)
        wanted = {"atomic": atomic, "actor": caller.name}
        if not await kept.claim(door.store, row.id, ImportStatus.SENDING, door.now(), **wanted):
            raise _taken(Shown(row, door.now()))
        await _moment(workshop.send(row.id))
        return door.pages.done(request, f"{PATH}/{row.id}")

    @router.post("/{name}/forget")
    async def forget(request: Request, caller: Commander, name: str) -> Response:
        row = await kept.import_row(door.store, name)
        if not await kept.forget(door.store, row.id, door.now()):
            raise _taken(Shown(row, door.now()))
        return door.pages.done(request, PATH, f"{row.file} and its report are taken away.")


async def _moment(task: asyncio.Task[None]) -> None:
    """A small sheet is through before the answer; a large one goes on behind it."""
    await asyncio.wait([task], timeout=A_MOMENT)


def _taken(shown: Shown) -> Refusal:
    if shown.working:
        return Refusal("conflict", "Somebody is at it already.", "Wait until it is through.", "")
    if not shown.row.kept:
        said = f"The file {shown.row.file} is no longer kept."
        return Refusal("conflict", said, "Upload it again.", "")
    return Refusal("conflict", "It changed while you looked.", "Look again.", "")


async def _list(
    door: Door,
    request: Request,
    typed: Options | None = None,
    refusal: Refusal | None = None,
) -> Response:
    now = door.now()
    return door.pages.page(
        "imports/list.html",
        status_of(refusal.code) if refusal else HTTPStatus.OK,
        request=request,
        imports=[Shown(row, now) for row in await kept.list_imports(door.store)],
        typed=typed or Options(),
        refusal=refusal,
        taken=",".join(TAKEN),
        encodings=list(ENCODINGS.items()),
        most=door.settings.web.upload_mb,
    )
