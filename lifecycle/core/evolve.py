"""`evolve`: a change applied to state. Needs no definitions, so recorded changes fold for ever (N9)."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import replace
from datetime import datetime, timedelta
from typing import Any

from . import changes as c
from .state import AccountState, Cta, Cycle, HeldEvent, HoldState, JoinFact, Moved, Track, Unit

WINDOW = 1_000
KEPT_MOVES = 60
KEPT_CYCLES = 20
KEPT_UNITS = 10
KEPT_HELD = 100


def apply(state: AccountState, entry: c.Entry) -> None:
    """All changes of a journal entry, in order; the state's revision becomes the entry's."""
    for change in entry.changes:
        evolve(state, change)
    state.revision = entry.revision
    state.root = entry.root


def evolve(state: AccountState, change: c.Change) -> None:
    """One change, in place."""
    _EVOLVE[type(change)](state, change)


def copy_state(state: AccountState) -> AccountState:
    """An independent copy: changing it leaves the original alone."""
    return replace(
        state,
        fields=dict(state.fields),
        tracks={key: copy_track(track) for key, track in state.tracks.items()},
        ctas={key: copy_cta(cta) for key, cta in state.ctas.items()},
        held=[replace(held, automations=list(held.automations)) for held in state.held],
        window=dict(state.window),
        facts={key: list(facts) for key, facts in state.facts.items()},
        marks=dict(state.marks),
        dates=dict(state.dates),
        true=list(state.true),
        waiting=list(state.waiting),
        units=list(state.units),
        versions=dict(state.versions),
        pending=dict(state.pending),
        since=dict(state.since),
    )


def copy_track(track: Track) -> Track:
    """An independent copy of a track."""
    return replace(
        track,
        seconds=dict(track.seconds),
        cycles=list(track.cycles),
        first_entered=dict(track.first_entered),
        last_entered=dict(track.last_entered),
        moves=list(track.moves),
        done=list(track.done),
        waiting=list(track.waiting),
        true=list(track.true),
    )


def copy_cta(cta: Cta) -> Cta:
    """An independent copy of a CTA."""
    return replace(cta, tasks=list(cta.tasks))


def _track(state: AccountState, lifecycle: str) -> Track:
    track = state.tracks.get(lifecycle)
    if track is None:
        track = state.tracks[lifecycle] = Track(lifecycle)
    return track


# ── inputs and fields


def _input_taken(state: AccountState, change: c.InputTaken) -> None:
    state.clock = change.at
    state.chain = state.chain + 1 if change.chained else 0
    if change.key is None:
        return
    state.window[change.key] = change.time
    if len(state.window) > WINDOW:
        dropped = state.window.pop(next(iter(state.window)))
        state.window_floor = max(state.window_floor, dropped)


def _duplicate_seen(state: AccountState, _: c.DuplicateSeen) -> None:
    state.duplicates += 1


def _message_refused(state: AccountState, _: c.MessageRefused) -> None:
    state.refused += 1


def _account_created(state: AccountState, change: c.AccountCreated) -> None:
    state.created_at = change.at
    state.versions = dict(change.versions)


def _field_set(state: AccountState, change: c.FieldSet) -> None:
    if change.value is None:
        state.fields.pop(change.name, None)
    else:
        state.fields[change.name] = change.value


# ── stages


def _stage_entered(state: AccountState, change: c.StageEntered) -> None:
    track = _track(state, change.lifecycle)
    track.revision = state.revision + 1
    for key in track.waiting:
        state.dates.pop(key, None)
    _bank(track, change)
    _turn_cycle(track, change)
    _enter(track, change)
    if change.left != change.entered:
        track.moves.append(Moved(change.at, change.left, change.entered, change.to_end))
        del track.moves[:-KEPT_MOVES]


def _bank(track: Track, change: c.StageEntered) -> None:
    """Add the visit that ends to its stage's seconds; an end stage has none (R9, R10)."""
    if track.stage is None or track.entered_at is None or change.from_end:
        return
    stayed = (change.at - track.entered_at).total_seconds()
    track.seconds[track.stage] = track.seconds.get(track.stage, 0.0) + stayed


