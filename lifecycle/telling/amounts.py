"""Amounts of money among the values that decided: the core tells whole cents, people read amounts (N3)."""

from __future__ import annotations

import re
from typing import Final

from lifecycle.core.model import Book
from lifecycle.core.values import Kind

from .phrases import money

_VALUE: Final = re.compile(r"\b((?:event\.)?[a-z]\w*) = (-?\d+)\b")
"""A value as the core tells what decided: `arr = 12150000`."""


def in_currency(deciding: str, book: Book) -> str:
    """`arr = 12150000` as `arr = EUR 121,500`; other values stay as they are."""
    return _VALUE.sub(lambda found: _amount(found, book), deciding)


def _amount(found: re.Match[str], book: Book) -> str:
    name, cents = found[1], int(found[2])
    field = book.account.fields.get(name)
    if field is not None and field.kind is Kind.MONEY:
        return f"{name} = {money(cents, field.currency)}"
    carried = {event.data.get(name.removeprefix("event.")) for event in book.events.values()}
    if name.startswith("event.") and carried - {None} == {Kind.MONEY}:
        return f"{name} = {money(cents, None)}"
    return found[0]
