"""A person's words, and entries without them (N12).

Structure never changes: ids of definitions, numbers, times and the order of changes stay, so that entries fold as
before. What is replaced are values under personal names, and texts in which the person is spoken of.
"""

from __future__ import annotations

import re
from collections.abc import Collection, Iterable
from dataclasses import dataclass, field, fields, is_dataclass, replace
from datetime import date
from typing import Any, Final, TypeVar

from . import changes as c
from . import inputs as i
from .handles import names_in, patterns, spellings
from .model import Book, EventType, FromEvent, SetFields
from .refusal import Refusal
from .state import Cta, HeldEvent, HoldState, JoinFact, Unit
from .values import Kind, Value

ERASED: Final = "[erased]"
SHORTEST: Final = 3
FEWEST_DIGITS: Final = 5
T = TypeVar("T")


# ── what is personal


@dataclass(frozen=True, slots=True)
class Personal:
    """Names under which a book keeps what it knows of people: of fields, and of the data of each event type."""

    fields: frozenset[str]
    data: dict[str, frozenset[str]] = field(default_factory=dict)

    @property
    def all_data(self) -> frozenset[str]:
        """The names of data, of whatever event."""
        return frozenset().union(*self.data.values())


def personal_of(book: Book, only: Iterable[str] | None = None) -> Personal:
    """What a book calls personal: fields and data marked so, and data that a personal field is set from.

    With `only` these fields; then data count that bear their names or set them.
    """
    marked = {one.id for one in book.account.fields.values() if one.personal}
    wanted = marked if only is None else marked & set(only)
    sources = {name for name, target in _set_from(book) if target in wanted}
    data = {
        one.id: frozenset(_data_of(one, wanted | sources, only is None))
        for one in book.events.values()
    }
    return Personal(frozenset(wanted), {name: found for name, found in data.items() if found})


def _data_of(event: EventType, names: set[str], with_marked: bool) -> set[str]:
    return (names & event.data.keys()) | (set(event.personal) if with_marked else set())


def _set_from(book: Book) -> Iterable[tuple[str, str]]:
    """Which data of events are written into which fields."""
    for lifecycle in book.lifecycles.values():
        for line in lifecycle.automations:
            for action in line.actions:
                if isinstance(action, SetFields):
                    for target, source in action.values.items():
                        if isinstance(source, FromEvent):
                            yield source.name, target


def roles_of(book: Book) -> dict[str, list[str]]:
    """Roles that stand for a person outside the house, with the personal fields that hold name and address."""
    found = {
        role.id: [name for name in (role.name, role.email) if name and _is_personal(book, name)]
        for role in book.account.roles.values()
    }
    return {role: names for role, names in found.items() if names}


def _is_personal(book: Book, name: str) -> bool:
    spec = book.account.fields.get(name)
    return spec is not None and spec.personal


def is_searchable(kind: Kind, value: Value) -> bool:
    """Whether a value tells whose it is: a choice of a list does not, nor yes or no, nor a small number."""
    if kind in (Kind.PICKLIST, Kind.YES_NO, Kind.MONEY, Kind.TIME_ZONE):
        return False
    return bool(_patterns_of(value))


# ── finding them in texts


class Words:
    """What a person is found by: addresses in any case and cut short, names of several words in any case, order and
    spacing, numbers however they are grouped; a name of one word only as it is written."""

    def __init__(self, values: Iterable[Value] = ()) -> None:
        self.values = tuple(dict.fromkeys(value for value in values if _patterns_of(value)))
        found = [pattern for value in self.values for pattern in _patterns_of(value)]
        found += patterns(value for value in self.values if isinstance(value, str))
        longest_first = sorted(dict.fromkeys(found), key=len, reverse=True)
        self._pattern = re.compile("|".join(longest_first)) if found else None
        within = [re.escape(form) for one in self.addresses for form in spellings(one)]
        self._within_ids = re.compile("|".join(within), re.IGNORECASE) if within else None

    def __bool__(self) -> bool:
        return self._pattern is not None

    @property
    def addresses(self) -> tuple[str, ...]:
        """Those that mail goes to, case folded."""
        found = (one.casefold() for one in self.values if isinstance(one, str) and "@" in one)
        return tuple(dict.fromkeys(found))

    def are_in(self, text: str) -> bool:
        """Whether a text speaks of the person."""
        return self._pattern is not None and self._pattern.search(text) is not None

    def taken_from(self, text: str) -> str:
        """The text without them."""
        return self._pattern.sub(ERASED, text) if self._pattern else text

    def taken_from_id(self, text: str) -> str:
        """The same for a name that a service made up: an address stands in it with anything before and behind it."""
        left = self._within_ids.sub(ERASED, text) if self._within_ids else text
        return self.taken_from(left)


def _patterns_of(value: Value) -> list[str]:
    if isinstance(value, bool) or value is None:
        return []
    text = str(value).strip()
    if isinstance(value, date | int | float):
        return _number(text) if sum(map(str.isdigit, text)) >= FEWEST_DIGITS else []
    if sum(map(str.isalnum, text)) < SHORTEST:
        return []
    if sum(map(str.isdigit, text)) > FEWEST_DIGITS and not any(map(str.isalpha, text)):
        return _number(text)
    names = names_in(text)
    turned = [rf"{names[-1]}, {names[0]}", f"{names[-1]} {names[0]}"] if names else []
    return [_text(form) for one in [text, *turned] for form in spellings(one)]


def _text(text: str) -> str:
    if "@" in text or "%40" in text:
        return rf"(?<![\w.+-])(?i:{re.escape(text)})(?![\w-]|\.\w)"
    words = [re.escape(word) for word in text.split()]
    if len(words) == 1:
        return rf"(?<!\w){words[0]}(?!\w)"
    together = r"\s+".join(words)
    return rf"(?<!\w)(?i:{together})(?!\w)"


