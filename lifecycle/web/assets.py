"""Files that pages load: under an address that changes with their content, so that browsers may keep them."""

from __future__ import annotations

import json
import os
import re
from functools import cache
from hashlib import sha256
from pathlib import Path
from typing import Final

from fastapi.staticfiles import StaticFiles
from starlette.middleware.gzip import GZipMiddleware
from starlette.types import Receive, Scope, Send

STATIC: Final = Path(__file__).parent / "static"
PINNED: Final = Path(__file__).parent / "vendor.json"
VENDOR: Final = STATIC / "vendor"
"""What others wrote (htmx, SortableJS, ECharts): built at set-up, shipped in a wheel."""

SMALL: Final = 1_000
"""Bytes below which making a file smaller does not pay."""

HOUR: Final = "public, max-age=3600"
FOR_EVER: Final = "public, max-age=31536000, immutable"

_EDITION: Final = re.compile(r"[0-9a-f]{12}")


@cache
def edition() -> str:
    """Twelve hexadecimal digits that stand for everything in the folder."""
    total = sha256()
    for file in sorted(STATIC.rglob("*")):
        if file.is_file():
            total.update(file.relative_to(STATIC).as_posix().encode())
            total.update(file.read_bytes())
    return total.hexdigest()[:12]


def address(name: str) -> str:
    """`/static/4c1f…/app.css`: what a file loads beside itself (a font, a module) has the same edition."""
    return f"/static/{edition()}/{name}"


def kept(path: str) -> str | None:
    """How long a browser may keep what is at this path: for ever under an edition; None for what is no file."""
    if not path.startswith("/static/"):
        return None
    return FOR_EVER if _EDITION.fullmatch(path.split("/")[2]) else HOUR


def shortfall() -> str:
    """What to tell whoever starts the door when scripts of the pages were not built; empty when all are there."""
    missing = [name for name in json.loads(PINNED.read_text()) if not (VENDOR / name).is_file()]
    if not missing:
        return ""
    return (
        f"The pages lack {', '.join(missing)}: they work, but without dialogs, drag and drop and charts. "
        "`make assets` in the project's folder fetches them; an installed wheel brings them."
    )


class Assets(StaticFiles):
    """The folder, with or without an edition in front of the name; an old page's edition still finds its file.

    Files are sent smaller where a browser can read that. Pages are not: they hold what only some may know.
    """

    def __init__(self) -> None:
        super().__init__(directory=STATIC)
        self._smaller = GZipMiddleware(super().__call__, minimum_size=SMALL, compresslevel=6)

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        """As ASGI has it."""
        await self._smaller(scope, receive, send)

    def get_path(self, scope: Scope) -> str:
        """The file's path below the folder."""
        path = super().get_path(scope)
        first, _, rest = path.partition(os.sep)
        return rest if _EDITION.fullmatch(first) else path
