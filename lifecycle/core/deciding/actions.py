"""What automations do besides moving: set fields, open CTAs, send mail, call webhooks, set another stage."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

from .. import changes as c
from ..index import targets_of
from ..model import (
    Automation,
    Email,
    FieldDef,
    FromEvent,
    OpenCta,
    SetFields,
    SetStage,
    Webhook,
)
from ..refusal import Refusal
from ..state import Cta
from ..values import Kind, Value, read_value
from .fields import set_field
from .moves import (
    guard_agrees,
    hangs_on_event,
    hold_back,
    keep_back,
    obstacle,
    refusal_of_move,
    rest,
    set_stage_by_automation,
    take_limit,
    within_limit,
)
from .shadowing import had_turn, shadow, shadow_field, take_turn
from .turn import Turn


def perform(turn: Turn, line: Automation) -> None:
    """Run a line that does something, if guard, limit and hold let it (R18, R22).

    One in shadow comes as far as any other: what it would do at last is only recorded (N11).
    """
    if not guard_agrees(turn, line, line.guard):
        rest(turn, line)
        return
    if turn.state.hold is not None and not _only_sets(line) and not _is_past(turn, line):
        hold_back(turn, line)
        return
    if found := _obstacle(turn, line):
        keep_back(turn, line, *found)
        return
    if within_limit(turn, line):
        run(turn, line)
        take_limit(turn, line)
    rest(turn, line)


def _is_past(turn: Turn, line: Automation) -> bool:
    """What belongs to the past is not done at all, so it must not wait for the end of a hold (R21)."""
    return turn.historic and not targets_of(line)


def _only_sets(line: Automation) -> bool:
    return all(isinstance(action, SetFields) for action in line.actions)


def _obstacle(turn: Turn, line: Automation) -> tuple[str, str] | None:
    """A line that would set a stage is parked or out of turn as a moving line is (R15, R23)."""
    for lifecycle, stage in targets_of(line):
        if refusal_of_move(turn, lifecycle, stage, line.key) is None and (
            found := obstacle(turn, lifecycle, stage)
        ):
            return found
    return None


def run(turn: Turn, line: Automation) -> None:
    """All actions of a line, in order."""
    for number, action in enumerate(line.actions):
        _RUN[type(action)](turn, line, action, f".{number + 1}" if number else "")


def effect_id(turn: Turn, line: Automation, suffix: str = "") -> str:
    """The once-only name of an effect: per visit for what hangs on a stay, per event for what hangs on one (R22)."""
    if hangs_on_event(line) and turn.event_key:
        occasion = f"e{turn.event_key}"
    elif belongs_to_visit(line):
        occasion = f"v{turn.track(line.lifecycle).visit}"
    else:
        occasion = f"r{turn.revision}"
    return f"{turn.state.account}/{line.key}/{occasion}{suffix}"


def belongs_to_visit(line: Automation) -> bool:
    """Whether the line's mail is sent once per visit: it hangs on entering or staying, not on an event (R22)."""
    return bool(line.stage) and not hangs_on_event(line)


# ── the actions


def _resolve(turn: Turn, value: FromEvent | Value) -> Value:
    return (turn.event or {}).get(value.name) if isinstance(value, FromEvent) else value


def _set_fields(turn: Turn, line: Automation, action: SetFields, _: str) -> None:
    """An empty value of an event never replaces a full one (R4); the literal None clears."""
    changed = False
    for name, wanted in action.values.items():
        value = _resolve(turn, wanted)
        if value is None and isinstance(wanted, FromEvent):
            continue
        spec = turn.book.account.fields.get(name)
        try:
            put = shadow_field if line.shadow else set_field
            changed |= put(turn, name, _fitting(spec, value), line.key)
        except Refusal as refusal:
            turn.note("bad_value", f"{line.key} did not set {name}: {refusal}", line.key)
    if not changed:
        turn.note(
            "same_value",
            f"{line.key} changed no field: what it sets is there already, or empty.",
            line.key,
        )


def _fitting(spec: FieldDef | None, value: Value) -> Value:
    """A typed value as its field keeps it; money is in cents already and must not be read once more."""
    if spec is None or (spec.kind is Kind.MONEY and isinstance(value, int)):
        return value
    return read_value(spec.kind, value, spec.options)


