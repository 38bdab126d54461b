"""`hooks`: webhooks in. Which there are, what they map, and what could not be mapped: look, send again, drop."""

from __future__ import annotations

import json
from dataclasses import replace
from pathlib import Path
from typing import Annotated, Any, Final

import typer
from rich.text import Text

from lifecycle.core.model import Book
from lifecycle.core.refusal import Refusal
from lifecycle.definition.problems import Problem as MappingProblem
from lifecycle.failure import Failure
from lifecycle.hooks.reader import read_hook
from lifecycle.hooks.shelf import Shelf
from lifecycle.importing.reader import BadMapping
from lifecycle.store import hook_arrivals
from lifecycle.store.hook_arrivals import Counted, WantedArrivals
from lifecycle.store.hook_tables import ArrivalStatus, HookArrivalRow
from lifecycle.telling.phrases import MISSING, count

from . import completing, hook_ids
from . import options as o
from .checking import check_folder, published_book
from .desk import Desk, Look, NoDatabase, work
from .manners import Problems
from .screen import columns

app: Final = typer.Typer(
    no_args_is_help=True, help="Webhooks in: their mappings, and messages that could not be mapped."
)

Folder = Annotated[
    Path | None,
    typer.Argument(
        help="The folder. Default: ./hooks, else the shipped ones (LIFECYCLE_HOOKS_DIR).",
        file_okay=False,
        exists=True,
        show_default=False,
    ),
]
Source = Annotated[
    str | None,
    typer.Option(
        "--source",
        help="Only of this source.",
        autocompletion=completing.hooks,
        show_default=False,
    ),
]
Code = Annotated[
    str | None,
    typer.Option("--code", help="Only with this reason: `no_account`.", show_default=False),
]
Status = Annotated[
    ArrivalStatus, typer.Option("--status", help="Which ones.", case_sensitive=False)
]
Limit = Annotated[int, typer.Option(min=1, max=500, help="At most this many, the oldest.")]
After = Annotated[int, typer.Option(help="The next page: those after this number.")]
Number = Annotated[int, typer.Argument(metavar="ID", help="Its number.", show_default=False)]
MaybeNumber = Annotated[
    int | None, typer.Argument(metavar="ID", help="Its number.", show_default=False)
]
All = Annotated[bool, typer.Option("--all", help="All that are kept.")]

app.command("map")(hook_ids.map_)


# ── mappings


@app.command("check")
def check(folder: Folder = None, as_json: o.AsJson = False) -> None:
    """Check the hooks of a folder: every problem at once, each at its place. Nothing is changed."""
    work(lambda desk: _check(desk, folder), Look(as_json))


async def _check(desk: Desk, folder: Path | None) -> None:
    shelf, book = _shelf(desk, folder), await _book(desk)
    problems = [one for name in shelf.names() for one in _problems(desk, shelf, name, book)]
    if desk.look.as_json:
        desk.screen.data({"folder": str(shelf.folder), "problems": problems})
    else:
        said = "\n".join(str(BadMapping([one])) + "\n" for one in problems)
        good = f"{count(len(shelf.names()), 'hook')} in {shelf.folder}: no problem."
        desk.screen.say(said or good)
    if problems:
        raise Problems


def _shelf(desk: Desk, folder: Path | None = None) -> Shelf:
    chosen = {"hooks_dir": folder.resolve()} if folder is not None else {}
    return Shelf(desk.settings.model_copy(update=chosen))


async def _book(desk: Desk) -> Book:
    """What is published; where nothing is yet, the definitions of the folder."""
    return await published_book(desk) or (await check_folder(desk, None)).book


def _problems(desk: Desk, shelf: Shelf, name: str, book: Book) -> list[MappingProblem]:
    try:
        read_hook(shelf.path(name), book, desk.now)
    except BadMapping as bad:
        return bad.problems
    except Failure as error:
        return [MappingProblem(f"{name}.yaml", 1, 1, "unreadable", str(error))]
    return []


