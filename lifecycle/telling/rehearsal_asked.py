"""A rehearsal as it is asked for at any door: which draft, which accounts, since when."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import UTC

from lifecycle.core.model import Book
from lifecycle.core.refusal import Refusal
from lifecycle.rehearsing.keeping import Order
from lifecycle.rehearsing.proposing import proposal

from .audience import Asked, audience
from .spans import read_moment
from .viewer import Viewer


@dataclass(frozen=True, slots=True)
class Wish:
    """As it was typed: a saved segment, sentences that must all hold, and the date from which on."""

    segment: str | None = None
    where: Sequence[str] = ()
    since: str | None = None


async def ordered(viewer: Viewer, draft: Book, wish: Wish, actor: str, door: str) -> Order:
    """What is to be rehearsed. Raises `Refusal` for a wrong wish, and for a draft that changes nothing."""
    proposed = await proposal(viewer.store, draft)
    meant = await audience(viewer, Asked(wish.segment, wish.where))
    since = None
    if wish.since is not None:
        since = read_moment(wish.since, viewer.now, viewer.zone).astimezone(UTC)
        if since >= viewer.now:
            said = f"{wish.since!r} is yet to come."
            raise Refusal("bad_time", said, "Give a day of the past.", "since")
    narrowed = meant.condition is not None
    return Order(
        proposed,
        meant.sql(),
        actor,
        door,
        (f"{meant.title}: {meant.said}" if meant.said else meant.title) if narrowed else "",
        wish.segment or "",
        wish.where,
        since,
    )
