"""`catch-up`: what fell due during an outage, whose turn is when, and what a person lets go on or holds (N8)."""

from __future__ import annotations

from typing import Annotated, Final

import typer
from rich.text import Text

from lifecycle.core.refusal import Refusal
from lifecycle.store.catching_up_tables import TurnStatus
from lifecycle.store.turn_counts import WantedTurns
from lifecycle.store.turns import Whom
from lifecycle.telling.catching_up import (
    STATUSES,
    CatchUpView,
    OutageView,
    catching_up,
    headline,
    released_words,
    whom_meant,
)
from lifecycle.telling.phrases import MISSING, count, distance

from . import completing
from . import options as o
from .desk import Desk, Look, work
from .screen import columns

HELP: Final = "After an outage: who is behind, whose turn is when, what is held for approval."
app: Final = typer.Typer(help=HELP)

Status = Annotated[
    TurnStatus | None,
    typer.Option("--status", help="Only these accounts.", case_sensitive=False, show_default=False),
]
OfLifecycle = Annotated[
    str,
    typer.Option(
        "--lifecycle",
        help="Only accounts with something due in this lifecycle.",
        autocompletion=completing.lifecycles,
        show_default=False,
    ),
]
Limit = Annotated[int, typer.Option(min=1, max=500, help="At most this many accounts.")]
After = Annotated[str, typer.Option(help="The next page: behind this account.", show_default=False)]
Accounts = Annotated[
    list[str] | None,
    typer.Argument(
        metavar="[ACCOUNT]...",
        help="Their ids or names.",
        autocompletion=completing.accounts,
        show_default=False,
    ),
]
Every = Annotated[bool, typer.Option("--all", help="Everybody who is to come.")]
AtOnce = Annotated[
    bool,
    typer.Option(
        "--at-once",
        help="Do not spread them: they go on now, as fast as the pace allows, those who wait as well.",
    ),
]


@app.callback(invoke_without_command=True)
def alone(  # noqa: PLR0913, PLR0917 -- a command's options
    ctx: typer.Context,
    status: Status = None,
    lifecycle: OfLifecycle = "",
    limit: Limit = 20,
    after: After = "",
    as_json: o.AsJson = False,
    utc: o.InUtc = False,
) -> None:
    """After an outage: who is behind, whose turn is when, what is held for approval."""
    if ctx.invoked_subcommand is None:
        wanted = WantedTurns(status, lifecycle, after, limit)
        work(lambda desk: _show(desk, wanted), Look(as_json, utc))


async def _show(desk: Desk, wanted: WantedTurns) -> None:
    view = await catching_up(await desk.viewer(), wanted)
    if desk.look.as_json:
        desk.screen.data(view)
        return
    on = [view.outage] if view.outage else []
    desk.screen.say(Text(f"{headline(view.timers, on, desk.zone)}.", style="bold"))
    if unnoticed := view.unnoticed(desk.zone):
        desk.screen.say(unnoticed)
    elif view.outage is None:
        desk.screen.say("There was no outage yet.")
    if view.outage is not None:
        _numbers(desk, view.outage)
    _due(desk, view)
    _turns(desk, view)


def _numbers(desk: Desk, outage: OutageView) -> None:
    began = f"Outage {outage.number}: timers missed since {desk.moment(outage.since)}"
    desk.screen.say(f"{began}, noticed {desk.moment(outage.noticed_at)}.")
    said = [f"{count(outage.accounts, 'account')} behind"]
    said += [f"{outage.waiting:,} waiting for their turn"] * bool(outage.waiting)
    said += [f"{outage.held:,} held for approval"] * bool(outage.held)
    said += [f"{outage.gone:,} let go", f"{outage.done:,} caught up by themselves"]
    desk.screen.flowing(said)
    if outage.absent:
        desk.screen.say(
            f"{count(outage.absent, 'account')} did not run when their turn came: lifecycle admin nudge --all"
        )
    if outage.held:
        desk.screen.say("They go on by: lifecycle admin catch-up release --all")


def _due(desk: Desk, view: CatchUpView) -> None:
    if not view.due:
        return
    desk.screen.heading("What is due of those to come")
    table = columns("What", "Accounts", right=["Accounts"])
    for due in view.due:
        table.add_row(Text(due.words), f"{due.accounts:,}")
    desk.screen.table(table)


def _turns(desk: Desk, view: CatchUpView) -> None:
    if not view.turns:
        return
    desk.screen.heading("The queue")
    table = columns("Account", "Behind since", "Turn", "Status", "First", keep=["Turn"])
    for turn in view.turns:
        at = f"{turn.at.astimezone(desk.zone):%H:%M:%S}" if turn.at else MISSING
        status = STATUSES[turn.status] + " · does not run" * turn.is_absent
        since = f"{desk.moment(turn.due_at)}, {distance(turn.due_at, desk.now)}"
        table.add_row(Text(turn.name or turn.account), since, at, status, Text(turn.what))
    desk.screen.table(table)
    if view.after:
        desk.screen.say(Text(f"There is more: --after {view.after}", style="dim"))


# ── release, hold


@app.command("release")
def release(
    accounts: Accounts = None,
    every: Every = False,
    lifecycle: OfLifecycle = "",
    at_once: AtOnce = False,
    who: o.As = None,
    as_json: o.AsJson = False,
) -> None:
    """Let accounts that are held go on, spread from now on: some, those of a lifecycle, or all."""
    meant = _meant(accounts, every, lifecycle)
    work(lambda desk: _release(desk, *meant, at_once), Look(as_json, actor=who))


async def _release(desk: Desk, accounts: list[str], lifecycle: str, at_once: bool) -> None:
    from lifecycle.catching_up import release as let_on

    store, client = await desk.store(), await desk.client()
    whom = await _whom(desk, accounts, lifecycle)
    queue = desk.settings.task_queue
    done = await let_on(
        store, client.client, queue, whom, by=desk.actor, now=desk.now, at_once=at_once
    )
    if desk.look.as_json:
        desk.screen.data(done)
    else:
        desk.screen.say(released_words(done))


@app.command("hold")
def hold(
    accounts: Accounts = None,
    every: Every = False,
    lifecycle: OfLifecycle = "",
    who: o.As = None,
    as_json: o.AsJson = False,
) -> None:
    """Hold accounts that wait for their turn: none goes on before it is released."""
    meant = _meant(accounts, every, lifecycle)
    work(lambda desk: _hold(desk, *meant), Look(as_json, actor=who))


async def _hold(desk: Desk, accounts: list[str], lifecycle: str) -> None:
    from lifecycle.catching_up import hold as hold_back

    whom = await _whom(desk, accounts, lifecycle)
    done = await hold_back(await desk.store(), whom, by=desk.actor, now=desk.now)
    if desk.look.as_json:
        desk.screen.data(done)
    else:
        desk.screen.say(f"{count(done.accounts, 'account')} held.")


def _meant(accounts: list[str] | None, every: bool, lifecycle: str) -> tuple[list[str], str]:
    """One way of saying whom. Raises `Refusal`."""
    if [bool(accounts), every, bool(lifecycle)].count(True) != 1:
        said = "It is not said which accounts, or in two ways."
        raise Refusal("no_accounts", said, "Name some, or give --lifecycle, or --all.")
    return accounts or [], lifecycle


async def _whom(desk: Desk, accounts: list[str], lifecycle: str) -> Whom:
    return await whom_meant(await desk.viewer(), accounts, lifecycle)
