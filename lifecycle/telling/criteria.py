"""What is asked and what is so: the parts of a condition in plain words, each with its present value (N3, G7)."""

from __future__ import annotations

from dataclasses import dataclass

from lifecycle.core.conditions import (
    All,
    AnyOf,
    Compare,
    Condition,
    Exists,
    Facts,
    Field,
    InStage,
    OneOf,
    Within,
    leaves,
)
from lifecycle.core.model import Book
from lifecycle.definition.condition_words import Labels, condition_words, joined

from .phrases import capital, count, value_words


@dataclass(frozen=True, slots=True)
class Criterion:
    """A part of a condition: `text` asks, `holds` answers, `values` are what is there: `Active users 7`."""

    text: str
    holds: bool
    values: str = ""


@dataclass(frozen=True, slots=True)
class Criteria:
    """A condition taken apart. `any_of`: one of the parts is enough."""

    parts: list[Criterion]
    any_of: bool = False

    @property
    def met(self) -> int:
        """How many parts hold."""
        return sum(part.holds for part in self.parts)


def criteria(condition: Condition, facts: Facts, book: Book) -> Criteria:
    """Its parts as CS ops wrote them; a part that is a list itself stays one sentence."""
    parts = condition.of if isinstance(condition, All | AnyOf) else (condition,)
    labels = Labels(book)
    return Criteria(
        [_criterion(part, facts, labels) for part in parts], isinstance(condition, AnyOf)
    )


def _criterion(part: Condition, facts: Facts, labels: Labels) -> Criterion:
    words = capital(condition_words(part, labels))
    return Criterion(words, part.holds(facts), joined(list(_values(part, facts, labels))))


def _values(part: Condition, facts: Facts, labels: Labels) -> dict[str, None]:
    """What each sentence looked at, once."""
    found: dict[str, None] = {}
    for leaf in leaves(part):
        match leaf:
            case Compare(left, _, right):
                for operand in (left, right):
                    if isinstance(operand, Field):
                        found[_field(operand.name, facts, labels)] = None
            case OneOf(Field(name)) | Within(Field(name)):
                found[_field(name, facts, labels)] = None
            case Exists(Field(name)) if leaf.holds(facts) is not leaf.negated:
                found[_field(name, facts, labels)] = None
            case InStage():
                found[_stage(leaf.lifecycle, facts, labels)] = None
    return found


def _field(name: str, facts: Facts, labels: Labels) -> str:
    spec = labels.book.account.fields.get(name)
    return f"{labels.field(name)} {value_words(facts.state.fields.get(name), spec)}"


def _stage(lifecycle: str, facts: Facts, labels: Labels) -> str:
    track = facts.track(lifecycle)
    if track is None:
        return f"{labels.lifecycle(lifecycle)} in no stage"
    since = facts.now - (track.counting_since or facts.now)
    where = f"{labels.lifecycle(lifecycle)} in {labels.stage(lifecycle, track.stage)}"
    return f"{where} for {count(since.days, 'day')}"