@app.command("list")
def list_(as_json: o.AsJson = False, utc: o.InUtc = False) -> None:
    """List the hooks: who speaks, whether they have a secret, and how many messages are kept."""
    work(_list, Look(as_json, utc))


async def _list(desk: Desk) -> None:
    shelf, kept = _shelf(desk), await _kept_by_source(desk)
    names = sorted({*shelf.names(), *desk.settings.hooks, *kept})
    lines = [_line(desk, shelf, name, kept.get(name, 0)) for name in names]
    if desk.look.as_json:
        desk.screen.data({"folder": str(shelf.folder), "hooks": lines})
        return
    table = columns("Hook", "Format", "Address", "Open", "Kept", keep=["Hook", "Open", "Kept"])
    for line in lines:
        kept_ = f"{line['kept']:,}" if line["kept"] else MISSING
        open_ = "yes" if line["open"] else "no secret"
        table.add_row(line["hook"], line["format"] or MISSING, line["address"], open_, kept_)
    desk.screen.table(table, by=0)


async def _kept_by_source(desk: Desk) -> dict[str, int]:
    try:
        counted = await hook_arrivals.kept_counts(await desk.store())
    except NoDatabase:
        return {}
    found: dict[str, int] = {}
    for one in counted:
        found[one.source] = found.get(one.source, 0) + one.messages
    return found


def _line(desk: Desk, shelf: Shelf, name: str, kept: int) -> dict[str, Any]:
    base = str(desk.settings.public_url or desk.settings.base_url or "").rstrip("/")
    form = _format(shelf, name)
    secret = "/SECRET" if form == "salesforce" else ""
    return {
        "hook": name,
        "format": form,
        "address": f"{base}/hooks/{name}{secret}",
        "open": name in desk.settings.hooks and bool(form),
        "kept": kept,
    }


def _format(shelf: Shelf, name: str) -> str:
    try:
        return shelf.format(name)
    except Failure:
        return ""


# ── messages that could not be mapped


@app.command("kept")
def kept(  # noqa: PLR0913, PLR0917 - one parameter per filter
    source: Source = None,
    code: Code = None,
    status: Status = ArrivalStatus.KEPT,
    limit: Limit = 50,
    after: After = 0,
    as_json: o.AsJson = False,
    utc: o.InUtc = False,
) -> None:
    """List messages that could not be mapped, the oldest first, each with its reason."""
    wanted = WantedArrivals(source or "", status, code or "", after, limit)
    work(lambda desk: _kept(desk, wanted), Look(as_json, utc))


async def _kept(desk: Desk, wanted: WantedArrivals) -> None:
    store = await desk.store()
    found = await hook_arrivals.arrivals(store, replace(wanted, limit=wanted.limit + 1))
    rows, more = found[: wanted.limit], len(found) > wanted.limit
    counted = await hook_arrivals.kept_counts(store)
    if desk.look.as_json:
        page = {"messages": [_data(row) for row in rows], "after": rows[-1].id if more else None}
        desk.screen.data({**page, "counts": counted})
        return
    if not rows:
        desk.screen.say("None.")
        return
    _show_rows(desk, rows)
    desk.screen.say(Text(f"{_summary(counted)}.", style="dim"))
    if more:
        desk.screen.say(Text(f"There is more: --after {rows[-1].id}", style="dim"))


def _data(row: HookArrivalRow) -> dict[str, Any]:
    """For programs; the message itself is told by `hooks show`."""
    return row.model_dump(exclude={"body"})


def _show_rows(desk: Desk, rows: list[HookArrivalRow]) -> None:
    table = columns("Id", "Received", "Source", "Message", "Reason", keep=["Id", "Received"])
    for row in rows:
        reason = row.why or row.reason.partition("\n")[0] or row.code
        cells = (str(row.id), desk.moment(row.received_at), row.source)
        table.add_row(*cells, Text(row.told), Text(reason))
    desk.screen.table(table, by=0)
    desk.screen.say()


def _summary(counted: list[Counted]) -> str:
    said = [f"{one.source} {one.messages:,} × {one.code}" for one in counted]
    return f"Kept: {', '.join(said) or 'none'}"


