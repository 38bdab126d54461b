"""`definitions diff`: what one version of a lifecycle changes against another, in plain words."""

from __future__ import annotations

from pathlib import Path
from typing import Annotated

import typer

from lifecycle.checking import check_against
from lifecycle.telling.data import plain
from lifecycle.telling.version_differences import version_differences

from . import options as o
from .desk import Desk, Look, work

First = Annotated[
    int | None,
    typer.Argument(
        metavar="[V1]", help="A version. Default: the one in force.", show_default=False
    ),
]
Second = Annotated[
    int | None,
    typer.Argument(
        metavar="[V2]",
        help="Another. Default: the folder's, or the one in force if V1 is given.",
        show_default=False,
    ),
]
Folder = Annotated[
    Path | None,
    typer.Option("--folder", help="The folder.", file_okay=False, exists=True, show_default=False),
]


def diff(
    lifecycle: o.Lifecycle,
    first: First = None,
    second: Second = None,
    folder: Folder = None,
    as_json: o.AsJson = False,
) -> None:
    """Tell in plain words what one version of a lifecycle changes: the folder's, or two that were published."""

    async def tell(desk: Desk) -> None:
        store = await desk.store()
        book = None if first is not None else check_against(desk.settings, folder, None).book
        found = await version_differences(store, lifecycle, first, second, book)
        if desk.look.as_json:
            desk.screen.data(plain(found))
            return
        desk.screen.say(f"{found.title}: {found.before} → {found.after}")
        for one in found.differences:
            desk.screen.indented(str(one))
        if not found.differences:
            desk.screen.indented("Nothing differs.")

    work(tell, Look(as_json))
