"""A move by hand: the question which stage and why, and the move itself (V9, V10, R3, R18).

`/accounts/{id}/stages/{lifecycle}` is a page of its own and, over a page that is open, a dialog: of the account page
and of the board alike. `stage` is the one meant (`None` as a word clears), `revision` what the person had seen,
`back` the page behind it.
"""

from __future__ import annotations

import json
from dataclasses import dataclass, field, replace
from http import HTTPStatus
from typing import Annotated, Final
from uuid import uuid4

from fastapi import APIRouter, Depends, Form, Query, Request, Response
from pydantic import BaseModel, ConfigDict, Field
from temporalio.service import RPCError

from lifecycle.contract import Answer
from lifecycle.core.conditions import NONE
from lifecycle.core.deciding.commands import check_set_stage, find_lifecycle
from lifecycle.core.inputs import SetStage
from lifecycle.core.model import Lifecycle, Stage
from lifecycle.core.refusal import Refusal
from lifecycle.core.state import Track
from lifecycle.failure import Failure
from lifecycle.telling.accounts import Found, found, running
from lifecycle.telling.refusals import told

from ..door import Door
from ..paths import local as local
from ..problem import status_of
from ..who import Caller, Right, may
from .commanding import in_page_words
from .foreseeing import foreseen, happened_since
from .rendering import is_htmx
from .words import quoted

PAGE: Final = "move.html"
PATH: Final = "/accounts/{account:path}/stages/{lifecycle}"
BOARD: Final = "/board/"
WORD, ADDRESS = 500, 4_000
"""The longest that is taken, in characters."""

Mover = Annotated[Caller, Depends(may(Right.COMMAND))]


class Typed(BaseModel):
    """The form as it was sent. Its `id` counts once: pressing twice moves once."""

    model_config = ConfigDict(extra="forbid", frozen=True)

    stage: str = Field("", max_length=WORD)
    reason: str = Field("", max_length=WORD)
    revision: int | None = None
    anyway: bool = False
    id: str = Field("", max_length=WORD)
    back: str = Field("", max_length=ADDRESS)


@dataclass(frozen=True, slots=True)
class Target:
    """A stage the account may be moved to; `id` is `None` as a word for no stage."""

    id: str
    label: str
    colour: str = ""
    end: bool = False
    disabled: bool = False

    @property
    def stage(self) -> str | None:
        """As a command names it."""
        return None if self.id == NONE else self.id


@dataclass(frozen=True, slots=True)
class Moving:
    """A move that is asked about. `target` is None as long as no stage is chosen.

    `skips` names stages that would be passed over (R6); `is_back` a move against the order (R11).
    """

    found: Found
    lifecycle: Lifecycle
    present: Target
    targets: list[Target]
    revision: int | None
    back: str
    target: Target | None = None
    skips: list[str] = field(default_factory=list)
    is_back: bool = False

    def command(self, actor: str) -> SetStage | None:
        """What would be sent, but for the reason; None as long as no stage is chosen."""
        if self.target is None:
            return None
        stage, at = self.target.stage, self.found.now
        return SetStage(at, actor, "…", self.lifecycle.id, stage, revision=self.revision)


def routes(door: Door) -> APIRouter:
    """The question and the move."""
    router = APIRouter()

    @router.get(PATH)
    async def ask(  # noqa: PLR0913, PLR0917 -- the question has these parts
        request: Request,
        caller: Mover,
        account: str,
        lifecycle: str,
        stage: Annotated[str, Query(max_length=WORD)] = "",
        revision: int | None = None,
        back: Annotated[str, Query(max_length=ADDRESS)] = "",
    ) -> Response:
        typed = Typed(stage=stage, revision=revision, id=str(uuid4()), back=back)
        moving = await _moving(door, account, lifecycle, typed)
        return await _form(door, request, moving, typed, _changed_since(moving, caller))

    @router.post(PATH)
    async def move(
        request: Request,
        caller: Mover,
        account: str,
        lifecycle: str,
        typed: Annotated[Typed, Form()],
    ) -> Response:
        moving = await _moving(door, account, lifecycle, typed)
        if moving.target is None:
            return await _form(door, request, moving, typed, None)
        try:
            answer = await _move(door, caller, moving, moving.target, typed)
        except (Refusal, Failure, RPCError) as error:
            return await _form(door, request, moving, typed, told(error))
        return _moved(door, request, moving, moving.target, answer)

    return router


# ── what is asked


