"""Arguments and options that commands share, each with its completion."""

from __future__ import annotations

from typing import Annotated

import typer

from . import completing

AsJson = Annotated[
    bool, typer.Option("--json", help="Answer with one JSON document, for programs.")
]
InUtc = Annotated[
    bool,
    typer.Option("--utc", help="Show times in UTC. Default: LIFECYCLE_ZONE, else your machine's."),
]
As = Annotated[
    str | None,
    typer.Option(
        "--as",
        metavar="NAME",
        help="Who gives the command. Default: LIFECYCLE_ACTOR, else your user name.",
    ),
]
Account = Annotated[
    str,
    typer.Argument(
        help="The account's id, or its name.",
        autocompletion=completing.accounts,
        show_default=False,
    ),
]
Lifecycle = Annotated[
    str,
    typer.Argument(
        help="The lifecycle's id.", autocompletion=completing.lifecycles, show_default=False
    ),
]
MaybeLifecycle = Annotated[
    str | None,
    typer.Argument(
        help="Only this lifecycle.", autocompletion=completing.lifecycles, show_default=False
    ),
]
Stage = Annotated[
    str,
    typer.Argument(
        help="The stage's id; None clears.", autocompletion=completing.stages, show_default=False
    ),
]
Reason = Annotated[
    str, typer.Option("--reason", help="Why; it is kept with the change.", show_default=False)
]
MaybeReason = Annotated[
    str, typer.Option("--reason", help="Why; it is kept with the change.", show_default=False)
]
OfCampaign = Annotated[
    str | None,
    typer.Option(
        "--campaign",
        help="Only of this campaign.",
        autocompletion=completing.campaigns,
        show_default=False,
    ),
]
