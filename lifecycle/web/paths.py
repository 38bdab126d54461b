"""Addresses that a request names for later: only paths of this door are followed."""

from __future__ import annotations

from typing import Final
from urllib.parse import urlsplit

from starlette.requests import Request

LONGEST: Final = 2_000


def local(path: str, otherwise: str = "/") -> str:
    """The path if it leads to a page here, else `otherwise`. `//host` and `/\\host` lead elsewhere in a browser.

    As browsers send it: what is not ASCII is written with `%`, and would not fit into a header.
    """
    if len(path) > LONGEST or not path.startswith("/") or path[1:2] in ("/", "\\"):
        return otherwise
    if not path.isascii() or any(char <= " " or char in "\x7f\\" for char in path):
        return otherwise
    try:
        parts = urlsplit(path)
    except ValueError:
        return otherwise
    return otherwise if parts.scheme or parts.netloc else path


def asked(request: Request) -> str:
    """The path and query of a request as they were sent: decoded, an id with `%`, `?` or a space would be another."""
    raw: bytes = request.scope.get("raw_path") or request.url.path.encode()
    query = f"?{request.url.query}" if request.url.query else ""
    return f"{raw.decode('latin-1').partition('?')[0]}{query}"
