"""`report forecast`: who reaches which stage on which day, and what falls due, if nothing else happens (N4, G13)."""

from __future__ import annotations

from typing import Annotated

import typer

from lifecycle.store.reports.periods import Step
from lifecycle.telling.reports.asking import DEFAULT_DAYS, Asked
from lifecycle.telling.reports.backtest import backtest as try_out
from lifecycle.telling.reports.backtest import to_foretell as to_try
from lifecycle.telling.reports.forecast import forecast as foretell
from lifecycle.telling.reports.forecast import to_foretell
from lifecycle.telling.reports.kinds import KINDS

from .desk import Desk, Look, work
from .progress import progress, step
from .report_options import Typed, with_options
from .report_tables import answer
from .reports import app, check_known

Days = Annotated[int, typer.Option(min=1, max=366, help="How far to look ahead.")]
By = Annotated[Step, typer.Option("--by", help="Tell days, weeks or months apart.")]
ByCsm = Annotated[bool, typer.Option("--by-csm", help="Tell the accounts of each CSM apart.")]


Backtest = Annotated[
    bool,
    typer.Option(
        "--backtest",
        help="Make it anew of six days in the past, and hold it against what came: how good was it?",
    ),
]


@app.command("forecast")
@with_options
def forecast(
    typed: Typed,
    days: Days = DEFAULT_DAYS,
    by: By = Step.DAY,
    by_csm: ByCsm = False,
    backtest: Backtest = False,
) -> None:
    """What lies ahead day by day: accounts reaching which stage, CTAs due, renewals, mails, who becomes late."""
    check_known(typed)
    look = Look(typed.as_json, typed.utc)
    if backtest:
        if (days, by, by_csm) != (DEFAULT_DAYS, Step.DAY, False):
            said = "It tells 30, 60 and 90 days ahead, and nothing else."
            raise typer.BadParameter(said, param_hint="--backtest")
        work(lambda desk: _backtest(desk, typed), look)
        return
    asked = typed.asked(days=days, by=by, by_csm=by_csm)
    work(lambda desk: _forecast(desk, typed, asked), look)


async def _forecast(desk: Desk, typed: Typed, asked: Asked) -> None:
    """As of a day every account is foretold anew: that takes a while, and shows a bar."""
    question = await KINDS["forecast"].question(await desk.viewer(), asked)
    total = await to_foretell(question)
    with progress(total is not None and not desk.look.as_json) as bar:
        tell = step(bar, "Foretelling", total, "accounts") if total is not None else _nobody
        found = await foretell(question, tell)
    answer(desk, found, typed.csv)


async def _backtest(desk: Desk, typed: Typed) -> None:
    question = await KINDS["backtest"].question(await desk.viewer(), typed.asked())
    total = await to_try(question)
    with progress(not desk.look.as_json) as bar:
        found = await try_out(question, step(bar, "Foretelling", total, "accounts"))
    answer(desk, found, typed.csv)


def _nobody(number: int) -> None:
    """What is kept needs no bar."""
