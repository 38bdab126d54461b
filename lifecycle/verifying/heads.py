"""Heads of journals noted outside the database: whoever counts a whole chain anew cannot reach them (N9).

A file of account, revision and chain. What was noted once must still be there, whatever came after it.
"""

from __future__ import annotations

import csv
from collections.abc import Iterator, Sequence
from itertools import islice
from pathlib import Path
from typing import Final

from sqlalchemy import select, tuple_

from lifecycle.core.refusal import Refusal
from lifecycle.store.engine import Store
from lifecycle.store.tables import AccountRow, JournalRow, table_of

from .difference import MISSING, Difference, Kind, told

ACCOUNT: Final = table_of(AccountRow)
JOURNAL: Final = table_of(JournalRow)
HEADER: Final = ["account", "revision", "chain"]
AT_ONCE: Final = 500

Head = tuple[str, int, str]


async def compare_heads(store: Store, file: Path) -> list[Difference]:
    """Where the journals are not those whose heads were noted. Raises `Refusal` for a file that holds no heads."""
    found: list[Difference] = []
    heads = _read(file)
    while part := list(islice(heads, AT_ONCE)):
        found += await _compare(store, part)
    return found


async def _compare(store: Store, heads: Sequence[Head]) -> list[Difference]:
    place = tuple_(JOURNAL.c.account, JOURNAL.c.revision)
    query = select(JOURNAL.c.account, JOURNAL.c.revision, JOURNAL.c.chain)
    query = query.where(place.in_([head[:2] for head in heads]))
    async with store.connected() as connection:
        rows = {(row[0], row[1]): row[2] for row in await connection.execute(query)}
    return [
        Difference(Kind.HEAD, account, revision, "journal", "", "chain", told(stored), told(chain))
        for account, revision, chain in heads
        if (stored := rows.get((account, revision), MISSING)) != chain
    ]


def _read(file: Path) -> Iterator[Head]:
    with file.open(newline="", encoding="utf-8") as stream:
        rows = csv.reader(stream)
        if next(rows, None) != HEADER:
            raise _no_heads(file, 1)
        for row in rows:
            if len(row) != len(HEADER) or not row[1].isdigit():
                raise _no_heads(file, rows.line_num)
            yield row[0], int(row[1]), row[2]


def _no_heads(file: Path, line: int) -> Refusal:
    return Refusal(
        "no_heads",
        f"{file} holds no heads of journals in line {line}.",
        "Name a file that this command wrote, or one that is not there yet.",
        "--heads",
    )


async def note_heads(store: Store, file: Path) -> int:
    """Write the present heads of all accounts; answers with their number. The file is there whole or not at all."""
    draft = file.with_name(f"{file.name}.new")
    number, after = 0, ""
    with draft.open("w", newline="", encoding="utf-8") as stream:
        rows = csv.writer(stream, lineterminator="\n")
        rows.writerow(HEADER)
        while page := await _heads_after(store, after):
            rows.writerows(page)
            number, after = number + len(page), page[-1][0]
    draft.replace(file)
    return number


async def _heads_after(store: Store, after: str) -> list[Head]:
    query = (
        select(ACCOUNT.c.id, ACCOUNT.c.revision, ACCOUNT.c.chain)
        .where(ACCOUNT.c.id > after, ACCOUNT.c.revision > 0)
        .order_by(ACCOUNT.c.id)
        .limit(AT_ONCE)
    )
    async with store.connected() as connection:
        return [(row[0], row[1], row[2]) for row in await connection.execute(query)]
