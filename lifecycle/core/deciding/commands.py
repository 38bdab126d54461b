"""Commands: what people do by hand. Every check comes before the first change."""

from __future__ import annotations

from .. import changes as c
from ..conditions import NONE
from ..inputs import Command, Erase, Hold, Release, SetFields, SetStage, Undo
from ..model import Book, FieldDef, Lifecycle, Stage
from ..refusal import Refusal, did_you_mean
from ..state import AccountState, HoldState
from ..values import Value, read_value
from . import undoing
from .ctas import check_cta, work_on_cta
from .deadlines import end_hold
from .entering import Cause, label, move
from .erasing import erase
from .fields import set_field
from .signals import drain
from .turn import Turn


def check_command(book: Book, state: AccountState, command: Command) -> None:
    """Raise `Refusal` when the command cannot be carried out; every door asks this (R16)."""
    if not command.actor.strip():
        raise Refusal(
            "no_actor", "A command needs to say who gives it.", "Name the actor.", "actor"
        )
    if state.created_at is None:
        raise Refusal(
            "unknown_account",
            f"There is no account {state.account!r}.",
            "Start it first.",
            "account",
        )
    if isinstance(command, SetStage):
        check_set_stage(book, state, command)
    elif isinstance(command, Undo):
        undoing.find_unit(book, state, command)
    elif isinstance(command, SetFields):
        read_fields(book, command.fields)
    elif isinstance(command, Hold | Release):
        _check_hold(state, command)
    elif not isinstance(command, Erase):
        check_cta(book, state, command)


def run(turn: Turn, command: Command) -> None:
    """Carry out a checked command."""
    turn.by_person = True
    if isinstance(command, SetStage):
        _set_stage(turn, command)
    elif isinstance(command, Undo):
        undoing.undo(turn, command)
    elif isinstance(command, SetFields):
        _set_fields(turn, command)
    elif isinstance(command, Hold):
        since = turn.state.hold.since if turn.state.hold else turn.at
        turn.emit(c.HoldStarted(HoldState(since, command.until, command.actor, command.reason)))
    elif isinstance(command, Release):
        end_hold(turn)
    elif isinstance(command, Erase):
        erase(turn, command)
    else:
        work_on_cta(turn, command)
    drain(turn)


# ── stages


def find_lifecycle(book: Book, name: str) -> Lifecycle:
    """The lifecycle of that id. Raises `Refusal` with the nearest name."""
    if name not in book.lifecycles:
        remedy = did_you_mean(name, book.lifecycles)
        raise Refusal("unknown_lifecycle", f"Unknown lifecycle {name!r}.", remedy, "lifecycle")
    return book.lifecycles[name]


def check_set_stage(book: Book, state: AccountState, command: SetStage) -> None:
    """Raise `Refusal` unless the stage is there, may be entered, and a reason is given (T27, R15)."""
    lifecycle, track = find_lifecycle(book, command.lifecycle), state.tracks.get(command.lifecycle)
    target = _target(book, state, lifecycle, command.stage)
    moves = track is None or track.stage != command.stage
    if target is not None and target.disabled and moves:
        said = f"{target.label} of {lifecycle.title} is disabled: nobody can newly enter it."
        raise Refusal(
            "disabled_stage", said, "Choose another stage, or have CS ops enable it.", "stage"
        )
    if not command.reason.strip():
        raise Refusal(
            "no_reason",
            "A change by hand needs a reason.",
            "Say why; it is kept with the change.",
            "reason",
        )
    _check_revision(lifecycle, state, command)


def _target(
    book: Book, state: AccountState, lifecycle: Lifecycle, name: str | None
) -> Stage | None:
    """The stage meant, in the version the account runs after this command. Raises `Refusal` (T27).

    A version that waits is adopted first (R24): its stages may be named, and the old names of those it kept.
    """
    if name is None:
        return None
    waits = book.pending.get(lifecycle.id) if lifecycle.id in state.pending else None
    later = waits or lifecycle
    wanted = later.migration.get(name, name) if waits and lifecycle.stage(name) else name
    found = later.stage(wanted)
    if found is None:
        remedy = did_you_mean(name, [*(stage.id for stage in later.stages), NONE])
        raise Refusal("unknown_stage", f"{lifecycle.title} has no stage {name!r}.", remedy, "stage")
    return found


def _check_revision(lifecycle: Lifecycle, state: AccountState, command: SetStage) -> None:
    """A command carries the revision it was decided on (R18)."""
    track = state.tracks.get(command.lifecycle)
    if (
        track is None
        or command.revision is None
        or command.anyway
        or track.revision <= command.revision
    ):
        return
    since = track.entered_at.isoformat(timespec="seconds") if track.entered_at else "just now"
    said = f"{lifecycle.title} has changed since you looked: {label(lifecycle, track.stage)} since {since}."
    raise Refusal(
        "changed_since", said, "Look again, or repeat the command with `anyway`.", "revision"
    )


def _set_stage(turn: Turn, command: SetStage) -> None:
    lifecycle = turn.lifecycle(command.lifecycle)
    if turn.track(command.lifecycle).stage == command.stage:
        said = (
            f"{lifecycle.title} is already at {label(lifecycle, command.stage)}; nothing is reset."
        )
        turn.note("already_there", said)
        return
    move(turn, command.lifecycle, command.stage, Cause("person", reason=command.reason))


# ── fields


def read_fields(book: Book, raw: dict[str, Value]) -> dict[str, Value]:
    """Raw values by the fields' kinds. Raises one `Refusal` that names every wrong field at once."""
    values: dict[str, Value] = {}
    wrong: list[str] = []
    for name, value in raw.items():
        try:
            values[name] = read_field(book.account.fields.get(name), name, value, book)
        except Refusal as refusal:
            wrong.append(f"{name}: {refusal}")
    if wrong:
        raise Refusal("bad_field", " ".join(wrong), "Nothing was changed.", "fields")
    if not raw:
        raise Refusal(
            "no_fields", "No field was given.", "Name at least one, like arr=12000.", "fields"
        )
    return values


def read_field(spec: FieldDef | None, name: str, raw: object, book: Book) -> Value:
    """One raw value by its field's kind and range. Raises `Refusal`."""
    if spec is None:
        raise Refusal(
            "unknown_field", "unknown field.", did_you_mean(name, book.account.fields), name
        )
    if spec.written_by:
        raise Refusal("not_writable", f"only the {spec.written_by} writes it.", where=name)
    value = read_value(spec.kind, raw, spec.options)
    low, high = spec.minimum, spec.maximum
    if isinstance(value, int | float) and (
        (low is not None and value < low) or (high is not None and value > high)
    ):
        raise Refusal("out_of_range", f"{value} is not in {low} to {high}.", where=name)
    return value


def _set_fields(turn: Turn, command: SetFields) -> None:
    changed = [
        set_field(turn, name, value)
        for name, value in read_fields(turn.book, command.fields).items()
    ]
    if not any(changed):
        turn.note("already_there", "The fields have these values already.")


# ── hold


def _check_hold(state: AccountState, command: Hold | Release) -> None:
    if isinstance(command, Release):
        if state.hold is None:
            raise Refusal(
                "not_on_hold", "The account is not on hold.", "There is nothing to release."
            )
        return
    if not command.reason.strip():
        raise Refusal(
            "no_reason",
            "A hold needs a reason.",
            "Say why; it is shown as long as it lasts.",
            "reason",
        )
    if command.until <= max(command.at, state.clock or command.at):
        said = f"A hold ends in the future; {command.until.isoformat(timespec='minutes')} is past."
        raise Refusal("bad_time", said, "Give a later --until.", "until")
