"""The sentence builder: an outline of lines and groups, each line with controls, and what a form of them comes to.

A place names a line: `0` is the first, `2.1` the second in the third, which is a group then. A control of it is
called `2.1-verb`.
"""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass, field, fields
from datetime import date
from typing import Final

from lifecycle.core.conditions import NONE
from lifecycle.core.durations import Unit
from lifecycle.core.model import Book, OpenCta
from lifecycle.core.refusal import Refusal
from lifecycle.core.values import Kind
from lifecycle.definition.known import scope_of
from lifecycle.definition.outline import ALL, ANY, DEEPEST, MOST_LINES, NOT, Group, Line, Part
from lifecycle.definition.sentences import comparable, parse_condition

from .phrase import CTA, SEGMENT, Phrase, begun, part_of, phrase_of, said_of, verbs_of

ADD, REMOVE, ADD_GROUP = "add", "remove", "group"
UNITS: Final = tuple(unit.value for unit in Unit if unit is not Unit.BUSINESS_DAYS)
WORDS: Final = {ALL: "all of", ANY: "any of", NOT: "not"}
"""What a group may be."""
MEASURED: Final = frozenset({Kind.WHOLE, Kind.NUMBER, Kind.MONEY, Kind.DATE})
CONTROLS: Final = frozenset(one.name for one in fields(Phrase))


@dataclass(frozen=True, slots=True)
class Option:
    """Something to choose; `colour` and `end` are of a stage."""

    id: str
    label: str
    colour: str = ""
    end: bool = False


@dataclass(frozen=True, slots=True)
class Row:
    """A line with its controls, or a group with its rows. `sentence` is what the line says as text."""

    place: str
    phrase: Phrase = field(default_factory=Phrase)
    sentence: str = ""
    word: str = ""
    rows: tuple[Row, ...] = ()
    wrong: Refusal | None = None

    @property
    def is_group(self) -> bool:
        """Whether it has rows of its own."""
        return bool(self.word)

    def name(self, control: str) -> str:
        """What a control of it is called."""
        return f"{self.place}-{control}"


class Choices:
    """What can be chosen in the sentences about the accounts of a book."""

    def __init__(self, book: Book) -> None:
        self.book, self.scope = book, scope_of(book)

    def subjects(self) -> list[tuple[str, list[Option]]]:
        """Of what a sentence may speak, in groups."""
        lifecycles = [Option(one.id, one.title) for one in self.book.lifecycles.values()]
        known = [Option(one.id, one.label) for one in self.book.account.fields.values()]
        others = [Option(CTA, "A CTA")]
        others += [Option(SEGMENT, "The segment")] if self.book.segments else []
        return [("Lifecycles", lifecycles), ("Fields", known), ("Others", others)]

    def verbs(self, phrase: Phrase) -> list[Option]:
        """What can be said of it."""
        return [Option(*one) for one in verbs_of(phrase.subject, self.scope).items()]

    def stages(self, lifecycle: str) -> list[Option]:
        """Its stages, and none."""
        runs = self.book.lifecycles[lifecycle]
        known = [Option(one.id, one.label, one.colour, one.end) for one in runs.stages]
        return [*known, Option(NONE, "None")]

    def options(self, phrase: Phrase) -> list[Option]:
        """What several can be chosen of: stages, or the words of a picklist; nothing where one types."""
        if phrase.subject in self.scope.stages:
            return self.stages(phrase.subject)
        datum = self.scope.fields.get(phrase.subject)
        if datum is None or datum.kind is not Kind.PICKLIST:
            return []
        return [Option(one, one) for one in datum.options]

    def segments(self) -> list[Option]:
        """The saved ones."""
        return [Option(one.id, one.title) for one in self.book.segments.values()]

    def cta_kinds(self) -> list[str]:
        """Kinds that lines open; a person may have given others."""
        actions = (
            action
            for lifecycle in self.book.lifecycles.values()
            for line in lifecycle.automations
            for action in line.actions
        )
        return sorted({"task", *(one.kind for one in actions if isinstance(one, OpenCta))})

    def kind(self, phrase: Phrase) -> str:
        """The kind of the field it speaks of; empty for another subject."""
        datum = self.scope.fields.get(phrase.subject)
        return datum.kind.value if datum is not None else ""

    def is_measured(self, phrase: Phrase) -> bool:
        """Whether one often compares it with another field: a number, an amount, a date."""
        datum = self.scope.fields.get(phrase.subject)
        return datum is not None and datum.kind in MEASURED

    def others(self, phrase: Phrase) -> list[Option]:
        """Fields it can be compared with."""
        datum = self.scope.fields.get(phrase.subject)
        if datum is None:
            return []
        known = self.book.account.fields.values()
        alike = [one for one in known if comparable(datum.kind, one.kind)]
        return [Option(one.id, one.label) for one in alike if one.id != phrase.subject]

    # ── what is there

    def rows(self, outline: Group) -> tuple[Row, ...]:
        """The outline with controls."""
        return tuple(self._row(part, str(n)) for n, part in enumerate(outline.parts))

    def _row(self, part: Part, place: str) -> Row:
        phrase = phrase_of(part, self.scope)
        if phrase is None:
            assert isinstance(part, Group)
            inside = (self._row(one, f"{place}.{n}") for n, one in enumerate(part.parts))
            return Row(place, word=part.word, rows=tuple(inside))
        line = part.parts[0] if isinstance(part, Group) else part
        assert isinstance(line, Line)
        negated = "not: " if isinstance(part, Group) else ""
        return Row(place, phrase, negated + line.text, wrong=self._wrong(line))

    def _wrong(self, line: Line) -> Refusal | None:
        try:
            parse_condition(line.text, self.scope)
        except Refusal as refusal:
            return refusal
        return None


