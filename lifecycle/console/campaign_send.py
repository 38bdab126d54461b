"""`campaign send`: a preview, a question, and it goes; the same name again goes on with it (V2, G14)."""

from __future__ import annotations

import re
import sys
from typing import Annotated, Final

import typer

from lifecycle.contract import CampaignPlan
from lifecycle.core.refusal import Refusal
from lifecycle.store.campaigns import ENDED, campaign_row
from lifecycle.store.tables import CampaignRow
from lifecycle.telling.audience import Asked
from lifecycle.telling.phrases import count

from . import options as o
from .audience import OfSegment, Where
from .campaign_preview import Html, Template, To, Wish, ask, plan_of, show_preview, write_html
from .desk import Desk, Look, work

Name = Annotated[
    str, typer.Argument(help="Its name: small letters, digits, - and _.", show_default=False)
]
Pace = Annotated[
    str | None,
    typer.Option(
        metavar="200/hour",
        help="At most so many mails an hour (or a minute), evenly. Default: as fast as it goes.",
        show_default=False,
    ),
]
Yes = Annotated[bool, typer.Option("--yes", help="Do not ask; send.")]
PACE: Final = re.compile(r"\s*([0-9][0-9,]*)\s*(?:/|an?\s|per\s)\s*(hour|minute|h|min)\s*")
MOST_AN_HOUR: Final = 1_000_000


def send(  # noqa: PLR0913, PLR0917 - one parameter per option
    name: Name,
    template: Template,
    segment: OfSegment = None,
    where: Where = None,
    to: To = ["contact"],  # noqa: B006 - typer copies it
    pace: Pace = None,
    html: Html = None,
    yes: Yes = False,
    who: o.As = None,
    as_json: o.AsJson = False,
    utc: o.InUtc = False,
) -> None:
    """Send an e-mail to a segment, after a preview. The same name again goes on with it and sends nothing twice."""
    wish = Wish(name, Asked(segment, where or ()), template, to, read_pace(pace), html)
    work(lambda desk: _send(desk, wish, yes), Look(as_json, utc, who))


def read_pace(text: str | None) -> int | None:
    """`200/hour` as mails an hour; None stays none. Raises `BadParameter`."""
    if text is None:
        return None
    found = PACE.fullmatch(text.lower())
    number = int(found[1].replace(",", "")) if found else 0
    per_hour = number * 60 if found and found[2].startswith("m") else number
    if not 1 <= per_hour <= MOST_AN_HOUR:
        said = f"{text!r} is no pace. Write it like 200/hour or 10/minute."
        raise typer.BadParameter(said, param_hint="--pace")
    return per_hour


# ── send


async def _send(desk: Desk, wish: Wish, yes: bool) -> None:
    plan = await plan_of(desk, wish)
    before = await _recorded(desk, wish, plan)
    if before is not None and before.status in ENDED:
        _say(desk, before, f"{plan.name} is {before.status.value} already: nothing new is sent.")
        return
    if before is None:
        await _confirm(desk, wish, plan, yes)
    client = await desk.campaigns()
    await client.begin(plan)
    row = _same(wish, plan, await campaign_row(await desk.store(), plan.name))
    said = "goes on" if before is not None else "is on its way"
    _say(desk, row, f"{plan.name} {said}: lifecycle admin campaign show {plan.name}")


async def _recorded(desk: Desk, wish: Wish, plan: CampaignPlan) -> CampaignRow | None:
    try:
        return _same(wish, plan, await campaign_row(await desk.store(), plan.name))
    except Refusal as refusal:
        if refusal.code != "unknown_campaign":
            raise
        return None


def _same(wish: Wish, plan: CampaignPlan, row: CampaignRow) -> CampaignRow:
    """A name stands for one campaign for ever. Raises `Refusal` for another one under it.

    A segment may have been changed since: what it said when the campaign began counts.
    """
    by_name = bool(plan.segment) and not wish.asked.where and row.segment == plan.segment
    same = (row.template, row.roles) == (plan.template, plan.roles)
    if same and (by_name or row.audience == plan.audience):
        return row
    said = f"{row.name} is another campaign: “{row.template}” by {row.actor}, {row.said}."
    raise Refusal("name_taken", said, "Choose another name.", "name")


async def _confirm(desk: Desk, wish: Wish, plan: CampaignPlan, yes: bool) -> None:
    """The preview first; a person at a terminal is asked, a program says --yes."""
    if yes and desk.look.as_json:
        return
    found = await ask(desk, plan)
    if not desk.look.as_json:
        show_preview(desk, plan, found)
        desk.screen.say()
    write_html(desk, wish, found)
    if yes:
        return
    if desk.look.as_json or not sys.stdin.isatty():
        said = f"{count(found.now + found.later.total(), 'mail')} would be sent."
        raise Refusal("not_confirmed", said, "Give --yes to send them.")
    typer.confirm(f"Send {plan.name}?", abort=True)


def _say(desk: Desk, row: CampaignRow, said: str) -> None:
    if desk.look.as_json:
        desk.screen.data(row.model_dump(exclude={"audience"}))
    else:
        desk.screen.say(said)
