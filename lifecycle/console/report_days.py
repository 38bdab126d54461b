"""`report days`: Days in a lifecycle and in its stages, of each account, cycle by cycle (T11, T21, T28)."""

from __future__ import annotations

from typing import Annotated, Final

import typer

from lifecycle.telling.reports.asking import Asked
from lifecycle.telling.reports.kinds import KINDS

from . import completing
from .desk import Desk, Look, work
from .report_options import Typed, with_options
from .report_tables import answer, csv_file
from .reports import app, check_known, most

SHOWN: Final = 20
OfAccount = Annotated[
    str | None,
    typer.Option(
        "--account",
        help="Only of this account, by id or name.",
        autocompletion=completing.accounts,
        show_default=False,
    ),
]
Limit = Annotated[
    int | None,
    typer.Option(
        "--limit",
        min=1,
        help=f"At most this many accounts. Default: {SHOWN} on a screen, else all.",
        show_default=False,
    ),
]
After = Annotated[
    str | None, typer.Option(help="The next page: those behind this id.", show_default=False)
]


@app.command("days")
@with_options
def days(typed: Typed, account: OfAccount = None, limit: Limit = None, after: After = None) -> None:
    """Days in each lifecycle and in its stages, of each account, cycle by cycle."""
    check_known(typed)
    asked = typed.asked(account=account, limit=most(typed, limit, SHOWN), after=after)
    work(lambda desk: _days(desk, typed, asked), Look(typed.as_json, typed.utc))


async def _days(desk: Desk, typed: Typed, asked: Asked) -> None:
    kind = KINDS["days"]
    if typed.csv is None:
        answer(desk, await kind.ask(await desk.viewer(), asked))
        return
    header, pages = await kind.file(await desk.viewer(), asked)
    with csv_file(desk, typed.csv, header) as write:
        async for page in pages:
            write(page)
