"""The table: columns to choose from, and what stands in each cell."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from typing import Any, Final

from lifecycle.core.model import Book
from lifecycle.store.segments import Member
from lifecycle.telling.segment_columns import DAYS, MARK, NEXT, SINCE, Column
from lifecycle.telling.viewer import Viewer

from .asked import Listed

SCORE: Final = "health_score"


@dataclass(frozen=True, slots=True)
class Cell:
    """What stands in a cell. `kind` says how it is drawn: stage, days, mark, person, health, next or text."""

    kind: str
    words: Any
    more: str = ""


@dataclass(frozen=True, slots=True)
class Head:
    """The head of a column; `href` sorts by it, `sorted` says how it is sorted now."""

    column: Column
    href: str = ""
    sorted: str = ""

    @property
    def is_mark(self) -> bool:
        """Whether it holds marks, whose words say what they are."""
        return self.column.name.startswith(f"{MARK}:")


@dataclass(frozen=True, slots=True)
class Choice:
    """A column that can be chosen."""

    name: str
    label: str
    chosen: bool


def heads(asked: Listed) -> list[Head]:
    """The heads in order; what can be sorted by leads to the same list in that order, the highest first of numbers."""
    return [_head(asked, one) for one in asked.members.columns]


def _head(asked: Listed, column: Column) -> Head:
    word, colon, _ = column.name.partition(":")
    sortable = word == DAYS if colon else column.name in (*asked.book.account.fields, "id")
    if not sortable:
        return Head(column)
    now, down = asked.filters.sort or "name", f"-{column.name}"
    is_first_down = column.right and now != down
    other = down if is_first_down or now == column.name else column.name
    states = {column.name: "ascending", down: "descending"}
    return Head(column, asked.filters.at(sort=other), states.get(now, ""))


def choices(book: Book, asked: Sequence[Column]) -> list[tuple[str, list[Choice]]]:
    """Every column there is, in groups."""
    chosen = {one.name for one in asked}
    fields = [
        Choice(one.id, one.label, one.id in chosen)
        for one in book.account.fields.values()
        if one.id != "name"
    ]
    found = [("Account", [*fields, Choice(NEXT, "What happens next", NEXT in chosen)])]
    for one in book.lifecycles.values():
        names = {
            one.id: "Stage",
            f"{DAYS}:{one.id}": "Days in stage",
            f"{MARK}:{one.id}": "Late or stuck",
            f"{SINCE}:{one.id}": "Since",
        }
        several = [Choice(name, label, name in chosen) for name, label in names.items()]
        found.append((one.title, several))
    return found


def cells(asked: Listed, viewer: Viewer, member: Member) -> list[Cell]:
    """A line of the table."""
    people = {role.name for role in asked.book.account.roles.values()}
    return [_cell(asked.book, people, viewer, column, member) for column in asked.members.columns]


def _cell(
    book: Book, people: set[str | None], viewer: Viewer, column: Column, member: Member
) -> Cell:
    words = column.words(viewer, member)
    if column.name in book.lifecycles:
        return Cell("stage", words)
    word, _, of = column.name.partition(":")
    if word == DAYS:
        return Cell("days", words, _expected(book, of, member))
    if word in (MARK, NEXT):
        held = "pause" if member.hold_until else "clock"
        return Cell(word, words, held if column.value(member) else "")
    if column.value(member) is None:
        return Cell("none", words)
    if column.name in people:
        return Cell("person", words)
    if column.name == SCORE:
        return Cell("health", column.value(member))
    return Cell("text", words)


def _expected(book: Book, lifecycle: str, member: Member) -> str:
    """`30` of 30 days; other units with their word."""
    runs, stands = book.lifecycles.get(lifecycle), member.stages.get(lifecycle)
    stage = runs.stage(stands.stage) if runs and stands else None
    if stage is None or stage.end or stage.expected is None:
        return ""
    number, _, unit = str(stage.expected).partition(" ")
    return number if unit in ("day", "days") else str(stage.expected)
