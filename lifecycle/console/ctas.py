"""`ctas`: the team's open CTAs, what falls due first before all others."""

from __future__ import annotations

from dataclasses import replace
from datetime import datetime
from typing import Annotated

import typer
from rich.text import Text

from lifecycle.store.ctas import CtaPage, WantedCtas
from lifecycle.store.moment import AsOf
from lifecycle.telling.cta_list import Ctas, CtasAsked, ctas_asked, ctas_data
from lifecycle.telling.ctas import CtaView
from lifecycle.telling.phrases import MISSING, count
from lifecycle.telling.then import moment_words

from . import completing
from . import options as o
from .audience import AsKnownNow, AsOfDay, Known, OfSegment, Where, when
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
    as_of: AsOfDay = None,
    known: Known = None,
    as_known_now: AsKnownNow = False,
    limit: Limit = 50,
    who: o.As = None,
    as_json: o.AsJson = False,
    utc: o.InUtc = False,
) -> None:
    """List calls to action: what is overdue first, then by due date and priority; with --as-of those open then."""
    moment = when(as_of, known, as_known_now)
    if mine and owner is not None:
        raise typer.BadParameter("Give one of --mine and --owner.", param_hint="--owner")
    if closed and (overdue or snoozed or due_by is not None):
        raise typer.BadParameter(
            "A closed CTA is neither due nor snoozed: leave out --overdue, --due-by, --snoozed.",
            param_hint="--closed",
        )
    whose = CtasAsked("", mine, owner, account, lifecycle, due_by, segment, where or ())
    asked = replace(whose, as_of=moment.as_of, known=moment.known)
    hidden = None if closed else snoozed
    wanted = WantedCtas(closed=closed, overdue=overdue, kind=kind, snoozed=hidden, limit=limit)
    work(lambda desk: _ctas(desk, asked, wanted), Look(as_json, utc, who))


async def _ctas(desk: Desk, asked: CtasAsked, wanted: WantedCtas) -> None:
    person = desk.actor if asked.mine else ""
    viewer = await desk.viewer()
    found = await ctas_asked(viewer, replace(asked, person=person), wanted)
    if desk.look.as_json:
        desk.screen.data(ctas_data(found))
        return
    if isinstance(found.moment, AsOf):
        desk.screen.say(Text(moment_words(found.moment, viewer), style="yellow"))
    _show(desk, found, wanted)
    _foot(desk, found.page, asked, wanted)


# ── the table


def _show(desk: Desk, found: Ctas, wanted: WantedCtas) -> None:
    names = ["Account", "No.", "CTA", "Kind", "Priority", "For", "Due", "Tasks"]
    if wanted.closed:
        names[-2:] = ["Closed", "Outcome", "By"]
    if not desk.screen.is_wide:
        names = [name for name in names if name not in ("Kind", "Priority")]
    table = columns(*names, right=["No."], keep=["Due", "Tasks", "Closed"])
    for listed, view in zip(found.page.ctas, found.views, strict=True):
        cells = _cells(desk, view, _now(desk, found, listed.lead))
        table.add_row(*(cells[name] for name in names))
    if found.views:
        desk.screen.table(table, by=0)


def _now(desk: Desk, found: Ctas, lead: int) -> datetime:
    return found.moment.at if isinstance(found.moment, AsOf) else desk.now_for(lead)


def _cells(desk: Desk, cta: CtaView, now: datetime) -> dict[str, str | Text]:
    return {
        "Account": cta.name,
        "No.": str(cta.number),
        "CTA": title_text(cta, marked=not desk.screen.is_wide),
        "Kind": cta.kind,
        "Priority": Text(cta.priority, style="bold" if cta.priority == "high" else ""),
        "For": cta.owner_name,
        "Due": due_text(desk, cta, now),
        "Tasks": cta.progress,
        "Closed": desk.moment(cta.closed_at),
        "Outcome": cta.outcome or MISSING,
        "By": cta.closed_by or "the engine",
    }


def _foot(desk: Desk, page: CtaPage, asked: CtasAsked, wanted: WantedCtas) -> None:
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
