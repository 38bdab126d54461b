"""Orders to a change-set: which make sense where it stands, and what each makes of it. One rule for every door."""

from __future__ import annotations

from typing import Any, Final

from lifecycle import contract
from lifecycle.contract import ChangeOrder
from lifecycle.core.refusal import Refusal
from lifecycle.core.share import ALL

from .change_tables import ChangeRow, ChangeStatus
from .engine import Store
from .publication_tables import PublicationStatus
from .publications import open_publications

MOST_A_MINUTE: Final = 100_000
RUNNING, PAUSED = ChangeStatus.RUNNING, ChangeStatus.PAUSED
STOPPED, DONE = ChangeStatus.STOPPED, ChangeStatus.DONE

FORTH: Final = {
    contract.PAUSE: (RUNNING,),
    contract.RESUME: (RUNNING, PAUSED),
    contract.STOP: (RUNNING, PAUSED),
    contract.UNDO: (RUNNING, PAUSED, STOPPED, DONE),
    contract.RETRY: (RUNNING, PAUSED, DONE),
    contract.SET_PACE: (RUNNING, PAUSED),
    contract.SET_SHARE: (RUNNING, PAUSED),
}
"""Where an order makes sense. Resuming one that runs wakes it, should nobody be at it."""
BACK: Final = {**FORTH, contract.UNDO: (STOPPED,), contract.SET_SHARE: ()}
"""The same while it is taken back, and afterwards."""
BECOMES: Final = {
    contract.PAUSE: PAUSED,
    contract.RESUME: RUNNING,
    contract.STOP: STOPPED,
    contract.UNDO: RUNNING,
    contract.RETRY: RUNNING,
}
SAID: Final = {
    contract.PAUSE: "paused",
    contract.RESUME: "resumed",
    contract.STOP: "stopped",
    contract.UNDO: "undone",
    contract.RETRY: "tried again where it failed",
    contract.SET_PACE: "given another pace",
    contract.SET_SHARE: "given another share",
}
ORDERS: Final = tuple(FORTH)
PUBLISH: Final = "publish"
"""The kind of a change-set that hands a publication over."""
LEFT_TO_PUBLICATION: Final = (contract.STOP, contract.UNDO, contract.SET_SHARE)
"""What the version holds for, and whether it does, is decided there, by those who may publish (R24)."""


def status_words(status: ChangeStatus, back: bool) -> str:
    """Where it stands, in words."""
    if not back:
        return status.value
    return {
        RUNNING: "being undone",
        PAUSED: "paused while it was being undone",
        STOPPED: "stopped while it was being undone",
        DONE: "undone",
    }[status]


def orders_for(row: ChangeRow) -> list[str]:
    """The orders that make sense now."""
    allowed = BACK if row.back else FORTH
    return [order for order in ORDERS if row.status in allowed[order]]


async def orders_by_hand(store: Store, row: ChangeRow) -> list[str]:
    """Those of them that people give to the change-set itself."""
    left = await _left_to_publication(store, row)
    return [order for order in orders_for(row) if order not in left]


async def check_by_hand(store: Store, row: ChangeRow, order: str) -> None:
    """Raises `Refusal` for an order that is the publication's."""
    if order in await _left_to_publication(store, row):
        raise of_publication(row)


async def _left_to_publication(store: Store, row: ChangeRow) -> tuple[str, ...]:
    """One that was stopped is not gone on with here, either."""
    if row.kind != PUBLISH:
        return ()
    for one in await open_publications(store):
        if one.change_set == row.name and one.status is PublicationStatus.STOPPED:
            return (*LEFT_TO_PUBLICATION, contract.RESUME, contract.RETRY)
    return LEFT_TO_PUBLICATION


def of_publication(row: ChangeRow) -> Refusal:
    """Says where the order is given instead."""
    name = row.name.removeprefix(f"{PUBLISH}-")
    said = f"The change-set {row.name} hands the publication {name} over, which decides this."
    remedy = f"Stop it, roll it on or back: lifecycle admin definitions publication {name}"
    return Refusal("of_publication", said, remedy, "name")


def check_order(row: ChangeRow, wanted: ChangeOrder) -> None:
    """Raises `Refusal` for an order that makes no sense, or that cannot be read."""
    check_numbers(wanted)
    if wanted.order in orders_for(row):
        return
    stands = status_words(row.status, row.back)
    said = f"The change-set {row.name} is {stands}."
    raise Refusal(f"change_{row.status.value}", said, "lifecycle admin changes show tells more.")


def check_numbers(wanted: ChangeOrder) -> None:
    """Raises `Refusal` for an unknown order, a pace or a share that is none."""
    if wanted.order not in FORTH:
        raise Refusal("unknown_order", f"There is no order {wanted.order!r}.", where="order")
    if wanted.order == contract.SET_PACE and wanted.per_minute is not None:
        check_pace(wanted.per_minute)
    if wanted.order == contract.SET_SHARE:
        check_share(wanted.share)


def check_pace(per_minute: object) -> None:
    """Raises `Refusal` unless it is a whole number of commands a minute."""
    if type(per_minute) is not int or not 1 <= per_minute <= MOST_A_MINUTE:
        said = f"A pace is a whole number of accounts a minute, 1 to {MOST_A_MINUTE:,}."
        raise Refusal("bad_pace", said, "Such as 60; none for as fast as it goes.", "per_minute")


def check_share(share: object) -> None:
    """Raises `Refusal` unless it is a whole number of percent."""
    if type(share) is not int or not 1 <= share <= ALL:
        said = "A share is a whole number of percent, 1 to 100."
        raise Refusal("bad_share", said, "Such as 5.", "share")


def columns_of(row: ChangeRow, wanted: ChangeOrder) -> dict[str, Any]:
    """What the order makes of the row."""
    status = BECOMES.get(wanted.order, row.status)
    who = f"{SAID[wanted.order]} by {wanted.actor}"
    columns: dict[str, Any] = {
        "status": status,
        "said": f"{who}: {wanted.reason}" if wanted.reason else who,
        "order_id": wanted.id,
        "finished_at": wanted.now if status is STOPPED else None,
    }
    if wanted.order == contract.UNDO:
        columns |= {"back": True, "back_by": wanted.actor, "back_reason": wanted.reason}
    if wanted.order == contract.SET_PACE:
        columns["per_minute"] = wanted.per_minute
    if wanted.order == contract.SET_SHARE:
        columns["share"] = wanted.share
    return columns
