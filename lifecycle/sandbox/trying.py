"""Trying an account: its next days played on a copy, with a script and perhaps with other definitions (N6).

Only the core decides; nothing is recorded, sent or called.
"""

from __future__ import annotations

from collections.abc import AsyncIterator, Sequence
from dataclasses import dataclass, field
from datetime import datetime, timedelta
from typing import Final

from lifecycle.core import changes as c
from lifecycle.core.deciding.adoption import AT_ONCE
from lifecycle.core.evolve import copy_state
from lifecycle.core.fold import Fold, play
from lifecycle.core.inputs import Adopt, CreateAccount
from lifecycle.core.model import Book
from lifecycle.core.refusal import Refusal
from lifecycle.core.state import AccountState
from lifecycle.core.values import Value
from lifecycle.settings import Settings
from lifecycle.store.engine import Store

from .inputs import cues
from .post import Mail, Post, Scene
from .script import Step

MOST: Final = 500
"""So many entries are played; then it is cut, and that is said."""
FAR: Final = 3_660
"""Days."""


@dataclass(frozen=True, slots=True)
class Wish:
    """What is tried: for how many days, with which steps, by whom; `draft` in place of the definitions that run."""

    days: int = 90
    steps: Sequence[Step] = ()
    actor: str = "sandbox"
    draft: Book | None = None


@dataclass(frozen=True, slots=True)
class Begun:
    """An account at its beginning: as it is recorded, or `fields` of one made for the play."""

    book: Book
    state: AccountState
    now: datetime
    fields: dict[str, Value] = field(default_factory=dict)

    @property
    def is_new(self) -> bool:
        """Whether there is no such account."""
        return self.state.created_at is None


@dataclass(frozen=True, slots=True)
class Tried:
    """What happened in a play. `book` and `state` are those at its end; `until` is earlier where it was cut."""

    begun: Begun
    wish: Wish
    until: datetime
    book: Book
    state: AccountState
    entries: list[c.Entry]
    mails: list[Mail]
    is_cut: bool


def new_account(book: Book, account: str, fields: dict[str, Value], now: datetime) -> Begun:
    """An account from nothing, with the definitions `book`."""
    return Begun(book, AccountState(account), now, fields)


async def tried(store: Store, settings: Settings, begun: Begun, wish: Wish) -> Tried:
    """Play it. Raises `Refusal` for what cannot be played."""
    _check(begun, wish)
    fold = Fold(begun.book, copy_state(begun.state))
    until = begun.now + timedelta(days=wish.days)
    post = Post(store, settings)
    entries: list[c.Entry] = []
    scene, is_cut = Scene(fold.book, copy_state(fold.state)), False
    async for at, happened in _played(fold, begun, wish, until):
        await post.passes(at, scene)
        scene = Scene(fold.book, copy_state(fold.state))
        await post.happened(at, happened, scene)
        entries += happened
        if len(entries) >= MOST:
            until, is_cut = at, True
            break
    await post.passes(until, scene)
    return Tried(begun, wish, until, scene.book, scene.state, entries, post.mails, is_cut)


async def _played(
    fold: Fold, begun: Begun, wish: Wish, until: datetime
) -> AsyncIterator[tuple[datetime, list[c.Entry]]]:
    """What is due already, the beginning of a new account or of other definitions, then the days to come."""
    for at, happened in play(fold, begun.now):
        yield at, happened
    if begun.is_new:
        first = CreateAccount(begun.now, begun.fields, actor=wish.actor)
        yield begun.now, [*fold.take(first), *fold.catch_up(begun.now)]
    elif wish.draft is not None:
        policies = dict.fromkeys(wish.draft.lifecycles, AT_ONCE)
        adopt = Adopt(begun.now, wish.actor, "draft", policies)
        yield begun.now, [*fold.take(adopt, wish.draft), *fold.catch_up(begun.now)]
    coming = cues(wish.steps, fold.book, fold.state, begun.now, wish.actor)
    for at, happened in play(fold, until, coming):
        yield at, happened


def _check(begun: Begun, wish: Wish) -> None:
    if not 1 <= wish.days <= FAR:
        said = f"{wish.days} days cannot be played."
        raise Refusal("bad_days", said, f"From 1 to {FAR:,} can.", "days")
    if begun.state.importing_since is not None:
        said = "Its history is being imported: nothing can be said of its next days yet."
        raise Refusal("importing", said, "Try again when the import has ended.", "account")
