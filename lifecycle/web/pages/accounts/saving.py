"""`/segments/new`: save what is asked as a segment, by the same publishing as everything that is defined (T16, R14)."""

from __future__ import annotations

from typing import Annotated, Final

from fastapi import APIRouter, Depends, Form, Query, Request, Response
from pydantic import BaseModel, ConfigDict, Field

from lifecycle.checking import Checked
from lifecycle.core.model import Book
from lifecycle.core.refusal import Refusal
from lifecycle.definition.asked import condition_asked
from lifecycle.definition.new_segment import FILE, NewSegment, check_new, id_of, with_segment
from lifecycle.definition.outline import ALL, Group, read_outline
from lifecycle.publication_plan import Plan
from lifecycle.store.definitions import current_book, published
from lifecycle.store.tables import PartKind

from ...door import Door
from ...problem import status_of
from ...publishing import Publisher
from ...who import Caller, Right, may
from .asked import Filters, Text, Word, text_of

LINE: Final = 500
Reader = Annotated[Caller, Depends(may(Right.READ))]
Admin = Annotated[Caller, Depends(may(Right.ADMIN))]


class Saving(BaseModel):
    """The form. An empty id is made of the title."""

    model_config = ConfigDict(frozen=True)

    where: Text = ""
    title: Word = ""
    id: Word = ""
    description: Annotated[str, Field(max_length=LINE)] = ""

    def segment(self) -> NewSegment:
        """What is to be saved. Raises `Refusal` for a text that cannot be read."""
        title, said = (" ".join(one.split()) for one in (self.title, self.description))
        outline = read_outline(self.where) if self.where.strip() else Group(ALL, ())
        return NewSegment(self.id.strip() or id_of(title), title, said, outline)


def routes(door: Door) -> APIRouter:
    """The dialog, which shows the YAML to whoever may not publish."""
    router, publisher = APIRouter(), Publisher(door, "page")

    @router.get("/segments/new")
    async def ask(request: Request, _: Reader, filters: Annotated[Filters, Query()]) -> Response:
        book, _digest = await current_book(door.store)
        typed = Saving(where=text_of(filters, book))
        return _form(door, request, book, typed, None)

    @router.get("/segments/yaml")
    async def lines(request: Request, _: Reader, typed: Annotated[Saving, Query()]) -> Response:
        """The YAML of what is typed so far."""
        book, _digest = await current_book(door.store)
        return _form(door, request, book, typed, None, "yaml")

    @router.post("/segments/new")
    async def save(request: Request, caller: Admin, typed: Annotated[Saving, Form()]) -> Response:
        book, _digest = await current_book(door.store)
        try:
            new = typed.segment()
            check_new(new, dict(book.segments))
            condition_asked([typed.where], book)
            checked = await publisher.check({FILE: with_segment(await _source(door), new)})
            _check_same(checked, book, new)
            await publisher.publish(checked, Plan(None), caller.name)
        except Refusal as refusal:
            return _form(door, request, book, typed, refusal)
        to = Filters(segment=new.id).at()
        return door.pages.done(request, to, f"Saved: the segment {new.title}.")

    return router


async def _source(door: Door) -> str:
    """The newest text of segments.yaml; empty where there is none."""
    rows = [row for row in await published(door.store) if row.kind is PartKind.SEGMENTS]
    return max(rows, key=lambda row: (row.version, row.edition)).source if rows else ""


def _check_same(checked: Checked, before: Book, new: NewSegment) -> None:
    """Raises `Refusal` for what the checker finds, and if anything else became different."""
    errors = [one for one in checked.problems if one.is_error]
    if errors:
        raise Refusal("bad_definitions", errors[0].message, errors[0].help)
    others = {name: one for name, one in checked.book.segments.items() if name != new.id}
    if others != before.segments:
        said = "segments.yaml has other segments than those that are published."
        raise Refusal("changed_since", said, "Somebody published meanwhile: look again.")


def _form(
    door: Door,
    request: Request,
    book: Book,
    typed: Saving,
    refusal: Refusal | None,
    part: str = "",
) -> Response:
    beside = refusal is not None and refusal.where in ("title", "id")
    try:
        new = typed.segment()
    except Refusal as wrong:
        new, refusal = NewSegment("", "", "", Group(ALL, ())), refusal or wrong
    shown = NewSegment(
        new.id or "my_segment", new.title or "My segment", new.description, new.where
    )
    return door.pages.page(
        "accounts/save.html",
        status_of(refusal.code) if refusal else 200,
        request=request,
        part=part,
        typed=typed,
        id=new.id,
        yaml=shown.text(),
        wrong={refusal.where: str(refusal)} if refusal and beside else {},
        refusal=None if beside else refusal,
        action="/segments/new",
        back=Filters(where=[typed.where] if typed.where else []).at(),
    )
