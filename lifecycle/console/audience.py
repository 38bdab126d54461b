"""Which accounts a command is about, and at which moment: `--segment`, `--where`, `--as-of`, `--known`."""

from __future__ import annotations

from typing import Annotated

import typer

from lifecycle.telling.audience import Asked, Audience
from lifecycle.telling.audience import audience as meant_by

from . import completing
from .desk import Desk

OfSegment = Annotated[
    str | None,
    typer.Option(
        "--segment",
        help="Only accounts of this saved segment.",
        autocompletion=completing.segments,
        show_default=False,
    ),
]
Where = Annotated[
    list[str] | None,
    typer.Option(
        "--where",
        metavar="SENTENCE",
        help='Only accounts this holds of, such as "type is Customer"; several must all hold.',
        show_default=False,
    ),
]
AsOfDay = Annotated[
    str | None,
    typer.Option(
        "--as-of",
        metavar="DATE",
        help="How it was at the end of that day (UTC), or at a time: 2026-06-30, 2026-06-30 09:00.",
        show_default=False,
    ),
]
Known = Annotated[
    str | None,
    typer.Option(
        metavar="DATE",
        help="With --as-of: from what was known then; `now` for all that is known today. Default: by that day.",
        show_default=False,
    ),
]

AsKnownNow = Annotated[
    bool, typer.Option("--as-known-now", help="With --as-of: the same as `--known now`.")
]


def when(as_of: str | None, known: str | None, as_known_now: bool = False) -> Asked:
    """The moment that is asked for. Raises `BadParameter`: typed wrongly."""
    if as_known_now and known is not None:
        raise typer.BadParameter("Choose one of it and --known.", param_hint="--as-known-now")
    asked = Asked(as_of=as_of, known="now" if as_known_now else known)
    check_known(asked)
    return asked


async def audience(desk: Desk, asked: Asked) -> Audience:
    """What the options mean. Raises `Refusal` for an unknown segment, a wrong sentence or date."""
    check_known(asked)
    return await meant_by(await desk.viewer(), asked)


def check_known(asked: Asked) -> None:
    """Raises `BadParameter`: typed wrongly."""
    if asked.known is not None and asked.as_of is None:
        raise typer.BadParameter("It belongs to --as-of DATE.", param_hint="--known")
