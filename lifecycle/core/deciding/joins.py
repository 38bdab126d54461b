"""`all of` triggers: facts that wait for one another, joined on a field, in whichever order they arrive (V8)."""

from __future__ import annotations

from datetime import datetime

from .. import changes as c
from ..model import Automation, OnAll
from ..state import JoinFact
from .turn import Happening, Turn

MOST_VALUES = 50


def note_fact(turn: Turn, line: Automation, happening: Happening) -> None:
    """Keep the event as a fact of the join, within its limits of time and number."""
    trigger = line.trigger
    if not isinstance(trigger, OnAll) or not _counts(turn, line, trigger, happening):
        return
    value = join_value(turn, trigger)
    if value is None:
        turn.note(
            "no_join_value",
            f"{line.key} waits for events with {trigger.same}; this one has none.",
            line.key,
        )
        return
    _drop_expired(turn, line, trigger)
    visit = turn.track(line.lifecycle).visit if line.stage else 0
    turn.emit(c.FactNoted(line.key, JoinFact(value, happening.signal[1], turn.at, visit)))
    _drop_oldest(turn, line)


def _counts(turn: Turn, line: Automation, trigger: OnAll, happening: Happening) -> bool:
    """Under a stage only the visit's own events count; an event's own condition must hold."""
    if line.stage and turn.stage_key(line.lifecycle) != line.stage:
        return False
    matches = [match for match in trigger.all_of if match.event == happening.signal[1]]
    if any(match.when is None or match.when.holds(turn.facts()) for match in matches):
        return True
    for match in matches:
        turn.note("guard", f"The condition of {line.key} does not hold.", line.key, match.when)
    return False


def join_value(turn: Turn, trigger: OnAll) -> str | None:
    """What the event is joined on, as text; one value for all when the definition names no field."""
    if trigger.same is None:
        return ""
    value = (turn.event or {}).get(trigger.same)
    return None if value is None else str(value)


def _drop_expired(turn: Turn, line: Automation, trigger: OnAll) -> None:
    facts = turn.state.facts.get(line.key, [])
    before: datetime | None = None
    if line.stage:
        visit = turn.track(line.lifecycle).visit
        gone = {fact.value for fact in facts if fact.visit != visit}
    else:
        before = turn.at - trigger.within.elapsed if trigger.within else None
        gone = {fact.value for fact in facts if before is not None and fact.at < before}
    if gone:
        turn.emit(c.FactsDropped(line.key, sorted(gone), "expired", before))


def _drop_oldest(turn: Turn, line: Automation) -> None:
    values = list(dict.fromkeys(fact.value for fact in turn.state.facts.get(line.key, [])))
    if len(values) > MOST_VALUES:
        turn.emit(c.FactsDropped(line.key, values[:1], f"more than {MOST_VALUES} waiting"))
        turn.note(
            "join_dropped",
            f"{line.key}: more than {MOST_VALUES} wait; dropped {values[0]!r}.",
            line.key,
        )


def is_complete(turn: Turn, line: Automation) -> bool:
    """Whether all facts of the event's join value are there."""
    trigger = line.trigger
    if not isinstance(trigger, OnAll):
        return False
    value = join_value(turn, trigger)
    visit = turn.track(line.lifecycle).visit if line.stage else 0
    facts = turn.state.facts.get(line.key, [])
    there = {fact.which for fact in facts if fact.value == value and fact.visit == visit}
    missing = [match.event for match in trigger.all_of if match.event not in there]
    if missing and value is not None:
        of = f" of {trigger.same} {value}" if trigger.same else ""
        turn.note("waits", f"{line.key} waits for {', '.join(missing)}{of}.", line.key)
    return not missing


def use_facts(turn: Turn, line: Automation) -> None:
    """The join has been answered: its facts are used up."""
    if isinstance(line.trigger, OnAll):
        value = join_value(turn, line.trigger)
        if any(fact.value == value for fact in turn.state.facts.get(line.key, [])):
            turn.emit(c.FactsDropped(line.key, [value or ""], "joined"))
