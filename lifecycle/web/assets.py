"""Files that pages load: under an address that changes with their content, so that browsers may keep them."""

from __future__ import annotations

import os
import re
from functools import cache
from hashlib import sha256
from pathlib import Path
from typing import Final

from fastapi.staticfiles import StaticFiles
from starlette.types import Scope

STATIC: Final = Path(__file__).parent / "static"
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


class Assets(StaticFiles):
    """The folder, with or without an edition in front of the name; an old page's edition still finds its file."""

    def __init__(self) -> None:
        super().__init__(directory=STATIC)

    def get_path(self, scope: Scope) -> str:
        """The file's path below the folder."""
        path = super().get_path(scope)
        first, _, rest = path.partition(os.sep)
        return rest if _EDITION.fullmatch(first) else path
