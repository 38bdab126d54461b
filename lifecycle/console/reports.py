"""`report`: numbers over all accounts, now or as of a day; as tables, CSV or JSON."""

from __future__ import annotations

from typing import Any, Final

import typer

from lifecycle.telling.reports.kinds import KINDS

from .desk import Desk, Look, work
from .report_options import Typed
from .report_tables import answer

app: Final = typer.Typer(
    help="Numbers over all accounts: now, over time, as of a day.", no_args_is_help=True
)


def report(name: str, typed: Typed, **own: Any) -> None:
    """Make a report at a desk of its own and give it as it is wanted."""
    check_known(typed)

    async def run(desk: Desk) -> None:
        answer(desk, await KINDS[name].ask(await desk.viewer(), typed.asked(**own)), typed.csv)

    work(run, Look(typed.as_json, typed.utc))


def check_known(typed: Typed) -> None:
    """Raises `BadParameter` for a `--known` without its day."""
    if typed.known is not None and typed.as_of is None:
        raise typer.BadParameter("It belongs to --as-of DATE.", param_hint="--known")


def most(typed: Typed, limit: int | None, on_a_screen: int) -> int | None:
    """The limit that was typed; where none was, the screen has one, programs and files have not."""
    return on_a_screen if limit is None and typed.csv is None and not typed.as_json else limit
