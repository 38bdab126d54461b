"""Books in a workflow: compiled once per process and shared by every account that runs them.

A book travels as data, in the state a run carries and in the answers of activities. Keeping what was compiled
is safe in a workflow: the same data always gives an equal book.
"""

from __future__ import annotations

import json
from functools import lru_cache

from lifecycle.core.codec import Data, from_data, to_data
from lifecycle.core.model import Book

KEPT = 64


def compiled(data: Data) -> Book:
    """The book of its data. Raises `KeyError`, `TypeError` or `ValueError` for data of another release."""
    return _compiled(json.dumps(data, separators=(",", ":"), ensure_ascii=False))


@lru_cache(maxsize=KEPT)
def _compiled(text: str) -> Book:
    book: Book = from_data(Book, json.loads(text))
    return book


def data_of(book: Book) -> Data:
    """The book as data, written once and kept with it."""
    kept: dict[str, Data] = book.__dict__.setdefault("_data", {})
    if "data" not in kept:
        kept["data"] = to_data(book)
    return kept["data"]
