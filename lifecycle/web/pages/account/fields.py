"""Editing fields: one control a kind, each problem beside its field, and nothing that was typed is lost (R16)."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import date
from typing import Annotated, Final

from fastapi import APIRouter, Query, Request, Response

from lifecycle.core.deciding.commands import read_field
from lifecycle.core.model import Book, FieldDef
from lifecycle.core.refusal import Refusal
from lifecycle.core.values import Kind, Value
from lifecycle.telling.accounts import Found, found
from lifecycle.telling.phrases import count

from ...door import Door
from ..commanding import ADDRESS, LINE, WORD, Commander, carried_out, new_id, status_for
from ..moving import local
from .page import PATH
from .view import path_of

MOST_TEXT: Final = 4_000
WAS, NEW = "was.", "new."
"""What a form's names begin with: the value that was shown, and what was typed."""

Short = Annotated[str, Query(max_length=WORD)]


@dataclass(frozen=True, slots=True)
class Control:
    """A field in the form. `shown` is the value as text when the form was made, `typed` as it is now."""

    field: FieldDef
    shown: str
    typed: str
    wrong: str = ""

    @property
    def options(self) -> list[tuple[str, str]]:
        """Of a picklist or a yes-or-no field; the first is no value."""
        known = ("yes", "no") if self.field.kind is Kind.YES_NO else self.field.options
        return [("", "–"), *((one, one) for one in known)]

    @property
    def label(self) -> str:
        """With the currency, where there is one."""
        return (
            f"{self.field.label} ({self.field.currency})"
            if self.field.currency
            else self.field.label
        )

    @property
    def help(self) -> str:
        """What may be written."""
        low, high = self.field.minimum, self.field.maximum
        return f"From {low:,} to {high:,}." if low is not None and high is not None else ""


@dataclass(frozen=True, slots=True)
class Form:
    """The form as it was sent."""

    controls: list[Control]
    reason: str
    id: str
    back: str
    section: str

    @property
    def changed(self) -> dict[str, str | None]:
        """Only what was typed over: what others have changed meanwhile stays as it is. Empty is no value."""
        return {one.field.id: one.typed or None for one in self.controls if one.typed != one.shown}


def routes(door: Door) -> APIRouter:
    """`/accounts/{id}/fields`."""
    router = APIRouter()

    @router.get(PATH + "/fields")
    async def ask(
        request: Request, caller: Commander, account: str, section: Short = "", back: str = ""
    ) -> Response:
        of = await found(door.store, account, door.now())
        controls = [_control(of, one) for one in _fields(of.book, section)]
        form = Form(controls, "", new_id(), back[:ADDRESS], section)
        return _page(door, request, of, form, None)

    @router.post(PATH + "/fields")
    async def edit(request: Request, caller: Commander, account: str) -> Response:
        of = await found(door.store, account, door.now())
        form = _read(of, {name: str(value) for name, value in (await request.form()).items()})
        if any(one.wrong for one in form.controls):
            said = "Nothing was changed: look at the fields that are marked."
            return _page(door, request, of, form, Refusal("bad_field", said))
        to = local(form.back, path_of(of))
        if not form.changed:
            return door.pages.done(request, to, "The fields have these values already.", "note")
        words = {"actor": caller.name, "reason": form.reason, "id": form.id}
        answer = await carried_out(of, door.accounts.set_fields(of.account, form.changed, **words))
        if isinstance(answer, Refusal):
            return _page(door, request, of, form, answer)
        return door.pages.done(request, to, f"{count(len(form.changed), 'field')} changed.")

    return router


def _fields(book: Book, section: str) -> list[FieldDef]:
    """Those a person may write, of a section or all."""
    named = next((one.fields for one in book.account.page if one.title == section), None)
    known = [book.account.fields[name] for name in named or () if name in book.account.fields]
    chosen = known or list(book.account.fields.values())
    return [one for one in chosen if not one.written_by]


def _control(of: Found, spec: FieldDef) -> Control:
    shown = written(of.state.fields.get(spec.id), spec)
    return Control(spec, shown, shown)


def written(value: Value, spec: FieldDef) -> str:
    """A value as a person would type it."""
    if value is None:
        return ""
    if isinstance(value, bool):
        return "yes" if value else "no"
    if spec.kind is Kind.MONEY and isinstance(value, int):
        return f"{value / 100:.2f}".removesuffix(".00")
    return value.isoformat() if isinstance(value, date) else str(value)


def _read(of: Found, sent: Mapping[str, str]) -> Form:
    """What was sent, each changed value asked of the core; in the order they were shown in."""
    shown = [*_fields(of.book, sent.get("section", "")), *_fields(of.book, "")]
    known = {spec.id: spec for spec in shown if NEW + spec.id in sent}
    controls = [_typed(of.book, spec, sent) for spec in known.values()]
    rest = {name: sent.get(name, "")[:ADDRESS] for name in ("id", "back", "section")}
    return Form(controls, sent.get("reason", "")[:LINE], **rest)


def _typed(book: Book, spec: FieldDef, sent: Mapping[str, str]) -> Control:
    typed, shown = sent[NEW + spec.id].strip()[:MOST_TEXT], sent.get(WAS + spec.id, "")
    wrong = ""
    if typed and typed != shown:
        try:
            read_field(spec, spec.id, typed, book)
        except Refusal as refusal:
            wrong = str(refusal)
    return Control(spec, shown, typed, wrong)


def _page(door: Door, request: Request, of: Found, form: Form, refusal: Refusal | None) -> Response:
    return door.pages.page(
        "account/fields.html",
        status_for(refusal),
        request=request,
        of=of,
        form=form,
        refusal=refusal,
        action=f"{path_of(of)}/fields",
        back=local(form.back, path_of(of)),
    )
