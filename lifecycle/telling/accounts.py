"""Finding the account a command is about, with the definitions it runs."""

from __future__ import annotations

from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from datetime import datetime, timedelta

from lifecycle.core.deciding.commands import find_lifecycle
from lifecycle.core.model import Book, Lifecycle
from lifecycle.core.refusal import Refusal, did_you_mean
from lifecycle.core.state import AccountState
from lifecycle.store.accounts import find_account
from lifecycle.store.definitions import book_for
from lifecycle.store.engine import Store
from lifecycle.store.moment import AsOf
from lifecycle.store.one_account import KeptState, kept_state
from lifecycle.store.stored import state_of


@dataclass(frozen=True, slots=True)
class Found:
    """An account as it is recorded. `now` is its own present: the wall clock plus its lead.

    With `moment` it is the account as it was: `now` is that instant (`telling.then`).
    """

    state: AccountState
    book: Book
    now: datetime
    moment: AsOf | None = None

    @property
    def account(self) -> str:
        """Its id."""
        return self.state.account

    @property
    def name(self) -> str:
        """What people call it."""
        return str(self.state.fields.get("name") or self.account)

    @property
    def ctas(self) -> dict[str, str]:
        """Its open CTAs: id → title."""
        return {cta.id: cta.title for cta in self.state.ctas.values()}


async def found(store: Store, text: str, now: datetime) -> Found:
    """The account of that id or name, at the wall clock's `now`. Raises `Refusal` with the nearest one."""
    kept = await kept_state(store, text)
    if kept is None:
        row = await find_account(store, text)
        kept = KeptState(row.state, row.lead)
    state = state_of(kept.state)
    book, _ = await book_for(store, state.versions, state.pending)
    return Found(state, book, now + timedelta(seconds=kept.lead))


@contextmanager
def running(name: str, account: str) -> Iterator[None]:
    """Talking to a recorded account: that nothing runs is another matter than that nothing is known."""
    from lifecycle.client import UnknownAccount

    try:
        yield
    except UnknownAccount:
        raise Refusal(
            "not_running",
            f"{name} is recorded, but its workflow does not run on this Temporal server.",
            "Look whether this is the right server (TEMPORAL_ADDRESS); if it is, `nudge"
            f" {account}` starts the account again where it was.",
            "account",
        ) from None


def lifecycle_named(book: Book, text: str) -> Lifecycle:
    """By id, or by title in any case: people type what they see. Raises `Refusal`."""
    by_title = [one for one in book.lifecycles.values() if one.title.casefold() == text.casefold()]
    return by_title[0] if len(by_title) == 1 else find_lifecycle(book, text)


def stage_named(lifecycle: Lifecycle, text: str) -> str | None:
    """A stage's id by id or label in any case; None for the word None. Raises `Refusal`."""
    if text.casefold() == "none":
        return None
    wanted = text.casefold()
    for stage in lifecycle.stages:
        if wanted in (stage.id, stage.label.casefold()):
            return stage.id
    known = [*(stage.id for stage in lifecycle.stages), "None"]
    said = f"{lifecycle.title} has no stage {text!r}."
    raise Refusal("unknown_stage", said, did_you_mean(wanted.replace(" ", "_"), known), "stage")
