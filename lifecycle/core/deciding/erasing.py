"""Erasing a person: fields lose their values, and no automation takes that for something that happened (N12)."""

from __future__ import annotations

from .. import changes as c
from ..inputs import Erase
from ..model import Book
from ..refusal import Refusal
from .turn import Turn
from .watch import settle


def check_erase(book: Book, command: Erase) -> None:
    """Raise `Refusal` when a field would be erased that does not speak of a person."""
    fields = book.account.fields
    wrong = [name for name in command.names if name in fields and not fields[name].personal]
    if wrong:
        said = f"{', '.join(wrong)}: not marked as personal."
        remedy = "Mark it in account.yaml (personal: true) and publish that first."
        raise Refusal("not_personal", said, remedy, "names")


def erase(turn: Turn, command: Erase) -> None:
    """What is recorded of it holds no value, neither new nor old. Conditions take note; nothing is set off."""
    for name in command.names:
        if name in turn.state.fields:
            turn.emit(c.FieldSet(name, None))
    turn.emit(c.PersonErased(list(command.names), turn.at, command.actor))
    settle(turn)
