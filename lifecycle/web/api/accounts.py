"""Accounts read: the list, one, and what happened, happens next, and why."""

from __future__ import annotations

from hashlib import sha256
from typing import Annotated, Any, Final

from fastapi import APIRouter, Header, Query, Request, Response
from fastapi.responses import JSONResponse
from pydantic import Field

from lifecycle.store.accounts import Wanted, visits
from lifecycle.store.effects import WantedEffects
from lifecycle.telling.accounts import Found, found, lifecycle_named
from lifecycle.telling.audience import Asked
from lifecycle.telling.deliveries import deliveries, deliveries_data
from lifecycle.telling.foretold import foretold, foretold_data
from lifecycle.telling.listing import Listing, listing
from lifecycle.telling.past import Wanted as PastWanted
from lifecycle.telling.past import past, past_data
from lifecycle.telling.score_story import score_data, score_story
from lifecycle.telling.shown import shown
from lifecycle.telling.standing import AccountView
from lifecycle.telling.then import found_when

from ..door import Door
from .answering import LINK, answer, gives, next_page, refusals
from .shapes import Account, After, Before, Filters, Limit, OfLifecycle, When, Whom, Word
from .strict import StrictRoute
from .viewing import Reader, viewer_of

TAG: Final = {"ETag": "Weak; changes with the revision, and with what time alone changes."}
IfNoneMatch = Annotated[
    str, Header(alias="If-None-Match", description="The ETag of what is known.", max_length=1_000)
]
Yes = bool | None


class ListAsked(Whom):
    """Which accounts a list shows. With `as_of` only lifecycle, stage, segment and sentences can be asked."""

    lifecycle: OfLifecycle = None
    stage: Annotated[
        Word | None,
        Field(description="In this stage of the lifecycle; None for those in no stage."),
    ] = None
    csm: Annotated[Word | None, Field(description="Of this CSM, in any case.")] = None
    type: Annotated[Word | None, Field(description="Of this type, in any case.")] = None
    late: Annotated[Yes, Field(description="Past the expected time, or not.")] = None
    stuck: Annotated[Yes, Field(description="Stuck, or not.")] = None
    on_hold: Annotated[Yes, Field(description="With automation paused, or not.")] = None
    search: Annotated[Word | None, Field(description="With this text in id or name.")] = None
    sort: Annotated[
        Word | None,
        Field(
            description="id, a field, days or days:LIFECYCLE; a minus before it: the highest first.",
            examples=["-arr"],
        ),
    ] = None
    limit: Limit = 50
    after: After = None

    def wanted(self) -> Wanted:
        """The filters as the store takes them."""
        return Wanted(
            self.lifecycle,
            self.stage,
            self.csm,
            self.type,
            self.late,
            self.stuck,
            self.on_hold,
            self.search,
            self.after,
            self.limit,
        )


class WhenAsked(Filters):
    """As of when; the present where nothing is said."""

    as_of: Annotated[
        When | None,
        Field(
            description="How it was at the end of that day (UTC), or at that time.",
            examples=["2026-06-30"],
        ),
    ] = None
    known: Annotated[
        When | None,
        Field(description="With `as_of`: from what was known then; `now` for all known today."),
    ] = None

    def when(self) -> Asked:
        """As those ask who find an account."""
        return Asked(as_of=self.as_of, known=self.known)


class PastAsked(WhenAsked):
    """Which entries of an account's past."""

    lifecycle: OfLifecycle = None
    limit: Limit = 30
    before: Before = None


class AheadAsked(WhenAsked):
    """How far to look ahead, and from when."""

    days: Annotated[int, Field(ge=1, le=3_660, description="How far to look ahead.")] = 90


class ScoreAsked(WhenAsked):
    """Which scorecard, and when."""

    scorecard: Annotated[Word | None, Field(description="Default: the only one, or the first.")] = (
        None
    )


class VisitsAsked(Filters):
    """Which stays in stages."""

    lifecycle: OfLifecycle = None
    undone: Annotated[bool, Field(description="Those that were undone too.")] = False


class MailsAsked(Filters):
    """Which deliveries of an account."""

    limit: Limit = 30
    before: Annotated[Word | None, Field(description="The next page: before this id.")] = None


def _header(said: dict[str, str]) -> dict[str, Any]:
    return {
        name: {"description": words, "schema": {"type": "string"}} for name, words in said.items()
    }


ONE: Final = {**gives(), **refusals(404, 409)}
ENTRIES: Final = {**gives(headers=LINK), **refusals(404, 409)}


def routes(door: Door) -> APIRouter:
    """What is read of accounts. Paths below an account come before the account: its id may hold slashes."""
    router = APIRouter(route_class=StrictRoute, prefix="/accounts", tags=["accounts"])
    _listed(router, door)
    _past_of(router, door)
    _kept_of(router, door)
    _ahead_of(router, door)
    return router


