"""Answers as they were looked at and found good; LIFECYCLE_RECORD=1 records them anew."""

import os
from dataclasses import dataclass
from pathlib import Path


@dataclass(frozen=True)
class Golden:
    """A folder of recorded answers."""

    folder: Path

    def check(self, name: str, text: str) -> None:
        """The text is the recorded one."""
        file = self.folder / f"{name}.txt"
        if os.environ.get("LIFECYCLE_RECORD") == "1":
            self.folder.mkdir(exist_ok=True)
            file.write_text(text, encoding="utf-8")
        assert text == file.read_text(encoding="utf-8")
