"""`definitions`: check, show in plain words, draw, list what is published, publish."""

from __future__ import annotations

import json
import sys
from collections.abc import Iterator
from pathlib import Path
from typing import Annotated, Final

import typer
from rich.text import Text

from lifecycle.checking import Checked, check_against
from lifecycle.core.model import Book
from lifecycle.definition import diagram, render
from lifecycle.definition.schema import PLACES
from lifecycle.definition.schema import schema as schema_of
from lifecycle.store.adoption import accounts_by_version
from lifecycle.store.definitions import SHARED, current_book
from lifecycle.store.definitions import published as published_rows
from lifecycle.store.tables import DefinitionRow, PartKind
from lifecycle.telling.accounts import lifecycle_named
from lifecycle.telling.book_parts import described
from lifecycle.telling.differences import told_differences
from lifecycle.telling.phrases import MISSING, count
from lifecycle.telling.published import accounts_in, published_data

from . import completing
from . import options as o
from .checking import check_folder
from .desk import Desk, Look, work
from .differing import diff
from .fetching import fetch_
from .manners import Problems
from .publications import publication, publications_, roll_back, roll_on, stop
from .publishing import publish
from .screen import columns

app: Final = typer.Typer(
    no_args_is_help=True, help="Check, read, draw and publish the definitions."
)
Folder = Annotated[
    Path | None,
    typer.Argument(
        help="The folder. Default: ./definitions, else the shipped ones (LIFECYCLE_DEFINITIONS_DIR).",
        file_okay=False,
        exists=True,
        show_default=False,
    ),
]
FolderOption = Annotated[
    Path | None,
    typer.Option(
        "--folder", help="The folder to read.", file_okay=False, exists=True, show_default=False
    ),
]
Published = Annotated[
    bool, typer.Option("--published", help="What is published, not what stands in the folder.")
]
Part = Annotated[
    str,
    typer.Argument(
        help=f"Which kind of file: {', '.join(PLACES)}.",
        autocompletion=completing.schema_places,
        show_default=False,
    ),
]

PartName = Annotated[
    str,
    typer.Argument(
        metavar="LIFECYCLE|SEGMENT|SCORECARD",
        help="Its id or title; `segments` or `scorecards` for all of them.",
        autocompletion=completing.definition_parts,
        show_default=False,
    ),
]

app.command("publish")(publish)
app.command("publications")(publications_)
app.command("publication")(publication)
app.command("roll-on")(roll_on)
app.command("roll-back")(roll_back)
app.command("stop")(stop)
app.command("diff")(diff)
app.command("fetch")(fetch_)


@app.command("check")
def check(folder: Folder = None, as_json: o.AsJson = False) -> None:
    """Check a folder: every problem at once, each at its place. Nothing is changed."""

    async def look(desk: Desk) -> None:
        _show_checked(desk, await check_folder(desk, folder))

    work(look, Look(as_json))


def _show_checked(desk: Desk, checked: Checked) -> None:
    errors = sum(problem.is_error for problem in checked.problems)
    warnings = len(checked.problems) - errors
    if desk.look.as_json:
        desk.screen.data(
            {"folder": str(checked.folder), "errors": errors, "problems": checked.problems}
        )
    else:
        sys.stdout.write(render(checked.problems))
        if checked.problems:
            desk.screen.say()
        desk.screen.say(_verdict(checked, errors, warnings), "red" if errors else "green")
        for line in _unpublished(checked):
            desk.screen.say(Text(line))
    if errors:
        raise Problems


def _verdict(checked: Checked, errors: int, warnings: int) -> str:
    found = [count(errors, "error")] if errors else []
    found += [count(warnings, "warning")] if warnings else []
    if found:
        return f"{checked.folder}: {' and '.join(found)}."
    book = checked.book
    parts = [count(len(book.lifecycles), "lifecycle")]
    parts += [count(len(book.segments), "segment")] if book.segments else []
    parts += [count(len(book.scorecards), "scorecard")] if book.scorecards else []
    compared = ", and may follow what is published" if checked.published else ""
    return f"{checked.folder}: {', '.join(parts)}, no problems{compared}."


