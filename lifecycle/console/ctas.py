"""`ctas`: the team's open CTAs, what falls due first before all others."""

from __future__ import annotations

from dataclasses import dataclass, replace
from typing import Annotated

import typer
from rich.text import Text

from lifecycle.core.model import Book
from lifecycle.store.accounts import find_account
from lifecycle.store.ctas import CtaPage, WantedCtas, Whose, list_ctas, named_owners
from lifecycle.store.moment import now_of
from lifecycle.telling.accounts import lifecycle_named
from lifecycle.telling.audience import Asked
from lifecycle.telling.ctas import CtaView, cta_view
from lifecycle.telling.owners import of_person, people_fields, refuse_slip, whose
from lifecycle.telling.phrases import MISSING, count
from lifecycle.telling.spans import read_span

from . import completing
from . import options as o
from .audience import OfSegment, Where, audience
from .cta_text import due_text, title_text
from .desk import Desk, Look, work
from .screen import columns

Mine = Annotated[
    bool,
    typer.Option(
        "--mine", help="Yours: in your name, or in a role you have on the account (CSM, owner, …)."
    ),
]
Owner = Annotated[
    str | None,
    typer.Option(
        "--owner",
        help="Of this role, team or person (by name or address).",
        autocompletion=completing.owners,
        show_default=False,
    ),
]
OfAccount = Annotated[
    str | None,
    typer.Option(
        "--account",
        help="Of this account.",
        autocompletion=completing.accounts,
        show_default=False,
    ),
]
Overdue = Annotated[bool, typer.Option("--overdue", help="Past their due date.")]
DueBy = Annotated[
    str | None,
    typer.Option(
        "--due-by",
        metavar="7d",
        help="Due within this time, or overdue already.",
        show_default=False,
    ),
]
Kind = Annotated[
    str | None,
    typer.Option(
        "--kind",
        help="Of this kind: risk, onboarding, …",
        autocompletion=completing.cta_kinds,
        show_default=False,
    ),
]
OfLifecycle = Annotated[
    str | None,
    typer.Option(
        "--lifecycle",
        "-l",
        help="Of this lifecycle.",
        autocompletion=completing.lifecycles,
        show_default=False,
    ),
]
Snoozed = Annotated[bool, typer.Option("--snoozed", help="Only those that are put aside.")]
Closed = Annotated[bool, typer.Option("--closed", help="Closed ones, the latest first.")]
Limit = Annotated[int, typer.Option(min=1, max=500, help="At most this many.")]


@dataclass(frozen=True, slots=True)
class _Asked:
    """The filters as they were typed."""

    mine: bool
    owner: str | None
    account: str | None
    lifecycle: str | None
    due_by: str | None
    segment: Asked


def ctas(  # noqa: PLR0913, PLR0917 - one parameter per filter
    mine: Mine = False,
    owner: Owner = None,
    account: OfAccount = None,
    overdue: Overdue = False,
    due_by: DueBy = None,
    kind: Kind = None,
    lifecycle: OfLifecycle = None,
    snoozed: Snoozed = False,
    closed: Closed = False,
    segment: OfSegment = None,
    where: Where = None,
    limit: Limit = 50,
    who: o.As = None,
    as_json: o.AsJson = False,
    utc: o.InUtc = False,
) -> None:
    """List calls to action: what is overdue first, then by due date and priority."""
    if mine and owner is not None:
        raise typer.BadParameter("Give one of --mine and --owner.", param_hint="--owner")
    if closed and (overdue or snoozed or due_by is not None):
        raise typer.BadParameter(
            "A closed CTA is neither due nor snoozed: leave out --overdue, --due-by, --snoozed.",
            param_hint="--closed",
        )
    asked = _Asked(mine, owner, account, lifecycle, due_by, Asked(segment, where or ()))
    hidden = None if closed else snoozed
    wanted = WantedCtas(closed=closed, overdue=overdue, kind=kind, snoozed=hidden, limit=limit)
    work(lambda desk: _ctas(desk, asked, wanted), Look(as_json, utc, who))


