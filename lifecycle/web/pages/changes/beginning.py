"""The question before a change of many accounts: what it does to whom, before its button; and its beginning."""

from __future__ import annotations

import re
from http import HTTPStatus
from typing import Annotated, Any, Final

from fastapi import APIRouter, Depends, Form, Query, Request, Response
from temporalio.service import RPCError

from lifecycle.changing import new_name
from lifecycle.core.conditions import NONE
from lifecycle.core.model import Book
from lifecycle.core.refusal import Refusal
from lifecycle.core.values import Kind as ValueKind
from lifecycle.failure import Failure
from lifecycle.store.chosen import how_many
from lifecycle.store.definitions import current_book
from lifecycle.telling.bulk import bulk_of, sql_of
from lifecycle.telling.bulk_preview import Drawn, Preview, preview
from lifecycle.telling.changes import begin, check_number
from lifecycle.telling.refusals import told
from lifecycle.telling.viewer import Viewer

from ...door import Door
from ...problem import status_of
from ...who import Caller, Right, may
from ..commanding import in_page_words, signed
from ..words import quoted
from .asked import NAME, Typed

PATH: Final = "/changes"
AT_ONCE: Final = 2_000
"""So many accounts are asked before the page is there; of more, so many first ones."""
BESIDE: Final = ("to", "stage", "field", "fields", "value", "until", "reason", "per_minute")
PLACE: Final = {"stage": "to", "lifecycle": "to", "fields": "value"}
"""Beside which question a refusal of the core belongs."""
YES_NO: Final = ("yes", "no")
Commander = Annotated[Caller, Depends(may(Right.COMMAND))]


def routes(door: Door) -> APIRouter:
    """`/changes/new`: asked, and begun."""
    router = APIRouter(prefix=PATH)

    @router.get("/new")
    async def ask(request: Request, _: Commander, typed: Annotated[Typed, Query()]) -> Response:
        return await _form(door, request, _named(door, typed), None)

    @router.post("/new")
    async def begin_(
        request: Request, caller: Commander, typed: Annotated[Typed, Form()]
    ) -> Response:
        typed = _named(door, typed)
        if not typed.is_said or typed.expected is None:
            return await _form(door, request, typed, None)
        try:
            made = await _begin(door, caller, typed)
        except (Refusal, Failure, RPCError) as error:
            return await _form(door, request, typed, told(error))
        said = "It is on its way."
        return door.pages.done(request, f"{PATH}/{quoted(made)}", said)

    return router


def _named(door: Door, typed: Typed) -> Typed:
    if re.match(NAME, typed.name):
        return typed
    return typed.model_copy(update={"name": new_name(typed.do.value, door.now())})


async def _begin(door: Door, caller: Caller, typed: Typed) -> str:
    viewer = _viewer(door)
    bulk, pace = await bulk_of(viewer, typed.wish()), typed.pace()
    drawn = await preview(viewer, bulk, typed.meant())
    check_number(drawn, None if drawn.preview.total > AT_ONCE else typed.expected)
    made = await begin(viewer, door.changes, bulk, drawn, caller.name, pace, typed.name)
    return made.name


def _viewer(door: Door) -> Viewer:
    return Viewer(door.store, door.now(), door.zone)


# ── the form


async def _form(door: Door, request: Request, typed: Typed, refusal: Refusal | None) -> Response:
    """With what it would do, as soon as enough is said; what was pressed and is refused is told beside its question.

    While it is typed only the preview is fresh: there it is told why it cannot be foreseen.
    """
    viewer = _viewer(door)
    book, _ = await current_book(door.store)
    total, drawn, found = await _looked(viewer, typed)
    pressed = request.method == "POST"
    refusal = refusal or found or (typed.lacks() if pressed else None)
    place = PLACE.get(refusal.where, refusal.where) if refusal else ""
    beside = pressed and place in BESIDE
    return door.pages.page(
        "changes/new.html",
        status_of(refusal.code) if refusal and pressed else HTTPStatus.OK,
        request=request,
        typed=typed,
        total=total,
        seen=_shown(drawn.preview) if drawn else None,
        refusal=in_page_words(refusal) if refusal and place not in BESIDE else None,
        unforeseen=str(refusal) if refusal and place in BESIDE and not pressed else "",
        wrong={place: str(refusal)} if refusal and beside else {},
        targets=_targets(book),
        fields=_fields(book),
        choices=_choices(book, typed.field),
        action=f"{PATH}/new",
        back=typed.filters.at(),
    )


async def _looked(viewer: Viewer, typed: Typed) -> tuple[int, Drawn | None, Refusal | None]:
    """How many are meant, what it would do to them, and why that cannot be told."""
    total = 0
    try:
        whom = typed.meant()
        total = await how_many(viewer.store, await sql_of(viewer, whom))
        if not typed.is_said:
            return total, None, None
        bulk = await bulk_of(viewer, typed.wish("…"))
        return total, await preview(viewer, bulk, whom, most=AT_ONCE), None
    except Refusal as refusal:
        return total, None, refusal


def _shown(found: Preview) -> dict[str, Any]:
    """The preview for the template."""
    return {
        "found": found,
        "effects": list(found.set_off.lines()),
        "examples": [(one, signed(one.lines)) for one in found.examples],
    }


def _targets(book: Book) -> list[tuple[str, list[tuple[str, str]]]]:
    """Lifecycles with the stages somebody may be moved to."""
    return [
        (
            one.title,
            [
                *(
                    (f"{one.id}:{stage.id}", stage.label)
                    for stage in one.stages
                    if not stage.disabled
                ),
                (f"{one.id}:{NONE}", f"None: out of {one.title}"),
            ],
        )
        for one in book.lifecycles.values()
    ]


def _fields(book: Book) -> list[tuple[str, str]]:
    """Fields a person may write, with what is typed into them."""
    return [
        ("", "choose"),
        *((one.id, _hinted(one)) for one in book.account.fields.values() if not one.written_by),
    ]


def _choices(book: Book, field: str) -> list[tuple[str, str]]:
    """What there is to choose from for a field's value, if that is fixed."""
    spec = book.account.fields.get(field)
    if spec is None:
        return []
    values = YES_NO if spec.kind is ValueKind.YES_NO else spec.options
    return [("", "choose"), *((one, one) for one in values)] if values else []


def _hinted(one: Any) -> str:
    hints = {ValueKind.DATE: "a date", ValueKind.MONEY: "an amount", ValueKind.WHOLE: "a number"}
    hint = " or ".join(one.options) if one.options else hints.get(one.kind, "")
    return f"{one.label} ({hint})" if hint else one.label
