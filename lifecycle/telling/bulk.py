"""A change of many accounts as it is asked for: what shall be done, and with which; read once for every door."""

from __future__ import annotations

from collections.abc import Collection, Mapping, Sequence
from dataclasses import dataclass, field
from enum import StrEnum
from typing import Any, Final

from sqlalchemy import and_

from lifecycle import contract
from lifecycle.core.conditions import NONE
from lifecycle.core.deciding.commands import read_fields
from lifecycle.core.deciding.entering import label
from lifecycle.core.model import Book
from lifecycle.core.refusal import Refusal, did_you_mean
from lifecycle.core.state import AccountState
from lifecycle.store import accounts
from lifecycle.store.chosen import known_ids
from lifecycle.store.definitions import current_book
from lifecycle.store.moment import AsOf
from lifecycle.store.statements import ACCOUNT
from lifecycle.store.where import Sql

from .accounts import lifecycle_named, stage_named
from .audience import Asked, audience
from .phrases import count, moment, value_words
from .spans import read_moment
from .viewer import Viewer

Message = dict[str, Any]
NAMED: Final = 5


class Kind(StrEnum):
    """What is done with every account."""

    STAGE = "stage"
    FIELDS = "fields"
    HOLD = "hold"
    RELEASE = "release"


@dataclass(frozen=True, slots=True)
class Wish:
    """What shall be done, in people's words. `anyway`: even where the stage changed after it was looked at (R18)."""

    kind: Kind
    reason: str
    lifecycle: str = ""
    stage: str = ""
    fields: Mapping[str, Any] = field(default_factory=dict)
    until: str = ""
    anyway: bool = False


@dataclass(frozen=True, slots=True)
class Whom:
    """Which accounts: those of a segment and sentences, narrowed as a list is (`also`), or some by their ids."""

    asked: Asked = field(default_factory=Asked)
    also: accounts.Wanted | None = None
    ids: Sequence[str] | None = None

    @property
    def is_everybody(self) -> bool:
        """Whether nothing narrows it."""
        return not (self.asked.segment or self.asked.where or self.also or self.ids is not None)


@dataclass(frozen=True, slots=True)
class Bulk:
    """What shall be done, read: `message` is that of the command, but for what is the account's own."""

    kind: Kind
    title: str
    message: Message
    lifecycle: str
    reason: str
    book: Book

    def message_to(self, state: AccountState) -> Message:
        """The command to one account: a move carries the revision it was decided on (R18)."""
        if self.kind is not Kind.STAGE:
            return self.message
        track = state.tracks.get(self.lifecycle)
        return {**self.message, "revision": track.revision if track else 0}

    def stands(self, state: AccountState) -> str:
        """Where an account stands now, in the lifecycle that is spoken of."""
        track = state.tracks.get(self.lifecycle)
        return label(self.book.lifecycles[self.lifecycle], track.stage if track else None)


async def bulk_of(viewer: Viewer, wish: Wish) -> Bulk:
    """Raises `Refusal` for an unknown lifecycle, stage or field, a wrong value or date, a reason that lacks."""
    book, _ = await current_book(viewer.store)
    if not wish.reason.strip():
        said = "A change of many accounts needs a reason."
        raise Refusal("no_reason", said, "Say why; it is kept with every change.", "reason")
    title, message, lifecycle = _READ[wish.kind](viewer, book, wish)
    return Bulk(wish.kind, title, message, lifecycle, wish.reason.strip(), book)


def _stage(_: Viewer, book: Book, wish: Wish) -> tuple[str, Message, str]:
    lifecycle = lifecycle_named(book, wish.lifecycle)
    stage = stage_named(lifecycle, wish.stage)
    found = lifecycle.stage(stage)
    if found is not None and found.disabled:
        said = f"{found.label} of {lifecycle.title} is disabled: nobody can newly enter it."
        raise Refusal("disabled_stage", said, "Choose another stage.", "stage")
    message = {
        "command": contract.SET_STAGE,
        "lifecycle": lifecycle.id,
        "stage": stage or NONE,
        "anyway": wish.anyway,
    }
    if stage is None:
        return f"Take out of {lifecycle.title}", message, lifecycle.id
    return f"Move to {label(lifecycle, stage)} ({lifecycle.title})", message, lifecycle.id


def _fields(_: Viewer, book: Book, wish: Wish) -> tuple[str, Message, str]:
    values = read_fields(book, dict(wish.fields))
    specs = book.account.fields
    said = [
        f"{specs[name].label} to {value_words(value, specs[name])}"
        for name, value in values.items()
    ]
    message = {"command": contract.SET_FIELDS, "fields": dict(wish.fields)}
    return f"Set {', '.join(said)}"[:200], message, _first(book)


def _hold(viewer: Viewer, book: Book, wish: Wish) -> tuple[str, Message, str]:
    if not wish.until.strip():
        raise Refusal(
            "bad_time", "A hold needs its end.", "Say until when: 2026-07-01, 14d.", "until"
        )
    until = read_moment(wish.until, viewer.now, viewer.zone)
    if until <= viewer.now:
        raise Refusal("bad_time", "A hold ends in the future.", "Give a later date.", "until")
    message = {"command": contract.HOLD, "until": until.isoformat()}
    return f"Hold until {moment(until, viewer.zone)}", message, _first(book)


def _release(_: Viewer, book: Book, wish: Wish) -> tuple[str, Message, str]:
    return "End the hold", {"command": contract.RELEASE}, _first(book)


def _first(book: Book) -> str:
    return next(iter(book.lifecycles))


_READ: Final = {
    Kind.STAGE: _stage,
    Kind.FIELDS: _fields,
    Kind.HOLD: _hold,
    Kind.RELEASE: _release,
}


# ── which accounts


async def sql_of(viewer: Viewer, whom: Whom) -> Sql:
    """As a filter of a select over `account`. Raises `Refusal` for an unknown segment or id, a wrong sentence."""
    if whom.ids is not None:
        await _check_ids(viewer, whom.ids)
        return ACCOUNT.c.id.in_(list(whom.ids))
    meant = await audience(viewer, whom.asked)
    if isinstance(meant.moment, AsOf):
        said = "Only how it is now can be changed."
        raise Refusal("bad_time", said, "Leave the date out.", "as_of")
    also = accounts.filters(whom.also) if whom.also else []
    return and_(meant.sql(), *also)


async def _check_ids(viewer: Viewer, ids: Collection[str]) -> None:
    if not ids:
        raise Refusal("no_accounts", "No account is named.", "Choose at least one.", "accounts")
    known = await known_ids(viewer.store, ids)
    unknown = [one for one in ids if one not in known]
    if unknown:
        names = ", ".join(unknown[:NAMED]) + (", …" if len(unknown) > NAMED else "")
        said = f"{count(len(unknown), 'account')} not there: {names}."
        near = did_you_mean(unknown[0], known) if known else "Name them by their ids."
        raise Refusal("unknown_account", said, near, "accounts")
