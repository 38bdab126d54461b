"""`campaign`: e-mails to segments. Preview, send, follow, pause, cancel; and what became of each (V2, G14)."""

from __future__ import annotations

from typing import Final

import typer
from rich.text import Text

from lifecycle.store.campaign_report import reasons_of
from lifecycle.telling.campaigns import View, all_campaigns, campaign_named, data_of
from lifecycle.telling.reports.report import percent

from . import options as o
from .campaign_orders import Name, cancel, pace, pause, resume
from .campaign_outcomes import report
from .campaign_preview import preview_
from .campaign_send import send
from .campaign_view import STYLES, say_head, say_progress, say_reasons
from .desk import Desk, Look, work
from .screen import columns

app: Final = typer.Typer(
    no_args_is_help=True,
    help="E-mails to segments: preview, send, follow, pause, cancel, and what became of them.",
)
app.command("preview")(preview_)
app.command()(send)


# ── list


@app.command("list")
def list_(as_json: o.AsJson = False, utc: o.InUtc = False) -> None:
    """List the campaigns, the latest first: how far each is."""
    work(_list, Look(as_json, utc))


async def _list(desk: Desk) -> None:
    views = await all_campaigns(await desk.viewer())
    if desk.look.as_json:
        desk.screen.data({"campaigns": [data_of(view) for view in views]})
        return
    if not views:
        desk.screen.say("None was sent yet: lifecycle admin campaign send --help tells how.")
        return
    names = ("Campaign", "Status", "Done", "Sent", "Skipped", "Failed", "Waiting", "Began")
    table = columns(*names, right=names[2:7], keep=["Campaign", "Status", "Began"])
    for view in views:
        table.add_row(*_line(desk, view))
    desk.screen.table(table, by=0)


def _line(desk: Desk, view: View) -> list[str | Text]:
    row, found = view.campaign, view.counts
    waiting = view.total - view.ended
    numbers = [found.get(status, 0) for status in ("sent", "skipped", "failed")]
    return [
        row.name,
        Text(row.status.value, style=STYLES[row.status]),
        percent(view.share),
        *(f"{number:,}" for number in [*numbers, waiting]),
        desk.moment(row.started_at),
    ]


# ── one


@app.command("show")
def show(name: Name, as_json: o.AsJson = False, utc: o.InUtc = False) -> None:
    """Show a campaign: how far it is, how long it may take, what was skipped or failed and why."""
    work(lambda desk: _show(desk, name), Look(as_json, utc))


async def _show(desk: Desk, name: str) -> None:
    view = await campaign_named(await desk.viewer(), name)
    reasons = await reasons_of(await desk.store(), name)
    if desk.look.as_json:
        desk.screen.data({**data_of(view), "reasons": reasons})
        return
    say_head(desk, view)
    say_progress(desk, view)
    say_reasons(desk, reasons)
    desk.screen.say()
    desk.screen.say(Text(f"Account by account: campaign report {name}", style="dim"))


app.command()(report)
app.command()(pause)
app.command()(resume)
app.command()(cancel)
app.command()(pace)
