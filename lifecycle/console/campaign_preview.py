"""`campaign preview`: who would get a campaign, who would not and why, and how it reads (G14)."""

from __future__ import annotations

from pathlib import Path
from typing import Annotated

import typer
from rich.text import Text

from lifecycle.contract import CampaignPlan
from lifecycle.core.refusal import Refusal
from lifecycle.previewing import LATER, NOT, Expected, Preview, preview
from lifecycle.store.campaigns import audience_of
from lifecycle.store.meant import how_many
from lifecycle.telling.audience import Asked
from lifecycle.telling.campaign_wishes import Wish, plan_of, preview_data
from lifecycle.telling.phrases import count

from . import completing
from . import options as o
from .audience import OfSegment, Where
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
    wish = Wish("preview", Asked(segment, where or ()), template, to)
    work(lambda desk: _preview(desk, wish, html), Look(as_json, utc))


async def meant(desk: Desk, wish: Wish) -> CampaignPlan:
    """The campaign as it would be recorded, its template and readers checked. Raises `Refusal`."""
    if wish.asked.segment is None and not wish.asked.where:
        said = "Say to whom: --segment NAME, or --where with a sentence."
        raise typer.BadParameter(said, param_hint="--segment")
    return await plan_of(await desk.viewer(), desk.settings, wish, desk.actor)


# ── preview


async def _preview(desk: Desk, wish: Wish, html: Path | None) -> None:
    plan = await meant(desk, wish)
    found = await ask(desk, plan)
    if desk.look.as_json:
        desk.screen.data(preview_data(plan, found))
    else:
        show_preview(desk, plan, found)
    write_html(desk, html, found)


async def ask(desk: Desk, plan: CampaignPlan) -> Preview:
    """Every account of the audience, with a bar where that takes a while."""
    store = await desk.store()
    total = await how_many(store, audience_of(plan), desk.now)
    with progress(total > 500 and not desk.look.as_json) as bar:
        moved = step(bar, "Asking the accounts", total, "accounts")
        return await preview(store, desk.settings, plan, desk.now, moved)


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


def write_html(desk: Desk, to: Path | None, found: Preview) -> None:
    """The samples into a file for a browser, where one was named. Raises `Refusal`."""
    if to is None:
        return
    try:
        to.write_text("\n<hr>\n".join(one.words.html for one in found.samples))
    except OSError as error:
        said = f"{to} cannot be written: {error.strerror or error}."
        raise Refusal("not_writable", said, "Name another file with --html.") from None
    if not desk.look.as_json:
        desk.screen.say()
        desk.screen.say(f"{count(len(found.samples), 'sample')} written to {to}.")