@app.command("show")
def show(number: Number, as_json: o.AsJson = False, utc: o.InUtc = False) -> None:
    """Show a message as it came, and why it could not be mapped."""
    work(lambda desk: _show(desk, number), Look(as_json, utc))


async def _show(desk: Desk, number: int) -> None:
    row = await hook_arrivals.arrival(await desk.store(), number)
    message = json.loads(row.body) if row.body else None
    if desk.look.as_json:
        desk.screen.data({**_data(row), "message": message})
        return
    table = columns("Name", "Value", keep=["Name"], header=False)
    for name, value in _facts(desk, row).items():
        table.add_row(Text(name, style="dim"), Text(value))
    desk.screen.table(table, by=0)
    desk.screen.say()
    gone = "The message was erased when it was sent or dropped: it may have spoken of people."
    desk.screen.say(Text(json.dumps(message, indent=2, ensure_ascii=False) if message else gone))


def _facts(desk: Desk, row: HookArrivalRow) -> dict[str, str]:
    facts = {
        "Message": f"{row.told} of {row.source}",
        "Their id": row.their_id,
        "Status": f"{row.status.value} ({count(row.attempts, 'attempt')})",
        "Received": desk.moment(row.received_at),
        "Account": row.account,
        "Reason": f"{row.code}: {row.reason}" if row.reason else row.code,
        "Waits for": row.waits_for.replace("/", " ", 1),
        "Ended": f"{desk.moment(row.ended_at)} by {row.actor}" if row.ended_at else "",
        "Why": row.why,
    }
    return {name: value for name, value in facts.items() if value}


@app.command("retry")
def retry(
    number: MaybeNumber = None,
    every: All = False,
    source: Source = None,
    who: o.As = None,
    as_json: o.AsJson = False,
) -> None:
    """Map kept messages once more, by the hooks as they are now, and send them. Twice does no harm."""
    work(lambda desk: _retry(desk, number, every, source or ""), Look(as_json, actor=who))


async def _retry(desk: Desk, number: int | None, every: bool, source: str) -> None:
    from lifecycle.hooks.again import all_again, one_again
    from lifecycle.hooks.intake import Intake

    if (number is None) == (not every):
        said = "Which messages are to be tried again?"
        raise Refusal("missing", said, "Name one by its id, or say --all (with --source).", "id")
    store, client = await desk.store(), await desk.client()
    intake = Intake(desk.settings, store, client.client)
    if number is None:
        tried = await all_again(intake, WantedArrivals(source), desk.actor, desk.now)
    else:
        tried = [await one_again(intake, number, desk.actor, desk.now)]
    _tell_tried(desk, [one.id for one in tried if one.problem is None], tried)
    if any(one.problem for one in tried):
        raise Problems


def _tell_tried(desk: Desk, sent: list[int], tried: list[Any]) -> None:
    failed = [one for one in tried if one.problem is not None]
    if desk.look.as_json:
        desk.screen.data({"sent": sent, "kept": failed})
        return
    for one in failed:
        desk.screen.say(f"{one.id}: {one.problem.reason}")
    kept_ = f" {count(len(failed), 'message')} kept." if failed else ""
    desk.screen.say(f"{count(len(sent), 'message')} sent.{kept_}")


@app.command("drop")
def drop(
    number: Number, reason: o.Reason = "", who: o.As = None, as_json: o.AsJson = False
) -> None:
    """Do nothing about a message: it is erased, its reason and yours are kept."""
    work(lambda desk: _drop(desk, number, reason.strip()), Look(as_json, actor=who))


async def _drop(desk: Desk, number: int, reason: str) -> None:
    if not reason:
        raise Refusal("missing", "Why is it dropped?", "Say it with --reason TEXT.", "reason")
    row = await hook_arrivals.drop(await desk.store(), number, reason, desk.actor, desk.now)
    if desk.look.as_json:
        desk.screen.data(_data(row))
    else:
        desk.screen.say(f"Dropped: {row.told} of {row.source}, message {row.id}.")