def _number(text: str) -> list[str]:
    """The digits, however they are grouped: +49 30 1234567, 0049-30-1234567. Dates as they are."""
    if re.fullmatch(r"\d{4}-\d\d-\d\d.*", text):
        return [rf"(?<!\d){re.escape(text)}(?!\d)"]
    digits = r"[\s().\-/]*".join(char for char in text if char.isdigit())
    return [rf"(?<!\d)\+?{digits}(?!\d)"]


# ── taking them out


@dataclass(frozen=True, slots=True)
class Eraser:
    """Takes a person out of entries: what stands under the personal names, and the words wherever they stand."""

    personal: Personal
    words: Words

    def text(self, text: str) -> str:
        """A text without the words."""
        return self.words.taken_from(text)

    def any(self, value: Any) -> Any:
        """The same for JSON data of any shape; what stands under a personal name is left out."""
        if isinstance(value, str):
            return self.text(value)
        if isinstance(value, list):
            return [self.any(one) for one in value]
        if isinstance(value, dict):
            kept = (pair for pair in value.items() if pair[0] not in self.personal.fields)
            return {key: one if key == "is" else self.any(one) for key, one in kept}
        return self.value(value)

    def value(self, value: Value) -> Value:
        """A value without the words; a date or a number that is one of them is gone."""
        if isinstance(value, str):
            return self.text(value)
        return None if value in self.words.values and not isinstance(value, bool) else value

    def field(self, name: str, value: Value) -> Value:
        """What a field held."""
        return gone(value) if name in self.personal.fields else self.value(value)

    def entry(self, entry: c.Entry) -> c.Entry:
        """A journal entry; the very same one where it speaks of nobody."""
        return self.part(entry)

    def part(self, value: T) -> T:
        """A dataclass of the core and what is in it; the very same one where nothing is found."""
        if isinstance(value, c.FieldSet):
            after, before = (
                self.field(value.name, value.value),
                self.field(value.name, value.before),
            )
            return replace(value, value=after, before=before)
        found = {}
        for spec in fields(value):  # type: ignore[arg-type]
            if spec.init:
                old = getattr(value, spec.name)
                new = self._attribute(value, spec.name, old)
                if new != old:
                    found[spec.name] = new
        return replace(value, **found) if found else value  # type: ignore[type-var]

    def _attribute(self, owner: Any, name: str, old: Any) -> Any:
        if isinstance(owner, c.EffectShadowed) and name == "value" and owner.kind == "field":
            return self.field(owner.name, old)
        if (type(owner), name) in TEXTS:
            return self.words.taken_from_id(old) if name in MADE_UP else self.any(old)
        if (type(owner), name) in VALUES:
            return self._values(owner, old)
        if is_dataclass(old):
            return self.part(old)
        if isinstance(old, list | tuple):
            return type(old)(self.part(one) if is_dataclass(one) else one for one in old)
        if isinstance(old, dict):
            return {key: self.part(one) if is_dataclass(one) else one for key, one in old.items()}
        return old

    def _values(self, owner: Any, values: dict[str, Value]) -> dict[str, Value]:
        return self.named(values, self._names(owner, values))

    def named(self, values: dict[str, Any], names: Collection[str]) -> dict[str, Any]:
        """Values by their names, of which some are personal; an event's carry its id and source, too."""
        return {
            name: gone(one) if name in names else self._one(name, one)
            for name, one in values.items()
        }

    def _one(self, name: str, value: Any) -> Any:
        if name in MADE_UP and isinstance(value, str):
            return self.words.taken_from_id(value)
        return self.any(value)

    def _names(self, owner: Any, values: dict[str, Value]) -> frozenset[str]:
        if isinstance(owner, i.Event | HeldEvent):
            return self.personal.data.get(owner.type, frozenset())
        if isinstance(owner, c.MailDue):
            return self.personal.data.get(str(values.get("type")), frozenset())
        return frozenset() if isinstance(owner, c.WebhookDue) else self.personal.fields


def gone(value: Value) -> Value:
    """What stands in the place of a personal value: a word for a text, nothing for a number or a date."""
    return ERASED if isinstance(value, str) else None


MADE_UP: Final = ("id", "source")
"""What services name their events, and themselves."""

TEXTS: Final = {
    (kind, name)
    for kind, names in {
        i.Event: "id source",
        i.SetStage: "reason id",
        i.Undo: "reason id",
        i.Hold: "reason id",
        i.Release: "reason id",
        i.SetFields: "reason id",
        i.CloseCta: "outcome id",
        i.DoTask: "id",
        i.OpenCta: "title owner id",
        i.SnoozeCta: "id",
        i.AssignCta: "owner id",
        i.Erase: "reason",
        i.CreateAccount: "id",
        i.Adopt: "id",
        i.GoBack: "id reason",
        i.Unreadable: "reason excerpt",
        c.StageEntered: "reason",
        c.FactsDropped: "values",
        c.EffectShadowed: "what value",
        c.CtaClosed: "outcome",
        c.CtaAssigned: "owner before",
        c.Undone: "reason",
        c.Note: "text deciding",
        Refusal: "what remedy where",
        Cta: "title owner",
        HoldState: "reason",
        HeldEvent: "id source",
        JoinFact: "value",
        Unit: "summary",
    }.items()
    for name in names.split()
}
"""Where people and services write what they like."""

VALUES: Final = {
    (i.Event, "data"),
    (i.CreateAccount, "fields"),
    (i.SetFields, "fields"),
    (c.MailDue, "event"),
    (c.WebhookDue, "data"),
    (HeldEvent, "data"),
    (Unit, "fields"),
    (Unit, "after"),
}
"""Values by their names."""