def _turn_cycle(track: Track, change: c.StageEntered) -> None:
    if change.restart or change.entered is None:
        track.seconds, track.ended_at = {}, None
        track.cycle_started_at = change.at if change.entered else None
    track.cycle = change.cycle
    if change.ends:
        _archive(track, change)
    if change.back and change.entered:
        track.seconds.pop(change.entered, None)


def _archive(track: Track, change: c.StageEntered) -> None:
    started = track.cycle_started_at or change.at
    total = (change.at - started).total_seconds()
    cycle = Cycle(track.cycle, started, change.at, change.entered or "", dict(track.seconds), total)
    track.cycles = [*track.cycles, cycle][-KEPT_CYCLES:]
    track.ended_at = change.at


def _enter(track: Track, change: c.StageEntered) -> None:
    track.stage, track.visit = change.entered, change.visit
    track.last_visit = max(track.last_visit, change.visit)
    track.entered_at = change.at if change.entered else None
    track.counting_since = _counting_since(track, change)
    track.held_seconds, track.late, track.stuck = 0.0, False, False
    track.done, track.waiting, track.true = [], [], []
    if change.entered and change.left != change.entered:
        track.first_entered.setdefault(change.entered, change.at)
        track.last_entered[change.entered] = change.at


def _counting_since(track: Track, change: c.StageEntered) -> datetime | None:
    if change.entered is None:
        return None
    if change.to_end:
        return track.ended_at or change.at
    return change.at - timedelta(seconds=track.seconds.get(change.entered, 0.0))


# ── automations' memory


def _memory(state: AccountState, lifecycle: str) -> Track | AccountState:
    return _track(state, lifecycle) if lifecycle else state


def _turn_taken(state: AccountState, change: c.TurnTaken) -> None:
    if change.date:
        state.dates[change.automation] = change.date
    if change.lifecycle:
        _add(_track(state, change.lifecycle).done, change.automation)


def _line_waits(state: AccountState, change: c.LineWaits) -> None:
    _add(_memory(state, change.lifecycle).waiting, change.automation)


def _line_rests(state: AccountState, change: c.LineRests) -> None:
    _drop(_memory(state, change.lifecycle).waiting, change.automation)


def _turned_true(state: AccountState, change: c.TurnedTrue) -> None:
    (_add if change.holds else _drop)(_memory(state, change.lifecycle).true, change.automation)


def _add(names: list[str], name: str) -> None:
    if name not in names:
        names.append(name)


def _drop(names: list[str], name: str) -> None:
    if name in names:
        names.remove(name)


def _became_late(state: AccountState, change: c.BecameLate) -> None:
    _track(state, change.lifecycle).late = True


def _became_stuck(state: AccountState, change: c.BecameStuck) -> None:
    _track(state, change.lifecycle).stuck = True


def _fact_noted(state: AccountState, change: c.FactNoted) -> None:
    new = change.fact
    known = state.facts.get(change.automation, [])
    state.facts[change.automation] = [*(fact for fact in known if not _repeats(fact, new)), new]


def _repeats(fact: JoinFact, other: JoinFact) -> bool:
    return (fact.value, fact.which, fact.visit) == (other.value, other.which, other.visit)


def _facts_dropped(state: AccountState, change: c.FactsDropped) -> None:
    left = [
        fact
        for fact in state.facts.get(change.automation, [])
        if fact.value not in change.values
        or (change.before is not None and fact.at >= change.before)
    ]
    if left:
        state.facts[change.automation] = left
    else:
        state.facts.pop(change.automation, None)


def _marked(state: AccountState, change: c.Marked) -> None:
    state.marks[change.automation] = change.at


# ── CTAs


def _cta_opened(state: AccountState, change: c.CtaOpened) -> None:
    state.ctas[change.cta.id] = copy_cta(change.cta)


def _cta_closed(state: AccountState, change: c.CtaClosed) -> None:
    state.ctas.pop(change.id, None)


def _cta_overdue(state: AccountState, change: c.CtaBecameOverdue) -> None:
    if change.id in state.ctas:
        state.ctas[change.id].overdue = True


