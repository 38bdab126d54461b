"""Change-sets as they are told: how far each is, what came of it account by account, what undoing it would do."""

from __future__ import annotations

from collections.abc import AsyncIterator, Mapping, Sequence
from dataclasses import dataclass
from datetime import timedelta
from typing import TYPE_CHECKING, Any, Final

from lifecycle.contract import ChangeProgress
from lifecycle.core.refusal import Refusal
from lifecycle.store import change_sets
from lifecycle.store.change_items import Line, WantedLines, lines_of, reasons_of, sent_by
from lifecycle.store.change_orders import check_pace, orders_by_hand, status_words
from lifecycle.store.change_sets import NewChangeSet
from lifecycle.store.change_tables import ChangeRow, ChangeStatus, ItemStatus

from .bulk import Bulk
from .bulk_preview import Drawn
from .pace import pace_lines
from .phrases import count
from .viewer import Viewer

if TYPE_CHECKING:
    from lifecycle.changing import ChangeSets

COLUMNS: Final = ("number", "account", "name", "status", "at", "revision", "reason")
WORDS: Final[dict[ItemStatus, str]] = {
    ItemStatus.WAITING: "waiting",
    ItemStatus.DONE: "done",
    ItemStatus.UNCHANGED: "as wanted already",
    ItemStatus.REFUSED: "refused",
    ItemStatus.FAILED: "failed",
    ItemStatus.UNDONE: "undone",
    ItemStatus.KEPT: "kept",
}
NOTHING_TO_UNDO: Final = (ItemStatus.WAITING, ItemStatus.UNCHANGED, ItemStatus.REFUSED)
"""What never changed its account."""
ENDED: Final = (ChangeStatus.DONE, ChangeStatus.STOPPED)


@dataclass(frozen=True, slots=True)
class View:
    """A change-set and how far it is. `orders` make sense now."""

    row: ChangeRow
    counts: Mapping[str, int]
    orders: list[str]

    @property
    def status(self) -> str:
        """Where it stands, in words."""
        return status_words(self.row.status, self.row.back)

    @property
    def waiting(self) -> int:
        """Commands that may still go: to be given, or to be taken back."""
        left = (ItemStatus.DONE, ItemStatus.FAILED) if self.row.back else (ItemStatus.WAITING,)
        return sum(self.counts.get(status, 0) for status in left)

    @property
    def total(self) -> int:
        """All there is to do on the way it goes."""
        untouched = NOTHING_TO_UNDO if self.row.back else ()
        return self.row.total - sum(self.counts.get(status, 0) for status in untouched)

    @property
    def through(self) -> int:
        """How many of those have an outcome."""
        return self.total - self.waiting

    @property
    def failed(self) -> int:
        """What can be tried again."""
        return self.counts.get(ItemStatus.KEPT if self.row.back else ItemStatus.FAILED, 0)

    @property
    def ended(self) -> bool:
        """Whether nobody is at it any more."""
        return self.row.status in ENDED

    @property
    def counted(self) -> list[tuple[ItemStatus, int]]:
        """How many came to what, without what none came to."""
        found = ((status, self.counts.get(status, 0)) for status in ItemStatus)
        return [(status, number) for status, number in found if number]

    @property
    def gives(self) -> bool:
        """Whether commands that wait are still to be given."""
        return not self.row.back and self.row.status is not ChangeStatus.STOPPED

    def word(self, status: ItemStatus, number: int = 1) -> str:
        """What came of so many commands."""
        if status is ItemStatus.WAITING and not self.gives:
            return untouched_words(number)
        return WORDS[status]

    @property
    def left(self) -> timedelta | None:
        """How long it takes by its pace; None where it has none, or does not run."""
        if self.row.status is not ChangeStatus.RUNNING or not self.row.per_minute:
            return None
        return timedelta(minutes=self.waiting / self.row.per_minute)


def untouched_words(number: int) -> str:
    """Of commands that are given no more: it was stopped, or is taken back."""
    return "left as it was" if number == 1 else "left as they were"


async def all_changes(viewer: Viewer, limit: int = 100) -> list[View]:
    """The latest first."""
    rows = await change_sets.list_changes(viewer.store, limit)
    counts = await change_sets.counts_of(viewer.store, [row.name for row in rows])
    return [View(row, counts[row.name], await orders_by_hand(viewer.store, row)) for row in rows]


async def change_named(viewer: Viewer, name: str) -> View:
    """Raises `Refusal` `unknown_change`."""
    row = await change_sets.change_row(viewer.store, name)
    counts = await change_sets.counts_of(viewer.store, [name])
    return View(row, counts[name], await orders_by_hand(viewer.store, row))


