"""Verifications told: what was looked at, what differs, where, and what to do about it (N9, N10)."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime
from typing import Any, Final

from lifecycle.core.codec import Data, from_data
from lifecycle.store.verification_tables import VerificationRow, VerificationStatus
from lifecycle.verifying.difference import Difference, Kind

from .phrases import count

TO_DO: Final[dict[Kind, str]] = {
    Kind.CHAIN: "Somebody edited the journal. Bring the entry back from a backup of the database.",
    Kind.DECISION: "The entry is not what its input gives. It was edited, or this is an error of ours: tell us.",
    Kind.UNREADABLE: "The entry cannot be read. Bring it back from a backup of the database.",
    Kind.HEAD: "The journal was written anew since its head was noted. Bring it back from a backup.",
    Kind.PROJECTION: "Repair writes it anew from the journal.",
    Kind.WORKFLOW: "Repair makes the running account take up what is stored.",
    Kind.CRM: "Say who is right: --trust crm takes the CRM's values, --trust us writes what the CRM is to be told.",
}
REPAIRED_HERE: Final = frozenset({Kind.PROJECTION, Kind.WORKFLOW})
STATUS: Final = {
    VerificationStatus.RUNNING: "running",
    VerificationStatus.DONE: "done",
    VerificationStatus.STOPPED: "stopped",
}


@dataclass(frozen=True, slots=True)
class Told:
    """A difference in words: where it is, and what to do."""

    difference: Difference
    where: str
    to_do: str

    @property
    def can_be_repaired(self) -> bool:
        """Whether repair puts it right."""
        return self.difference.kind in REPAIRED_HERE


@dataclass(frozen=True, slots=True)
class Verification:
    """One verification. `count` counts all differences, `differences` are the first of them."""

    id: str
    actor: str
    status: str
    started_at: datetime
    finished_at: datetime | None
    named: list[str] | None
    workflows: bool
    total: int
    accounts: int
    entries: int
    count: int
    differences: list[Difference]
    repaired: list[Difference]

    @property
    def is_running(self) -> bool:
        """Whether it goes on."""
        return self.status == VerificationStatus.RUNNING.value


def verification_of(row: VerificationRow) -> Verification:
    """A recorded one."""
    return Verification(
        row.id,
        row.actor,
        VerificationStatus(row.status).value,
        row.started_at,
        row.finished_at,
        row.named,
        row.workflows,
        row.total,
        row.accounts,
        row.entries,
        row.count,
        [difference_of(one) for one in row.differences],
        [difference_of(one) for one in row.repaired],
    )


def difference_of(data: Data) -> Difference:
    """A recorded difference."""
    found: Difference = from_data(Difference, data)
    return found


def told(difference: Difference) -> Told:
    """In words."""
    return Told(difference, where(difference), TO_DO[difference.kind])


def where(difference: Difference) -> str:
    """`entry 3: changes[1].value`, `visit journey 5 0: left_at`."""
    if difference.table == "journal":
        return f"entry {difference.revision}: {difference.column}"
    named = " ".join(part for part in (difference.table, difference.key) if part)
    return f"{named}: {difference.column}" if difference.column else named


def summary(verification: Verification) -> str:
    """`12 accounts, 0 differences.`"""
    said = f"{count(verification.accounts, 'account')}, {count(verification.count, 'difference')}"
    wrong = len({one.account for one in verification.differences})
    return f"{said} in {count(wrong, 'account')}." if wrong > 1 else f"{said}."


def data_of(verification: Verification) -> dict[str, Any]:
    """For programs: the first difference by itself, too."""
    from .data import plain

    found: dict[str, Any] = plain(verification)
    return {**found, "first": next(iter(found["differences"]), None)}


def tellings(differences: Sequence[Difference]) -> list[Told]:
    """All of them."""
    return [told(one) for one in differences]
