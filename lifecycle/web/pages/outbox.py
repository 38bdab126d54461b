"""`/outbox`: what was sent, what waits and why, what failed; and a delivery sent again (R22)."""

from __future__ import annotations

from dataclasses import dataclass, replace
from datetime import datetime
from typing import Annotated, Any, Final
from urllib.parse import urlencode

from fastapi import APIRouter, Depends, Form, Query, Request, Response
from pydantic import BaseModel, ConfigDict, Field

from lifecycle.client import Lifecycles
from lifecycle.core.model import Book
from lifecycle.core.refusal import Refusal
from lifecycle.mail import template_names
from lifecycle.resending import send_again
from lifecycle.store.accounts import find_account
from lifecycle.store.definitions import current_book
from lifecycle.store.effects import effect_row
from lifecycle.store.outbox import WAITING, Line, Wanted, outbox, to_look_at
from lifecycle.store.tables import EffectKind, EffectRow, EffectStatus
from lifecycle.telling.effects import people
from lifecycle.telling.refusals import told

from ..door import Door
from ..who import Caller, Right, may
from .commanding import ADDRESS, Commander, status_for
from .moving import local
from .words import quoted

ROWS: Final = 50
Reader = Annotated[Caller, Depends(may(Right.READ))]
Word = Annotated[str, Field(max_length=250, pattern=r"^[^\x00]*$")]
TABS: Final = (
    ("", "All", tuple(EffectStatus)),
    ("waiting", "Waiting", WAITING),
    ("failed", "Failed", (EffectStatus.FAILED,)),
    ("sent", "Sent", (EffectStatus.SENT,)),
    ("skipped", "Skipped", (EffectStatus.SKIPPED,)),
    ("cancelled", "Cancelled", (EffectStatus.CANCELLED,)),
)


class Wish(BaseModel):
    """What the address asks for; `before` is the id of the last line of the page before."""

    model_config = ConfigDict(frozen=True)

    status: Word = ""
    kind: EffectKind = EffectKind.MAIL
    account: Word = ""
    template: Word = ""
    campaign: Word = ""
    search: Word = ""
    before: Annotated[str, Field(max_length=ADDRESS, pattern=r"^[^\x00]*$")] = ""

    def path(self, **changes: str) -> str:
        """The page with other wishes; the first one, unless `before` is among them."""
        asked = {**self.model_dump(), "before": "", **changes}
        usual = {"kind": EffectKind.MAIL}
        kept = {name: value for name, value in asked.items() if value not in ("", usual.get(name))}
        return f"/outbox?{urlencode(kept)}" if kept else "/outbox"

    @property
    def is_narrow(self) -> bool:
        """Whether something is left out by more than its status."""
        return any((self.account, self.template, self.campaign, self.search))


@dataclass(frozen=True, slots=True)
class Shown:
    """A line with whom it goes to, and why it waits, or what went wrong."""

    line: Line
    to: str
    why: str

    @property
    def name(self) -> str:
        """What the account is called."""
        return self.line.name or self.line.account

    @property
    def status(self) -> str:
        """As people say it."""
        return "waiting" if self.line.status is EffectStatus.DUE else self.line.status.value

    @property
    def can_go_again(self) -> bool:
        """Whether it has ended and was not undone."""
        return self.line.status not in (*WAITING, EffectStatus.CANCELLED)


class Again(BaseModel):
    """The form that sends once more."""

    model_config = ConfigDict(extra="forbid", frozen=True)

    back: Annotated[str, Field(max_length=ADDRESS)] = ""


