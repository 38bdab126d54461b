"""An account's turn after an outage (N8): what fell due while nobody worked is not done by all accounts at once.

An account that slept through a deadline asks the database, which keeps the queue, and waits until it is told that
its turn has come. What happens to it meanwhile is folded with the deadlines before it, as always (R20).
"""

from __future__ import annotations

from collections.abc import Iterator
from datetime import datetime, timedelta

from temporalio import workflow

from lifecycle import contract
from lifecycle.core.codec import from_data, to_data
from lifecycle.core.fold import Fold
from lifecycle.core.wakes import Due

from . import calls, wording

PATCH = "catching up"


class Turn:
    """Whether the account may carry out what is overdue.

    `patience`: less late than this nobody is asked. A worker that runs needs seconds; how much is an outage the
    database's policy says.
    """

    def __init__(self, account: str, patience: timedelta) -> None:
        self._account = account
        self._patience = patience
        self._known_until: datetime | None = None
        self._applies: bool | None = None
        self._has_come = False
        self._is_news = False
        self._asked: tuple[datetime, contract.AdmitAnswer] | None = None

    # ── what is known of it

    def look(self, fold: Fold) -> None:
        """Before anything is folded: while nothing is overdue, what becomes so is made so by what is folded now."""
        self._is_news = False
        if not self._overdue(fold):
            self._known_until = workflow.now()
            self._has_come, self._asked = False, None
        elif self._applies is None:
            # Here and not where it is asked: a condition that is waited for may give no commands.
            self._applies = workflow.patched(PATCH)

    def may_go(self, fold: Fold) -> bool:
        """Whether deadlines may be carried out: in time, by something that was folded, or because its turn came."""
        return self._has_come or not self._is_behind(fold)

    def must_ask(self, fold: Fold) -> bool:
        """Whether it is behind, and has not asked or not been told for too long."""
        again_at = self._again_at()
        return not self.may_go(fold) and (again_at is None or again_at <= workflow.now())

    def has_news(self, fold: Fold) -> bool:
        """Whether there is something to do about it."""
        return self._is_news or self.must_ask(fold)

    def looks_again_at(self) -> datetime | None:
        """When it asks once more, if it waits."""
        return None if self._has_come else self._again_at()

    def _again_at(self) -> datetime | None:
        if self._asked is None:
            return None
        at, answer = self._asked
        return at + timedelta(seconds=answer.again)

    def _is_behind(self, fold: Fold) -> bool:
        due = self._overdue(fold)
        known = self._known_until
        return bool(self._applies) and due is not None and (known is None or due.at > known)

    def _overdue(self, fold: Fold) -> Due | None:
        """The first deadline, if it is late; what an import waits for is nobody's outage (R21)."""
        due = None if fold.state.importing_since is not None else fold.next_due()
        late = due is not None and workflow.now() - due.at >= self._patience
        return due if late else None

    # ── asking, and being told

    async def ask(self, fold: Fold) -> None:
        """Ask for its turn; there may be no need to wait."""
        due = self._overdue(fold)
        assert due is not None
        now = workflow.now()
        what = wording.deadline(fold.book, fold.state, due)
        late = (now - due.at).total_seconds()
        request = contract.AdmitRequest(self._account, due.at, late, what)
        answer: contract.AdmitAnswer = from_data(contract.AdmitAnswer, await _admit(request))
        self._asked = now, answer
        self._has_come = self._has_come or answer.go

    def come(self) -> None:
        """Somebody says that its turn has come."""
        self._has_come = self._is_news = True

    def words(self, fold: Fold) -> Iterator[str]:
        """For people who look at the workflow."""
        due = self._overdue(fold)
        if due is None or self._asked is None or self._has_come:
            return
        at, answer = self._asked
        when = "it is held until a person releases it"
        if answer.turn is not None:
            when = f"its turn is at {at + timedelta(seconds=answer.turn):%H:%M}"
        yield f"\n**Catching up**: its timers are behind since {due.at:%Y-%m-%d %H:%M}; {when}"


async def _admit(request: contract.AdmitRequest) -> object:
    return await workflow.execute_activity(
        contract.ADMIT,
        to_data(request),
        start_to_close_timeout=calls.QUICK,
        retry_policy=calls.FOR_EVER,
        summary="after an outage: whose turn is when",
    )
