"""The team's CTAs, read as they were asked for: what falls due first before all others."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass, replace
from typing import Any

from lifecycle.core.model import Book
from lifecycle.store.accounts import find_account
from lifecycle.store.ctas import CtaPage, WantedCtas, Whose, list_ctas, named_owners
from lifecycle.store.moment import now_of

from .accounts import lifecycle_named
from .audience import Asked, audience
from .ctas import CtaView, cta_view
from .owners import of_person, people_fields, refuse_slip, whose
from .spans import read_span
from .viewer import Viewer


@dataclass(frozen=True, slots=True)
class CtasAsked:
    """The filters as they were typed. `mine` are those of `person`; `due_by` is a length of time."""

    person: str = ""
    mine: bool = False
    owner: str | None = None
    account: str | None = None
    lifecycle: str | None = None
    due_by: str | None = None
    segment: str | None = None
    where: Sequence[str] = ()


@dataclass(frozen=True, slots=True)
class Ctas:
    """A page of CTAs with their views."""

    page: CtaPage
    views: list[CtaView]


async def ctas_asked(viewer: Viewer, asked: CtasAsked, wanted: WantedCtas) -> Ctas:
    """The CTAs that pass the filters; `wanted` has those that need no reading. Raises `Refusal`."""
    store, meant = viewer.store, await audience(viewer, Asked(asked.segment, asked.where))
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
    page = await list_ctas(store, chosen, await now_of(store, viewer.now), fields)
    if not page.total and asked.owner:
        refuse_slip(asked.owner, book, named)
    views = [cta_view(one, book, one.people, viewer.now_for(one.lead)) for one in page.ctas]
    return Ctas(page, views)


def _whose(asked: CtasAsked, book: Book, named: list[str]) -> Whose | None:
    if asked.mine:
        return of_person(asked.person, book, named)
    return whose(asked.owner, book, named) if asked.owner is not None else None


def ctas_data(found: Ctas) -> dict[str, Any]:
    """The page for programs."""
    return {"total": found.page.total, "snoozed": found.page.asleep, "ctas": found.views}
