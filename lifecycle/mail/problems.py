"""What is wrong with a template, said with file and line."""

from __future__ import annotations

from pathlib import Path


class TemplateProblem(Exception):
    """A template cannot be read, or cannot be rendered with what it is given.

    `line` counts from 1 (None: the file as a whole), `hint` says what to do.
    """

    def __init__(self, file: Path, line: int | None, text: str, hint: str = "") -> None:
        self.file = file
        self.line = line
        self.text = text
        self.hint = hint
        super().__init__(str(self))

    def __str__(self) -> str:
        where = f"{self.file}:{self.line}" if self.line else str(self.file)
        return f"{where}: {self.text}" + (f" {self.hint}" if self.hint else "")

    def __reduce__(self) -> tuple[type[TemplateProblem], tuple[Path, int | None, str, str]]:
        return type(self), (self.file, self.line, self.text, self.hint)
