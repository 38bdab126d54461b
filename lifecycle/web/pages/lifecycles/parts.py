"""A part of the definitions by its address: a lifecycle, or one of those that exist once."""

from __future__ import annotations

from dataclasses import dataclass, replace
from difflib import unified_diff
from typing import Final

from lifecycle.core.codec import decoder
from lifecycle.core.model import Book, Lifecycle
from lifecycle.core.refusal import Refusal, did_you_mean
from lifecycle.core.share import ALL
from lifecycle.fetching import version_words
from lifecycle.store.definitions import TYPES, current_book, published
from lifecycle.store.tables import DefinitionRow, PartKind
from lifecycle.telling.differences import described_differences, told_differences
from lifecycle.telling.lifecycle_differences import Difference, Sort, lifecycle_differences
from lifecycle.telling.part_words import TITLES

from ...door import Door
from ..words import quoted

HOME: Final = "/lifecycles"


@dataclass(frozen=True, slots=True)
class Part:
    """What is published of it, oldest first, and the book in force."""

    id: str
    kind: PartKind
    rows: list[DefinitionRow]
    book: Book

    @property
    def newest(self) -> DefinitionRow:
        """What is in force for all."""
        return next((row for row in reversed(self.rows) if row.share >= ALL), self.rows[-1])

    @property
    def next_version(self) -> int:
        """The number of the next version: one that was brought back, or is being tried, has had its own."""
        return max(row.version for row in self.rows) + 1

    @property
    def lifecycle(self) -> Lifecycle | None:
        """The lifecycle, if it is one."""
        return self.book.lifecycles[self.id] if self.kind is PartKind.LIFECYCLE else None

    @property
    def title(self) -> str:
        """What people call it."""
        return self.lifecycle.title if self.lifecycle else TITLES[self.kind]

    @property
    def path(self) -> str:
        """Its page."""
        return f"{HOME}/{quoted(self.id)}"

    @property
    def file(self) -> str:
        """The name of its text."""
        return f"{self.id}.yaml"

    @property
    def version(self) -> str:
        """`2`, or `2.3` for an edition."""
        return version_words(self.newest)

    def row(self, version: str) -> DefinitionRow:
        """One of its versions. Raises `Refusal`."""
        for row in self.rows:
            if version_words(row) == version:
                return row
        known = [version_words(row) for row in self.rows]
        said = f"{self.title} has no version {version!r}."
        raise Refusal("unknown_part", said, did_you_mean(version, known), "version")

    def before(self, row: DefinitionRow) -> DefinitionRow | None:
        """The one in force for all when it was published: one that was tried or taken back is none to compare with."""
        earlier = self.rows[: self.rows.index(row)]
        return next((one for one in reversed(earlier) if one.share >= ALL), None)

    @property
    def tried(self) -> DefinitionRow | None:
        """The version that some accounts run for a trial."""
        return next((row for row in reversed(self.rows) if 0 < row.share < ALL), None)


async def part_named(door: Door, part: str) -> Part:
    """The part of that id; a lifecycle comes first. Raises `Refusal`."""
    book, _ = await current_book(door.store)
    rows = list(await published(door.store, part))
    kinds = {row.kind for row in rows}
    if not rows:
        known = [*book.lifecycles, *(kind.value for kind in TITLES)]
        said = f"There is no lifecycle or part {part!r}."
        raise Refusal("unknown_part", said, did_you_mean(part, known), "part")
    kind = PartKind.LIFECYCLE if PartKind.LIFECYCLE in kinds else PartKind(rows[0].kind)
    return Part(part, kind, [row for row in rows if row.kind == kind], book)


# ── differences


@dataclass(frozen=True, slots=True)
class Line:
    """A line of two texts compared: `kind` is `add`, `del`, `same` or `hunk`."""

    kind: str
    text: str


_SIGNS: Final = {"+": "add", "-": "del", "@": "hunk"}


def compared(old: str, new: str) -> list[Line]:
    """Two texts as a unified diff, three lines around each change."""
    lines = unified_diff(old.splitlines(), new.splitlines(), lineterm="", n=3)
    return [
        Line(_SIGNS.get(line[:1], "same"), line if line.startswith("@@") else line[1:])
        for line in lines
        if not line.startswith(("--- ", "+++ "))
    ]


def differences(part: Part, old: DefinitionRow, new: DefinitionRow) -> list[Difference]:
    """What `new` changes, in plain words."""
    contents = [decoder(TYPES[part.kind])(row.content) for row in (old, new)]
    return content_differences(part, contents[0], contents[1])


def content_differences(part: Part, old: object, new: object) -> list[Difference]:
    """The same of what the texts mean."""
    if isinstance(old, Lifecycle) and isinstance(new, Lifecycle):
        return lifecycle_differences(old, new, part.book)
    before, after = _with(part, old), _with(part, new)
    told = told_differences(before, after, part.kind)
    said = [Difference(Sort.CHANGED, "Entries", after=told)] if told else []
    return said + [
        Difference(Sort.CHANGED, text.splitlines()[0], after=" ".join(text.split("\n")[1:]).strip())
        for text in described_differences(before, after, part.kind)
    ]


def _with(part: Part, content: object) -> Book:
    changes: dict[str, object] = {part.kind.value: content}
    return replace(part.book, **changes)  # type: ignore[arg-type]
