"""The columns of a sheet of accounts: which are fields, which are lifecycles, which are only told."""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterator
from dataclasses import dataclass
from enum import StrEnum
from typing import Final

from lifecycle.core.model import Book, FieldDef, Lifecycle
from lifecycle.core.refusal import did_you_mean
from lifecycle.failure import Failure

ACCOUNT: Final = "account"


class Told(StrEnum):
    """What the engine counts itself: in an export for people to read, in an import never to be changed."""

    SINCE = "since "
    DAYS_IN_STAGE = "days in stage of "
    DAYS_IN = "days in "


@dataclass(frozen=True, slots=True)
class Account:
    """The account's id."""

    header: str


@dataclass(frozen=True, slots=True)
class OfField:
    """A field's value."""

    header: str
    spec: FieldDef


@dataclass(frozen=True, slots=True)
class OfStage:
    """The stage of a lifecycle."""

    header: str
    lifecycle: Lifecycle


@dataclass(frozen=True, slots=True)
class Derived:
    """What the engine tells of a lifecycle."""

    header: str
    told: Told
    lifecycle: Lifecycle


Column = Account | OfField | OfStage | Derived


class BadColumns(Failure):
    """The first row names columns that nobody knows, or one thing twice, or no account."""


def account_columns(book: Book) -> list[Column]:
    """The columns of an export of accounts, in order."""
    found: list[Column] = [Account(ACCOUNT)]
    found += [OfField(spec.id, spec) for spec in book.account.fields.values()]
    for lifecycle in book.lifecycles.values():
        found.append(OfStage(lifecycle.id, lifecycle))
        found += [Derived(f"{told}{lifecycle.id}", told, lifecycle) for told in Told]
    return found


def read_columns(file: str, headers: tuple[str, ...], book: Book) -> list[Column]:
    """What each column of a sheet means; columns without a name are left out.

    A column is named by id, else by label in any case. Raises `BadColumns` with everything wrong at once.
    """
    known = _Known(book)
    found = [known.column(header) for header in headers if header]
    columns = [one for one in found if not isinstance(one, str)]
    wrong = [one for one in found if isinstance(one, str)]
    wrong += list(_twice(columns))
    if not any(isinstance(one, Account) for one in columns):
        wrong.append(f"There is no column {ACCOUNT!r}.")
    if wrong:
        raise BadColumns(
            f"{file}: line 1 cannot be used.\n"
            + "".join(f"  {one}\n" for one in wrong)
            + "Name columns as fields and lifecycles, by id or label. Nothing was changed."
        )
    return columns


def _twice(columns: list[Column]) -> Iterator[str]:
    """Columns of different names that mean one thing."""
    meant = Counter(_meaning(one) for one in columns)
    for meaning, number in meant.items():
        if number > 1:
            named = [repr(one.header) for one in columns if _meaning(one) == meaning]
            yield f"The columns {' and '.join(named)} mean the same."


def _meaning(column: Column) -> tuple[str, str]:
    if isinstance(column, OfField):
        return ("field", column.spec.id)
    if isinstance(column, Derived):
        return (column.told, column.lifecycle.id)
    return ("stage", column.lifecycle.id) if isinstance(column, OfStage) else ("account", "")


class _Known:
    """Everything a column may be called."""

    def __init__(self, book: Book) -> None:
        self.by_id = {_id(one): one for one in account_columns(book)}
        self.by_label: dict[str, list[Column]] = {}
        for one in account_columns(book):
            self.by_label.setdefault(_label(one).casefold(), []).append(one)

    def column(self, header: str) -> Column | str:
        """The column, or what is wrong with its name."""
        found = self.by_id.get(header)
        labelled = [found] if found else self.by_label.get(header.casefold(), [])
        if len(labelled) == 1:
            return _named(labelled[0], header)
        if labelled:
            ids = " or ".join(_id(one) for one in labelled)
            return f"{header!r} may be {ids}: use the id."
        return f"Unknown column {header!r}. {self._nearest(header)}"

    def _nearest(self, header: str) -> str:
        near = did_you_mean(header, [*self.by_id, *(name.capitalize() for name in self.by_label)])
        if near.startswith("Did"):
            return near
        asked = [name for name, one in self.by_id.items() if not isinstance(one, Derived)]
        return did_you_mean(header.casefold().replace(" ", "_"), asked)


def _named(column: Column, header: str) -> Column:
    """The column under the name it has in the file."""
    if isinstance(column, OfField):
        return OfField(header, column.spec)
    if isinstance(column, OfStage):
        return OfStage(header, column.lifecycle)
    if isinstance(column, Derived):
        return Derived(header, column.told, column.lifecycle)
    return Account(header)


def _id(column: Column) -> str:
    return column.header


def _label(column: Column) -> str:
    if isinstance(column, OfField):
        return column.spec.label
    if isinstance(column, OfStage):
        return column.lifecycle.title
    if isinstance(column, Derived):
        return f"{column.told}{column.lifecycle.title}"
    return column.header
