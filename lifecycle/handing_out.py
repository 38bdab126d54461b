"""Bringing about what a publication's standing means: its change-set, and for how many its version holds (R24).

Every step looks first whether it is done, so that all may be repeated after a crash at any point.
"""

from __future__ import annotations

from collections.abc import Iterable, Iterator
from datetime import datetime
from typing import Any, Final

from lifecycle import contract
from lifecycle.contract import ChangeProgress, PublicationProgress
from lifecycle.core.refusal import Refusal
from lifecycle.core.share import ALL

from .changing import ChangeSets
from .store import change_sets, definitions, publications
from .store.change_orders import PUBLISH
from .store.change_sets import NewChangeSet, NewItem
from .store.change_tables import ChangeStatus, ItemStatus
from .store.engine import Store
from .store.newcomers import add_items, newcomers
from .store.publication_tables import PublicationRow
from .store.publication_tables import PublicationStatus as S
from .watching import parting, promises

BY: Final = "the publication"
A_PIECE: Final = 200
Message = dict[str, Any]


def take_over(row: PublicationRow) -> Message:
    """The command that hands it over to an account."""
    book = contract.publication_id(row.name)
    return {"command": contract.TAKE_OVER, "book": book, "policies": dict(row.policies)}


def go_back(row: PublicationRow) -> Message:
    """The command that brings the version before back; empty where there is none."""
    if not row.lifecycle:
        return {}
    left = {row.lifecycle: row.version}
    return {"command": contract.TAKE_OVER, "book": contract.publication_id(row.name), "left": left}


def seed_of(row: PublicationRow) -> str:
    """What decides who is among the share: the same for the version and for the change-set."""
    return f"{row.lifecycle}\n{row.version}" if row.lifecycle else row.name


class HandingOut:
    """One publication on its way. `now` is the workflow's."""

    def __init__(
        self, store: Store, changes: ChangeSets, row: PublicationRow, now: datetime
    ) -> None:
        self.store, self.changes, self.row, self.now = store, changes, row, now

    async def bring_about(self) -> None:
        """Whatever its standing asks for and is not so yet."""
        status = self.row.status
        if status is S.TRYING:
            await self._hand_over(self.row.share)
        elif status is S.STOPPED:
            await self._pause()
        elif status is S.ROLLING_ON:
            await self._roll_on()
        elif status is S.ROLLING_BACK:
            await self._roll_back()

    # ── forth

    async def _hand_over(self, share: int) -> ChangeProgress:
        """Promise, draw up and set going, what of it is not done yet."""
        row = self.row
        known = await self._progress()
        if known is None and row.share < ALL:
            await self._promise()
        if known is not None and known.status != ChangeStatus.RUNNING:
            return known
        return await self._begin(share, await self._items() if known is None else ())

    async def _begin(self, share: int, items: Iterable[NewItem]) -> ChangeProgress:
        row = self.row
        new = NewChangeSet(
            row.change_set,
            PUBLISH,
            f"Publish {row.title}",
            row.actor,
            row.said,
            row.per_minute,
            share,
            seed=seed_of(row),
        )
        return await self.changes.begin(new, items, self.now)

    async def _progress(self) -> ChangeProgress | None:
        try:
            return await change_sets.progress(self.store, self.row.change_set)
        except Refusal:
            return None

    async def _promise(self) -> None:
        row = self.row
        everybody = await publications.all_accounts(self.store)
        share = list(publications.among(everybody, row.lifecycle, row.version, row.share))
        for start in range(0, len(share), A_PIECE):
            piece = share[start : start + A_PIECE]
            made = await promises(self.store, row, piece, self.now)
            await publications.keep_promises(self.store, row.name, made)

    async def _items(self) -> Iterator[NewItem]:
        everybody = await publications.all_accounts(self.store)
        forth, back = take_over(self.row), go_back(self.row)
        return (NewItem(account, forth, back) for account in everybody)

    async def _pause(self) -> None:
        known = await self._progress()
        if known is not None and known.status == ChangeStatus.RUNNING:
            await self.changes.pause(self.row.change_set, actor=BY, reason=self.row.reason)

    async def _roll_on(self) -> None:
        """The version holds for all, then all are told; who came meanwhile is told, too."""
        row = self.row
        if row.lifecycle:
            await definitions.set_share(self.store, row.lifecycle, row.version, ALL)
        known = await self._hand_over(ALL)
        added = await self._add(ItemStatus.WAITING)
        if known.status == ChangeStatus.PAUSED:
            await self.changes.resume(row.change_set, actor=BY)
        elif known.status == ChangeStatus.DONE and (added or known.left or known.share < ALL):
            # What was added before somebody was killed, or while it ended, is left.
            await self.changes.retry(row.change_set, actor=BY)
        if known.share < ALL:
            await self.changes.set_share(row.change_set, ALL, actor=BY)

    async def _add(self, status: ItemStatus) -> int:
        """Commands for accounts that came since: those without the version are told, those with it go back."""
        row = self.row
        found = await newcomers(self.store, row.change_set) if row.lifecycle else []
        has = status is ItemStatus.DONE
        names = [one.account for one in found if one.has(row.lifecycle, row.version) is has]
        forth, back = take_over(row), go_back(row)
        return await add_items(self.store, row.change_set, seed_of(row), names, status, forth, back)

    # ── back

    async def _roll_back(self) -> None:
        """The version holds for nobody, then all that it did is taken back; also of who came in meanwhile."""
        row = self.row
        await definitions.set_share(self.store, row.lifecycle, row.version, 0)
        # Published to nobody, it may hold by now for accounts that came since.
        known = await self._progress() or await self._begin(ALL, ())
        # At every look: one that entered while it held may be recorded only now.
        added = await self._add(ItemStatus.DONE)
        if not known.back:
            reason = row.reason or f"Version {row.before} is brought back."
            await self.changes.undo(row.change_set, actor=_who(row), reason=reason)
        elif known.status == ChangeStatus.RUNNING and known.left:
            await self.changes.resume(row.change_set, actor=BY)
        elif known.status == ChangeStatus.DONE and (added or known.left):
            await self.changes.retry(row.change_set, actor=BY)


def _who(row: PublicationRow) -> str:
    """Who ordered it."""
    return row.reason.partition(" by ")[2].partition(":")[0] or row.actor


async def progress_of(store: Store, row: PublicationRow) -> PublicationProgress:
    """Where a publication stands, with its change-set and the accounts of its share."""
    try:
        known = await change_sets.progress(store, row.change_set)
    except Refusal:
        known = ChangeProgress(row.change_set, row.title, ChangeStatus.RUNNING)
    verdicts = await publications.verdicts(store, row.name)
    return PublicationProgress(
        row.name,
        row.title,
        row.status.value,
        known.share if known.total else row.share,
        known.left,
        known.total,
        known.counts,
        verdicts,
        row.figures,
        row.watch_until,
        row.looked_at,
        row.reason,
        parting(row, verdicts, known.counts) if row.stops else "",
    )
