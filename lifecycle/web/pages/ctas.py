"""Calls to action: one of them, and what a person does with it, from whichever page (G11, G12).

A CTA is named by its number within the account. `back` is the page behind the question.
"""

from __future__ import annotations

from collections.abc import Awaitable, Callable
from datetime import datetime, time, timedelta
from typing import Annotated, Final

from fastapi import APIRouter, Depends, Form, Query, Request, Response

from lifecycle.contract import Answer
from lifecycle.core.inputs import CloseCta
from lifecycle.core.model import Book
from lifecycle.core.refusal import Refusal
from lifecycle.store.tables import CtaStatus
from lifecycle.telling.accounts import Found, found
from lifecycle.telling.consequences import About, Consequence, consequences, foresee
from lifecycle.telling.cta_named import find_cta, find_task
from lifecycle.telling.cta_story import cta_page
from lifecycle.telling.ctas import CtaView
from lifecycle.telling.effects import person
from lifecycle.telling.owners import owner_asked
from lifecycle.telling.phrases import moment
from lifecycle.telling.spans import read_moment

from ..door import Door
from ..who import Caller, Right, may
from .commanding import (
    ADDRESS,
    Commander,
    Line,
    Typed,
    Word,
    carried_out,
    new_id,
    signed,
    status_for,
)
from .moving import local
from .words import quoted

PATH: Final = "/accounts/{account:path}/ctas/{number:int}"
USUAL: Final = timedelta(days=7)
MORNING: Final = time(9)
Reader = Annotated[Caller, Depends(may(Right.READ))]
Back = Annotated[str, Query(max_length=ADDRESS)]
Send = Callable[[], Awaitable[Answer]]


class Closing(Typed):
    """What came of it, in a word or a sentence."""

    outcome: Line = ""


class Snoozing(Typed):
    """`until` is a time in the viewer's zone, or a length of time from now."""

    until: Word = ""


class Assigning(Typed):
    """A role, a team, or a person by name or address."""

    owner: Word = ""


def routes(door: Door) -> APIRouter:
    """`/accounts/{id}/ctas/{number}` and below."""
    router = APIRouter()
    for part in (_looking, _closing, _snoozing, _assigning, _ticking):
        part(door, router)
    return router


# ── looking


def _looking(door: Door, router: APIRouter) -> None:
    @router.get(PATH)
    async def look(request: Request, _: Reader, account: str, number: int) -> Response:
        of, cta = await _named(door, account, number, closed=True)
        story = await cta_page(door.store, of, cta, door.zone)
        return door.pages.page(
            "cta.html", request=request, of=of, cta=cta, story=story, path=path_of(of.account)
        )


async def _named(
    door: Door, account: str, number: int, closed: bool = False
) -> tuple[Found, CtaView]:
    of = await found(door.store, account, door.now())
    return of, await find_cta(door.store, of, str(number), door.zone, closed)


def path_of(account: str) -> str:
    """The address of an account's page."""
    return f"/accounts/{quoted(account)}"


# ── closing


def _closing(door: Door, router: APIRouter) -> None:
    @router.get(PATH + "/close")
    async def ask_close(
        request: Request, caller: Commander, account: str, number: int, back: Back = ""
    ) -> Response:
        of, cta = await _named(door, account, number)
        typed = Closing(id=new_id(), outcome="done", back=back)
        return _form(door, request, (of, cta), "close", typed)

    @router.post(PATH + "/close")
    async def close(
        request: Request,
        caller: Commander,
        account: str,
        number: int,
        typed: Annotated[Closing, Form()],
    ) -> Response:
        of, cta = await _named(door, account, number)
        words = {"actor": caller.name, "id": typed.id, "outcome": typed.outcome.strip() or "done"}
        answer = await carried_out(of, door.accounts.close_cta(of.account, cta.cta, **words))
        if isinstance(answer, Refusal):
            return _form(door, request, (of, cta), "close", typed, answer)
        return _done(door, request, of, typed, f"Closed: {cta.title}.")


# ── putting aside


