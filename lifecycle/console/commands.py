"""What people do by hand: set, clear, undo, hold, release, fields, event. Each shows what came of it."""

from __future__ import annotations

import json
from collections.abc import Mapping
from contextlib import nullcontext
from typing import Annotated, Any

import typer
from rich.text import Text

from lifecycle.commanding import Commander, Done, done_data, told
from lifecycle.core.deciding.events import event_type as typed
from lifecycle.core.model import EventType
from lifecycle.core.refusal import Refusal, did_you_mean
from lifecycle.store.accounts import find_account
from lifecycle.store.definitions import current_book
from lifecycle.telling.accounts import running
from lifecycle.telling.spans import read_moment
from lifecycle.telling.taking_back import readers

from . import completing
from . import options as o
from .desk import Desk, Look, work
from .past import tell_entry

Anyway = Annotated[
    bool, typer.Option("--anyway", help="Even if the stage changed since you looked.")
]
Revision = Annotated[
    int | None,
    typer.Option(
        help="The revision you decided on, as `show` tells it. Default: the present one.",
        show_default=False,
    ),
]
Until = Annotated[
    str,
    typer.Option(
        "--until", metavar="DATE|14d", help="When automation runs again.", show_default=False
    ),
]
Assignments = Annotated[
    list[str],
    typer.Argument(
        metavar="NAME=VALUE...",
        help="Fields and their values; NAME=None clears one.",
        autocompletion=completing.fields,
        show_default=False,
    ),
]
TypeName = Annotated[
    str,
    typer.Argument(
        help="The event's type.", autocompletion=completing.event_types, show_default=False
    ),
]
Data = Annotated[
    list[str] | None,
    typer.Option(
        "--data",
        metavar="NAME=VALUE",
        help="What the event carries; may be given several times.",
        autocompletion=completing.event_data,
        show_default=False,
    ),
]
JsonData = Annotated[
    str | None, typer.Option(help="The same as one JSON object.", show_default=False)
]
EventId = Annotated[
    str | None,
    typer.Option("--id", help="The event's id; the same again counts once.", show_default=False),
]
Source = Annotated[
    str | None,
    typer.Option(
        help="Which system reports it. Default: admin, and who gives the command.",
        show_default=False,
    ),
]
At = Annotated[
    str | None, typer.Option("--time", help="When it happened; default: now.", show_default=False)
]


# ── stages


def set_(  # noqa: PLR0913, PLR0917 - what a move needs, and how to answer
    account: o.Account,
    lifecycle: o.Lifecycle,
    stage: o.Stage,
    reason: o.Reason,
    anyway: Anyway = False,
    revision: Revision = None,
    who: o.As = None,
    as_json: o.AsJson = False,
    utc: o.InUtc = False,
) -> None:
    """Move an account to a stage by hand; None clears. Automation goes on from there."""

    async def move(desk: Desk) -> None:
        commander = await commanding(desk)
        done = await commander.set_stage(
            account, lifecycle, stage, reason=reason, revision=revision, anyway=anyway
        )
        await show_done(desk, done)

    work(move, Look(as_json, utc, who))


def clear(  # noqa: PLR0913, PLR0917 - as `set`
    account: o.Account,
    lifecycle: o.Lifecycle,
    reason: o.Reason,
    anyway: Anyway = False,
    revision: Revision = None,
    who: o.As = None,
    as_json: o.AsJson = False,
    utc: o.InUtc = False,
) -> None:
    """Take an account out of a lifecycle: no stage, all its counts reset."""
    set_(account, lifecycle, "None", reason, anyway, revision, who, as_json, utc)


def undo(
    account: o.Account,
    reason: o.MaybeReason = "",
    who: o.As = None,
    as_json: o.AsJson = False,
    utc: o.InUtc = False,
) -> None:
    """Take the newest change back with all it caused, as if it had not happened."""

    async def take_back(desk: Desk) -> None:
        await show_done(desk, await (await commanding(desk)).undo(account, reason=reason))

    work(take_back, Look(as_json, utc, who))


# ── holds


def hold(
    account: o.Account,
    until: Until,
    reason: o.Reason,
    who: o.As = None,
    as_json: o.AsJson = False,
    utc: o.InUtc = False,
) -> None:
    """Pause automation for an account until a date. People may still move it."""

    async def pause(desk: Desk) -> None:
        await show_done(desk, await (await commanding(desk)).hold(account, until, reason=reason))

    work(pause, Look(as_json, utc, who))