def data_of(view: View) -> dict[str, Any]:
    """For programs."""
    left = view.left
    return {
        **view.row.model_dump(exclude={"preview", "order_id"}),
        "stands": view.status,
        "items": dict(view.counts),
        "waiting": view.waiting,
        "orders": view.orders,
        "seconds_left": round(left.total_seconds()) if left is not None else None,
    }


# ── account by account


@dataclass(frozen=True, slots=True)
class BecameOf:
    """A page of accounts with what came of their commands; `after` asks for the next one."""

    view: View
    reasons: list[tuple[str, str, int]]
    lines: list[Line]
    after: int | None


async def became_of(viewer: Viewer, name: str, wanted: WantedLines) -> BecameOf:
    """What came of a change-set. Raises `Refusal` `unknown_change`."""
    view = await change_named(viewer, name)
    lines = await lines_of(viewer.store, name, wanted)
    after = lines[-1].number if len(lines) == wanted.limit else None
    return BecameOf(view, await reasons_of(viewer.store, name), lines, after)


def became_data(told: BecameOf) -> dict[str, Any]:
    """The same for programs."""
    reasons = [
        {"status": status, "reason": reason, "accounts": number}
        for status, reason, number in told.reasons
    ]
    return {**data_of(told.view), "reasons": reasons, "accounts": told.lines, "after": told.after}


async def line_pages(
    viewer: Viewer, name: str, status: ItemStatus | None
) -> AsyncIterator[list[Line]]:
    """All of them, a page at a time."""
    after, limit = 0, 500
    while page := await lines_of(viewer.store, name, WantedLines(status, after, limit)):
        yield page
        after = page[-1].number


def cells_of(line: Line) -> list[Any]:
    """A line of a file under `COLUMNS`."""
    return [line.number, line.account, line.name, line.status, line.at, line.revision, line.reason]


# ── undoing


async def what_undo_does(viewer: Viewer, view: View, faster: str) -> list[tuple[str, str]]:
    """A sign and a sentence for each thing that undoing all would do; what cannot be taken back comes last.

    `faster` is what gives it another pace.
    """
    done = view.counts.get(ItemStatus.DONE, 0)
    lines = [("undo", f"Takes back {count(done, 'change')}, the newest first.")]
    lines += pace_lines(view.row.per_minute, done, faster)
    if (left := view.counts.get(ItemStatus.WAITING, 0)) and view.gives:
        verb = "is" if left == 1 else "are"
        lines.append(("x", f"{_that_wait(left)} {verb} not given any more."))
    lines.append(
        ("skip", "An account with something newer on it keeps it; each is listed with the reason.")
    )
    for sent, name in await sent_by(viewer.store, view.row.name):
        lines.append(("mail", f"“{name}” was sent {count(sent, 'time')}: it cannot be taken back."))
    return lines


def _that_wait(number: int) -> str:
    return f"{count(number, 'command')} that {'waits' if number == 1 else 'wait'}"


def what_stop_does(view: View) -> list[tuple[str, str]]:
    """The same of stopping."""
    back = view.row.back
    verb = "is" if view.waiting == 1 else "are"
    left = f"{_that_wait(view.waiting)} {verb} not {'taken back' if back else 'given'}, for good."
    stays = (
        "What was taken back stays so." if back else "What was done stays; Undo all takes it back."
    )
    return [("x", left), ("check", stays)]


# ── beginning and ordering


async def begin(  # noqa: PLR0913, PLR0917 - what a change-set is made of
    viewer: Viewer,
    changes: ChangeSets,
    bulk: Bulk,
    drawn: Drawn,
    actor: str,
    per_minute: int | None = None,
    name: str = "",
) -> ChangeProgress:
    """Keep the change as a change-set, and let it go. Raises `Refusal` where no account would change."""
    from lifecycle.changing import new_name

    if not drawn.preview.changes:
        raise Refusal(
            "nothing_to_do", drawn.preview.said(), "Look who is meant, and what is wanted."
        )
    if per_minute is not None:
        check_pace(per_minute)
    new = NewChangeSet(
        name or new_name(bulk.kind.value, viewer.now),
        bulk.kind.value,
        bulk.title,
        actor,
        bulk.reason,
        per_minute,
        preview=drawn.preview.data(),
    )
    return await changes.begin(new, drawn.items, viewer.now)


def check_number(drawn: Drawn, expected: int | None) -> None:
    """Raises `Refusal` if it is about another number of accounts than was looked at: accounts went on meanwhile."""
    if expected is not None and drawn.preview.changes != expected:
        said = f"{count(expected, 'account')} would have changed when you looked; now {drawn.preview.changes:,} would."
        raise Refusal("changed_since", said, "Look again.", "accounts")


def many(views: Sequence[View]) -> int:
    """How many are at work."""
    return sum(not view.ended for view in views)
