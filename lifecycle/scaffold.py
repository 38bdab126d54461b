"""`lifecycle init`: a folder of one's own to edit definitions and templates in."""

import shutil
from pathlib import Path
from typing import Final

from lifecycle.failure import Failure
from lifecycle.places import app_folder

KINDS: Final = ("definitions", "templates", "imports", "hooks")


def copy_to(folder: Path) -> list[Path]:
    """Copy what CS ops edit into `folder`; return the folders made.

    Raises `Failure` when one of them exists: nothing is ever overwritten, and nothing copied then.
    """
    targets = [folder / kind for kind in KINDS]
    if taken := [str(target) for target in targets if target.exists()]:
        raise Failure(
            f"Already there: {', '.join(taken)}. Nothing was copied.\n"
            "Name another folder, or move these away."
        )
    for kind, target in zip(KINDS, targets, strict=True):
        shutil.copytree(app_folder() / kind, target, ignore=shutil.ignore_patterns("__pycache__"))
    return targets
