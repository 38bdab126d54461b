"""The admin command, put together: one module per family of commands."""

from __future__ import annotations

from collections.abc import Callable
from typing import Final

import typer

from . import (
    bringing,
    campaign,
    catching_up,
    change,
    changes,
    cta,
    definitions,
    hooks,
    keys,
    mail,
    reporting,
    suppressions,
    task,
    verify,
)
from .audit import audit
from .base import migrate
from .clockwork import fast_forward
from .commands import clear, event, fields, hold, release, set_, undo
from .ctas import ctas
from .drift import drift
from .erasing import erase
from .exporting import export
from .forecast import forecast
from .listing import list_
from .manners import Polite
from .nudging import nudge
from .past import history, why
from .rehearse import rehearse
from .sandbox import sandbox
from .scorecard import health, scorecard
from .segment import segment
from .show import show

Command = Callable[..., None]
app: Final = typer.Typer(
    name="admin",
    cls=Polite,
    help="What a CSM or an operator does by hand. Every command takes --json.",
    no_args_is_help=True,
    pretty_exceptions_enable=False,
)

LOOK: Final[tuple[Command, ...]] = (
    show,
    list_,
    segment,
    ctas,
    why,
    history,
    forecast,
    sandbox,
    health,
    scorecard,
    rehearse,
)
DO: Final[tuple[Command, ...]] = (set_, clear, undo, hold, release, fields, event)
for panel, commands in {"Look": LOOK, "Do": DO}.items():
    for command in commands:
        app.command(command.__name__.rstrip("_"), rich_help_panel=panel)(command)
app.add_typer(reporting.app, name="report", rich_help_panel="Look")
app.add_typer(cta.app, name="cta", rich_help_panel="Do")
app.add_typer(task.app, name="task", rich_help_panel="Do")
app.add_typer(campaign.app, name="campaign", rich_help_panel="Do")
app.add_typer(change.app, name="change", rich_help_panel="Do")
app.add_typer(changes.app, name="changes", rich_help_panel="Do")
app.command("fast-forward", rich_help_panel="Operate")(fast_forward)
app.command(rich_help_panel="Operate")(nudge)
app.command(rich_help_panel="Operate")(migrate)
app.command(rich_help_panel="Operate")(erase)
app.command(rich_help_panel="Files")(export)
app.add_typer(bringing.app, name="import", rich_help_panel="Files")
app.add_typer(definitions.app, name="definitions", rich_help_panel="Operate")
app.add_typer(mail.app, name="mail", rich_help_panel="Operate")
app.add_typer(hooks.app, name="hooks", rich_help_panel="Operate")
app.add_typer(catching_up.app, name="catch-up", rich_help_panel="Operate")
app.add_typer(suppressions.app, name="suppressions", rich_help_panel="Operate")
app.add_typer(keys.app, name="keys", rich_help_panel="Operate")
app.command(rich_help_panel="Operate")(audit)
app.add_typer(verify.app, name="verify", rich_help_panel="Operate")
app.command(rich_help_panel="Operate")(drift)


@app.callback()
def _options() -> None:
    """What a CSM or an operator does by hand. Every command takes --json."""
