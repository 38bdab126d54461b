"""A list of accounts to start: a CSV with a column `account` and columns named as fields (R16)."""

from __future__ import annotations

from collections.abc import Awaitable, Callable, Iterator
from dataclasses import dataclass, field
from pathlib import Path
from typing import Final

from lifecycle.contract import Answer
from lifecycle.core import changes as c
from lifecycle.core.model import Book
from lifecycle.core.refusal import Refusal, did_you_mean
from lifecycle.core.values import Value
from lifecycle.failure import Failure

from .crowd import each
from .mapping import AccountsFile, FileSpec, FromColumn
from .report import Remark, RowReport
from .rows import Reader
from .sheets import Sheet

ACCOUNT: Final = "account"
AT_ONCE: Final = 16

Start = Callable[[str, dict[str, Value]], Awaitable[Answer]]


class BadHeader(Failure):
    """The first line names columns that are no fields, or no account."""


@dataclass(frozen=True, slots=True)
class Wanted:
    """An account to start, and the line it stands in."""

    account: str
    fields: dict[str, Value]
    line: int


@dataclass(slots=True)
class Tally:
    """What came of it, by account: started now, changed, or as it was."""

    started: list[str] = field(default_factory=list)
    changed: list[str] = field(default_factory=list)
    unchanged: list[str] = field(default_factory=list)


def read_list(path: Path, delimiter: str, reader: Reader, report: RowReport) -> list[Wanted]:
    """The accounts of the file that can be started; the others go into the report.

    Raises `BadHeader` with every wrong column at once, and `BadSheet`.
    """
    sheet = Sheet(path.parent, FileSpec(path.name, delimiter=delimiter))
    spec = _spec(sheet, reader.book)
    first: dict[str, int] = {}
    found = []
    for row in sheet.rows():
        read = reader.account(spec, row)
        if isinstance(read, list):
            report.add(read)
        elif read[0] in first:
            said = f"The account stands in line {first[read[0]]} already."
            report.add(
                [Remark(path.name, row.line, ACCOUNT, read[0], said, f"{ACCOUNT}: given twice")]
            )
        else:
            first[read[0]] = row.line
            found.append(Wanted(*read, row.line))
    return found


def _spec(sheet: Sheet, book: Book) -> AccountsFile:
    wrong = list(_wrong_columns(sheet.columns, book))
    if wrong:
        raise BadHeader(
            f"{sheet.path}: line 1 cannot be used. {' '.join(wrong)}\n"
            "Name the columns as the fields of account.yaml. Nothing was started."
        )
    names = [name for name in sheet.columns if name and name != ACCOUNT]
    return AccountsFile(sheet.spec, FromColumn(ACCOUNT), {name: FromColumn(name) for name in names})


def _wrong_columns(columns: tuple[str, ...], book: Book) -> Iterator[str]:
    fields = book.account.fields
    if ACCOUNT not in columns:
        yield f"There is no column {ACCOUNT!r}."
    for name in columns:
        spec = fields.get(name)
        if name in ("", ACCOUNT):
            continue
        if spec is None:
            yield f"Unknown field {name!r}. {did_you_mean(name, [*fields, ACCOUNT])}"
        elif spec.written_by:
            yield f"Only the {spec.written_by} writes {name!r}."


async def start_all(
    wanted: list[Wanted], start: Start, file: str, report: RowReport, done: Callable[[int], None]
) -> Tally:
    """Start them, several at a time; what an account refuses goes into the report."""
    tally = Tally()

    async def one(row: Wanted) -> None:
        try:
            _count(tally, await start(row.account, row.fields))
        except Refusal as refusal:
            where, said = refusal.where, str(refusal)
            report.add([Remark(file, row.line, where, row.account, said, refusal.what)])
        done(1)

    await each(wanted, one, AT_ONCE)
    return tally


def _count(tally: Tally, answer: Answer) -> None:
    changes = [change for entry in answer.entries for change in entry.changes]
    if any(isinstance(change, c.AccountCreated) for change in changes):
        tally.started.append(answer.account)
    elif any(isinstance(change, c.FieldSet) for change in changes):
        tally.changed.append(answer.account)
    else:
        tally.unchanged.append(answer.account)
