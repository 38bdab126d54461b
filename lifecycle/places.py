"""Where the engine's own files lie: in a checkout, or in the installed package."""

from dataclasses import dataclass
from pathlib import Path
from typing import Final

from lifecycle.failure import Failure

PACKAGE: Final = Path(__file__).resolve().parent
# A folder counts as a set of definitions or templates when it holds this.
MARKS: Final = {"definitions": "account.yaml", "templates": "email", "hooks": "*.yaml"}


@dataclass(frozen=True)
class Place:
    """A folder and why it was chosen, for the log."""

    path: Path
    origin: str

    def __str__(self) -> str:
        return f"{self.path} ({self.origin})"


def app_folder() -> Path:
    """The folder that holds worker.py, workflows/ and definitions/.

    An installed wheel carries them in `_app`; in a checkout they lie beside the package.
    """
    packaged = PACKAGE / "_app"
    return packaged if packaged.is_dir() else PACKAGE.parent


def find(kind: str, chosen: Path | None) -> Place:
    """The folder of `definitions`, `templates` or `hooks`: the setting's, else ./<kind>, else packaged.

    Raises `Failure` when the setting names a folder that is none.
    """
    mark = MARKS[kind]
    if chosen is not None:
        if not any(chosen.glob(mark)):
            raise Failure(
                f"The setting {kind}_dir names {chosen}, but there is no {mark} in it.\n"
                f"Name a folder of {kind}, or make one: lifecycle init FOLDER"
            )
        return Place(chosen, f"the setting {kind}_dir")
    here = Path.cwd() / kind
    if any(here.glob(mark)):
        return Place(here, "the working folder")
    return Place(app_folder() / kind, "shipped with the engine")
