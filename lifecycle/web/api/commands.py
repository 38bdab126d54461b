"""Commands to accounts: answered once they are committed, with what they did."""

from __future__ import annotations

import re
from http import HTTPStatus
from typing import Annotated, Final

from fastapi import APIRouter, Body, Header, Path
from fastapi.responses import JSONResponse
from pydantic import Field

from lifecycle.commanding import Done, done_data
from lifecycle.core.refusal import Refusal

from ..door import Door
from ..problem import problem
from .answering import answer, gives, refusals
from .shapes import LARGEST, Account, Because, Scalar, Shape, Text, When, Word, example
from .strict import StrictRoute
from .viewing import IdempotencyKey, Orderer, commander_of, viewer_of

MOST_FIELDS: Final = 200
ETAG: Final = re.compile(r'(?:W/)?"(\d{1,15})(?:-[0-9a-f]*)?"')
IfMatch = Annotated[
    str | None,
    Header(
        alias="If-Match",
        description="The ETag of the account this was decided on: 412 if the stage changed since (R18).",
        max_length=200,
    ),
]
OfLifecycle = Annotated[str, Path(description="Its id or title.", max_length=500)]
DONE: Final = {
    "account": "acme",
    "revision": 12,
    "entries": [{"said": {"headline": "ana sets Sales to Customer"}, "entry": {"revision": 12}}],
    "cannot_be_taken_back": [],
}
ANSWERS: Final = {
    **gives(example=DONE, said="Committed: what it did, as it is recorded."),
    **refusals(404, 409, 412, 413),
}


class NewStage(Shape):
    """A move by hand. Automation goes on from there."""

    model_config = example(stage="customer", reason="signed on paper")

    stage: Annotated[Word, Field(description="Its id or label; the word None clears.")]
    reason: Annotated[Text, Field(description="Why; it is kept with the change.")] = ""
    revision: Annotated[
        int | None,
        Field(
            ge=0, le=LARGEST, description="The revision it was decided on. Default: the present."
        ),
    ] = None
    anyway: Annotated[bool, Field(description="Even if the stage changed since.")] = False


class NewFields(Because):
    """Fields and their values; null clears one. All are set, or none."""

    model_config = example(fields={"arr": 48000, "plan": "Pro"}, reason="from the contract")

    fields: Annotated[dict[Word, Scalar], Field(min_length=1, max_length=MOST_FIELDS)]


class NewHold(Shape):
    """Automation paused until a date."""

    model_config = example(until="14d", reason="their sponsor is on leave")

    until: Annotated[When, Field(description="A date, a time, or a length of time like 14d.")]
    reason: Annotated[Text, Field(description="Why; it is shown as long as it lasts.")] = ""


NOTHING: Final = Because()


async def done_answer(door: Door, done: Done) -> JSONResponse:
    """What a command did."""
    return answer(await done_data(viewer_of(door), done))


def routes(door: Door) -> APIRouter:
    """What is ordered of accounts."""
    router = APIRouter(route_class=StrictRoute, prefix="/accounts", tags=["commands"])
    _moves(router, door)
    _fields(router, door)
    _holds(router, door)
    return router


def _moves(router: APIRouter, door: Door) -> None:
    @router.put("/{account:path}/stages/{lifecycle}", responses=ANSWERS, response_model=None)
    async def set_stage(
        account: Account,
        lifecycle: OfLifecycle,
        new: NewStage,
        caller: Orderer,
        key: IdempotencyKey,
        match: IfMatch = None,
    ) -> JSONResponse:
        """Move the account to a stage by hand; the word None clears."""
        revision = _revision(match) if match is not None else new.revision
        try:
            done = await commander_of(door, caller, key).set_stage(
                account,
                lifecycle,
                new.stage,
                reason=new.reason,
                revision=revision,
                anyway=new.anyway,
            )
        except Refusal as refusal:
            if match is None or refusal.code != "changed_since":
                raise
            return problem(refusal, HTTPStatus.PRECONDITION_FAILED)
        return await done_answer(door, done)


def _fields(router: APIRouter, door: Door) -> None:
    @router.patch("/{account:path}/fields", responses=ANSWERS, response_model=None)
    async def set_fields(
        account: Account, new: NewFields, caller: Orderer, key: IdempotencyKey
    ) -> JSONResponse:
        """Set fields; null clears one."""
        commander = commander_of(door, caller, key)
        return await done_answer(
            door, await commander.set_fields(account, new.fields, reason=new.reason)
        )

    @router.post("/{account:path}/undo", responses=ANSWERS, response_model=None)
    async def undo(
        account: Account,
        caller: Orderer,
        key: IdempotencyKey,
        why: Annotated[Because, Body()] = NOTHING,
    ) -> JSONResponse:
        """Take the newest change back with all it caused; `cannot_be_taken_back` names mails that went already."""
        return await done_answer(
            door, await commander_of(door, caller, key).undo(account, reason=why.reason)
        )


def _holds(router: APIRouter, door: Door) -> None:
    @router.put("/{account:path}/hold", responses=ANSWERS, response_model=None)
    async def hold(
        account: Account, new: NewHold, caller: Orderer, key: IdempotencyKey
    ) -> JSONResponse:
        """Pause automation until a date. People may still move the account."""
        commander = commander_of(door, caller, key)
        return await done_answer(door, await commander.hold(account, new.until, reason=new.reason))

    @router.delete("/{account:path}/hold", responses=ANSWERS, response_model=None)
    async def release(
        account: Account,
        caller: Orderer,
        key: IdempotencyKey,
        reason: Text = "",
    ) -> JSONResponse:
        """End a hold now: what came true meanwhile is done."""
        return await done_answer(
            door, await commander_of(door, caller, key).release(account, reason=reason)
        )


def _revision(match: str) -> int | None:
    """The revision in an ETag of an account; `*` is any. Raises `Refusal`."""
    if match.strip() == "*":
        return None
    found = ETAG.fullmatch(match.strip())
    if found is None:
        said = "If-Match is no ETag of an account."
        raise Refusal("bad_request", said, 'Send it as it was received: W/"12-…".', "If-Match")
    return int(found[1])