def _snoozing(door: Door, router: APIRouter) -> None:
    @router.get(PATH + "/snooze")
    async def ask_snooze(
        request: Request, caller: Commander, account: str, number: int, back: Back = ""
    ) -> Response:
        of, cta = await _named(door, account, number)
        typed = Snoozing(id=new_id(), until=_usual(door, of), back=back)
        return _form(door, request, (of, cta), "snooze", typed)

    @router.post(PATH + "/snooze")
    async def snooze(
        request: Request,
        caller: Commander,
        account: str,
        number: int,
        typed: Annotated[Snoozing, Form()],
    ) -> Response:
        of, cta = await _named(door, account, number)
        try:
            until = read_moment(typed.until, of.now, door.zone)
        except Refusal as refusal:
            wrong = Refusal(refusal.code, refusal.what, refusal.remedy, "until")
            return _form(door, request, (of, cta), "snooze", typed, wrong)
        words = {"actor": caller.name, "id": typed.id}
        answer = await carried_out(
            of, door.accounts.snooze_cta(of.account, cta.cta, until, **words)
        )
        if isinstance(answer, Refusal):
            return _form(door, request, (of, cta), "snooze", typed, answer)
        return _done(door, request, of, typed, f"{cta.title}: back on {moment(until, door.zone)}.")

    @router.post(PATH + "/wake")
    async def wake(
        request: Request,
        caller: Commander,
        account: str,
        number: int,
        typed: Annotated[Typed, Form()],
    ) -> Response:
        of, cta = await _named(door, account, number)
        words = {"actor": caller.name, "id": typed.id}
        answer = await carried_out(of, door.accounts.snooze_cta(of.account, cta.cta, None, **words))
        if isinstance(answer, Refusal):
            raise answer
        return _done(door, request, of, typed, f"{cta.title} is back.")


def _usual(door: Door, of: Found) -> str:
    """A week from now at nine, as a control for a date and a time takes it."""
    day = (of.now + USUAL).astimezone(door.zone).date()
    return f"{datetime.combine(day, MORNING):%Y-%m-%dT%H:%M}"


# ── giving away


def _assigning(door: Door, router: APIRouter) -> None:
    @router.get(PATH + "/assign")
    async def ask_assign(
        request: Request, caller: Commander, account: str, number: int, back: Back = ""
    ) -> Response:
        of, cta = await _named(door, account, number)
        typed = Assigning(id=new_id(), owner=caller.name, back=back)
        return _form(door, request, (of, cta), "assign", typed)

    @router.post(PATH + "/assign")
    async def assign(
        request: Request,
        caller: Commander,
        account: str,
        number: int,
        typed: Annotated[Assigning, Form()],
    ) -> Response:
        of, cta = await _named(door, account, number)
        try:
            owner = owner_asked(typed.owner, of.book)
        except Refusal as refusal:
            return _form(door, request, (of, cta), "assign", typed, refusal)
        words = {"actor": caller.name, "id": typed.id}
        answer = await carried_out(
            of, door.accounts.assign_cta(of.account, cta.cta, owner, **words)
        )
        if isinstance(answer, Refusal):
            return _form(door, request, (of, cta), "assign", typed, answer)
        return _done(door, request, of, typed, f"{cta.title} is for {person(owner, of.book)} now.")


def owners(book: Book) -> list[tuple[str, str]]:
    """Roles and teams a CTA may be given to: id, and what people call it."""
    return [(one, person(one, book)) for one in (*book.account.roles, *book.directory.teams)]


# ── tasks


def _ticking(door: Door, router: APIRouter) -> None:
    @router.post(PATH + "/tasks/{task}")
    async def tick(
        request: Request,
        caller: Commander,
        account: str,
        number: int,
        task: str,
        typed: Annotated[Typed, Form()],
    ) -> Response:
        of, cta = await _named(door, account, number)
        chosen = find_task(cta, task)
        words = {"actor": caller.name, "id": typed.id}
        command = door.accounts.do_task(of.account, cta.cta, chosen.task, **words)
        answer = await carried_out(of, command)
        if isinstance(answer, Refusal):
            raise answer
        return _done(door, request, of, typed, f"Done: {chosen.title}.")


# ── what is answered


def _done(door: Door, request: Request, of: Found, typed: Typed, said: str) -> Response:
    return door.pages.done(request, local(typed.back, path_of(of.account)), said)


def _form(
    door: Door,
    request: Request,
    about: tuple[Found, CtaView],
    order: str,
    typed: Typed,
    refusal: Refusal | None = None,
) -> Response:
    of, cta = about
    beside = refusal is not None and refusal.where in ("until", "owner")
    return door.pages.page(
        f"cta/{order}.html",
        status_for(refusal),
        request=request,
        of=of,
        cta=cta,
        typed=typed,
        lines=signed(_follows(door, of, cta)) if order == "close" else [],
        owners=owners(of.book),
        wrong=str(refusal) if refusal and beside else "",
        refusal=None if beside else refusal,
        action=f"{path_of(of.account)}/ctas/{cta.number}/{order}",
        back=local(typed.back, path_of(of.account)),
    )


def _follows(door: Door, of: Found, cta: CtaView) -> list[Consequence]:
    """What closing sets off, beside that it is closed; and the required tasks that are open."""
    left = [task.title for task in cta.tasks if not (task.done or task.optional)]
    lines = [Consequence(About.CTA, f"Not done yet: {title}.") for title in left]
    if cta.status is CtaStatus.OPEN:
        seen = foresee(of, CloseCta(of.now, "…", cta.cta))
        told = [] if seen.refused else consequences(seen, door.zone)
        lines += [line for line in told if f"“{cta.title}”" not in line.text]
    return lines