def _cta_snoozed(state: AccountState, change: c.CtaSnoozed) -> None:
    if change.id in state.ctas:
        state.ctas[change.id].snoozed_until = change.until


def _cta_assigned(state: AccountState, change: c.CtaAssigned) -> None:
    if change.id in state.ctas:
        state.ctas[change.id].owner = change.owner


def _task_done(state: AccountState, change: c.TaskDone) -> None:
    if change.cta in state.ctas:
        _add(state.ctas[change.cta].tasks, change.task)


# ── hold, undo, versions, history


def _event_held(state: AccountState, change: c.EventHeld) -> None:
    kept = list(state.held)
    if len(kept) >= KEPT_HELD:
        del kept[change.drops]
    state.held = [*kept, change.event]


def _hold_started(state: AccountState, change: c.HoldStarted) -> None:
    state.hold = change.hold


def _hold_ended(state: AccountState, change: c.HoldEnded) -> None:
    hold, state.hold = state.hold, None
    state.held = []
    if hold is None:
        return
    for track in state.tracks.values():
        _add_held(track, hold, change.at)
    state.units = [_held_unit(unit, hold, change.at) for unit in state.units]


def _add_held(track: Track, hold: HoldState, until: datetime) -> None:
    if track.entered_at:
        held = until - max(hold.since, track.entered_at)
        track.held_seconds += max(held.total_seconds(), 0.0)


def _held_unit(unit: Unit, hold: HoldState, until: datetime) -> Unit:
    """A visit that undo may give back was on hold too (R19). Units are shared with the journal: made anew."""
    images = {lifecycle: copy_track(image) for lifecycle, image in unit.tracks.items()}
    for image in images.values():
        _add_held(image, hold, until)
    return replace(unit, tracks=images)


def _unit_opened(state: AccountState, change: c.UnitOpened) -> None:
    kept = [unit for unit in state.units if unit.revision != change.unit.revision]
    state.units = [*kept, change.unit][-KEPT_UNITS:]


def _undone(state: AccountState, change: c.Undone) -> None:
    unit = change.unit
    for lifecycle, image in unit.tracks.items():
        _restore_track(state, lifecycle, image, unit)
    for name, before in unit.fields.items():
        if name not in change.kept:
            _field_set(state, c.FieldSet(name, before))
    for opened in unit.ctas_opened:
        state.ctas.pop(opened, None)
    for cta in unit.ctas_closed:
        state.ctas[cta.id] = copy_cta(cta)
    _restore_lines(state.true, unit.turned)
    _restore_lines(state.waiting, unit.waited)
    state.units = [other for other in state.units if other.revision != unit.revision]


def _restore_lines(lines: list[str], before: dict[str, bool]) -> None:
    """Lines outside stages know of the unit's turns no more."""
    for line, was_there in before.items():
        (_add if was_there else _drop)(lines, line)


def _restore_track(state: AccountState, lifecycle: str, image: Track, unit: Unit) -> None:
    """The image from before, but for what undo never gives back: visit numbers and the turns taken (R13)."""
    now = _track(state, lifecycle)
    restored = copy_track(image)
    restored.last_visit = max(image.last_visit, now.last_visit)
    restored.revision = state.revision + 1
    restored.moves = now.moves[: len(now.moves) - unit.moves.get(lifecycle, 0)]
    restored.cycles = now.cycles[: len(now.cycles) - unit.archived.get(lifecycle, 0)]
    for automation in unit.spent.get(lifecycle, []):
        _add(restored.done, automation)
        _drop(restored.waiting, automation)
    state.tracks[lifecycle] = restored


def _adopted(state: AccountState, change: c.Adopted) -> None:
    if change.pending and change.version != state.versions.get(change.lifecycle):
        state.pending[change.lifecycle] = change.version
        return
    state.pending.pop(change.lifecycle, None)
    if change.pending:
        return
    state.versions[change.lifecycle] = change.version
    state.since[change.lifecycle] = state.revision + 1 + change.by_move
    state.adopted += 1
    for automation in change.anew:
        _work_out_anew(state, change.lifecycle, automation)
    if change.mapping and change.lifecycle in state.tracks:
        _rename_stages(state.tracks[change.lifecycle], change.mapping)


