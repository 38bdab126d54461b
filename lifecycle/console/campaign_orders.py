"""`campaign pause`, `resume`, `cancel` and `pace`: orders to a campaign that runs."""

from __future__ import annotations

from typing import Annotated, Any

import typer

from lifecycle import contract
from lifecycle.telling.campaign_wishes import order

from . import completing
from . import options as o
from .campaign_send import pace_asked
from .desk import Desk, Look, work

Name = Annotated[
    str,
    typer.Argument(
        help="The campaign's name.", autocompletion=completing.campaigns, show_default=False
    ),
]
NewPace = Annotated[
    str, typer.Argument(metavar="200/hour|none", help="The new pace.", show_default=False)
]


def pause(
    name: Name, reason: o.MaybeReason = "", who: o.As = None, as_json: o.AsJson = False
) -> None:
    """Send no more until it is resumed."""
    _work(name, contract.PAUSE, "paused", Look(as_json, actor=who), reason=reason)


def resume(
    name: Name, reason: o.MaybeReason = "", who: o.As = None, as_json: o.AsJson = False
) -> None:
    """Go on with a paused campaign."""
    _work(name, contract.RESUME, "running again", Look(as_json, actor=who), reason=reason)


def cancel(name: Name, reason: o.Reason, who: o.As = None, as_json: o.AsJson = False) -> None:
    """Send no more, for good: what waits is taken back."""
    _work(name, contract.CANCEL, "cancelled", Look(as_json, actor=who), reason=reason)


def pace(
    name: Name,
    to: NewPace,
    reason: o.MaybeReason = "",
    who: o.As = None,
    as_json: o.AsJson = False,
) -> None:
    """Give a running campaign another pace, from its next mail on."""
    per_hour = None if to.lower() == "none" else pace_asked(to)
    said = f"sent at {per_hour:,} mails an hour" if per_hour else "sent as fast as it goes"
    look = Look(as_json, actor=who)
    _work(name, contract.SET_PACE, said, look, reason=reason, per_hour=per_hour)


def _work(name: str, wanted: str, said: str, look: Look, **more: Any) -> None:
    work(lambda desk: _order(desk, name, wanted, said, more), look)


async def _order(desk: Desk, name: str, wanted: str, said: str, more: dict[str, Any]) -> None:
    viewer = await desk.viewer()
    answer = await order(viewer, desk.campaigns, name, wanted, actor=desk.actor, **more)
    if desk.look.as_json:
        desk.screen.data(answer)
    else:
        desk.screen.say(f"{name} is {said}.")
