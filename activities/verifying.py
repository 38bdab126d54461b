"""Pages of a verification (N9, N10). Each may be done again: what was counted already is not counted twice."""

from __future__ import annotations

from temporalio import activity

from lifecycle import contract_verification as names
from lifecycle.client import Lifecycles
from lifecycle.core.codec import Data, from_data, to_data
from lifecycle.failure import Failure
from lifecycle.settings import Settings
from lifecycle.store import verifications
from lifecycle.store.engine import Store
from lifecycle.store.shelf import Shelf, shelf_of
from lifecycle.store.verification_tables import VerificationStatus
from lifecycle.store.verifications import Asked
from lifecycle.telling.phrases import count as count_of
from lifecycle.verifying.difference import Difference
from lifecycle.verifying.drift import drifted
from lifecycle.verifying.keeping import looked
from lifecycle.verifying.page import Verified, Verifying, aside
from lifecycle.verifying.whole import how_many, page_after

from .failing import later


class VerifyingPages:
    """What the workflow of a verification asks for."""

    def __init__(self, store: Store, settings: Settings) -> None:
        self.store = store
        self.settings = settings
        self._shelf: Shelf | None = None

    @activity.defn(name=names.OPEN_VERIFICATION)
    async def open(self, data: Data) -> Data:
        """A `OpenVerification` as data; answers with `OpenedVerification` as data."""
        request: names.OpenVerification = from_data(names.OpenVerification, data)
        plan = request.plan
        asked = Asked(request.id, plan.actor or "schedule", None, plan.workflows)
        row = await verifications.begin(self.store, asked, await how_many(self.store), request.now)
        is_over = row.status != VerificationStatus.RUNNING
        return to_data(names.OpenedVerification(row.total, row.accounts, row.cursor, is_over))

    @activity.defn(name=names.VERIFICATION_PAGE)
    async def page(self, data: Data) -> Data:
        """A `VerificationPageRequest` as data; answers with `VerifiedPage` as data."""
        request: names.VerificationPageRequest = from_data(names.VerificationPageRequest, data)
        accounts = await page_after(self.store, request.after, request.size)
        if not accounts:
            return to_data(names.VerifiedPage(0, 0, request.after, True))
        found = await self._verified(accounts)
        more = await self._drift(accounts) if request.workflows else []
        page = looked(found, accounts[-1], more)
        _alarm([*found.differences, *more], page.count)
        cursor = await verifications.advance(self.store, request.id, request.after, page)
        is_last = len(accounts) < request.size
        return to_data(names.VerifiedPage(page.accounts, page.count, cursor, is_last))

    async def _verified(self, accounts: list[str]) -> Verified:
        """Folded in a thread: others get their turn."""
        self._shelf = await shelf_of(self.store, self._shelf)
        verifying = Verifying(self.store, self._shelf, aside)
        try:
            return await verifying.verify(accounts)
        finally:
            verifying.close()

    async def _drift(self, accounts: list[str]) -> list[Difference]:
        client = Lifecycles(activity.client(), self.settings.task_queue)
        try:
            return await drifted(self.store, client, accounts)
        except Failure as failure:
            raise later(str(failure)) from None

    @activity.defn(name=names.CLOSE_VERIFICATION)
    async def close(self, data: Data) -> None:
        """A `CloseVerification` as data."""
        request: names.CloseVerification = from_data(names.CloseVerification, data)
        status = VerificationStatus.STOPPED if request.stopped else VerificationStatus.DONE
        await verifications.finish(self.store, request.id, request.now, status)


def _alarm(found: list[Difference], count: int) -> None:
    """What differs is an error in the log, for whoever watches that: its place, no values."""
    for one in found[:1]:
        activity.logger.error(
            "Verification: %s; the first: account %s, revision %s, %s %s %s",
            *(
                count_of(count, "difference"),
                one.account,
                one.revision,
                one.kind,
                one.table,
                one.column,
            ),
        )
