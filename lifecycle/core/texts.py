"""Texts that databases keep."""

from __future__ import annotations

import re
from typing import Final

UNKEPT: Final = re.compile("[\x00\ud800-\udfff]")
"""Characters that no database keeps: NUL, and halves of surrogate pairs."""


def kept(text: str) -> str:
    """The text, if it can be kept. Raises `ValueError`."""
    if UNKEPT.search(text):
        raise ValueError("a text holds NUL, or half of a surrogate pair")
    return text
