"""Addresses that a request names for later: only paths of this door are followed."""

from __future__ import annotations

from typing import Final
from urllib.parse import urlsplit

LONGEST: Final = 2_000


def local(path: str, otherwise: str = "/") -> str:
    """The path if it leads to a page here, else `otherwise`. `//host` and `/\\host` lead elsewhere in a browser."""
    if len(path) > LONGEST or not path.startswith("/") or path[1:2] in ("/", "\\"):
        return otherwise
    if any(char <= " " or char in "\x7f\\" for char in path):
        return otherwise
    try:
        parts = urlsplit(path)
    except ValueError:
        return otherwise
    return otherwise if parts.scheme or parts.netloc else path
