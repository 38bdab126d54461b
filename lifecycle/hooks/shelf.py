"""The hooks in their folder, read again when a file or the book changed."""

from __future__ import annotations

from datetime import datetime
from pathlib import Path

from lifecycle.core.model import Book
from lifecycle.core.refusal import did_you_mean
from lifecycle.failure import Failure
from lifecycle.settings import Settings

from .mapping import Hook
from .reader import format_in, read_hook


class NoHook(Failure):
    """There is no file for a hook."""


class Shelf:
    """A folder of hooks. What was read is kept for as long as it is sure to be right."""

    def __init__(self, settings: Settings) -> None:
        self.folder = settings.hooks_folder.path
        self._read: dict[str, tuple[object, Hook]] = {}
        self._formats: dict[str, tuple[object, str]] = {}

    def names(self) -> list[str]:
        """Every hook there is a file for."""
        return sorted(path.stem for path in self.folder.glob("*.yaml"))

    def path(self, name: str) -> Path:
        """The file of a hook. Raises `NoHook`."""
        if name not in self.names():
            near = did_you_mean(name, self.names())
            raise NoHook(f"There is no hook {name!r} in {self.folder}.\n{near}")
        return self.folder / f"{name}.yaml"

    def format(self, name: str) -> str:
        """Who speaks at a hook, also when the rest of its file has problems. Raises `Failure`."""
        path = self.path(name)
        state, kept = _state(path), self._formats.get(name)
        if kept is None or kept[0] != state:
            kept = self._formats[name] = (state, format_in(path))
        return kept[1]

    def hook(self, name: str, book: Book, digest: str, now: datetime) -> Hook:
        """A hook, checked against the book of that digest. Raises `NoHook`, `BadMapping`."""
        path = self.path(name)
        state, kept = (_state(path), digest), self._read.get(name)
        if kept is not None and kept[0] == state:
            return kept[1]
        hook = read_hook(path, book, now)
        self._read[name] = (state, hook)
        return hook


def _state(path: Path) -> tuple[int, int]:
    """What is another once the file was written to."""
    found = path.stat()
    return found.st_mtime_ns, found.st_size
