"""What a play was asked for: everything stands in its address, a step as its script has it."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field
from typing import Annotated, Any, Final
from urllib.parse import urlencode

from pydantic import BaseModel, ConfigDict, Field

from lifecycle.core.model import Book, EventType, FieldDef
from lifecycle.core.refusal import Refusal
from lifecycle.core.values import Kind
from lifecycle.definition.condition_words import Labels
from lifecycle.sandbox.writing import written
from lifecycle.telling.phrases import capital

LINE, WORD = 2_000, 200
"""The longest that is taken, in characters."""
MOST: Final = 60
Line = Annotated[str, Field(max_length=LINE, pattern=r"^[^\x00\r\n]*$")]
Word = Annotated[str, Field(max_length=WORD, pattern=r"^[^\x00\r\n]*$")]
EVENT: Final = "event:"
VALUE: Final = "value."
FARS: Final = (30, 90, 180, 365)


class Asked(BaseModel):
    """`step` and `field` are those there are; `when` and `what` the step that is being added, if `do` says so."""

    model_config = ConfigDict(frozen=True)

    days: Annotated[int, Field(ge=1, le=3_660)] = 90
    step: list[Line] = Field(default_factory=list, max_length=MOST)
    field: list[Line] = Field(default_factory=list, max_length=MOST)
    when: Word = "in 5 days"
    what: Word = ""
    do: Word = ""

    def at(self, path: str, **changed: Any) -> str:
        """The play at `path`, with some of it changed; nothing is being added any more."""
        other = {"days": self.days, "step": self.step, "field": self.field} | changed
        pairs: list[tuple[str, str]] = []
        for name, value in other.items():
            several = value if isinstance(value, list) else [value]
            pairs += [(name, str(one)) for one in several]
        kept = [(name, value) for name, value in pairs if (name, value) != ("days", "90")]
        return f"{path}?{urlencode(kept)}" if kept else path

    def without(self, path: str, name: str, place: int) -> str:
        """The play without one of its steps, or fields."""
        several = list(getattr(self, name))
        del several[place]
        return self.at(path, **{name: several})


# ── what may be added


@dataclass(frozen=True, slots=True)
class Control:
    """A value of the step that is being added. `options` None: it is typed."""

    name: str
    label: str
    help: str = ""
    options: list[tuple[str, str]] | None = None
    value: str = ""
    kind: str = "text"


@dataclass(frozen=True, slots=True)
class Adding:
    """The form that adds a step: what there is to choose from, and what the chosen one needs."""

    when: str
    what: str
    groups: list[tuple[str, list[tuple[str, str]]]]
    controls: list[Control] = field(default_factory=list)


PEOPLE: Final = [
    ("set", "Set a stage"),
    ("fields", "Set a field"),
    ("hold", "Hold"),
    ("release", "End the hold"),
    ("undo", "Undo the newest change"),
    ("close cta", "Close a CTA"),
]


def adding(book: Book, asked: Asked, typed: Mapping[str, str]) -> Adding:
    """The form, with what was typed so far (`typed` is by name, without `value.`)."""
    labels = Labels(book)
    events = [(EVENT + one, _event_label(labels, one)) for one in book.events]
    groups = [("A service reports", events), ("A person", PEOPLE)]
    return Adding(asked.when, asked.what, groups, controls(book, asked.what, typed))


def _event_label(labels: Labels, event: str) -> str:
    label = labels.event(event)
    return event if label.startswith("`") else capital(label)


def controls(book: Book, what: str, typed: Mapping[str, str]) -> list[Control]:
    """What a step needs beside its time."""
    if what.startswith(EVENT):
        found = book.events.get(what.removeprefix(EVENT))
        return [_datum(name, kind, typed) for name, kind in found.data.items()] if found else []
    if what == "set":
        return [_chosen("stage", "Stage", _stages(book), typed)]
    if what == "fields":
        fields = [(one.id, one.label) for one in book.account.fields.values() if not one.written_by]
        return [
            _chosen("field", "Field", fields, typed),
            _text("to", "Value", typed, "None empties it"),
        ]
    if what == "hold":
        return [_text("until", "How long", typed, "14 days, or until a date: 2026-12-24")]
    if what == "close cta":
        return [
            _text("title", "Title of the CTA", typed),
            _text("outcome", "Outcome", typed, "done"),
        ]
    return []


def _datum(name: str, kind: Kind, typed: Mapping[str, str]) -> Control:
    label = capital(name.replace("_", " "))
    if kind is Kind.YES_NO:
        return Control(
            name, label, "", [("", ""), ("yes", "yes"), ("no", "no")], typed.get(name, "")
        )
    return Control(name, label, "" if kind is Kind.TEXT else kind.value, None, typed.get(name, ""))


def _stages(book: Book) -> list[tuple[str, str]]:
    found: list[tuple[str, str]] = []
    for one in book.lifecycles.values():
        found += [(f"{one.id}.{stage.id}", f"{one.title}: {stage.label}") for stage in one.stages]
        found.append((f"{one.id}.None", f"{one.title}: None"))
    return found


def _chosen(
    name: str, label: str, options: list[tuple[str, str]], typed: Mapping[str, str]
) -> Control:
    return Control(name, label, "", options, typed.get(name, ""))


def _text(name: str, label: str, typed: Mapping[str, str], help_: str = "") -> Control:
    return Control(name, label, help_, None, typed.get(name, ""))


def new_step(book: Book, asked: Asked, typed: Mapping[str, str]) -> str:
    """The line of the step that is being added. Raises `Refusal` where it is not said what it does."""
    when, what = " ".join(asked.when.split()), asked.what
    given = {name: value.strip() for name, value in typed.items() if value.strip()}
    if not what:
        raise Refusal("bad_step", "It is not said what comes in.", "Choose it.", "what")
    if what.startswith(EVENT):
        event = what.removeprefix(EVENT)
        data = _declared(book.events.get(event), given)
        return written(when, {"event": event, "data": data} if data else event)
    if what in ("release", "undo"):
        return written(when, what)
    return written(when, _by_person(what, given))


def _declared(event: EventType | None, given: Mapping[str, str]) -> dict[str, str]:
    return {name: value for name, value in given.items() if event and name in event.data}


def _by_person(what: str, given: Mapping[str, str]) -> dict[str, Any]:
    needed = {"set": "stage", "fields": "field", "hold": "until", "close cta": "title"}
    if needed.get(what) not in given:
        raise Refusal("bad_step", "Something of the step is missing.", "Fill it in.", "what")
    if what == "fields":
        value = given.get("to", "None")
        return {"fields": {given["field"]: None if value == "None" else value}}
    step: dict[str, Any] = {what: given[needed[what]]}
    if what == "close cta" and "outcome" in given:
        step["outcome"] = given["outcome"]
    return step


# ── a new account


def fields_of(lines: list[str]) -> dict[str, Any]:
    """`name=value` lines as fields. Raises `Refusal`."""
    found: dict[str, Any] = {}
    for line in lines:
        name, sign, value = line.partition("=")
        if not sign:
            raise Refusal("bad_field", f"{line!r} is not NAME=VALUE.", where="field")
        found[name.strip()] = value.strip() or None
    return found


def field_choices(book: Book) -> list[FieldDef]:
    """What a new account may begin with."""
    return [one for one in book.account.fields.values() if not one.written_by]
