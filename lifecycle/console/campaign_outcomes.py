"""`campaign report`: what became of a campaign, account by account."""

from __future__ import annotations

from pathlib import Path
from typing import Annotated, Final

import typer
from rich.text import Text

from lifecycle.store.campaign_report import MOST, MailOutcome, WantedOutcomes
from lifecycle.store.engine import Store
from lifecycle.store.tables import EffectStatus
from lifecycle.telling.campaigns import (
    OUTCOME_COLUMNS,
    became_data,
    became_of,
    campaign_named,
    outcome_cells,
    outcome_pages,
)
from lifecycle.telling.phrases import capital

from . import options as o
from .campaign_orders import Name
from .campaign_view import say_head, say_progress, styled
from .desk import Desk, Look, work
from .report_tables import csv_file
from .screen import columns

EVALUATED: Final = "Each account is asked again when its mail is sent: audience, hold, suppression, cap, quiet hours."
Limit = Annotated[int, typer.Option(min=1, max=MOST, help="At most this many accounts.")]
After = Annotated[
    str | None, typer.Option(help="The next page: those behind this account.", show_default=False)
]
OnlyStatus = Annotated[
    EffectStatus | None,
    typer.Option("--status", help="Only these.", case_sensitive=False, show_default=False),
]
ToCsv = Annotated[
    Path | None,
    typer.Option(
        "--csv", metavar="FILE", help="Every account as CSV into a file; - for the standard output."
    ),
]


def report(  # noqa: PLR0913, PLR0917 - one parameter per option
    name: Name,
    status: OnlyStatus = None,
    limit: Limit = 50,
    after: After = None,
    csv: ToCsv = None,
    as_json: o.AsJson = False,
    utc: o.InUtc = False,
) -> None:
    """Report what became of a campaign, account by account: sent, skipped, failed, waiting."""
    wanted = WantedOutcomes(status, after or "", limit)
    work(lambda desk: _report(desk, name, wanted, csv), Look(as_json, utc))


async def _report(desk: Desk, name: str, wanted: WantedOutcomes, to: Path | None) -> None:
    viewer = await desk.viewer()
    if to is not None:
        await campaign_named(viewer, name)
        await _write(desk, viewer.store, name, wanted, to)
        return
    told = await became_of(viewer, name, wanted)
    if desk.look.as_json:
        desk.screen.data(became_data(told))
        return
    say_head(desk, told.view)
    say_progress(desk, told.view)
    desk.screen.say(Text(EVALUATED, style="dim"))
    _say_accounts(desk, told.accounts)
    if told.after:
        desk.screen.say()
        desk.screen.say(Text(f"There may be more: --after {told.after}", style="dim"))


def _say_accounts(desk: Desk, found: list[MailOutcome]) -> None:
    if not found:
        return
    desk.screen.say()
    names = ("Account", "Name", "Status", "When", "To or why")
    table = columns(*names, keep=["Account", "Status", "When"])
    for one in found:
        told = capital(one.reason) or ", ".join(one.to)
        table.add_row(one.account, one.name, styled(one.status), desk.moment(one.at), told)
    desk.screen.table(table, by=0)


async def _write(desk: Desk, store: Store, name: str, wanted: WantedOutcomes, to: Path) -> None:
    with csv_file(desk, to, OUTCOME_COLUMNS) as write:
        async for page in outcome_pages(store, name, wanted):
            write(outcome_cells(one) for one in page)
