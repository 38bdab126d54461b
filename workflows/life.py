"""A life: the account as it is folded and recorded. Fold first, record, and only then is it true."""

from __future__ import annotations

from collections.abc import Callable
from contextlib import suppress
from datetime import datetime, timedelta

from temporalio import workflow
from temporalio.exceptions import ActivityError

from lifecycle import contract, messages
from lifecycle.core.changes import Entry
from lifecycle.core.evolve import copy_state
from lifecycle.core.fold import Fold
from lifecycle.core.inputs import Adopt, Event
from lifecycle.core.keys import event_key
from lifecycle.core.state import AccountState

from . import books, calls, wording
from .batch import Batch
from .inbox import Inbox, Item
from .turn import Turn

ELSEWHERE = "The account was changed elsewhere at the same moment. Look again and repeat it."
OURS = "The engine failed on it, which is an error of ours:"
RETRY_DEADLINES = timedelta(minutes=10)


class Life:
    """The fold of one account, and its record."""

    def __init__(self, account: str, tell: Callable[[list[Entry]], None], turn: Turn) -> None:
        """`tell` is called with the entries of every batch, once they are recorded."""
        self.account = account
        self.turn = turn
        self._tell = tell
        self.fold: Fold | None = None
        self.blocked_until: datetime | None = None

    @property
    def running(self) -> Fold:
        """The fold, once the account has entered."""
        assert self.fold is not None
        return self.fold

    @property
    def is_nobodys(self) -> bool:
        """Whether there is no such account: nothing ever created it."""
        return self.fold is not None and self.fold.state.created_at is None

    # ── entering

    def carry_on(self, state: AccountState, book: object) -> None:
        """Where the run before left off; if this release cannot read its book, what is stored is taken up."""
        with suppress(KeyError, TypeError, ValueError, AttributeError):
            self.fold = Fold(books.compiled(book), state)

    async def enter(self) -> list[str]:
        """Take up what is stored; answers with the deliveries nobody has finished."""
        answer = await calls.enter(self.account)
        state = answer.state or AccountState(self.account)
        self.fold = Fold(books.compiled(answer.book), state)
        return answer.due

    # ── time

    def wakes_at(self) -> datetime | None:
        """When a deadline is due."""
        at = self.running.wakes_at()
        return max(at, self.blocked_until) if at and self.blocked_until else at

    def looks_at(self) -> datetime | None:
        """When there is something to do: when a deadline is due, or, in a queue after an outage, to ask again."""
        return self.turn.looks_again_at() or self.wakes_at()

    def waits_for(self) -> str:
        """What happens then, in words."""
        fold, due = self.running, self.running.next_due()
        if self.turn.looks_again_at() is not None:
            return "after an outage: asks for its turn once more"
        return wording.deadline(fold.book, fold.state, due) if due else "the import went silent"

    # ── folding

    async def work(self, inbox: Inbox) -> list[str]:
        """Fold what waits, as much as makes one batch, and record it; answers with the effects due."""
        await self._prepare(inbox)
        self.turn.look(self.running)
        if not inbox and self.turn.must_ask(self.running):
            await self.turn.ask(self.running)
        batch = self._fold(inbox)
        try:
            return await self._record_all(batch)
        except ActivityError as error:
            if calls.kind_of(error) != contract.CONFLICT:
                raise
            return await self._start_over(batch, inbox)

    async def _prepare(self, inbox: Inbox) -> None:
        """What the fold cannot know: published books, and whether the journal holds old events."""
        inbox.keep_latest(self.running.book)
        old = [item for item in inbox.first(contract.MAX_BATCH) if self._must_ask(item)]
        if old:
            await self._ask_journal(old)
        for item in inbox.first(contract.MAX_BATCH):
            if isinstance(item.input, Adopt) and item.published is None:
                await self._load(item, item.input)

    def _must_ask(self, item: Item) -> bool:
        event, state = item.input, self.running.state
        if not isinstance(event, Event) or item.asked or not state.window_floor:
            return False
        lead = timedelta(0) if event.historic else timedelta(seconds=state.lead)
        known = event_key(event.source, event.id) in state.window
        return not known and (event.time + lead).timestamp() <= state.window_floor

    async def _ask_journal(self, old: list[Item]) -> None:
        events = [item.input for item in old if isinstance(item.input, Event)]
        keys = [event_key(event.source, event.id) for event in events]
        found = await calls.seen(self.account, keys)
        for item, event, key in zip(old, events, keys, strict=True):
            item.asked = True
            if key in found:
                item.input = messages.seen_before(event)

    async def _load(self, item: Item, adopt: Adopt) -> None:
        try:
            item.published = books.compiled(await calls.load_book(self.account, adopt.book))
        except ActivityError as error:
            item.input = messages.as_unreadable(adopt, item.door, calls.reason_of(error))

    def _fold(self, inbox: Inbox) -> Batch:
        """Inputs up to a full batch; then the deadlines that are due."""
        batch = Batch.begin(self.running)
        while inbox.items and batch.has_room() and not self._must_wait(inbox.items[0]):
            self._take(inbox.items.popleft(), batch)
        if not inbox.items and self._may_catch_up():
            self._catch_up(batch)
        return batch

    def _must_wait(self, item: Item) -> bool:
        """Arrived since `_prepare`, or the window moved on since: another round prepares it."""
        unloaded = isinstance(item.input, Adopt) and item.published is None
        return unloaded or self._must_ask(item)

    def _may_catch_up(self) -> bool:
        is_blocked = self.blocked_until is not None and self.blocked_until > workflow.now()
        return not is_blocked and self.turn.may_go(self.running)

    def _take(self, item: Item, batch: Batch) -> None:
        try:
            entries = self.running.take(item.input, item.published)
        except Exception as error:
            workflow.logger.exception("%s: an error of ours in %s", self.account, item.door)
            self._fold_again(batch)
            item.input = messages.as_unreadable(item.input, item.door, f"{OURS} {error!r}")
            entries = self.running.take(item.input)
        batch.items.append(item)
        batch.add(entries)
        item.own = entries[-1] if entries else None

    def _catch_up(self, batch: Batch) -> None:
        try:
            batch.add(self.running.catch_up(workflow.now()))
        except Exception:
            workflow.logger.exception("%s: an error of ours at a deadline", self.account)
            self._fold_again(batch)
            self.blocked_until = workflow.now() + RETRY_DEADLINES

    def _fold_again(self, batch: Batch) -> None:
        """To where the batch was before an error of ours left the state half changed."""
        self._roll_back(batch)
        for item in batch.items:
            self.running.take(item.input, item.published)

    # ── recording

    async def _record_all(self, batch: Batch) -> list[str]:
        try:
            return await self._record(batch)
        except ActivityError as error:
            if calls.kind_of(error) != contract.DATA_REFUSED:
                raise
            workflow.logger.warning("The database refuses a batch: %s", calls.reason_of(error))
        return await self._one_by_one(batch)

    async def _record(self, batch: Batch) -> list[str]:
        if not batch.entries:
            due = []
        else:
            fold = self.running
            request = batch.request(fold.state, fold.wakes_at())
            due = (await calls.record(request, wording.batch(batch.entries))).due
            self._tell(batch.entries)
        for item in batch.items:
            item.answer = batch.answer_to(item)
        return due

    async def _one_by_one(self, batch: Batch) -> list[str]:
        """Find the culprit: it is kept as refused, and no other is lost."""
        self._roll_back(batch)
        if not batch.items:
            self.blocked_until = workflow.now() + RETRY_DEADLINES
        due: list[str] = []
        for item in batch.items:
            due += await self._alone(item)
        return due

    async def _alone(self, item: Item) -> list[str]:
        batch = Batch.begin(self.running)
        self._take(item, batch)
        try:
            return await self._record(batch)
        except ActivityError as error:
            if calls.kind_of(error) != contract.DATA_REFUSED:
                raise
            self._roll_back(batch)
            return await self._refuse(item, calls.reason_of(error))

    async def _refuse(self, item: Item, reason: str) -> list[str]:
        """The reason takes the place of what the database would not take."""
        batch = Batch.begin(self.running)
        item.input = messages.as_unreadable(item.input, item.door, reason)
        self._take(item, batch)
        try:
            return await self._record(batch)
        except ActivityError as error:
            if calls.kind_of(error) != contract.DATA_REFUSED:
                raise
            # Not even that: the account's id itself cannot be stored. The log is all there is.
            workflow.logger.error("Not recorded: %s", reason)
            self._roll_back(batch)
            item.answer = []
            return []

    async def _start_over(self, batch: Batch, inbox: Inbox) -> list[str]:
        """Something else is recorded: what is stored is the truth, and this run goes on from it.

        Events may come again, the fold knows those it has seen. Nobody's command is carried out on a state
        its author did not see.
        """
        workflow.logger.error("%s: something else is recorded; going on from that", self.account)
        left = [item for item in batch.items if item.answer is None]
        for item in left:
            if not isinstance(item.input, Event):
                item.input = messages.as_unreadable(item.input, item.door, ELSEWHERE)
        inbox.put_back(left)
        return await self.enter()

    def _roll_back(self, batch: Batch) -> None:
        self.fold = Fold(batch.book, copy_state(batch.before))
