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
from starlette.types import Scope

STATIC: Final = Path(__file__).parent / "static"
PINNED: Final = Path(__file__).parent / "vendor.json"
VENDOR: Final = STATIC / "vendor"
"""What others wrote (htmx, SortableJS, ECharts): built at set-up, shipped in a wheel."""

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
    """The folder, with or without an edition in front of the name; an old page's edition still finds its file."""

    def __init__(self) -> None:
        super().__init__(directory=STATIC)

    def get_path(self, scope: Scope) -> str:
        """The file's path below the folder."""
        path = super().get_path(scope)
        first, _, rest = path.partition(os.sep)
        return rest if _EDITION.fullmatch(first) else path
