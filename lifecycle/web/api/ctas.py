"""Calls to action: the team's, an account's, and what is done with one."""

from __future__ import annotations

from typing import Annotated, Final, Literal

from fastapi import APIRouter, Body, Path, Query
from fastapi.responses import JSONResponse
from pydantic import Field

from lifecycle.commanding import NewCta
from lifecycle.core.refusal import Refusal
from lifecycle.store.ctas import WantedCtas
from lifecycle.telling.accounts import found
from lifecycle.telling.cta_list import CtasAsked, ctas_asked, ctas_data
from lifecycle.telling.cta_named import find_cta
from lifecycle.telling.cta_story import cta_page

from ..door import Door
from .answering import answer, gives, refusals
from .commands import ANSWERS, done_answer
from .shapes import Account, Filters, Limit, OfLifecycle, Sentence, Shape, Text, When, Word, example
from .strict import StrictRoute
from .viewing import IdempotencyKey, Orderer, Reader, commander_of, viewer_of

Cta = Annotated[
    str,
    Path(description="Its number, its id, its automation's name or its title.", max_length=500),
]
Task = Annotated[str, Path(description="Its number, its id or its title.", max_length=500)]


class CtaFilters(Filters):
    """Which CTAs."""

    lifecycle: OfLifecycle = None
    overdue: Annotated[bool, Field(description="Past their due date.")] = False
    due_by: Annotated[
        When | None, Field(description="Due within this time, or overdue.", examples=["7d"])
    ] = None
    kind: Annotated[Word | None, Field(description="Of this kind: risk, onboarding, …")] = None
    snoozed: Annotated[bool, Field(description="Only those that are put aside.")] = False
    closed: Annotated[bool, Field(description="Closed ones, the latest first.")] = False
    limit: Limit = 50

    def wanted(self) -> WantedCtas:
        """As the store takes them. Raises `Refusal`."""
        if self.closed and (self.overdue or self.snoozed or self.due_by is not None):
            said = "A closed CTA is neither due nor snoozed."
            raise Refusal("bad_request", said, "Leave out overdue, due_by and snoozed.", "closed")
        hidden = None if self.closed else self.snoozed
        return WantedCtas(
            closed=self.closed,
            overdue=self.overdue,
            kind=self.kind,
            snoozed=hidden,
            limit=self.limit,
        )


class TeamFilters(CtaFilters):
    """Which CTAs of all accounts."""

    mine: Annotated[bool, Field(description="In the caller's name, or in a role they have.")] = (
        False
    )
    owner: Annotated[Word | None, Field(description="Of this role, team or person.")] = None
    account: Annotated[Word | None, Field(description="Of this account.")] = None
    segment: Annotated[Word | None, Field(description="Of accounts in this segment.")] = None
    where: Annotated[
        list[Sentence],
        Field(max_length=20, description="Of accounts this holds of.", default_factory=list),
    ]
    as_of: Annotated[
        When | None,
        Field(
            description="Those open at the end of that day (UTC), or at that time.",
            examples=["2026-06-30"],
        ),
    ] = None
    known: Annotated[
        When | None,
        Field(description="With `as_of`: from what was known then; `now` for all known today."),
    ] = None


class OpenedCta(Shape):
    """A CTA to be opened by hand."""

    model_config = example(title="Call their new sponsor", due="5 business days", priority="high")

    title: Annotated[str, Field(max_length=500)]
    kind: Word = "task"
    owner: Annotated[
        Word, Field(description="A role on the account, a team, or a person by name or address.")
    ] = "csm"
    priority: Literal["low", "normal", "high"] = "normal"
    due: Annotated[
        When | None,
        Field(description="From now, like `5 business days` or 14d; or a date: its end."),
    ] = None
    playbook: Annotated[Word | None, Field(description="The tasks it carries.")] = None
    lifecycle: Annotated[
        Word | None, Field(description="It belongs to the stay in the present stage of this one.")
    ] = None
    close_on_leaving: Annotated[bool, Field(description="Close it when that stay ends.")] = False


class ChangedCta(Shape):
    """One change of an open CTA: another owner, or put aside. `snoozed_until` null wakes it."""

    model_config = example(snoozed_until="7d")

    owner: Word | None = None
    snoozed_until: Annotated[
        When | None, Field(description="A date, a time, or a length of time like 7d.")
    ] = None


