"""Events: from what arrived to typed facts, or to a refusal with its reason (R20, T27)."""

from __future__ import annotations

from datetime import datetime, timedelta

from .. import changes as c
from ..conditions import NONE
from ..inputs import Event, SetStage
from ..model import ENGINE_EVENTS, PAST_MOVE, Book, EventType
from ..refusal import Refusal, did_you_mean
from ..state import AccountState
from ..values import Kind, Value, read_value
from .commands import check_set_stage
from .commands import run as run_command
from .signals import run_event
from .turn import Happening, Turn

EARLY = timedelta(minutes=5)
"""An event further in the future than this is marked early (R20)."""

OLDEST = timedelta(days=7)
"""A live event older than this is applied when received and marked late: an outage is made up for in order,
but nobody gets the mail of a past that only an import may tell (R20, R21)."""


def check_event(book: Book, state: AccountState | None, event: Event) -> dict[str, Value]:
    """The event's facts, typed: declared data, id, type, source and time. Raises `Refusal`.

    With `state` it also refuses an event for an account that does not exist and is not created by it (R2).
    """
    declared = event_type(book, event.type, event.historic)
    if state is not None and state.created_at is None and not declared.creates_account:
        raise Refusal(
            "unknown_account",
            f"There is no account {state.account!r}, and {event.type} does not create one.",
            "Report an event that creates accounts first, or start the account.",
        )
    values = _read_data(declared, event)
    if declared is _PAST_MOVE:
        check_set_stage(book, state or AccountState(""), past_move(event, values))
    return {
        **values,
        "id": event.id,
        "type": event.type,
        "source": event.source,
        "time": event.time.date(),
    }


_MOVE_DATA = dict.fromkeys(("lifecycle", "stage", "actor", "reason"), Kind.TEXT)
_PAST_MOVE = EventType(PAST_MOVE, _MOVE_DATA)


def event_type(book: Book, name: str, historic: bool = False) -> EventType:
    """The declared event type. Raises `Refusal` for unknown ones and for those only the engine raises."""
    if name == PAST_MOVE:
        if historic:
            return _PAST_MOVE
        raise Refusal(
            "engine_event", f"Only an import reports {name}.", "Set the stage instead.", "type"
        )
    if name in ENGINE_EVENTS:
        raise Refusal(
            "engine_event",
            f"Only the engine raises {name}.",
            "Send the fact it stands for.",
            "type",
        )
    found = book.events.get(name)
    if found is None:
        raise Refusal(
            "unknown_event", f"Unknown event {name!r}.", did_you_mean(name, book.events), "type"
        )
    return found


def _read_data(declared: EventType, event: Event) -> dict[str, Value]:
    """Declared data by its kinds; every wrong value is named at once."""
    values: dict[str, Value] = {}
    wrong: list[str] = []
    for name, kind in declared.data.items():
        try:
            values[name] = read_value(kind, _blank_to_none(event.data.get(name)))
        except Refusal as refusal:
            wrong.append(f"data.{name}: {refusal}")
    if wrong:
        raise Refusal(
            "bad_data",
            f"{event.type}: {' '.join(wrong)}",
            "Correct the event and send it again.",
            "data",
        )
    return values


def _blank_to_none(raw: object) -> object:
    return None if isinstance(raw, str) and not raw.strip() else raw


def instant_of(state: AccountState, event: Event) -> tuple[datetime, str]:
    """When an event is applied and whether it is `late`, `early` or neither (R20)."""
    if event.time > event.received + EARLY:
        return _not_before(state, event.received), "early"
    if state.clock is not None and event.time < state.clock:
        return state.clock, "late"
    if not event.historic and event.time < event.received - OLDEST:
        return _not_before(state, event.received), "late"
    return _not_before(state, min(event.time, event.received)), ""


def _not_before(state: AccountState, moment: datetime) -> datetime:
    return max(moment, state.clock) if state.clock is not None else moment


def run(turn: Turn, event: Event, facts: dict[str, Value], mark: str) -> None:
    """Apply an accepted event."""
    turn.event, turn.own_time = facts, event.time
    if mark:
        own = event.time.isoformat(timespec="seconds")
        turn.note(
            mark,
            f"The event's own time is {own}; it was applied at {turn.at.isoformat(timespec='seconds')}.",
        )
    if event.type == PAST_MOVE:
        _move_as_then(turn, event, facts)
        return
    run_event(turn, Happening(("event", event.type), 0, facts))
    _say_why_nothing(turn, event)


def past_move(event: Event, values: dict[str, Value]) -> SetStage:
    """What the person did then, as the command it would be today; `None` clears."""
    text = {name: str(values.get(name) or "") for name in _MOVE_DATA}
    actor, reason = text["actor"] or event.source, text["reason"] or "Imported."
    stage = None if text["stage"] == NONE else text["stage"]
    return SetStage(event.time, actor, reason, text["lifecycle"], stage, id=event.id)


def _move_as_then(turn: Turn, event: Event, facts: dict[str, Value]) -> None:
    command = past_move(event, facts)
    turn.actor = command.actor
    run_command(turn, command)


def _say_why_nothing(turn: Turn, event: Event) -> None:
    changed = any(not isinstance(change, c.InputTaken | c.HistoryBegan) for change in turn.changes)
    if not changed and not any(note.code not in ("late", "early") for note in turn.notes):
        turn.note("no_line", f"No automation uses {event.type} where the account stands.")