def _listed(router: APIRouter, door: Door) -> None:
    @router.get("", responses={**gives(Listing, headers=LINK), **refusals()}, response_model=None)
    async def accounts(
        request: Request, _: Reader, asked: Annotated[ListAsked, Query()]
    ) -> JSONResponse:
        """Accounts, by id or as sorted: where each stands, who is late, stuck or on hold; now, or as of a day."""
        made = await listing(viewer_of(door), asked.wanted(), asked.asked(), asked.sort)
        return answer(made.listing, headers=next_page(request, made.listing.after))


def _past_of(router: APIRouter, door: Door) -> None:
    @router.get("/{account:path}/history", responses=ENTRIES, response_model=None)
    async def history(
        request: Request, account: Account, _: Reader, asked: Annotated[PastAsked, Query()]
    ) -> JSONResponse:
        """What happened, the newest first, with what it changed."""
        one = await find_then(door, account, asked)
        return await _past(door, request, one, asked, told_only=True)

    @router.get("/{account:path}/why", responses=ENTRIES, response_model=None)
    async def why(
        request: Request, account: Account, _: Reader, asked: Annotated[PastAsked, Query()]
    ) -> JSONResponse:
        """Why it stands where it stands: each change with what decided, each non-change with its reason."""
        one = await find_then(door, account, asked)
        return await _past(door, request, one, asked, told_only=False)


def _kept_of(router: APIRouter, door: Door) -> None:
    @router.get("/{account:path}/visits", responses=ONE, response_model=None)
    async def stays(
        account: Account, _: Reader, asked: Annotated[VisitsAsked, Query()]
    ) -> JSONResponse:
        """Every stay in a stage, oldest first, with its cycle, cause and reason."""
        it = await find(door, account)
        of = lifecycle_named(it.book, asked.lifecycle).id if asked.lifecycle else None
        rows = await visits(door.store, it.account, of, asked.undone)
        return answer({"account": it.account, "visits": [row.model_dump() for row in rows]})

    @router.get("/{account:path}/mails", responses=ENTRIES, response_model=None)
    async def mails(
        request: Request, account: Account, _: Reader, asked: Annotated[MailsAsked, Query()]
    ) -> JSONResponse:
        """Its e-mails, the latest first: sent, skipped, failed with the reason, due."""
        wanted = WantedEffects((await find(door, account)).account, limit=asked.limit)
        page = await deliveries(door.store, door.settings, wanted, None, asked.before)
        link = next_page(request, page.before, "before")
        return answer(deliveries_data(page), headers=link)


def _ahead_of(router: APIRouter, door: Door) -> None:
    @router.get("/{account:path}/forecast", responses=ONE, response_model=None)
    async def forecast(
        account: Account, _: Reader, asked: Annotated[AheadAsked, Query()]
    ) -> JSONResponse:
        """What will happen, and when, if nothing else does."""
        one = await find_then(door, account, asked)
        return answer(foretold_data(foretold(one, asked.days, door.zone)))

    @router.get("/{account:path}/scorecard", responses=ONE, response_model=None)
    async def score(
        account: Account, _: Reader, asked: Annotated[ScoreAsked, Query()]
    ) -> JSONResponse:
        """Why it is green, yellow or red: each measure, and how it came about."""
        told = await score_story(viewer_of(door), account, asked.scorecard, asked.when())
        return answer(score_data(told))


def page_of_one(door: Door) -> APIRouter:
    """The account itself. Its path takes all that no other did."""
    router = APIRouter(route_class=StrictRoute, prefix="/accounts", tags=["accounts"])

    @router.get(
        "/{account:path}",
        responses={
            **gives(AccountView, headers=TAG),
            304: {"description": "It is as it was.", "headers": _header(TAG)},
            **refusals(404, 409),
        },
        response_model=None,
    )
    async def account_(
        account: Account,
        _: Reader,
        asked: Annotated[WhenAsked, Query()],
        has: IfNoneMatch = "",
    ) -> Response:
        """Where it stands, since when, what happens next, its open CTAs and the sections of its page; now or then."""
        it = await find_then(door, account, asked)
        made = answer(await shown(door.store, it))
        tag = tag_of(it.state.revision, bytes(made.body))
        if tag in has:
            return Response(status_code=304, headers={"ETag": tag})
        made.headers["ETag"] = tag
        return made

    return router


async def find(door: Door, account: str) -> Found:
    """The account of that id or name, now. Raises `Refusal`."""
    return await found(door.store, account, door.now())


async def find_then(door: Door, account: str, asked: WhenAsked) -> Found:
    """The same, now or as of when it is asked. Raises `Refusal`."""
    return await found_when(viewer_of(door), account, asked.when())


async def _past(
    door: Door, request: Request, one: Found, asked: PastAsked, told_only: bool
) -> JSONResponse:
    wanted = PastWanted(asked.limit, asked.before, asked.lifecycle, told_only)
    read = await past(door.store, one, wanted, door.zone)
    return answer(past_data(read), headers=next_page(request, read.more, "before"))


def tag_of(revision: int, body: bytes) -> str:
    """`W/"12-5f2a9c01d3e4"`: the revision, and what stands there, which changes with time too."""
    return f'W/"{revision}-{sha256(body).hexdigest()[:12]}"'