class Outcome(Shape):
    """What came of a CTA."""

    model_config = example(outcome="renewed for a year")

    outcome: Annotated[Text, Field(min_length=1)] = "done"


DONE: Final = Outcome()
MANY: Final = {**gives(), **refusals(404, 409)}


def routes(door: Door) -> APIRouter:
    """CTAs. What stands below an account comes before the account itself."""
    router = APIRouter(route_class=StrictRoute, tags=["ctas"])
    _looking(router, door)
    _changing(router, door)
    _finishing(router, door)
    return router


def _looking(router: APIRouter, door: Door) -> None:
    @router.get("/ctas", responses=MANY, response_model=None)
    async def team(caller: Reader, asked: Annotated[TeamFilters, Query()]) -> JSONResponse:
        """The team's CTAs: what is overdue first, then by due date and priority."""
        whose = CtasAsked(
            caller.name,
            asked.mine,
            asked.owner,
            asked.account,
            asked.lifecycle,
            asked.due_by,
            asked.segment,
            asked.where,
            asked.as_of,
            asked.known,
        )
        return answer(ctas_data(await ctas_asked(viewer_of(door), whose, asked.wanted())))

    @router.get("/accounts/{account:path}/ctas", responses=MANY, response_model=None)
    async def of_account(
        account: Account, _: Reader, asked: Annotated[CtaFilters, Query()]
    ) -> JSONResponse:
        """An account's CTAs."""
        whose = CtasAsked(account=account, lifecycle=asked.lifecycle, due_by=asked.due_by)
        return answer(ctas_data(await ctas_asked(viewer_of(door), whose, asked.wanted())))

    @router.get("/accounts/{account:path}/ctas/{cta}", responses=MANY, response_model=None)
    async def one(account: Account, cta: Cta, _: Reader) -> JSONResponse:
        """One: why it was opened, for whom, its tasks, and what happened to it."""
        it = await found(door.store, account, door.now())
        view = await find_cta(door.store, it, cta, door.zone, closed=True)
        return answer(await cta_page(door.store, it, view, door.zone))


def _changing(router: APIRouter, door: Door) -> None:
    @router.post("/accounts/{account:path}/ctas", responses=ANSWERS, response_model=None)
    async def open_(
        account: Account, new: OpenedCta, caller: Orderer, key: IdempotencyKey
    ) -> JSONResponse:
        """Open one by hand."""
        commander = commander_of(door, caller, key)
        return await done_answer(
            door, await commander.open_cta(account, NewCta(**new.model_dump()))
        )

    @router.patch("/accounts/{account:path}/ctas/{cta}", responses=ANSWERS, response_model=None)
    async def change(
        account: Account, cta: Cta, new: ChangedCta, caller: Orderer, key: IdempotencyKey
    ) -> JSONResponse:
        """Give it to another owner, put it aside until a date, or wake it."""
        commander = commander_of(door, caller, key)
        given = new.model_fields_set
        if len(given) != 1 or (new.owner is None and "owner" in given):
            said = "Change one thing at a time: `owner` or `snoozed_until`."
            raise Refusal("bad_request", said, "A snooze of null wakes it.", "owner")
        if new.owner is not None:
            return await done_answer(door, await commander.assign_cta(account, cta, new.owner))
        return await done_answer(door, await commander.snooze_cta(account, cta, new.snoozed_until))


def _finishing(router: APIRouter, door: Door) -> None:
    @router.post(
        "/accounts/{account:path}/ctas/{cta}/close", responses=ANSWERS, response_model=None
    )
    async def close(
        account: Account,
        cta: Cta,
        caller: Orderer,
        key: IdempotencyKey,
        what: Annotated[Outcome, Body()] = DONE,
    ) -> JSONResponse:
        """Close it with what came of it."""
        commander = commander_of(door, caller, key)
        return await done_answer(door, await commander.close_cta(account, cta, what.outcome))

    @router.post(
        "/accounts/{account:path}/ctas/{cta}/tasks/{task}/done",
        responses=ANSWERS,
        response_model=None,
    )
    async def do_task(
        account: Account, cta: Cta, task: Task, caller: Orderer, key: IdempotencyKey
    ) -> JSONResponse:
        """Tick a task of its playbook off."""
        done = await commander_of(door, caller, key).do_task(account, cta, task)
        return await done_answer(door, done)
