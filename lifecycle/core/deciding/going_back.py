"""Going back to an earlier version: as if the one that is taken back had never run, as far as that goes (R13, R24).

What its automations did and the version brought back would not have done is undone, newest first, in the entry that
adopts. Nothing is spent by it, so that the timers of the version brought back are worked out anew. It ends at the
first change that is somebody else's: the account is kept as it is then, with the reason.
"""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import replace

from .. import changes as c
from ..editions import same_line
from ..evolve import KEPT_UNITS
from ..index import Index, index_of, signals_of
from ..inputs import GoBack
from ..model import ENGINE_EVENTS, After, At, Automation, Lifecycle, OnAll, OnEvent, Place
from ..state import Unit
from .entering import adopt_version, label
from .turn import Turn
from .undoing import with_ctas_of_visit

KEPT = "kept_after_going_back"
"""The code of the note that says why an account could not be brought all the way back."""


def go_back(turn: Turn, command: GoBack, left: Lifecycle) -> None:
    """Undo what `left` did by itself, and adopt the version of the book in force."""
    changed = changed_lines(left, turn.lifecycle(left.id))
    mapping = mapping_back(left, turn.lifecycle(left.id))
    spent: list[str] = []
    since, was_full = turn.state.since.get(left.id, 0), len(turn.state.units) >= KEPT_UNITS
    why = ""
    while not why and (units := [one for one in turn.state.units if one.revision >= since]):
        why = _why_not(turn, units[-1], left, changed, mapping)
        if not why:
            spent += units[-1].spent[left.id]
            _take_back(turn, command, units[-1], left)
    _say_what_is_kept(turn, left, changed, since, why, was_full)
    waiting = waiting_anew(turn, left, turn.lifecycle(left.id))
    adopt_version(turn, left.id, mapping, list(dict.fromkeys([*spent, *waiting])))


def changed_lines(left: Lifecycle, back: Lifecycle) -> frozenset[str]:
    """The automations (keys) of a version that another lacks, or has otherwise."""
    known = {line.key: line for line in back.automations}
    return frozenset(
        line.key
        for line in left.automations
        if line.key not in known or not same_line(line, known[line.key])
    )


def waiting_anew(turn: Turn, ran: Lifecycle, runs: Lifecycle) -> list[str]:
    """Lines of time that wait although another version says when: when they are due is its own affair."""
    track = turn.track(ran.id)
    timed = {line.key for line in ran.automations if isinstance(line.trigger, After | At)}
    waiting = [key for key in (*track.waiting, *turn.state.waiting) if key in timed]
    return [key for key in waiting if key in changed_lines(ran, runs)] if waiting else []


def mapping_back(left: Lifecycle, back: Lifecycle) -> dict[str, str | None]:
    """The stages of `left` by their names in the version before; who is in one it lacks stands in the one before."""
    found: dict[str, str | None] = {}
    nearest = back.stages[0].id if back.stages else None
    for stage in left.stages:
        origins = [old.id for old in back.stages if left.migration.get(old.id, old.id) == stage.id]
        nearest = stage.id if stage.id in origins else next(iter(origins), nearest)
        if nearest != stage.id:
            found[stage.id] = nearest
    return found


# ── whether a unit is the version's own doing


def _why_not(
    turn: Turn,
    unit: Unit,
    left: Lifecycle,
    changed: frozenset[str],
    mapping: dict[str, str | None],
) -> str:
    """Why a unit is not undone; empty when it is."""
    lines = unit.spent.get(left.id, [])
    others = unit.tracks.keys() != {left.id} or unit.moves.get(left.id) != len(lines)
    if others or not changed.issuperset(lines):
        return f"“{unit.summary}” is not the doing of version {left.version} alone."
    stage = unit.tracks[left.id].stage
    restored = mapping.get(stage, stage) if stage is not None else None
    known = index_of(turn.ran).automations if turn.ran else {}
    for line in filter(None, map(known.get, lines)):
        if _decides_too(turn.index, line, restored):
            version = turn.lifecycle(left.id).version
            return (
                f"“{unit.summary}” hung on what version {version} decides on, too, and otherwise."
            )
    return ""


def _decides_too(index: Index, line: Automation, stage: str | None) -> bool:
    """Whether a move of the version brought back hears the same: what it would have done cannot be asked again."""
    return any(
        index.hearers[signal].moves.get(line.lifecycle, {}).get(stage or "")
        for signal in signals_of(line)
        if signal in index.hearers
    )


def _say_what_is_kept(
    turn: Turn,
    left: Lifecycle,
    changed: frozenset[str],
    since: int,
    why: str,
    was_full: bool,
) -> None:
    """Nothing is said where nothing of the version is left."""
    units = [unit for unit in turn.state.units if unit.revision >= since]
    own = [unit for unit in units if not changed.isdisjoint(unit.spent.get(left.id, ()))]
    if own:
        said = "; ".join(unit.summary for unit in own)
        remedy = "Look at the account, and set its stage by hand if it should stand elsewhere."
        turn.note(KEPT, f"Kept: {said}. {why} {remedy}")
    elif was_full and not turn.state.units:
        said = "Only the last ten changes could be taken back. Look at what came before, and set the stage by hand."
        turn.note(KEPT, said)
    elif gone := _taken_out(turn, left):
        said = f"Version {left.version} has no stage {gone} and took the account out. Set the stage by hand."
        turn.note(KEPT, said)


def _taken_out(turn: Turn, left: Lifecycle) -> str:
    """The stage the account was in when the version took it out of the lifecycle."""
    track = turn.track(left.id)
    last = track.moves[-1].left if track.moves and track.stage is None else None
    return last if last is not None and left.migration.get(last, last) is None else ""


# ── undoing it


def _take_back(turn: Turn, command: GoBack, unit: Unit, left: Lifecycle) -> None:
    """As undo does, but nothing is spent, and what the same input did without the version stays."""
    assert turn.ran is not None
    index = index_of(turn.ran)
    stands = {line.key for line in _standing(index, turn.index)}
    whole = with_ctas_of_visit(turn, unit, index)
    opened = (cta for cta in whole.ctas_opened if cta in turn.state.ctas)
    names = [name for name in unit.fields if unit.setters.get(name, "") not in {"", *stands}]
    beginnings = tuple(f"{turn.state.account}/{key}/" for key in stands)
    given = replace(
        whole,
        spent={},
        setters={},
        fields={name: unit.fields[name] for name in names},
        after={name: unit.after.get(name) for name in names},
        ctas_opened=[cta for cta in opened if turn.state.ctas[cta].automation not in stands],
        effects=[effect for effect in unit.effects if not effect.startswith(beginnings)],
    )
    kept = [name for name, value in given.after.items() if turn.state.fields.get(name) != value]
    turn.emit(c.Undone(given, turn.at, command.actor, command.reason, kept))
    stage = label(left, unit.tracks[left.id].stage)
    turn.note("restored", f"{left.title} is back at {stage}: {unit.summary} is taken back.")


def _standing(ran: Index, runs: Index) -> Iterator[Automation]:
    """Lines that answer a service's event by themselves and are the same now: they would have done it anyhow."""
    for line in ran.automations.values():
        other = runs.automations.get(line.key)
        if (
            other is not None
            and line.place is Place.ALSO
            and _hears_service(line)
            and same_line(line, other)
        ):
            yield line


def _hears_service(line: Automation) -> bool:
    trigger = line.trigger
    if isinstance(trigger, OnEvent):
        return all(match.event not in ENGINE_EVENTS for match in trigger.any_of)
    return isinstance(trigger, OnAll)