def release(
    account: o.Account,
    reason: o.MaybeReason = "",
    who: o.As = None,
    as_json: o.AsJson = False,
    utc: o.InUtc = False,
) -> None:
    """End a hold now: what came true meanwhile is done."""

    async def let_go(desk: Desk) -> None:
        await show_done(desk, await (await commanding(desk)).release(account, reason=reason))

    work(let_go, Look(as_json, utc, who))


# ── fields and events


def fields(
    account: o.Account,
    values: Assignments,
    reason: o.MaybeReason = "",
    who: o.As = None,
    as_json: o.AsJson = False,
    utc: o.InUtc = False,
) -> None:
    """Set fields of an account; NAME=None clears one. All are set, or none."""
    wanted = assignments(values)

    async def change(desk: Desk) -> None:
        commander = await commanding(desk)
        await show_done(desk, await commander.set_fields(account, wanted, reason=reason))

    work(change, Look(as_json, utc, who))


def event(  # noqa: PLR0913, PLR0917 - what an event carries, and how to answer
    account: o.Account,
    event_type: TypeName,
    data: Data = None,
    json_data: JsonData = None,
    event_id: EventId = None,
    source: Source = None,
    time: At = None,
    who: o.As = None,
    as_json: o.AsJson = False,
    utc: o.InUtc = False,
) -> None:
    """Report an event as a service would, and tell what it did, or why it did nothing."""
    carried = {**_json_object(json_data), **assignments(data or [])}

    async def report(desk: Desk) -> None:
        book, _ = await current_book(await desk.store())
        declared = typed(book, event_type)
        _refuse_undeclared(declared, carried)
        name, account_id, is_new = await _known_or_new(desk, account, declared)
        at = read_moment(time, desk.now, desk.zone) if time else None
        client = await desk.client([one.id for one in book.events.values() if one.creates_account])
        header = {"source": source or f"admin/{desk.actor}", "id": event_id, "time": at}
        with nullcontext() if is_new else running(name, account_id):
            answer = await client.report_event(account_id, event_type, carried, **header)
        await show_done(desk, Done(name, answer))

    work(report, Look(as_json, utc, who))


def _refuse_undeclared(declared: EventType, carried: Mapping[str, object]) -> None:
    """A service's surplus data is dropped; a person's is a slip."""
    for name in carried:
        if name not in declared.data:
            said = f"{declared.id} carries no {name!r}."
            raise Refusal("unknown_data", said, did_you_mean(name, declared.data), "data")


async def _known_or_new(desk: Desk, text: str, of: EventType) -> tuple[str, str, bool]:
    """Name, id and whether it is new: an account nobody knows may begin with this event (R2)."""
    try:
        row = await find_account(await desk.store(), text)
    except Refusal as refusal:
        if refusal.code != "unknown_account" or not of.creates_account:
            raise
        return f"{text} (a new account)", text, True
    return row.name or row.id, row.id, False


def assignments(pairs: list[str]) -> dict[str, str | None]:
    """`name=value` as a mapping; the word None is no value. Raises `BadParameter`: typed wrongly."""
    values: dict[str, str | None] = {}
    for pair in pairs:
        name, found, value = pair.partition("=")
        if not found or not name.strip():
            raise typer.BadParameter(f"{pair!r} is not NAME=VALUE.", param_hint="NAME=VALUE")
        if name.strip() in values:
            raise typer.BadParameter(f"{name.strip()} is given twice.", param_hint="NAME=VALUE")
        values[name.strip()] = None if value.strip() == "None" else value.strip()
    return values


def _json_object(text: str | None) -> dict[str, Any]:
    if text is None:
        return {}
    try:
        found = json.loads(text)
    except ValueError as error:
        raise typer.BadParameter(f"It is not JSON: {error}.", param_hint="--json-data") from None
    if not isinstance(found, dict):
        raise typer.BadParameter(
            'It is not a JSON object, like {"amount": 100}.', param_hint="--json-data"
        )
    return found


# ── the answer


async def commanding(desk: Desk) -> Commander:
    """Whoever sits at the desk, giving commands."""
    return Commander(await desk.viewer(), desk.client, desk.actor)


async def show_done(desk: Desk, done: Done) -> None:
    """What a command did, as it was recorded."""
    viewer = await desk.viewer()
    if desk.look.as_json:
        desk.screen.data(await done_data(viewer, done))
        return
    desk.screen.say(Text(done.name, style="bold"))
    for entry, words in await told(viewer, done.answer):
        tell_entry(desk, entry, words)
    book, _ = await current_book(viewer.store)
    for row in done.sent:
        said = f"Cannot be taken back: “{row.subject or row.name}” went to {readers(row, book)}."
        desk.screen.indented(Text(said, style="yellow"))
