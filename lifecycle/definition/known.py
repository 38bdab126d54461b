"""What is defined: the names that definitions may refer to, gathered before any line is read."""

from __future__ import annotations

from collections.abc import Callable, Collection, Iterable
from dataclasses import dataclass, field, replace

from lifecycle.core.model import ENGINE_EVENTS, EVENT_HEADER, Book, EventType, FieldDef, Segment
from lifecycle.core.values import Kind

from .nodes import Scalar
from .problems import Report

_KINDS = {
    Kind.MONEY: "money",
    Kind.YES_NO: "yes or no",
    Kind.EMAIL: "an e-mail address",
}


def a_kind(kind: Kind) -> str:
    """A kind of value with its article."""
    return _KINDS.get(kind, f"a {kind.value}")


@dataclass(frozen=True, slots=True)
class Datum:
    """What a sentence may say of a name: its kind, and the words it may be compared with."""

    kind: Kind
    options: tuple[str, ...] = ()


@dataclass(slots=True)
class Scope:
    """What a condition may speak of. `event` is None where there is no event at hand.

    `stages` are the stage ids of every lifecycle; `cta_kinds` None means that any word will do; `segments`
    are those that may be asked.
    `noun` is what people call the names, `kind_help` what to do when one has the wrong kind: an
    import's conditions speak of columns.
    """

    fields: dict[str, Datum] = field(default_factory=dict)
    stages: dict[str, tuple[str, ...]] = field(default_factory=dict)
    event: dict[str, Datum] | None = None
    cta_kinds: Collection[str] | None = None
    segments: Collection[str] = ()
    noun: str = "field or lifecycle"
    kind_help: str = ""

    def with_event(self, data: dict[str, Datum]) -> Scope:
        """The same, with the data of an event at hand."""
        return replace(self, event=data)


def scope_of(book: Book) -> Scope:
    """The scope of a checked book, for sentences from a command line. Any CTA kind will do."""
    fields = {name: Datum(one.kind, one.options) for name, one in book.account.fields.items()}
    stages = {one.id: tuple(stage.id for stage in one.stages) for one in book.lifecycles.values()}
    return Scope(fields, stages, segments=set(book.segments))


@dataclass(slots=True)
class Known:
    """Every name, by what it names. `templates` None: templates are not checked.

    `segments` are those whose condition could be read and that do not ask each other in a circle.
    """

    fields: dict[str, FieldDef] = field(default_factory=dict)
    events: dict[str, EventType] = field(default_factory=dict)
    stages: dict[str, tuple[str, ...]] = field(default_factory=dict)
    disabled: set[tuple[str, str]] = field(default_factory=set)
    roles: set[str] = field(default_factory=set)
    teams: set[str] = field(default_factory=set)
    targets: set[str] = field(default_factory=set)
    playbooks: set[str] = field(default_factory=set)
    segment_names: set[str] = field(default_factory=set)
    segments: dict[str, Segment] = field(default_factory=dict)
    cta_kinds: set[str] = field(default_factory=lambda: {"task"})
    templates: Collection[str] | None = None
    template_variables: Callable[[str], frozenset[str]] | None = None

    def scope(self) -> Scope:
        """What a condition without an event may speak of."""
        fields = {name: Datum(one.kind, one.options) for name, one in self.fields.items()}
        return Scope(fields, self.stages, None, self.cta_kinds, self.segment_names)

    def event_data(self, event: str) -> dict[str, Datum] | None:
        """What an event carries, header included; None for an event nobody declared."""
        if event in self.events:
            data = self.events[event].data
        elif event in ENGINE_EVENTS:
            data = ENGINE_EVENTS[event]
        else:
            return None
        return {
            name: self._datum(name, kind, event) for name, kind in (EVENT_HEADER | data).items()
        }

    def _datum(self, name: str, kind: Kind, event: str) -> Datum:
        if event in ENGINE_EVENTS and name == "playbook":
            return Datum(Kind.PICKLIST, tuple(sorted(self.playbooks)))
        if event in ENGINE_EVENTS and name == "lifecycle":
            return Datum(Kind.PICKLIST, tuple(sorted(self.stages)))
        return Datum(kind)

    def event_names(self) -> list[str]:
        """Every event a line may wait for."""
        return [*self.events, *ENGINE_EVENTS]


def require(name: Scalar, what: str, known: Iterable[str], report: Report) -> str | None:
    """The name if it is known, else None and a problem `unknown_<what>`."""
    names = set(known)
    if name.text.strip() in names:
        return name.text.strip()
    report.unknown(name.at, what, name.text.strip(), names)
    return None
