"""What became of commands that were sent without waiting: their entries in the journal (R16)."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from typing import Any, Final

from sqlalchemy import and_, or_, select

from lifecycle.core.codec import decoder
from lifecycle.core.inputs import CreateAccount, SetFields, SetStage, Unreadable
from lifecycle.core.refusal import Refusal

from .engine import Store
from .tables import JournalRow, table_of

JOURNAL: Final = table_of(JournalRow)

AT_ONCE: Final = 200
"""Accounts asked about in one query: each is a condition of its own."""
START: Final = "start"
"""Ends the id of a command that starts an account: its entry has none, being the account's first."""
_KINDS: Final = tuple(one.__name__ for one in (CreateAccount, SetFields, SetStage, Unreadable))


@dataclass(frozen=True, slots=True)
class Arrival:
    """A command that an account took or refused. One that could not be read is known by its beginning only."""

    account: str
    revision: int
    kind: str
    id: str
    excerpt: str
    refused: Refusal | None

    def is_about(self, command: str) -> bool:
        """Whether it is the command of that id."""
        if self.kind == CreateAccount.__name__:
            return command.endswith(f":{START}")
        return self.id == command or command in self.excerpt


async def commands(store: Store, since: Mapping[str, int]) -> list[Arrival]:
    """The commands that accounts took after the revision given, in order."""
    if not since:
        return []
    row = JOURNAL.c
    newer = (
        and_(row.account == account, row.revision > revision) for account, revision in since.items()
    )
    query = (
        select(row.account, row.revision, row.kind, row.input, row.refused)
        .where(or_(*newer), row.kind.in_(_KINDS))
        .order_by(row.account, row.revision)
    )
    async with store.engine.connect() as connection:
        return list(_arrivals(await connection.execute(query)))


def _arrivals(rows: Any) -> Iterator[Arrival]:
    for account, revision, kind, item, refused in rows:
        refusal = decoder(Refusal)(refused) if refused else None
        name, excerpt = str(item.get("id", "")), str(item.get("excerpt", ""))
        yield Arrival(account, revision, kind, name, excerpt, refusal)