# ── a form of it


@dataclass(frozen=True, slots=True)
class Sent:
    """The controls of one place as a form has them."""

    values: dict[str, list[str]] = field(default_factory=dict)

    def one(self, name: str) -> str:
        """The last value of a control; empty for none."""
        return (self.values.get(name) or [""])[-1].strip()

    def phrase(self) -> Phrase:
        """The parts."""
        chosen = tuple(one for one in self.values.get("values", []) if one.strip())
        single = {name: self.one(name) for name in CONTROLS - {"values", "unit"}}
        return Phrase(values=chosen, unit=self.one("unit") or "days", **single)


class Form:
    """The sentences of a form, and what its buttons do to them."""

    def __init__(self, book: Book, items: Iterable[tuple[str, str]], today: date) -> None:
        self.scope, self.today = scope_of(book), today
        self.first = next(iter(book.lifecycles), "") or next(iter(book.account.fields), CTA)
        self.places: dict[str, Sent] = {}
        for name, value in items:
            place, dash, control = name.partition("-")
            if dash and _is_place(place):
                sent = self.places.setdefault(place, Sent())
                sent.values.setdefault(control, []).append(value)

    def outline(self, do: str = "") -> Group:
        """What the controls say, after the button `do`: `add:2`, `group:`, `remove:2.1`."""
        what, _, place = do.partition(":")
        parts = self._parts("", what, place)
        return Group(ALL, tuple(parts))

    def _parts(self, outer: str, what: str, place: str) -> list[Part]:
        inside = [one for one in self.places if one.rpartition(".")[0] == outer]
        inside.sort(key=lambda one: int(one.rpartition(".")[2]))
        found: list[Part] = []
        for one in inside:
            if (what, place) == (REMOVE, one):
                continue
            word = self.places[one].one("word")
            if not word:
                found.append(self._line(self.places[one]))
            elif parts := self._parts(one, what, place):
                found.append(Group(word if word in WORDS else ANY, tuple(parts)))
        if (what, place) == (ADD, outer):
            found.append(self._new())
        if (what, place) == (ADD_GROUP, outer):
            found.append(Group(ANY, (self._new(),)))
        return found

    def _new(self) -> Part:
        return part_of(begun(self.first, self.scope), self.scope)

    def _line(self, sent: Sent) -> Part:
        phrase = sent.phrase()
        known = verbs_of(phrase.subject, self.scope)
        if not known:
            return Line(f"{phrase.subject} {phrase.verb} {phrase.raw}".strip())
        if phrase.subject != sent.one("was") or phrase.verb not in known:
            return part_of(begun(phrase.subject, self.scope), self.scope)
        return part_of(said_of(phrase, self.scope, self.today), self.scope)


def _is_place(text: str) -> bool:
    steps = text.split(".")
    return len(steps) <= DEEPEST and all(
        len(one) <= 3 and one.isascii() and one.isdecimal() and int(one) < MOST_LINES
        for one in steps
    )


def labels(chosen: Sequence[str], options: Sequence[Option]) -> list[Option]:
    """What was chosen, as it is shown; a word that is none of the options as it is."""
    known: Mapping[str, Option] = {one.id: one for one in options}
    return [known.get(one, Option(one, one)) for one in chosen]
