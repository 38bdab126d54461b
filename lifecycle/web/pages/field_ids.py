"""Ids of fields: a dialog over a page may ask for what the page asks for too, and an id is given once."""

from __future__ import annotations

from collections.abc import Iterator
from contextlib import contextmanager
from contextvars import ContextVar
from typing import Final

_PREFIX: Final[ContextVar[str]] = ContextVar("field_prefix", default="f")


def field_id(name: str) -> str:
    """`f-reason` on a page, `d-reason` in a dialog over it."""
    return f"{_PREFIX.get()}-{name}"


@contextmanager
def in_dialog(is_one: bool) -> Iterator[None]:
    """What is rendered in the block is put over a page, if so."""
    token = _PREFIX.set("d" if is_one else "f")
    try:
        yield
    finally:
        _PREFIX.reset(token)