async def _moving(door: Door, account: str, lifecycle: str, typed: Typed) -> Moving:
    """Raises `Refusal` for an account or a lifecycle that is not there."""
    of = await found(door.store, account, door.now())
    runs = find_lifecycle(of.book, lifecycle)
    track = of.state.tracks.get(lifecycle) or Track(lifecycle)
    revision = track.revision if typed.revision is None else typed.revision
    home = f"/accounts/{quoted(of.account)}?lifecycle={quoted(lifecycle)}"
    back = local(typed.back, home)
    moving = Moving(of, runs, _target(runs, track.stage), _targets(of, runs), revision, back)
    return _towards(moving, typed.stage) if typed.stage else moving


def _towards(moving: Moving, stage: str) -> Moving:
    known = {one.id: one for one in moving.targets}
    target = known.get(stage) or Target(stage, stage)
    stages = moving.lifecycle.stages
    here, there = (moving.lifecycle.position(one.stage) for one in (moving.present, target))
    between = stages[here + 1 : there] if 0 <= here < there else ()
    skips = [one.label for one in between if not (one.end or one.disabled)]
    return replace(moving, target=target, skips=skips, is_back=0 <= there < here)


def _targets(of: Found, lifecycle: Lifecycle) -> list[Target]:
    """None and every stage of the version the account runs once it has moved (R24)."""
    waits = of.book.pending.get(lifecycle.id) if lifecycle.id in of.state.pending else None
    return [Target(NONE, NONE), *map(_target_of, (waits or lifecycle).stages)]


def _target(lifecycle: Lifecycle, stage_id: str | None) -> Target:
    stage = lifecycle.stage(stage_id)
    return _target_of(stage) if stage else Target(stage_id or NONE, stage_id or NONE)


def _target_of(stage: Stage) -> Target:
    return Target(stage.id, stage.label, stage.colour, stage.end, stage.disabled)


def _changed_since(moving: Moving, caller: Caller) -> Refusal | None:
    """That the account moved since it was looked at: shown with the form, which can insist (R18).

    Raises any other `Refusal` of the core to this move: there is nothing to fill in then (T27, R15).
    """
    command = moving.command(caller.name)
    try:
        if command is not None:
            check_set_stage(moving.found.book, moving.found.state, command)
    except Refusal as refusal:
        if refusal.code != "changed_since":
            raise
        return refusal
    return None


async def _move(door: Door, caller: Caller, moving: Moving, to: Target, typed: Typed) -> Answer:
    of = moving.found
    with running(of.name, of.account):
        return await door.accounts.set_stage(
            of.account,
            moving.lifecycle.id,
            to.stage,
            actor=caller.name,
            reason=typed.reason,
            revision=moving.revision,
            anyway=typed.anyway,
            id=typed.id,
        )


# ── what is answered


async def _form(
    door: Door, request: Request, moving: Moving, typed: Typed, refusal: Refusal | None
) -> Response:
    """The form with what was typed, and what is wrong with it."""
    is_refused = refusal is not None and request.method == "POST"
    wrong = refusal.what if refusal is not None and refusal.where == "reason" else ""
    lines, is_final = _foreseen(door, moving)
    return door.pages.page(
        PAGE,
        status_of(refusal.code) if refusal is not None and is_refused else HTTPStatus.OK,
        request=request,
        moving=moving,
        typed=typed,
        action=address(moving.found.account, moving.lifecycle.id),
        back=moving.back,
        refusal=None if wrong or refusal is None else in_page_words(refusal),
        wrong=wrong,
        lines=lines,
        is_final=is_final,
        since=await happened_since(door, moving.found, moving.revision, refusal),
    )


def _foreseen(door: Door, moving: Moving) -> tuple[list[tuple[str, str]], bool]:
    """What the move will do, whatever has changed since."""
    command = moving.command("…")
    if command is None:
        return [], False
    return foreseen(door, moving.found, replace(command, anyway=True))


def _moved(door: Door, request: Request, moving: Moving, to: Target, answer: Answer) -> Response:
    """On to the page behind. A board is only told which account moved: it fetches what that changes."""
    name = moving.found.name
    notes = (note for entry in answer.entries[:1] for note in entry.notes)
    still = next((note.text for note in notes if note.code == "already_there"), "")
    done = f"moved to {to.label}" if to.stage else f"taken out of {moving.lifecycle.title}"
    said = still or f"{name} {done}."
    if not (is_htmx(request) and moving.back.startswith(BOARD)):
        return door.pages.done(request, moving.back, said, "note" if still else "good")
    happened = {
        "moved": {"account": answer.account, "revision": answer.revision},
        "said": {"text": said, "kind": "note" if still else "good"},
    }
    return Response(headers={"HX-Trigger": json.dumps(happened), "HX-Reswap": "none"})


def address(account: str, lifecycle: str) -> str:
    """Where the question is asked."""
    return f"/accounts/{quoted(account)}/stages/{quoted(lifecycle)}"
