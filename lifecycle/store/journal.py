"""Journal rows: entries as they are kept, and the hash chain that finds an edited one (N9).

    digest = sha256(salt + canonical JSON of what was put in and what came of it)
    chain  = sha256(chain before + digest + revision + instant + when it was recorded)

The chain covers digests, not data: when a person is erased, data and salt go and the chain still holds (N12).
Every other column follows from these (`columns_of`).
"""

from __future__ import annotations

import json
from collections.abc import Iterable
from datetime import UTC, datetime
from hashlib import sha256
from secrets import token_hex
from typing import Any

from lifecycle.core.changes import Change, Entry, InputTaken, Note
from lifecycle.core.codec import decoder, encoder
from lifecycle.core.inputs import Event, Input
from lifecycle.core.refusal import Refusal

from .tables import JournalRow

Row = dict[str, Any]
COVERED = ("root", "rules", "historic", "input", "changes", "notes", "refused")


def canonical(data: object) -> str:
    """JSON with one spelling per value."""
    return json.dumps(data, sort_keys=True, separators=(",", ":"), ensure_ascii=False)


def digest_of(salt: str, row: Row) -> str:
    """The digest of a journal row's covered columns."""
    covered = canonical({name: row[name] for name in COVERED})
    return sha256((salt + covered).encode()).hexdigest()


def chain_of(before: str, digest: str, revision: int, at: datetime, recorded_at: datetime) -> str:
    """The head of an account's chain after an entry; "" is the chain before the first."""
    instants = "".join(instant.astimezone(UTC).isoformat() for instant in (at, recorded_at))
    return sha256(f"{before}{digest}{revision}{instants}".encode()).hexdigest()


def entry_data(entry: Entry) -> Row:
    """The columns of an entry that the digest covers, as JSON data."""
    return {
        "root": entry.root,
        "rules": entry.rules,
        "historic": entry.historic,
        "input": encoder(Input)(entry.input),
        "changes": [encoder(Change)(change) for change in entry.changes],
        "notes": [encoder(Note)(note) for note in entry.notes],
        "refused": encoder(Refusal)(entry.refused) if entry.refused else None,
    }


def journal_row(account: str, entry: Entry, data: Row, chain: str, now: datetime) -> Row:
    """The whole row of an entry that follows `chain`; `data` is its `entry_data`."""
    salt = token_hex(16)
    digest = digest_of(salt, data)
    return {
        **data,
        **columns_of(entry),
        "account": account,
        "revision": entry.revision,
        "at": entry.at,
        "event_number": None,
        "recorded_at": now,
        "salt": salt,
        "digest": digest,
        "chain": chain_of(chain, digest, entry.revision, entry.at, now),
    }


def columns_of(entry: Entry) -> Row:
    """The columns that say again, for lists and indexes, what the entry's data says."""
    taken = taken_event(entry)
    event = entry.input if isinstance(entry.input, Event) else None
    return {
        "time": event.time if event else None,
        "received": event.received if event else None,
        "kind": type(entry.input).__name__,
        "type": event.type if event else "",
        "source": event.source if event else "",
        "event_id": event.id if event else "",
        "event_key": taken.key if taken else None,
        "event_seconds": taken.time if taken else None,
        "actor": getattr(entry.input, "actor", ""),
        "refused_code": entry.refused.code if entry.refused else None,
    }


def taken_event(entry: Entry) -> InputTaken | None:
    """The change that put an event into the window, if this entry did (R20)."""
    taken = (change for change in entry.changes if isinstance(change, InputTaken) and change.key)
    return next(taken, None)


def entry_of(row: Any) -> Entry:
    """The entry that a `JournalRow` keeps, or a row of the columns that say so."""
    return Entry(
        revision=row.revision,
        at=row.at,
        input=decoder(Input)(row.input),
        changes=[decoder(Change)(change) for change in row.changes],
        notes=[decoder(Note)(note) for note in row.notes],
        root=row.root,
        rules=row.rules,
        refused=decoder(Refusal)(row.refused) if row.refused else None,
        historic=row.historic,
    )


def broken_at(rows: Iterable[JournalRow], chain: str = "", revision: int = 0) -> int | None:
    """The first revision at which the chain does not hold: edited, missing or out of order.

    `rows` follow the entry `revision` whose chain is `chain`, in order. None: all is as it was recorded.
    """
    for row in rows:
        revision += 1
        if row.revision != revision or not _holds(row, chain):
            return revision
        chain = row.chain
    return None


def _holds(row: JournalRow, before: str) -> bool:
    """A row without its salt was erased: its digest stays as it was, its data does not (N12)."""
    told = row.model_dump(include=set(COVERED))
    digest = digest_of(row.salt, told) if row.salt else row.digest
    chain = chain_of(before, digest, row.revision, row.at, row.recorded_at)
    return row.digest == digest and row.chain == chain
