"""A condition back as the sentence one would write for it: for tests, pages and tools that build conditions."""

from __future__ import annotations

from datetime import date

from lifecycle.core.conditions import (
    NONE,
    Between,
    Changed,
    Compare,
    Completed,
    Const,
    EventField,
    Exists,
    HasOpenCta,
    InSegment,
    InStage,
    Leaf,
    OneOf,
    Operand,
    Window,
    Within,
)
from lifecycle.core.durations import Duration
from lifecycle.core.values import Kind, Value

from .known import Datum, Scope


def sentence(leaf: Leaf, scope: Scope) -> str:
    """The sentence that reads as this leaf in this scope."""
    match leaf:
        case Compare(left, op, right):
            kind = _datum(left, scope).kind
            return f"{_operand(left, kind)} {op} {_operand(right, kind)}"
        case OneOf(left, values, negated):
            kind = _datum(left, scope).kind
            listed = ", ".join(literal(value, kind) for value in values)
            return f"{_operand(left, kind)} is {'not ' if negated else ''}one of {listed}"
        case Exists(left, negated):
            return f"{_operand(left, Kind.TEXT)} {'does not exist' if negated else 'exists'}"
        case Within(left, days, ahead):
            which = "next" if ahead else "last"
            return f"{_operand(left, Kind.DATE)} is in the {which} {Duration(days)}"
        case HasOpenCta(kind_of_cta):
            return f"has open cta of {kind_of_cta}" if kind_of_cta else "has open cta"
        case InSegment(segment):
            return f"in segment {segment}"
    return _of_lifecycle(leaf)


def _of_lifecycle(leaf: InStage | Changed | Completed) -> str:
    match leaf:
        case Completed(lifecycle, window):
            return f"{lifecycle} completed{_window(window)}"
        case Changed(lifecycle, window, left, entered):
            moved = (f" from {left}" if left else "") + (f" to {entered}" if entered else "")
            return f"{lifecycle} changed{moved}{_window(window)}"
    return _in_stage(leaf)


def _in_stage(leaf: InStage) -> str:
    if leaf.stages == (NONE,) and not (leaf.more_than or leaf.less_than):
        return f"{leaf.lifecycle} {'exists' if leaf.negated else 'does not exist'}"
    limit = f" for more than {leaf.more_than}" if leaf.more_than else ""
    limit = f" for less than {leaf.less_than}" if leaf.less_than else limit
    verb = "is not one of" if leaf.negated else "is one of"
    return f"{leaf.lifecycle} {verb} {', '.join(leaf.stages)}{limit}"


def _window(window: Window | None) -> str:
    if isinstance(window, Between):
        return f" between {window.first} and {window.last}"
    return f" in the last {Duration(window.days)}" if window else ""


def _datum(operand: Operand, scope: Scope) -> Datum:
    if isinstance(operand, EventField):
        return (scope.event or {})[operand.name]
    return Datum(Kind.TEXT) if isinstance(operand, Const) else scope.fields[operand.name]


def _operand(operand: Operand, kind: Kind) -> str:
    if isinstance(operand, Const):
        return literal(operand.value, kind)
    return f"event.{operand.name}" if isinstance(operand, EventField) else operand.name


def literal(value: Value, kind: Kind) -> str:
    """A value as a literal: money in currency units, texts in quotes."""
    if isinstance(value, bool):
        return "yes" if value else "no"
    if isinstance(value, int) and kind is Kind.MONEY:
        return f"{'-' if value < 0 else ''}{abs(value) // 100}.{abs(value) % 100:02}"
    if isinstance(value, int | float | date):
        return str(value)
    return '"' + str(value).replace('"', '""') + '"'
