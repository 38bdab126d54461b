"""The YAML of a part, edited in the page: a draft that is kept while one types, checked beside its lines (R14).

The draft is in the database, one for each part and person: a reload, a failed publication or a closed window lose
nothing. Every button of the form keeps the text first and then does what it says.
"""

from __future__ import annotations

from dataclasses import dataclass, replace
from enum import StrEnum
from http import HTTPStatus
from typing import Annotated, Any, Final

from fastapi import APIRouter, Depends, Form, Query, Request, Response
from pydantic import BaseModel, ConfigDict, Field

from lifecycle.core.refusal import Refusal
from lifecycle.definition.editing import with_version
from lifecycle.definition.problems import Problem
from lifecycle.store.door_tables import DraftRow
from lifecycle.store.drafts import draft_of, drop_draft, keep_draft
from lifecycle.store.tables import PartKind
from lifecycle.telling.lifecycle_differences import Difference

from ...door import Door
from ...publishing import Publisher
from ...who import Caller, Right, may
from ..rendering import is_htmx
from .looking import Id
from .parts import HOME, Part, content_differences, part_named

Admin = Annotated[Caller, Depends(may(Right.ADMIN))]
LONGEST: Final = 500_000
"""Characters of a text; the checker takes no more than a megabyte."""
MUST_RAISE: Final = frozenset(
    {
        "automation_added",
        "automation_changed",
        "automation_removed",
        "end_changed",
        "lines_moved",
        "old_version",
        "order_changed",
        "published_version",
        "stage_added",
        "stage_changed",
        "stage_removed",
    }
)
"""What R14 forbids under a published version number: another number mends it."""


class Then(StrEnum):
    """What a button does after the text is kept."""

    CHECK = "check"
    RAISE = "raise"
    PUBLISH = "publish"


class Typed(BaseModel):
    """The form. `version` and `edition` are those of the published text it was begun from."""

    model_config = ConfigDict(extra="forbid", frozen=True)

    text: Annotated[str, Field(max_length=LONGEST)] = ""
    version: Annotated[int, Field(ge=0)] = 0
    edition: Annotated[int, Field(ge=0)] = 0
    then: Then = Then.CHECK


@dataclass(frozen=True, slots=True)
class Looked:
    """What the checker says of a text. `book` is what it means with everything else, if it is in order."""

    here: list[Problem]
    elsewhere: list[Problem]
    changes: list[Difference]
    checked: Any

    @property
    def has_errors(self) -> bool:
        """Whether it cannot be published."""
        return any(one.is_error for one in (*self.here, *self.elsewhere))

    @property
    def must_raise(self) -> bool:
        """Whether another version number would mend something."""
        return any(one.code in MUST_RAISE for one in self.here)


def routes(door: Door, publisher: Publisher) -> APIRouter:
    """`/lifecycles/{part}/edit`."""
    router = APIRouter()
    _text(router, door, publisher)
    _draft(router, door)
    return router


def _text(router: APIRouter, door: Door, publisher: Publisher) -> None:
    @router.get(HOME + "/{part}/edit")
    async def edit(
        request: Request,
        caller: Admin,
        part: Id,
        begin: Annotated[str, Query(max_length=50)] = "",
    ) -> Response:
        found = await part_named(door, part)
        if begin:
            await _begin_from(door, found, begin, caller)
            return door.pages.done(request, f"{found.path}/edit", f"This is version {begin} again.")
        return await _page(door, publisher, request, caller, found)

    @router.post(HOME + "/{part}/edit")
    async def keep(
        request: Request, caller: Admin, part: Id, typed: Annotated[Typed, Form()]
    ) -> Response:
        found = await part_named(door, part)
        text = as_file(typed.text)
        try:
            if typed.then is Then.RAISE:
                text = with_version(text, found.next_version)
        except Refusal as refusal:
            await _keep(door, found, caller, typed, text)
            return await _page(door, publisher, request, caller, found, refusal)
        await _keep(door, found, caller, typed, text)
        to = f"{found.path}/{'publish' if typed.then is Then.PUBLISH else 'edit'}"
        return door.pages.done(request, to)

    @router.post(HOME + "/{part}/check")
    async def check(
        request: Request, caller: Admin, part: Id, typed: Annotated[Typed, Form()]
    ) -> Response:
        found = await part_named(door, part)
        await _keep(door, found, caller, typed, as_file(typed.text))
        if not is_htmx(request):
            return door.pages.done(request, f"{found.path}/edit")
        return await _page(door, publisher, request, caller, found)


