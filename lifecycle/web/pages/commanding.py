"""What every command a page sends has in common: who sends it, what comes back, and how a refusal reads here."""

from __future__ import annotations

from collections.abc import Awaitable
from dataclasses import replace
from http import HTTPStatus
from typing import Annotated, Final
from uuid import uuid4

from fastapi import Depends
from pydantic import AfterValidator, BaseModel, ConfigDict, Field
from temporalio.service import RPCError

from lifecycle.contract import Answer
from lifecycle.core.refusal import Refusal
from lifecycle.core.texts import kept
from lifecycle.failure import Failure
from lifecycle.telling.accounts import Found, running
from lifecycle.telling.consequences import About, Consequence
from lifecycle.telling.refusals import told

from ..problem import status_of
from ..who import Caller, Right, may

WORD, LINE, ADDRESS = 100, 500, 4_000
"""The longest that is taken, in characters."""

Commander = Annotated[Caller, Depends(may(Right.COMMAND))]
Word = Annotated[str, Field(max_length=WORD), AfterValidator(kept)]
Line = Annotated[str, Field(max_length=LINE), AfterValidator(kept)]

SIGNS: Final = {
    About.STAGE: "arrow",
    About.DAYS: "clock",
    About.DATE: "skip",
    About.TIMERS_SET: "flag",
    About.TIMERS_CANCELLED: "x",
    About.MAIL: "mail",
    About.CALL: "send",
    About.CTA: "check",
    About.FIELD: "edit",
    About.NOTHING: "info",
}
_HERE: Final = {
    "changed_since": "Look at what happened, then do it anyway or leave it.",
    "bad_time": "Choose a later date.",
}
"""What a page says to do where the command line names an option."""


class Typed(BaseModel):
    """A form as it was sent. Its `id` counts once: pressing twice does it once (R20)."""

    model_config = ConfigDict(extra="forbid", frozen=True)

    id: Word = ""
    back: Annotated[str, Field(max_length=ADDRESS)] = ""


def new_id() -> str:
    """For a form that is shown: whatever becomes of it, it counts once."""
    return str(uuid4())


async def carried_out(of: Found, command: Awaitable[Answer]) -> Answer | Refusal:
    """The account's answer, or why there is none: refused, or nobody there to answer."""
    try:
        with running(of.name, of.account):
            return await command
    except (Refusal, Failure, RPCError) as error:
        refusal = told(error)
        assert refusal is not None
        return in_page_words(refusal)


def in_page_words(refusal: Refusal) -> Refusal:
    """A refusal whose remedy is for somebody before a page."""
    remedy = _HERE.get(refusal.code, refusal.remedy) if "--" in refusal.remedy else refusal.remedy
    return replace(refusal, remedy=remedy)


def status_for(refusal: Refusal | None) -> HTTPStatus:
    """What a form is answered with that is shown again."""
    return status_of(refusal.code) if refusal is not None else HTTPStatus.OK


def signed(lines: list[Consequence]) -> list[tuple[str, str]]:
    """Consequences as the macro of that name takes them: a sign and a sentence."""
    return [(SIGNS[line.about], line.text) for line in lines]
