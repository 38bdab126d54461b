"""What is rehearsed: a draft of some parts in place of what is live, and the digest that names it."""

from __future__ import annotations

from dataclasses import dataclass, replace
from datetime import datetime
from hashlib import sha256
from typing import Any, Final

from lifecycle.core.codec import decoder, encoder
from lifecycle.core.model import Book, Lifecycle
from lifecycle.core.refusal import Refusal
from lifecycle.store.definitions import SHARED, TYPES, current_book, published
from lifecycle.store.engine import Store
from lifecycle.store.journal import canonical
from lifecycle.store.tables import PartKind

NO_NUMBER: Final = 0


@dataclass(frozen=True, slots=True)
class Part:
    """A part that the draft has otherwise. `version` is a lifecycle's; `content` is the codec's JSON, None: gone."""

    kind: PartKind
    id: str
    version: int
    content: Any


@dataclass(frozen=True, slots=True)
class Proposal:
    """Two books, what differs between them, and the digests that name the draft and what it was held against."""

    live: Book
    draft: Book
    parts: tuple[Part, ...]
    digest: str
    against: str
    published_at: datetime


async def proposal(store: Store, draft: Book) -> Proposal:
    """The draft held against what is live. Raises `Refusal` `nothing_published`, `no_difference`."""
    live, against = await current_book(store)
    parts = parts_apart(live, draft)
    if not parts:
        said = "The draft says what is published already."
        raise Refusal("no_difference", said, "Change something, then rehearse it.")
    newest = {(row.kind, row.id): row.published_at for row in await published(store)}
    return Proposal(live, draft, parts, digest_of(parts), against, max(newest.values()))


def parts_apart(live: Book, draft: Book) -> tuple[Part, ...]:
    """The parts that differ, as the draft has them."""
    found = []
    for lifecycle in sorted({*live.lifecycles, *draft.lifecycles}):
        was, now = live.lifecycles.get(lifecycle), draft.lifecycles.get(lifecycle)
        if was != now:
            data = encoder(Lifecycle)(now) if now else None
            found.append(Part(PartKind.LIFECYCLE, lifecycle, now.version if now else 0, data))
    for kind in SHARED:
        mine = getattr(draft, kind.value)
        if getattr(live, kind.value) != mine:
            found.append(Part(kind, kind.value, 0, encoder(TYPES[kind])(mine)))
    return tuple(found)


def digest_of(parts: tuple[Part, ...]) -> str:
    """Names a draft by what it says. Its version number is no part of it: it is raised before publishing."""
    said = [[one.kind.value, one.id, _unnumbered(one)] for one in parts]
    return sha256(canonical(said).encode()).hexdigest()


def _unnumbered(part: Part) -> Any:
    if part.kind is not PartKind.LIFECYCLE or part.content is None:
        return part.content
    return {**part.content, "version": NO_NUMBER}


def with_parts(live: Book, parts: tuple[Part, ...]) -> Book:
    """The book of a draft, put together again from the parts that were kept of it."""
    lifecycles, shared = dict(live.lifecycles), {}
    for part in parts:
        if part.kind is not PartKind.LIFECYCLE:
            shared[part.kind.value] = decoder(TYPES[part.kind])(part.content)
        elif part.content is None:
            lifecycles.pop(part.id, None)
        else:
            lifecycles[part.id] = decoder(Lifecycle)(part.content)
    return replace(live, lifecycles=dict(sorted(lifecycles.items())), **shared)
