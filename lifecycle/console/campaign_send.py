"""`campaign send`: a preview, a question, and it goes; the same name again goes on with it (V2, G14)."""

from __future__ import annotations

import sys
from pathlib import Path
from typing import Annotated

import typer

from lifecycle.contract import CampaignPlan
from lifecycle.core.refusal import Refusal
from lifecycle.store.campaigns import ENDED
from lifecycle.store.tables import CampaignRow
from lifecycle.telling.audience import Asked
from lifecycle.telling.campaign_wishes import Wish, read_pace, recorded
from lifecycle.telling.campaign_wishes import send as begin
from lifecycle.telling.campaigns import row_data
from lifecycle.telling.phrases import count

from . import options as o
from .audience import OfSegment, Where
from .campaign_preview import Html, Template, To, ask, meant, show_preview, write_html
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
    wish = Wish(name, Asked(segment, where or ()), template, to, pace_asked(pace))
    work(lambda desk: _send(desk, wish, html, yes), Look(as_json, utc, who))


def pace_asked(text: str | None) -> int | None:
    """`200/hour` as mails an hour; None stays none. Raises `BadParameter`."""
    try:
        return None if text is None else read_pace(text)
    except Refusal as refusal:
        raise typer.BadParameter(str(refusal), param_hint="--pace") from None


# ── send


async def _send(desk: Desk, wish: Wish, html: Path | None, yes: bool) -> None:
    viewer, plan = await desk.viewer(), await meant(desk, wish)
    before = await recorded(viewer, wish, plan)
    if before is not None and before.status in ENDED:
        _say(desk, before, f"{plan.name} is {before.status.value} already: nothing new is sent.")
        return
    if before is None:
        await _confirm(desk, plan, html, yes)
    row, goes_on = await begin(viewer, await desk.campaigns(), wish, plan)
    said = "goes on" if goes_on else "is on its way"
    _say(desk, row, f"{plan.name} {said}: lifecycle admin campaign show {plan.name}")


async def _confirm(desk: Desk, plan: CampaignPlan, html: Path | None, yes: bool) -> None:
    """The preview first; a person at a terminal is asked, a program says --yes."""
    if yes and desk.look.as_json:
        return
    found = await ask(desk, plan)
    if not desk.look.as_json:
        show_preview(desk, plan, found)
        desk.screen.say()
    write_html(desk, html, found)
    if yes:
        return
    if desk.look.as_json or not sys.stdin.isatty():
        said = f"{count(found.now + found.later.total(), 'mail')} would be sent."
        raise Refusal("not_confirmed", said, "Give --yes to send them.")
    typer.confirm(f"Send {plan.name}?", abort=True)


def _say(desk: Desk, row: CampaignRow, said: str) -> None:
    if desk.look.as_json:
        desk.screen.data(row_data(row))
    else:
        desk.screen.say(said)