async def _ctas(desk: Desk, asked: _Asked, wanted: WantedCtas) -> None:
    store, meant = await desk.store(), await audience(desk, asked.segment)
    book = meant.book
    known = [*book.account.roles, *book.directory.teams]
    named = await named_owners(store, known) if asked.mine or asked.owner else []
    account = await find_account(store, asked.account) if asked.account else None
    wanted = replace(
        wanted,
        whose=_whose(desk, asked, book, named),
        account=account.id if account else None,
        lifecycle=lifecycle_named(book, asked.lifecycle).id if asked.lifecycle else None,
        due_by=read_span(asked.due_by) if asked.due_by else None,
        segment=meant.sql() if meant.condition is not None else None,
    )
    fields = [*people_fields(book), "time_zone"]
    page = await list_ctas(store, wanted, await now_of(store, desk.now), fields)
    if not page.total and asked.owner:
        refuse_slip(asked.owner, book, named)
    views = [cta_view(one, book, one.people, desk.now_for(one.lead)) for one in page.ctas]
    if desk.look.as_json:
        desk.screen.data({"total": page.total, "snoozed": page.asleep, "ctas": views})
    else:
        _show(desk, page, views, wanted)
        _foot(desk, page, asked, wanted)


def _whose(desk: Desk, asked: _Asked, book: Book, named: list[str]) -> Whose | None:
    if asked.mine:
        return of_person(desk.actor, book, named)
    return whose(asked.owner, book, named) if asked.owner is not None else None


# ── the table


def _show(desk: Desk, page: CtaPage, views: list[CtaView], wanted: WantedCtas) -> None:
    names = ["Account", "No.", "CTA", "Kind", "Priority", "For", "Due", "Tasks"]
    if wanted.closed:
        names[-2:] = ["Closed", "Outcome", "By"]
    if not desk.screen.is_wide:
        names = [name for name in names if name not in ("Kind", "Priority")]
    table = columns(*names, right=["No."], keep=["Due", "Tasks", "Closed"])
    for listed, view in zip(page.ctas, views, strict=True):
        cells = _cells(desk, view, listed.lead)
        table.add_row(*(cells[name] for name in names))
    if views:
        desk.screen.table(table, by=0)


def _cells(desk: Desk, cta: CtaView, lead: int) -> dict[str, str | Text]:
    return {
        "Account": cta.name,
        "No.": str(cta.number),
        "CTA": title_text(cta, marked=not desk.screen.is_wide),
        "Kind": cta.kind,
        "Priority": Text(cta.priority, style="bold" if cta.priority == "high" else ""),
        "For": cta.owner_name,
        "Due": due_text(desk, cta, desk.now_for(lead)),
        "Tasks": cta.progress,
        "Closed": desk.moment(cta.closed_at),
        "Outcome": cta.outcome or MISSING,
        "By": cta.closed_by or "the engine",
    }


def _foot(desk: Desk, page: CtaPage, asked: _Asked, wanted: WantedCtas) -> None:
    if page.ctas:
        desk.screen.say()
    kind = "closed" if wanted.closed else "snoozed" if wanted.snoozed else "open"
    said = count(page.total, f"{kind} CTA")
    if len(page.ctas) < page.total:
        said = f"{len(page.ctas)} of {said}; --limit shows more"
    desk.screen.say(Text(f"{said}.", style="dim"))
    if page.asleep:
        aside = count(page.asleep, "snoozed one is", "snoozed ones are")
        desk.screen.say(Text(f"{aside} not shown: --snoozed.", style="dim"))
    if asked.mine and not page.total:
        said = (
            f"Yours are those of {desk.actor!r}, by the name or address that accounts have."
            " Say who you are with --as or LIFECYCLE_ACTOR."
        )
        desk.screen.say(Text(said, style="dim"))
