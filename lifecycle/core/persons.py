"""What is known of a person: values, found in an account's entries, by which texts are searched (N12)."""

from __future__ import annotations

from collections.abc import Iterable, Iterator
from dataclasses import dataclass, field

from . import changes as c
from . import inputs as i
from .erasing import ERASED, Personal, is_searchable, personal_of, roles_of
from .evolve import apply
from .model import Book
from .state import AccountState
from .values import Kind, Value


@dataclass(slots=True)
class Person:
    """`values` are what they were called by; `fields` those of the account that speak of them now."""

    values: list[Value] = field(default_factory=list)
    fields: list[str] = field(default_factory=list)


def anybody(entries: Iterable[c.Entry], book: Book, personal: Personal) -> Person:
    """Everything that ever stood under personal names."""
    found: dict[Value, None] = {}
    for entry in entries:
        for kind, value in _named(entry, book, personal):
            if is_searchable(kind, value) and ERASED not in str(value):
                found[value] = None
    return Person(list(found), sorted(personal.fields))


def _named(entry: c.Entry, book: Book, personal: Personal) -> Iterator[tuple[Kind, Value]]:
    fields, item = book.account.fields, entry.input
    for change in entry.changes:
        if isinstance(change, c.FieldSet) and change.name in personal.fields:
            yield fields[change.name].kind, change.value
            yield fields[change.name].kind, change.before
    if isinstance(item, i.Event):
        for name in personal.data.get(item.type, ()):
            yield book.events[item.type].data[name], item.data.get(name)
    elif isinstance(item, i.SetFields | i.CreateAccount):
        for name in personal.fields & item.fields.keys():
            yield fields[name].kind, item.fields[name]


def one_with(address: str, entries: Iterable[c.Entry], book: Book, account: str) -> Person:
    """Whoever has this address: what stood beside it, and the fields that hold it now."""
    personal, groups = personal_of(book), _groups(book)
    state, found = AccountState(account), dict[Value, None]({address: None})
    for entry in entries:
        apply(state, entry)
        _note(found, _told(entry.input, personal), address)
        for names in groups:
            _note(found, {name: state.fields.get(name) for name in names}, address)
    now = {
        name
        for names in groups
        if _has(address, (state.fields.get(name) for name in names))
        for name in names
        if name in state.fields
    }
    return Person([value for value in found if is_searchable(Kind.TEXT, value)], sorted(now))


def _groups(book: Book) -> list[list[str]]:
    """The fields of each role's person; what belongs to no role may be anybody's."""
    roles = roles_of(book)
    owned = {name for names in roles.values() for name in names}
    loose = sorted(personal_of(book).fields - owned)
    return [[*names, *loose] for names in roles.values()] or [loose]


def _told(item: i.Input, personal: Personal) -> dict[str, Value]:
    """What a message said of people."""
    if isinstance(item, i.Event):
        names: Iterable[str] = personal.data.get(item.type, ())
        return {name: item.data.get(name) for name in names}
    if isinstance(item, i.SetFields | i.CreateAccount):
        return {name: item.fields[name] for name in personal.fields & item.fields.keys()}
    return {}


def _note(found: dict[Value, None], values: dict[str, Value], address: str) -> None:
    if _has(address, values.values()):
        found.update({value: None for value in values.values() if ERASED not in str(value)})


def _has(address: str, values: Iterable[Value]) -> bool:
    return any(isinstance(one, str) and one.casefold() == address for one in values)