def routes(door: Door) -> APIRouter:
    """The list, and sending again. `/mails/…/resend` comes before the pages of mails, whose ids hold slashes."""
    router = APIRouter()

    @router.get("/outbox")
    async def look(request: Request, _: Reader, wish: Annotated[Wish, Query()]) -> Response:
        try:
            found = await _found(door, wish)
        except Refusal as refusal:
            return _page(door, request, wish, [], {}, refusal)
        book, _digest = await current_book(door.store)
        shown = [Shown(line, _to(wish, line, book), _why(line, door.now())) for line in found]
        return _page(door, request, wish, shown, await to_look_at(door.store, wish.kind), None)

    @router.get("/mails/{effect:path}/resend")
    async def ask(
        request: Request, _: Commander, effect: str, back: Annotated[str, Query()] = ""
    ) -> Response:
        row = await effect_row(door.store, effect)
        return await _form(door, request, row, local(back, _mail(row.id)), None)

    @router.post("/mails/{effect:path}/resend")
    async def again(
        request: Request, caller: Commander, effect: str, typed: Annotated[Again, Form()]
    ) -> Response:
        row = await effect_row(door.store, effect)
        back = local(typed.back, _mail(row.id))
        try:
            await _sent_again(door, row, caller.name)
        except Exception as error:
            refusal = told(error)
            if refusal is None:
                raise
            return await _form(door, request, row, back, refusal)
        return door.pages.done(request, back, f"On its way again: {row.subject or row.name}.")

    return router


async def _sent_again(door: Door, row: EffectRow, actor: str) -> None:
    """Raises `Refusal`, `Failure`, `RPCError`."""

    async def accounts() -> Lifecycles:
        return door.accounts

    await send_again(door.store, accounts, row.id, actor, door.now())


async def _found(door: Door, wish: Wish) -> list[Line]:
    """A page and one more. Raises `Refusal` for an account, or a place in the list, that is not there."""
    account = (await find_account(door.store, wish.account)).id if wish.account else ""
    last = await effect_row(door.store, wish.before) if wish.before else None
    statuses = next((some for name, _, some in TABS if name == wish.status), ())
    wanted = Wanted(
        wish.kind, statuses, account, wish.template, wish.campaign, wish.search, limit=ROWS + 1
    )
    return await outbox(
        door.store, replace(wanted, before=(last.due_at, last.id) if last else None)
    )


def _to(wish: Wish, line: Line, book: Book) -> str:
    """Whom it goes to, or what it calls."""
    if wish.kind is EffectKind.WEBHOOK:
        return ", ".join(book.directory.targets.get(one, one) for one in line.roles)
    return ", ".join(line.recipients) if line.recipients else people(line.roles, book)


def _why(line: Line, now: datetime) -> str:
    """What it waits for, what went wrong, why it was not sent."""
    if line.last_error:
        return line.last_error
    if line.status not in WAITING:
        return f"by the campaign {line.campaign}" if line.campaign else ""
    if line.status is EffectStatus.SENDING:
        return "on its way"
    return "waits for its time" if line.due_at > now else "is sent in a moment"


def _mail(effect: str) -> str:
    return f"/mails/{quoted(effect)}"


def _page(
    door: Door,
    request: Request,
    wish: Wish,
    found: list[Shown],
    counts: dict[EffectStatus, int],
    refusal: Refusal | None,
) -> Response:
    rows, more = found[:ROWS], len(found) > ROWS
    names = template_names(door.settings.templates.path / "email")
    return door.pages.page(
        "outbox.html",
        status_for(refusal),
        request=request,
        rows=rows,
        wish=wish,
        tabs=[_tab(wish, tab, counts) for tab in TABS],
        kinds=[
            ("E-mails", wish.path(kind=EffectKind.MAIL), wish.kind is EffectKind.MAIL),
            ("Webhooks", wish.path(kind=EffectKind.WEBHOOK), wish.kind is EffectKind.WEBHOOK),
        ],
        templates=[("", "Any template"), *((name, name) for name in names)],
        after=wish.path(before=rows[-1].line.id) if more else None,
        here=wish.path(before=wish.before),
        refusal=refusal,
    )


def _tab(wish: Wish, tab: tuple[str, str, Any], counts: dict[EffectStatus, int]) -> Any:
    name, text, statuses = tab
    number = sum(counts.get(status, 0) for status in statuses) if name else 0
    return f"{text} {number:,}" if number else text, wish.path(status=name), name == wish.status


async def _form(
    door: Door, request: Request, row: EffectRow, back: str, refusal: Refusal | None
) -> Response:
    book, _ = await current_book(door.store)
    return door.pages.page(
        "resend.html",
        status_for(refusal),
        request=request,
        mail=row,
        to=", ".join(row.recipients) if row.recipients else people(row.roles, book),
        is_mail=row.kind is EffectKind.MAIL,
        refusal=refusal,
        action=f"{_mail(row.id)}/resend",
        back=back,
    )
