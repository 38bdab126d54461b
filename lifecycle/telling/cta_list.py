"""The team's CTAs, read as they were asked for: what falls due first before all others."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass, replace
from typing import Any

from lifecycle.core.model import Book
from lifecycle.core.refusal import Refusal
from lifecycle.store.accounts import find_account
from lifecycle.store.ctas import CtaPage, WantedCtas, Whose, list_ctas, named_owners
from lifecycle.store.ctas_then import ctas_then
from lifecycle.store.moment import AsOf, Moment

from .accounts import lifecycle_named
from .audience import Asked, Audience, audience
from .ctas import CtaView, cta_view
from .owners import of_person, people_fields, refuse_slip, whose
from .spans import read_span
from .viewer import Viewer


@dataclass(frozen=True, slots=True)
class CtasAsked:
    """The filters as they were typed. `mine` are those of `person`; `due_by` is a length of time.

    With `as_of` those that were open then: of one account, a kind, a lifecycle, a segment.
    """

    person: str = ""
    mine: bool = False
    owner: str | None = None
    account: str | None = None
    lifecycle: str | None = None
    due_by: str | None = None
    segment: str | None = None
    where: Sequence[str] = ()
    as_of: str | None = None
    known: str | None = None


@dataclass(frozen=True, slots=True)
class Ctas:
    """A page of CTAs with their views, at a moment."""

    page: CtaPage
    views: list[CtaView]
    moment: Moment


async def ctas_asked(viewer: Viewer, asked: CtasAsked, wanted: WantedCtas) -> Ctas:
    """The CTAs that pass the filters; `wanted` has those that need no reading. Raises `Refusal`."""
    whom = Asked(asked.segment, asked.where, asked.as_of, asked.known)
    store, meant = viewer.store, await audience(viewer, whom)
    if isinstance(meant.moment, AsOf):
        return await _then(viewer, meant, meant.moment, asked, wanted)
    book = meant.book
    known = [*book.account.roles, *book.directory.teams]
    named = await named_owners(store, known) if asked.mine or asked.owner else []
    account = await find_account(store, asked.account) if asked.account else None
    chosen = replace(
        wanted,
        whose=_whose(asked, book, named),
        account=account.id if account else None,
        lifecycle=lifecycle_named(book, asked.lifecycle).id if asked.lifecycle else None,
        due_by=read_span(asked.due_by) if asked.due_by else None,
        segment=meant.sql() if meant.condition is not None else None,
    )
    fields = [*people_fields(book), "time_zone"]
    page = await list_ctas(store, chosen, meant.moment, fields)
    if not page.total and asked.owner:
        refuse_slip(asked.owner, book, named)
    views = [cta_view(one, book, one.people, viewer.now_for(one.lead)) for one in page.ctas]
    return Ctas(page, views, meant.moment)


async def _then(
    viewer: Viewer, meant: Audience, moment: AsOf, asked: CtasAsked, wanted: WantedCtas
) -> Ctas:
    """Those that were open at a moment. Raises `Refusal` for a filter that is asked of the present only."""
    others = (asked.mine, asked.owner, asked.due_by, wanted.overdue, wanted.snoozed, wanted.closed)
    if any(others):
        said = (
            "Of the past, CTAs are asked by account, kind, lifecycle, segment and sentences only."
        )
        raise Refusal("bad_time", said, "Leave the rest out.", "as-of")
    account = await find_account(viewer.store, asked.account) if asked.account else None
    chosen = replace(
        wanted,
        account=account.id if account else None,
        lifecycle=lifecycle_named(meant.book, asked.lifecycle).id if asked.lifecycle else None,
        segment=meant.sql() if meant.condition is not None else None,
    )
    page, states = await ctas_then(viewer.store, chosen, moment)
    views = [
        cta_view(one, meant.book, states[one.cta.account].fields, moment.at) for one in page.ctas
    ]
    return Ctas(page, views, moment)


def _whose(asked: CtasAsked, book: Book, named: list[str]) -> Whose | None:
    if asked.mine:
        return of_person(asked.person, book, named)
    return whose(asked.owner, book, named) if asked.owner is not None else None


def ctas_data(found: Ctas) -> dict[str, Any]:
    """The page for programs."""
    told = {"total": found.page.total, "snoozed": found.page.asleep, "ctas": found.views}
    if isinstance(found.moment, AsOf):
        told |= {"as_of": found.moment.at, "known": found.moment.known}
    return told
