"""`/accounts/{id}/what-if` and, for an account from nothing, `/sandbox`: read only, nothing is done (N6)."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from http import HTTPStatus
from typing import Annotated, Any, Final

from fastapi import APIRouter, Depends, HTTPException, Query, Request, Response
from fastapi.responses import HTMLResponse

from lifecycle.core.model import Book
from lifecycle.core.refusal import Refusal
from lifecycle.sandbox.trying import Begun, Wish, new_account, tried
from lifecycle.sandbox.writing import steps_of
from lifecycle.store.definitions import current_book
from lifecycle.telling.accounts import found
from lifecycle.telling.sandbox import Sandboxed, sandboxed

from ...door import Door
from ...problem import status_of
from ...who import Caller, Right, may
from ..account.mails import BARRED, FRAMING
from ..words import quoted
from .asked import FARS, VALUE, Adding, Asked, adding, field_choices, fields_of, new_step

Reader = Annotated[Caller, Depends(may(Right.READ))]
Asking = Annotated[Asked, Query()]
PATH: Final = "/accounts/{account:path}/what-if"
NEW: Final = "/sandbox"
NAME: Final = "New account"


@dataclass(frozen=True, slots=True)
class Setting:
    """Whom a play is about: its address, and what people call the account; `begun` None is an account from nothing."""

    path: str
    name: str
    book: Book
    begun: Begun | None = None

    def begin(self, door: Door, asked: Asked) -> Begun:
        """The account at its beginning. Raises `Refusal`."""
        if self.begun is not None:
            return self.begun
        return new_account(self.book, "new-account", fields_of(asked.field), door.now())


@dataclass(frozen=True, slots=True)
class Page:
    """What the template names. Without a `told` there is a `refusal`."""

    setting: Setting
    asked: Asked
    adding: Adding
    told: Sandboxed | None
    refusal: Refusal | None

    @property
    def path(self) -> str:
        """Without what was asked."""
        return self.setting.path

    def at(self, **changed: Any) -> str:
        """The same play, some of it changed."""
        return self.asked.at(self.path, **changed)

    def without(self, name: str, place: int) -> str:
        """The play without a step or a field."""
        return self.asked.without(self.path, name, place)

    def mail(self, number: int) -> str:
        """The words of one of its mails."""
        return self.asked.at(f"{self.path}/mails/{number}")

    @property
    def fars(self) -> list[tuple[str, str, bool]]:
        """How far one may look."""
        return [(f"{far} days", self.at(days=far), far == self.asked.days) for far in FARS]

    @property
    def script(self) -> str:
        """The steps as a file for the command line."""
        return "".join(f"- {step}\n" for step in self.asked.step)

    @property
    def fields(self) -> list[tuple[str, str]]:
        """What a new account may begin with: ids and labels."""
        return [(one.id, one.label) for one in field_choices(self.setting.book)]


def routes(door: Door) -> APIRouter:
    """The play of an account, of one from nothing, and the mails of both."""
    router = APIRouter()

    @router.get(NEW + "/mails/{number}")
    async def new_mail(_: Reader, asked: Asking, number: int) -> Response:
        return await _mail(door, await _nobody(door), asked, number)

    @router.get(NEW)
    async def new(request: Request, caller: Reader, asked: Asking) -> Response:
        return await _answer(door, request, caller, await _nobody(door), asked)

    @router.get(PATH + "/mails/{number}")
    async def mail(_: Reader, account: str, asked: Asking, number: int) -> Response:
        return await _mail(door, await _of(door, account), asked, number)

    @router.get(PATH)
    async def what_if(request: Request, caller: Reader, account: str, asked: Asking) -> Response:
        return await _answer(door, request, caller, await _of(door, account), asked)

    return router


async def _of(door: Door, account: str) -> Setting:
    of = await found(door.store, account, door.now())
    path = f"/accounts/{quoted(of.account)}/what-if"
    return Setting(path, of.name, of.book, Begun(of.book, of.state, of.now))


async def _nobody(door: Door) -> Setting:
    book, _ = await current_book(door.store)
    return Setting(NEW, NAME, book)


async def _told(door: Door, of: Setting, asked: Asked, actor: str = "sandbox") -> Sandboxed:
    """Raises `Refusal` for a step, or a field, that cannot be read."""
    wish = Wish(asked.days, steps_of(asked.step, of.book), actor)
    played = await tried(door.store, door.settings, of.begin(door, asked), wish)
    return sandboxed(played, door.zone)


async def _answer(
    door: Door, request: Request, caller: Caller, of: Setting, asked: Asked
) -> Response:
    """The page; a step or a field that is added is part of the address then."""
    typed = _typed(request)
    try:
        if asked.do == "add":
            step = new_step(of.book, asked, typed)
            steps_of([step], of.book)
            return door.pages.done(request, asked.at(of.path, step=[*asked.step, step]))
        if asked.do == "begin with" and typed.get("field"):
            line = f"{typed['field']}={typed.get('to', '')}"
            return door.pages.done(request, asked.at(of.path, field=[*asked.field, line]))
        page = Page(
            of,
            asked,
            adding(of.book, asked, typed),
            await _told(door, of, asked, caller.name),
            None,
        )
    except Refusal as refusal:
        page = await _refused(door, of, asked, typed, refusal, caller.name)
    status = status_of(page.refusal.code) if page.refusal else HTTPStatus.OK
    answer = door.pages.page("what_if.html", status, request=request, page=page)
    answer.headers.update(FRAMING)
    return answer


async def _refused(
    door: Door, of: Setting, asked: Asked, typed: Mapping[str, str], refusal: Refusal, actor: str
) -> Page:
    """What is wrong beside what was typed; a step that is only being added keeps the play as it is."""
    told = None
    if asked.do == "add":
        try:
            told = await _told(door, of, asked, actor)
        except Refusal:
            told = None
    return Page(of, asked, adding(of.book, asked, typed), told, refusal)


async def _mail(door: Door, of: Setting, asked: Asked, number: int) -> Response:
    """A mail as it would look, behind bars."""
    told = await _told(door, of, asked)
    if not 0 <= number < len(told.mails) or not told.mails[number].html:
        raise HTTPException(HTTPStatus.NOT_FOUND)
    return HTMLResponse(told.mails[number].html, headers=BARRED)


def _typed(request: Request) -> dict[str, str]:
    """The values of the step that is being added."""
    pairs = request.query_params.multi_items()
    return {name[len(VALUE) :]: value[:2_000] for name, value in pairs if name.startswith(VALUE)}
