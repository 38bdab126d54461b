"""What one version of a lifecycle changes against another, in plain words: published ones, or a folder's (R14, G8)."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Final

from lifecycle.core.codec import decoder
from lifecycle.core.model import Book, Lifecycle
from lifecycle.core.refusal import Refusal
from lifecycle.store.definitions import current_book, published
from lifecycle.store.engine import Store
from lifecycle.store.tables import PartKind

from .accounts import lifecycle_named
from .lifecycle_differences import Difference, lifecycle_differences

READ: Final = decoder(Lifecycle)


@dataclass(frozen=True, slots=True)
class Differences:
    """`before` and `after` name the two sides: version numbers, or the folder."""

    lifecycle: str
    title: str
    before: str
    after: str
    differences: list[Difference]


async def version_differences(
    store: Store, name: str, first: int | None, second: int | None, folder: Book | None
) -> Differences:
    """Two versions of a lifecycle: by default the one in force and the folder's, or the last two that were published.

    With one number that version against the one in force. Raises `Refusal`.
    """
    book, _ = await current_book(store)
    live = lifecycle_named(book, name)
    versions = await _versions(store, live.id)
    if first is None and folder is not None and live.id in folder.lifecycles:
        after = folder.lifecycles[live.id]
        return _told(live, after, folder, f"version {live.version}", "the folder")
    if first is None:
        numbers = sorted(versions)
        first, second = numbers[max(len(numbers) - 2, 0)], numbers[-1]
    elif second is None:
        second = live.version
    before, after = (_version(versions, live, number) for number in (first, second))
    return _told(before, after, book, f"version {first}", f"version {second}")


def _told(before: Lifecycle, after: Lifecycle, book: Book, first: str, second: str) -> Differences:
    found = lifecycle_differences(before, after, book)
    return Differences(after.id, after.title, first, second, found)


async def _versions(store: Store, lifecycle: str) -> dict[int, Lifecycle]:
    """The newest edition of each version."""
    rows = await published(store, lifecycle)
    return {row.version: READ(row.content) for row in rows if row.kind is PartKind.LIFECYCLE}


def _version(versions: dict[int, Lifecycle], live: Lifecycle, number: int) -> Lifecycle:
    if number not in versions:
        said = f"Version {number} of {live.title} was never published here."
        known = ", ".join(str(one) for one in sorted(versions))
        raise Refusal("unknown_version", said, f"Published: {known}.", "version")
    return versions[number]
