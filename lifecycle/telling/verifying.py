"""Verifications told: what was looked at, what differs, where, and what to do about it (N9, N10)."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass, replace
from datetime import datetime, timedelta, tzinfo
from typing import Any, Final

from lifecycle.core.codec import Data, from_data
from lifecycle.core.refusal import Refusal
from lifecycle.scheduling import Planned
from lifecycle.store import verifications
from lifecycle.store.engine import Store
from lifecycle.store.verification_tables import VerificationRow, VerificationStatus
from lifecycle.verifying.difference import MISSING, Difference, Kind

from .data import plain
from .phrases import count, moment

TO_DO: Final[dict[Kind, str]] = {
    Kind.CHAIN: "Somebody edited the journal. Bring the entry back from a backup of the database.",
    Kind.DECISION: "The entry is not what its input gives. It was edited, or this is an error of ours: tell us.",
    Kind.UNREADABLE: "The entry cannot be read. Bring it back from a backup of the database.",
    Kind.HEAD: "The journal was written anew since its head was noted. Bring it back from a backup.",
    Kind.PROJECTION: "Repair writes it anew from the journal.",
    Kind.WORKFLOW: "Repair makes the running account take up what is stored.",
    Kind.CRM: "Say who is right: --repair --trust crm takes the CRM's values,"
    " --repair --trust us writes what the CRM is to be told.",
}
NOT_COMPARED: Final = (
    "Put right in the sheet what cannot be compared;"
    " `lifecycle admin import accounts FILE --create` starts accounts that are not there."
)
NAMED: Final = 3
"""Accounts named where a verification was about more."""
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
    against: str
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

    @property
    def what(self) -> str:
        """`All accounts, and what runs`, `acme against crm.csv`, `Repair of all accounts`."""
        all_of_them = "all accounts" if self.repaired else "All accounts"
        said = all_of_them if self.named is None else _names(self.named)
        said = f"Repair of {said}" if self.repaired else said
        said += f" against {self.against}" if self.against else ""
        return f"{said}, and what runs" if self.workflows else said


def _names(accounts: Sequence[str]) -> str:
    more = len(accounts) - NAMED
    said = ", ".join(accounts[:NAMED])
    return f"{said} and {more:,} more" if more > 0 else said


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
        row.against,
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
    is_remark = difference.kind is Kind.CRM and difference.stored == MISSING
    to_do = NOT_COMPARED if is_remark else TO_DO[difference.kind]
    return Told(difference, where(difference), to_do)


def where(difference: Difference) -> str:
    """`entry 3: changes[1].value`, `visit journey 5 0: left_at`."""
    named = " ".join(part for part in (difference.table, difference.key) if part)
    if difference.table == "journal":
        named = f"entry {difference.revision}"
    return f"{named}: {difference.column}" if difference.column else named


def summary(verification: Verification) -> str:
    """`12 accounts, 0 differences.`, `12 accounts against crm.csv, 3 differences.`"""
    against = f" against {verification.against}" if verification.against else ""
    said = f"{count(verification.accounts, 'account')}{against}, {count(verification.count, 'difference')}"
    wrong = len({one.account for one in verification.differences})
    return f"{said} in {count(wrong, 'account')}." if wrong > 1 else f"{said}."


def data_of(verification: Verification) -> dict[str, Any]:
    """For programs: in words what it was, and the first difference by itself, too."""
    found: dict[str, Any] = plain(verification)
    return {**found, "what": verification.what, "first": next(iter(found["differences"]), None)}


def tellings(differences: Sequence[Difference]) -> list[Told]:
    """All of them."""
    return [told(one) for one in differences]


@dataclass(frozen=True, slots=True)
class Overview:
    """What is known by now: the last verifications, newest first; the newest of all accounts that is over.

    `mended` are accounts repaired since that one; `left` counts its differences but theirs.
    """

    last: list[Verification]
    newest: Verification | None
    mended: set[str]
    left: int

    @property
    def running(self) -> Verification | None:
        """The one that goes on."""
        return next((one for one in self.last if one.is_running), None)


async def overview(store: Store, limit: int = 20) -> Overview:
    """Read it."""
    last = [verification_of(row) for row in await verifications.verifications(store, limit)]
    row = await verifications.newest_of_all(store)
    newest = verification_of(row) if row else None
    mended = await verifications.repaired_since(store, newest.started_at) if newest else set()
    return Overview(last, newest, mended, await verifications.open_differences(store))


async def verification_named(store: Store, id: str) -> Verification:
    """One of them. Raises `Refusal` `unknown_verification`."""
    row = await verifications.verification(store, id)
    if row is None:
        remedy = "lifecycle admin verify last lists them."
        raise Refusal("unknown_verification", f"There is no verification {id!r}.", remedy, "id")
    return verification_of(row)


# ── the schedule


def planned_data(planned: Planned) -> dict[str, Any]:
    """For programs; how often in seconds."""
    found: dict[str, Any] = plain(replace(planned, every=timedelta(0)))
    return {**found, "every": planned.every.total_seconds()}


def planned_words(planned: Planned, zone: tzinfo) -> str:
    """`On: every 1 day; next 1 Jun 2026, 12:00.`"""
    hours = planned.every / timedelta(hours=1)
    every = count(int(hours), "hour") if hours % 24 else count(int(hours // 24), "day")
    said = f"{'On' if planned.is_on else 'Off'}: every {every}"
    said += f"; next {moment(planned.next_at, zone)}" if planned.next_at else ""
    return said + (f"; last {moment(planned.last_at, zone)}." if planned.last_at else ".")