def _draft(router: APIRouter, door: Door) -> None:
    @router.post(HOME + "/{part}/discard")
    async def discard(request: Request, caller: Admin, part: Id) -> Response:
        found = await part_named(door, part)
        await drop_draft(door.store, found.id, caller.name)
        return door.pages.done(request, f"{found.path}/edit", "Your draft is thrown away.", "note")

    @router.post(HOME + "/{part}/rebase")
    async def rebase(request: Request, caller: Admin, part: Id) -> Response:
        found = await part_named(door, part)
        draft = await draft_of(door.store, found.id, caller.name)
        if draft is not None:
            draft.version, draft.edition = found.newest.version, found.newest.edition
            await keep_draft(door.store, draft)
        said = f"Your draft now follows version {found.version}."
        return door.pages.done(request, f"{found.path}/edit", said, "note")


def as_file(text: str) -> str:
    """As it stands in a file: browsers send other ends of lines."""
    plain = text.replace("\r\n", "\n").replace("\r", "\n")
    return plain if plain.endswith("\n") or not plain else plain + "\n"


async def _keep(door: Door, part: Part, caller: Caller, typed: Typed, text: str) -> None:
    """A text that is what is published is no draft."""
    if text == part.newest.source:
        await drop_draft(door.store, part.id, caller.name)
        return
    newest = part.newest
    version, edition = (
        (typed.version, typed.edition) if typed.version else (newest.version, newest.edition)
    )
    row = DraftRow(
        part=part.id,
        person=caller.name,
        text=text,
        version=version,
        edition=edition,
        saved_at=door.now(),
    )
    await keep_draft(door.store, row)


async def _begin_from(door: Door, part: Part, version: str, caller: Caller) -> None:
    """An older version as a draft of the next one."""
    row, newest = part.row(version), part.newest
    text = row.source
    if part.kind is PartKind.LIFECYCLE and row.behaviour != newest.behaviour:
        text = with_version(text, part.next_version)
    elif part.kind is PartKind.LIFECYCLE:
        text = with_version(text, newest.version)
    typed = Typed(text=text, version=newest.version, edition=newest.edition)
    await _keep(door, part, caller, typed, text)


async def looked(publisher: Publisher, part: Part, text: str) -> Looked:
    """The checker's answer, and what would change."""
    checked = await publisher.check({part.file: text})
    mine = [one for one in checked.problems if one.file == part.file]
    others = [one for one in checked.problems if one.file != part.file]
    changes: list[Difference] = []
    if not checked.has_errors:
        book = checked.book
        new = book.lifecycles.get(part.id) if part.lifecycle else getattr(book, part.kind.value)
        old = part.lifecycle or getattr(part.book, part.kind.value)
        changes = content_differences(replace(part, book=book), old, new)
    return Looked(mine, others, changes, checked)


async def _page(
    door: Door,
    publisher: Publisher,
    request: Request,
    caller: Caller,
    part: Part,
    refusal: Refusal | None = None,
) -> Response:
    """The editor with the person's draft, or with what is published."""
    draft = await draft_of(door.store, part.id, caller.name)
    text = draft.text if draft else part.newest.source
    newest = part.newest
    since = draft is not None and (draft.version, draft.edition) != (newest.version, newest.edition)
    return door.pages.page(
        "lifecycles/edit.html",
        HTTPStatus.UNPROCESSABLE_ENTITY if refusal else HTTPStatus.OK,
        request=request,
        part="checked",
        said="",
        of=part,
        draft=draft,
        text=text,
        base=draft or newest,
        since=since,
        looked=await looked(publisher, part, text) if text else None,
        refusal=refusal,
        home=HOME,
    )