def _work_out_anew(state: AccountState, lifecycle: str, automation: str) -> None:
    state.dates.pop(automation, None)
    _drop(state.waiting, automation)
    if lifecycle in state.tracks:
        _drop(state.tracks[lifecycle].waiting, automation)


def _rename_stages(track: Track, mapping: dict[str, str | None]) -> None:
    seconds: dict[str, float] = {}
    for stage, stayed in track.seconds.items():
        name = mapping.get(stage, stage)
        if name is not None:
            seconds[name] = seconds.get(name, 0.0) + stayed
    track.seconds = seconds
    if track.stage is not None:
        track.stage = mapping.get(track.stage, track.stage)
    track.moves = [_renamed_move(move, mapping) for move in track.moves]
    track.first_entered = _renamed(track.first_entered, mapping, min)
    track.last_entered = _renamed(track.last_entered, mapping, max)


def _renamed_move(move: Moved, mapping: dict[str, str | None]) -> Moved:
    """A stage that is gone keeps its name in what was."""
    left, entered = (
        (mapping.get(stage) or stage) if stage is not None else None
        for stage in (move.left, move.entered)
    )
    return replace(move, left=left, entered=entered)


def _renamed(
    entered: dict[str, datetime],
    mapping: dict[str, str | None],
    choose: Callable[[datetime, datetime], datetime],
) -> dict[str, datetime]:
    """Entries under their new names; of two stages that became one, the first or the last counts."""
    found: dict[str, datetime] = {}
    for stage, at in entered.items():
        name = mapping.get(stage, stage) or stage
        found[name] = choose(found.get(name, at), at)
    return found


def _history_began(state: AccountState, change: c.HistoryBegan) -> None:
    state.importing_since = change.at


def _history_ended(state: AccountState, change: c.HistoryEnded) -> None:
    state.importing_since = None
    state.history_until = change.until


def _lead_set(state: AccountState, change: c.LeadSet) -> None:
    state.lead = change.seconds


def _person_erased(state: AccountState, change: c.PersonErased) -> None:
    """The images that undo would give back, and the data of held events; the fields have lost theirs already."""
    state.units = []
    state.held = [_without(held, change.names) for held in state.held]
    state.erased_at = change.at


def _without(held: HeldEvent, names: list[str]) -> HeldEvent:
    """Held events are shared with the journal: made anew."""
    left = {name: value for name, value in held.data.items() if name not in names}
    return replace(held, data=left)


def _nothing(_state: AccountState, _change: object) -> None:
    """Effects live in their rows and are no part of the fold (design.md, The workflow)."""


_EVOLVE: dict[type, Callable[[AccountState, Any], None]] = {
    c.InputTaken: _input_taken,
    c.DuplicateSeen: _duplicate_seen,
    c.MessageRefused: _message_refused,
    c.AccountCreated: _account_created,
    c.FieldSet: _field_set,
    c.StageEntered: _stage_entered,
    c.TurnTaken: _turn_taken,
    c.LineWaits: _line_waits,
    c.LineRests: _line_rests,
    c.TurnedTrue: _turned_true,
    c.BecameLate: _became_late,
    c.BecameStuck: _became_stuck,
    c.FactNoted: _fact_noted,
    c.FactsDropped: _facts_dropped,
    c.Marked: _marked,
    c.MailDue: _nothing,
    c.WebhookDue: _nothing,
    c.EffectShadowed: _nothing,
    c.CtaOpened: _cta_opened,
    c.CtaClosed: _cta_closed,
    c.CtaBecameOverdue: _cta_overdue,
    c.CtaSnoozed: _cta_snoozed,
    c.CtaAssigned: _cta_assigned,
    c.TaskDone: _task_done,
    c.EventHeld: _event_held,
    c.HoldStarted: _hold_started,
    c.HoldEnded: _hold_ended,
    c.Undone: _undone,
    c.UnitOpened: _unit_opened,
    c.Adopted: _adopted,
    c.HistoryBegan: _history_began,
    c.HistoryEnded: _history_ended,
    c.LeadSet: _lead_set,
    c.PersonErased: _person_erased,
}