def _unpublished(checked: Checked) -> Iterator[str]:
    """What publishing would bring: lifecycles that are new or raised, changes in the parts that exist once."""
    if checked.published is None or checked.has_errors:
        return
    known = {one.id: one.version for one in checked.published.lifecycles.values()}
    raised = [
        f"{one.id} (version {one.version})"
        for one in checked.book.lifecycles.values()
        if known.get(one.id) != one.version
    ]
    if raised:
        yield f"Not published yet: lifecycles: {'; '.join(raised)}."
    for kind in SHARED:
        if told := told_differences(checked.published, checked.book, kind):
            yield f"Not published yet: {kind.value}: {told}."


# ── reading


@app.command("show")
def show(
    part: PartName,
    folder: FolderOption = None,
    published: Published = False,
    as_json: o.AsJson = False,
) -> None:
    """Show a lifecycle, a segment or a scorecard in plain words, as a team reads it; or all `segments`."""

    async def say(desk: Desk) -> None:
        found = described(await _book(desk, folder, published), part)
        if desk.look.as_json:
            desk.screen.data({**found.head, "words": found.words})
        else:
            desk.screen.outline(found.words)

    work(say, Look(as_json))


@app.command("diagram")
def diagram_(
    lifecycle: o.Lifecycle,
    folder: FolderOption = None,
    published: Published = False,
    as_json: o.AsJson = False,
) -> None:
    """Draw a lifecycle: Mermaid text, which GitHub, Notion and https://mermaid.live show as a picture."""

    async def draw(desk: Desk) -> None:
        book = await _book(desk, folder, published)
        found = lifecycle_named(book, lifecycle)
        text = diagram(found, book)
        if desk.look.as_json:
            head = {"lifecycle": found.id, "version": found.version}
            desk.screen.data({**head, "diagram": text})
        else:
            sys.stdout.write(text)

    work(draw, Look(as_json))


async def _book(desk: Desk, folder: Path | None, published: bool) -> Book:
    if published:
        return (await current_book(await desk.store()))[0]
    return check_against(desk.settings, folder, None).book


@app.command("schema")
def schema(part: Part) -> None:
    """Print the JSON Schema of a kind of definition file, for editors."""
    if part not in PLACES:
        raise typer.BadParameter(
            f"There is no {part!r}. Known: {', '.join(PLACES)}.", param_hint="PART"
        )
    sys.stdout.write(json.dumps(schema_of(part), indent=2, ensure_ascii=False) + "\n")


# ── what is published


@app.command("list")
def list_(as_json: o.AsJson = False, utc: o.InUtc = False) -> None:
    """List every published version, and how many accounts run it."""
    work(_list, Look(as_json, utc))


async def _list(desk: Desk) -> None:
    store = await desk.store()
    if desk.look.as_json:
        desk.screen.data(await published_data(store))
        return
    rows = list(await published_rows(store))
    running = await accounts_by_version(store)
    names = ["Part", "Version", "Published", "By", "Policy", "Accounts in it"]
    table = columns(*names, right=["Accounts in it"], keep=["Published"])
    for row in rows:
        number = accounts_in(row, running)
        table.add_row(
            _title(row),
            _version(row),
            desk.moment(row.published_at),
            row.actor,
            row.policy or MISSING,
            MISSING if number is None else f"{number:,}",
        )
    desk.screen.table(table, by=0)
    if not rows:
        desk.screen.say("Nothing is published yet: `definitions publish` does it.")


def _title(row: DefinitionRow) -> Text:
    title = row.content.get("title", row.id) if row.kind is PartKind.LIFECYCLE else row.id
    return Text(str(title))


def _version(row: DefinitionRow) -> str:
    """In-place changes under one version number are its editions (R14)."""
    return f"{row.version}.{row.edition}" if row.edition > 1 else str(row.version)
