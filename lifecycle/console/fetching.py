"""`definitions fetch`: what is published, as files."""

from __future__ import annotations

from pathlib import Path
from typing import Annotated, Final

import typer

from lifecycle.fetching import Became, Fetched, fetch

from . import options as o
from .desk import Desk, Look, work
from .manners import Problems
from .screen import columns

Into = Annotated[
    Path | None,
    typer.Option(
        "--into",
        metavar="FOLDER",
        help="The folder. Default: LIFECYCLE_DEFINITIONS_DIR, else ./definitions.",
        file_okay=False,
        show_default=False,
    ),
]
Over = Annotated[bool, typer.Option("--over", help="Also over changes that were never published.")]
WORDS: Final = {
    Became.NEW: "new",
    Became.WRITTEN: "written",
    Became.SAME: "as published",
    Became.KEPT: "kept: it has changes that were never published",
    Became.LOST: "its text was not kept when it was published",
}


def fetch_(into: Into = None, over: Over = False, as_json: o.AsJson = False) -> None:
    """Write what is published into a folder. Files with changes of their own are kept; ends with 1 if there are any."""

    async def go(desk: Desk) -> None:
        store = await desk.store()
        # Never what is shipped: that belongs to the engine.
        folder = into or desk.settings.definitions_dir or Path("definitions")
        _tell(desk, folder, await fetch(store, folder, over))

    work(go, Look(as_json))


def _tell(desk: Desk, folder: Path, found: list[Fetched]) -> None:
    kept = [one.file for one in found if one.became is Became.KEPT]
    if desk.look.as_json:
        desk.screen.data({"folder": str(folder), "files": found})
    else:
        table = columns("File", "Version", "", keep=["File"])
        for one in found:
            table.add_row(one.file, one.version, WORDS[one.became])
        desk.screen.table(table, by=0)
        if not found:
            desk.screen.say("Nothing is published yet: `definitions publish` does it.")
        if kept:
            said = "Put your changes aside and fetch again, or fetch over them with --over."
            desk.screen.say(said, "yellow")
    if kept:
        raise Problems
