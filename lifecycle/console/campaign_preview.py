"""`campaign preview`: who would get a campaign, who would not and why, and how it reads (G14)."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Annotated, Any

import typer
from rich.text import Text

from lifecycle.contract import CampaignPlan
from lifecycle.core.codec import to_data
from lifecycle.core.conditions import Condition
from lifecycle.core.expanding import expanded
from lifecycle.core.model import Book
from lifecycle.core.refusal import Refusal, did_you_mean
from lifecycle.definition.condition_words import Labels, condition_words
from lifecycle.previewing import LATER, NOT, Expected, Preview, check_template, preview
from lifecycle.store.campaigns import audience_of, check_plan
from lifecycle.store.meant import how_many
from lifecycle.telling.audience import Asked, segment_named
from lifecycle.telling.phrases import count

from . import completing
from . import options as o
from .audience import OfSegment, Where, audience
from .desk import Desk, Look, work
from .progress import progress, step
from .screen import columns

Template = Annotated[
    str,
    typer.Option(
        "--template",
        help="The e-mail template.",
        autocompletion=completing.templates,
        show_default=False,
    ),
]
To = Annotated[
    list[str],
    typer.Option(
        "--to",
        metavar="ROLE",
        help="Who of each account gets it; several may be named.",
        autocompletion=completing.roles,
    ),
]
Html = Annotated[
    Path | None,
    typer.Option(
        "--html", metavar="FILE", help="Write the sample mails as HTML.", show_default=False
    ),
]


@dataclass(frozen=True, slots=True)
class Wish:
    """The command as it was typed."""

    name: str
    asked: Asked
    template: str
    to: Sequence[str]
    pace: int | None
    html: Path | None


def preview_(  # noqa: PLR0913, PLR0917 - one parameter per option
    template: Template,
    segment: OfSegment = None,
    where: Where = None,
    to: To = ["contact"],  # noqa: B006 - typer copies it
    html: Html = None,
    as_json: o.AsJson = False,
    utc: o.InUtc = False,
) -> None:
    """Look at a campaign: how many get it, who does not and why, and how it reads. Nothing is sent."""
    wish = Wish("preview", Asked(segment, where or ()), template, to, None, html)
    work(lambda desk: _preview(desk, wish), Look(as_json, utc))


# ── what is meant


async def plan_of(desk: Desk, wish: Wish) -> CampaignPlan:
    """The campaign as it would be recorded, its template and readers checked. Raises `Refusal`."""
    found = await audience(desk, wish.asked)
    if found.condition is None:
        raise typer.BadParameter(
            "Say to whom: --segment NAME, or --where with a sentence.", param_hint="--segment"
        )
    _check_roles(wish.to, found.book)
    check_template(wish.template, found.book, desk.settings)
    condition = expanded(found.condition, found.book.segments)
    named = segment_named(found.book, wish.asked.segment).id if wish.asked.segment else ""
    plan = CampaignPlan(
        wish.name,
        named,
        condition_words(condition, Labels(found.book)),
        to_data(condition, Condition),
        wish.template,
        list(dict.fromkeys(wish.to)),
        wish.pace,
        desk.actor,
    )
    check_plan(plan)
    return plan


def _check_roles(roles: Sequence[str], book: Book) -> None:
    """A team would get a mail for every account."""
    for role in roles:
        if role not in book.account.roles:
            known = ", ".join(book.account.roles)
            remedy = did_you_mean(role, book.account.roles) or f"Known: {known}."
            raise Refusal("unknown_role", f"No account has a {role!r}.", remedy, "to")


# ── preview


async def _preview(desk: Desk, wish: Wish) -> None:
    plan = await plan_of(desk, wish)
    found = await ask(desk, plan)
    if desk.look.as_json:
        desk.screen.data(preview_data(plan, found))
    else:
        show_preview(desk, plan, found)
    write_html(desk, wish, found)


async def ask(desk: Desk, plan: CampaignPlan) -> Preview:
    """Every account of the audience, with a bar where that takes a while."""
    store = await desk.store()
    total = await how_many(store, audience_of(plan), desk.now)
    with progress(total > 500 and not desk.look.as_json) as bar:
        moved = step(bar, "Asking the accounts", total, "accounts")
        return await preview(store, desk.settings, plan, desk.now, moved)


def preview_data(plan: CampaignPlan, found: Preview) -> dict[str, Any]:
    """The preview for programs."""
    return {
        "audience": plan.said,
        "template": plan.template,
        "to": plan.roles,
        "matched": found.matched,
        "now": found.now,
        "later": dict(found.later.most_common()),
        "skipped": dict(found.skipped.most_common()),
        "first": found.first,
        "samples": found.samples,
    }


def show_preview(desk: Desk, plan: CampaignPlan, found: Preview) -> None:
    """The preview for people."""
    desk.screen.say(Text(f"“{plan.template}” to {_readers(plan)} of {_title(plan)}", style="bold"))
    desk.screen.say(Text(plan.said, style="dim"))
    desk.screen.say()
    desk.screen.say(f"{count(found.matched, 'account')} match.")
    desk.screen.indented(Text(f"{found.now:,} would get it now", style="green"))
    for kind, number in found.later.most_common():
        desk.screen.indented(Text(f"{number:,} later: {kind}", style="yellow"))
    for kind, number in found.skipped.most_common():
        desk.screen.indented(Text(f"{number:,} not: {kind}", style="red"))
    _show_first(desk, found)
    _show_samples(desk, found)


def _title(plan: CampaignPlan) -> str:
    return f"the segment {plan.segment}" if plan.segment else "the accounts of which this holds"


def _readers(plan: CampaignPlan) -> str:
    return " and ".join(f"the {role.replace('_', ' ')}" for role in plan.roles)


def _show_first(desk: Desk, found: Preview) -> None:
    if not found.first:
        return
    every = len(found.first) == found.matched
    desk.screen.heading("The accounts" if every else f"The first {len(found.first)}")
    table = columns("Account", "Name", "To", "", keep=["Account"])
    for one in found.first:
        table.add_row(one.account, one.name, ", ".join(one.to), _fate(one))
    desk.screen.table(table)


def _fate(one: Expected) -> Text:
    if one.when == NOT:
        return Text(f"not: {one.why}", style="red")
    return Text(f"later: {one.why}", style="yellow") if one.when == LATER else Text("now")


def _show_samples(desk: Desk, found: Preview) -> None:
    for sample in found.samples:
        desk.screen.heading(f"As {sample.name} reads it ({sample.to})")
        desk.screen.indented(Text(f"Subject: {sample.words.subject}"))
        desk.screen.say()
        desk.screen.indented(sample.words.text.rstrip())


def write_html(desk: Desk, wish: Wish, found: Preview) -> None:
    """The samples into a file for a browser, where one was named. Raises `Refusal`."""
    if wish.html is None:
        return
    try:
        wish.html.write_text("\n<hr>\n".join(one.words.html for one in found.samples))
    except OSError as error:
        said = f"{wish.html} cannot be written: {error.strerror or error}."
        raise Refusal("not_writable", said, "Name another file with --html.") from None
    if not desk.look.as_json:
        desk.screen.say()
        desk.screen.say(f"{count(len(found.samples), 'sample')} written to {wish.html}.")
