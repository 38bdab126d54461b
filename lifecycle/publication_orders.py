"""Orders to a publication: which make sense where it stands, and what each makes of it. One rule for every door."""

from __future__ import annotations

from datetime import timedelta
from typing import Any, Final

from lifecycle import contract
from lifecycle.contract import PublicationOrder
from lifecycle.core.refusal import Refusal

from .store.publication_tables import PublicationRow
from .store.publication_tables import PublicationStatus as S
from .store.tables import PartKind

MAY: Final = {
    contract.STOP: (S.TRYING, S.WATCHING, S.ROLLING_ON),
    contract.ROLL_ON: (S.TRYING, S.WATCHING, S.STOPPED),
    contract.ROLL_BACK: (S.TRYING, S.WATCHING, S.STOPPED, S.ROLLING_ON, S.DONE),
    contract.WATCH: (S.TRYING,),
    contract.FINISH: (S.ROLLING_ON, S.ROLLING_BACK),
    contract.LOOK: tuple(S),
}
ORDERS: Final = (contract.STOP, contract.ROLL_ON, contract.ROLL_BACK)
"""Those that people give, beside looking."""
BECOMES: Final = {
    contract.STOP: S.STOPPED,
    contract.ROLL_ON: S.ROLLING_ON,
    contract.ROLL_BACK: S.ROLLING_BACK,
    contract.WATCH: S.WATCHING,
}
SAID: Final = {
    contract.STOP: "stopped",
    contract.ROLL_ON: "rolled on",
    contract.ROLL_BACK: "brought back",
}


def orders_for(row: PublicationRow) -> list[str]:
    """The orders that make sense now."""
    return [order for order in ORDERS if row.status in MAY[order] and not _why_not(row, order)]


def check_order(row: PublicationRow, order: str) -> None:
    """Raises `Refusal` for an order that makes no sense."""
    if order not in MAY:
        raise Refusal("unknown_order", f"There is no order {order!r}.", where="order")
    if why := _why_not(row, order):
        raise Refusal("no_way_back", why, "Publish what is wanted as a new version.")
    if row.status not in MAY[order]:
        said = f"The publication {row.name} is {row.status.value}."
        code = f"publication_{row.status.value.replace(' ', '_')}"
        remedy = f"lifecycle admin definitions publication {row.name} tells more."
        raise Refusal(code, said, remedy)


def _why_not(row: PublicationRow, order: str) -> str:
    if order != contract.ROLL_BACK or row.lifecycle:
        return ""
    new = [id_ for kind, id_, _, edition in row.parts if (kind, edition) == (PartKind.LIFECYCLE, 1)]
    if len(new) > 1:
        return f"{row.title} holds new versions of {' and '.join(new)}: only one at a time is brought back."
    return f"{row.title} is no new version of a lifecycle: there is none to bring back."


def columns_of(row: PublicationRow, wanted: PublicationOrder) -> dict[str, Any]:
    """What the order makes of the row."""
    if wanted.order == contract.FINISH:
        ended = S.ROLLED_BACK if row.status is S.ROLLING_BACK else S.DONE
        return {"status": ended, "finished_at": wanted.now}
    columns: dict[str, Any] = {"status": BECOMES[wanted.order], "finished_at": None}
    if wanted.order == contract.WATCH:
        columns["watch_until"] = wanted.now + timedelta(seconds=row.watch)
    else:
        who = f"{SAID[wanted.order]} by {wanted.actor}"
        columns["reason"] = f"{who}: {wanted.reason}" if wanted.reason else who
    return columns


def is_carried_out(row: PublicationRow, wanted: PublicationOrder) -> bool:
    """Whether the row is just what the order makes of it."""
    if wanted.order not in {*BECOMES, contract.FINISH}:
        return False
    return all(getattr(row, name) == value for name, value in columns_of(row, wanted).items())
