"""`report`: numbers over all accounts, now or as of a day; as tables, CSV or JSON."""

from __future__ import annotations

from collections.abc import Awaitable, Callable
from typing import Any, Final

import typer

from .desk import Desk, Look, work
from .report_asking import Question, question
from .report_options import Asked
from .report_tables import Report, answer

app: Final = typer.Typer(
    help="Numbers over all accounts: now, over time, as of a day.", no_args_is_help=True
)


def report(asked: Asked, make: Callable[[Question], Awaitable[Report[Any]]]) -> None:
    """Make a report at a desk of its own and give it as it is wanted."""

    async def run(desk: Desk) -> None:
        answer(desk, await make(await question(desk, asked)), asked.csv)

    work(run, Look(asked.as_json, asked.utc))
