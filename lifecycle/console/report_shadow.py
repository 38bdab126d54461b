"""`report shadow`: what lines in shadow would have done, beside what was done (N11)."""

from __future__ import annotations

from dataclasses import replace
from typing import Annotated

import typer

from lifecycle.store.reports.periods import Step

from . import completing
from .report_options import TypedPeriod, with_options
from .reports import app, report

Lifecycle = Annotated[
    str | None,
    typer.Argument(
        help="Only this lifecycle.", autocompletion=completing.lifecycles, show_default=False
    ),
]
ByAccount = Annotated[
    str | None,
    typer.Option(
        "--by-account",
        metavar="AUTOMATION",
        help="Each time this line would have acted, account by account.",
        show_default=False,
    ),
]
By = Annotated[Step, typer.Option("--by", help="Tell days, weeks or months apart.")]


@app.command("shadow")
@with_options
def shadow(
    typed: TypedPeriod, of: Lifecycle = None, by_account: ByAccount = None, by: By = Step.DAY
) -> None:
    """Lines in shadow: how often each would have acted, what was done instead, and the moves it would have missed."""
    if of is not None and typed.lifecycle is not None and of != typed.lifecycle:
        raise typer.BadParameter("Name one lifecycle.", param_hint="--lifecycle")
    meant = replace(typed, lifecycle=of or typed.lifecycle)
    report("shadow", meant, automation=by_account, by=by)
