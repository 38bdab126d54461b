"""Erasing a person: fields lose their values, and no automation takes that for something that happened (N12)."""

from __future__ import annotations

from .. import changes as c
from ..inputs import Erase
from .turn import Turn
from .watch import settle


def erase(turn: Turn, command: Erase) -> None:
    """What is recorded of it holds no value, neither new nor old. Conditions take note; nothing is set off."""
    for name in command.names:
        if name in turn.state.fields:
            turn.emit(c.FieldSet(name, None))
    turn.emit(c.PersonErased(list(command.names), turn.at, command.actor))
    settle(turn)
