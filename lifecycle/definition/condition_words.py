"""Conditions in plain words: with the labels people know, for those who do not write definitions (G5, G8)."""

from __future__ import annotations

from dataclasses import dataclass, replace
from datetime import date

from lifecycle.core.conditions import (
    NONE,
    All,
    AnyOf,
    Between,
    Changed,
    Compare,
    Completed,
    Condition,
    Const,
    EventField,
    Exists,
    HasOpenCta,
    InSegment,
    InStage,
    Leaf,
    Not,
    OneOf,
    Op,
    Operand,
    Window,
    Within,
)
from lifecycle.core.durations import Duration
from lifecycle.core.model import ENGINE_EVENTS, Book
from lifecycle.core.values import Kind, Value

_OPS = {
    Op.IS: "is",
    Op.IS_NOT: "is not",
    Op.LT: "is below",
    Op.LE: "is at most",
    Op.GT: "is above",
    Op.GE: "is at least",
    Op.CONTAINS: "contains",
    Op.BEFORE: "is before",
    Op.AFTER: "is after",
}
_ENGINE_EVENTS = {
    "account.created": "the account is created",
    "stage.late": "the account is late",
    "stage.stuck": "the account is stuck",
    "cta.opened": "a CTA is opened",
    "cta.overdue": "a CTA is overdue",
    "cta.closed": "a CTA is closed",
    "task.done": "a task is done",
    "playbook.finished": "a playbook is finished",
    "hold.ended": "a hold ends",
}
assert set(_ENGINE_EVENTS) == set(ENGINE_EVENTS)


def joined(words: list[str], last: str = "and") -> str:
    """`a`, `a and b`, `a, b and c`."""
    return (
        f" {last} ".join([", ".join(words[:-1]), words[-1]]) if len(words) > 1 else "".join(words)
    )


@dataclass(frozen=True, slots=True)
class Labels:
    """The words people know for what a book defines."""

    book: Book

    def field(self, name: str) -> str:
        """A field's label."""
        found = self.book.account.fields.get(name)
        return found.label if found else name

    def lifecycle(self, name: str) -> str:
        """A lifecycle's title."""
        found = self.book.lifecycles.get(name)
        return found.title if found else name

    def stage(self, lifecycle: str, name: str | None) -> str:
        """A stage's label; `None` in words."""
        found = self.book.lifecycles.get(lifecycle)
        stage = found.stage(name) if found else None
        return stage.label if stage else ("no stage" if name in (None, NONE) else str(name))

    def segment(self, name: str) -> str:
        """A segment's title."""
        found = self.book.segments.get(name)
        return found.title if found else name

    def event(self, name: str) -> str:
        """What happened, as a clause."""
        found = self.book.events.get(name)
        label = found.label if found else _ENGINE_EVENTS.get(name, "")
        return label or f"`{name}` is reported"

    def operand(self, operand: Operand, other: Operand | None = None) -> str:
        """A field, an event's data, or a value as it is shown for the field it is compared with."""
        if isinstance(operand, EventField):
            return f"the event's {operand.name.replace('_', ' ')}"
        if isinstance(operand, Const):
            return self.value(operand.value, other)
        return self.field(operand.name)

    def value(self, value: Value, of: Operand | None = None) -> str:
        """A value in words; cents become money where the field is money."""
        if isinstance(value, bool):
            return "yes" if value else "no"
        if isinstance(value, int) and self._is_money(of):
            cents = f"{value / 100:,.2f}"
            return f"{cents.removesuffix('.00')} {self._currency(of)}".strip()
        return str(value) if isinstance(value, int | float | date) else f"“{value}”"

    def _is_money(self, of: Operand | None) -> bool:
        if isinstance(of, EventField):
            kinds = {event.data.get(of.name) for event in self.book.events.values()} - {None}
            return kinds == {Kind.MONEY}
        found = self.book.account.fields.get(getattr(of, "name", ""))
        return found is not None and found.kind is Kind.MONEY

    def _currency(self, of: Operand | None) -> str:
        found = self.book.account.fields.get(getattr(of, "name", ""))
        return found.currency or "" if found and not isinstance(of, EventField) else ""


def condition_words(condition: Condition, labels: Labels) -> str:
    """The condition as a clause: `Plan is “Pro” and Seats used is above Seats bought`."""
    match condition:
        case All(parts):
            return joined([_part(one, labels) for one in parts])
        case AnyOf(parts):
            return joined([_part(one, labels) for one in parts], "or")
        case Not(part):
            return _not(part, labels)
        case _:
            return _leaf(condition, labels)


def _not(condition: Condition, labels: Labels) -> str:
    match condition:
        case InSegment(segment):
            return f"the account is not in the segment {labels.segment(segment)}"
        case HasOpenCta():
            return f"no {_leaf(condition, labels).removeprefix('a ')}"
        case InStage(more_than=None, less_than=None) | OneOf() | Exists():
            return _leaf(replace(condition, negated=not condition.negated), labels)
    return f"it is not so that {_part(condition, labels)}"


def _part(condition: Condition, labels: Labels) -> str:
    words = condition_words(condition, labels)
    return f"({words})" if isinstance(condition, All | AnyOf) and len(condition.of) > 1 else words


def _leaf(leaf: Leaf, labels: Labels) -> str:
    match leaf:
        case Compare(left, op, right):
            return f"{labels.operand(left)} {_OPS[op]} {labels.operand(right, left)}"
        case OneOf(left, values, negated):
            listed = joined([labels.value(value, left) for value in values], "or")
            return f"{labels.operand(left)} is {'not ' if negated else ''}{listed}"
        case Exists(left, negated):
            return f"{labels.operand(left)} is {'empty' if negated else 'filled in'}"
        case Within(left, days, ahead):
            which = "next" if ahead else "last"
            return f"{labels.operand(left)} is in the {which} {Duration(days)}"
        case HasOpenCta(kind):
            return f"a CTA of kind “{kind}” is open" if kind else "a CTA is open"
        case InSegment(segment):
            return f"the account is in the segment {labels.segment(segment)}"
    return _of_lifecycle(leaf, labels)


def _of_lifecycle(leaf: InStage | Changed | Completed, labels: Labels) -> str:
    title = labels.lifecycle(leaf.lifecycle)
    match leaf:
        case Completed(_, window):
            return f"{title} was completed{_window(window)}"
        case Changed(lifecycle, window, left, entered):
            moved = f" from {labels.stage(lifecycle, left)}" if left else ""
            moved += f" to {labels.stage(lifecycle, entered)}" if entered else ""
            return f"{title} changed{moved}{_window(window)}"
    stages = joined([labels.stage(leaf.lifecycle, stage) for stage in leaf.stages], "or")
    if leaf.stages == (NONE,):
        return f"{title} is in {'a' if leaf.negated else 'no'} stage"
    limit = f" for more than {leaf.more_than}" if leaf.more_than else ""
    limit = f" for less than {leaf.less_than}" if leaf.less_than else limit
    return f"{title} is {'not ' if leaf.negated else ''}in {stages}{limit}"


def _window(window: Window | None) -> str:
    if isinstance(window, Between):
        return f" between {window.first} and {window.last}"
    return f" in the last {Duration(window.days)}" if window else ""