def _silent(turn: Turn, line: Automation, what: str) -> bool:
    """Nobody is e-mailed, called or given a CTA for the past (R21)."""
    if turn.historic:
        turn.note("historic", f"{what} of {line.key} belongs to the past: not done.", line.key)
    return turn.historic


def _once_a_visit(turn: Turn, line: Automation, what: str) -> bool:
    """Whether a line of a stage may do this in the present visit; takes the turn."""
    mark = f"{line.key}#{what}"
    if had_turn(turn, line, line.lifecycle, mark):
        turn.note("once_a_visit", f"{line.key} has done this once in this visit.", line.key)
        return False
    take_turn(turn, line, line.lifecycle, mark)
    return True


def _email(turn: Turn, line: Automation, action: Email, suffix: str) -> None:
    track, to = turn.track(line.lifecycle), _awake(turn, line, action.to)
    if not to or (belongs_to_visit(line) and not _once_a_visit(turn, line, f"mail{suffix}")):
        return
    if _silent(turn, line, "The e-mail"):
        return
    if line.shadow:
        shadow(
            turn, line.key, "mail", action.template, f"send {action.template} to {', '.join(to)}"
        )
        return
    effect = effect_id(turn, line, suffix)
    turn.effects.append(effect)
    event = turn.event or {}
    turn.emit(
        c.MailDue(
            effect,
            line.key,
            line.lifecycle,
            track.visit,
            action.template,
            to,
            dict(event),
            track.stage,
        )
    )


def _awake(turn: Turn, line: Automation, to: tuple[str, ...]) -> tuple[str, ...]:
    """Mail to contacts sleeps while the account is cancelled (R25)."""
    if turn.state.is_cancelled and "contact" in to:
        turn.note(
            "cancelled", f"{line.key}: no mail to the contact of a cancelled account.", line.key
        )
        return tuple(role for role in to if role != "contact")
    return to


def _open_cta(turn: Turn, line: Automation, action: OpenCta, suffix: str) -> None:
    name = f"{line.key}{suffix}"
    if any(cta_name(cta) == name for cta in turn.state.ctas.values()):
        turn.note("cta_open", f"The last CTA of {line.key} is still open.", line.key)
        return
    limited = line.stage and line.at_most is None
    if (limited and not _once_a_visit(turn, line, f"cta{suffix}")) or _silent(
        turn, line, "The CTA"
    ):
        return
    if line.shadow:
        said = f"open the CTA {action.title!r}"
        shadow(turn, line.key, "cta", action.kind, said, action.title)
        return
    turn.open_cta(
        Cta(
            f"{name}:{turn.revision}",
            action.title,
            action.kind,
            action.owner,
            action.priority,
            turn.at,
            turn.due(action.due) if action.due else None,
            line.lifecycle,
            line.key,
            turn.track(line.lifecycle).visit,
            action.playbook,
            action.close_on_leaving,
        )
    )


def cta_name(cta: Cta) -> str:
    """What opened a CTA: its id (line, number of the action, revision) without the revision."""
    return cta.id.rpartition(":")[0]


def _webhook(turn: Turn, line: Automation, action: Webhook, suffix: str) -> None:
    if _silent(turn, line, "The webhook"):
        return
    if line.shadow:
        said = f"call {action.name} at {action.target}"
        shadow(turn, line.key, "webhook", action.name, said, action.target)
        return
    effect = effect_id(turn, line, suffix)
    data = {name: _resolve(turn, value) for name, value in action.data.items()}
    turn.effects.append(effect)
    visit = turn.track(line.lifecycle).visit
    turn.emit(
        c.WebhookDue(effect, line.key, line.lifecycle, visit, action.name, action.target, data)
    )


def _set_stage(turn: Turn, line: Automation, action: SetStage, _: str) -> None:
    set_stage_by_automation(turn, line, action.lifecycle, action.stage)


_RUN: dict[type, Callable[[Turn, Automation, Any, str], None]] = {
    SetFields: _set_fields,
    Email: _email,
    OpenCta: _open_cta,
    Webhook: _webhook,
    SetStage: _set_stage,
}
