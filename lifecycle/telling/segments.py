"""Segments asked: all that are saved with their numbers, or the accounts of one; now, or as of a day (T16, N5)."""

from __future__ import annotations

from collections.abc import AsyncIterator
from dataclasses import dataclass, replace
from typing import Any

from lifecycle.core.conditions import NONE
from lifecycle.definition.condition_words import Labels, condition_words
from lifecycle.store.moment import AsOf
from lifecycle.store.segments import MOST, Counted, Member, Page, Wanted, count, page

from .audience import Asked, Audience, audience
from .phrases import count as count_of
from .segment_columns import Column, columns_of, sort_of
from .viewer import Viewer


@dataclass(frozen=True, slots=True)
class Wish:
    """How the accounts are wanted: which columns (names with commas), in which order, which page."""

    columns: str | None = None
    sort: str | None = None
    limit: int = 50
    after: str | None = None


@dataclass(frozen=True, slots=True)
class Saved:
    """A saved segment, its sentences in plain words, and how many accounts are in it."""

    id: str
    title: str
    said: str
    accounts: int


async def saved_segments(viewer: Viewer, asked: Asked) -> tuple[Audience, list[Saved]]:
    """All that are saved, each counted at the moment that was asked for. Raises `Refusal`."""
    meant = await audience(viewer, asked)
    labels, segments = Labels(meant.book), meant.book.segments
    found: list[Saved] = []
    for one in segments.values():
        number = await count(viewer.store, Wanted(one.where, meant.moment, segments))
        said = condition_words(one.where, labels)
        found.append(Saved(one.id, one.title, said, number.accounts))
    return meant, found


@dataclass(frozen=True, slots=True)
class Members:
    """The accounts that are meant, as a question to the store and the columns it is shown in."""

    viewer: Viewer
    asked: Asked
    meant: Audience
    columns: list[Column]
    wanted: Wanted

    async def count(self) -> Counted:
        """How many they are, on all pages."""
        return await count(self.viewer.store, self.wanted)

    async def page(self) -> Page:
        """The page that is wanted."""
        return await page(self.viewer.store, self.wanted)

    async def pages(self) -> AsyncIterator[list[Member]]:
        """All pages, from the first or from `after` on."""
        wanted, more = replace(self.wanted, limit=MOST), True
        while more:
            found = await page(self.viewer.store, wanted)
            yield found.members
            wanted, more = replace(wanted, after=found.after), found.after is not None


async def members(viewer: Viewer, asked: Asked, wish: Wish) -> Members:
    """Read what was asked. Raises `Refusal` for an unknown name, column or order, a wrong sentence or date."""
    return members_of(viewer, asked, await audience(viewer, asked), wish)


def members_of(viewer: Viewer, asked: Asked, meant: Audience, wish: Wish) -> Members:
    """The same of an audience that was read. Raises `Refusal` for an unknown column or order."""
    chosen = columns_of(meant, wish.columns)
    wanted = Wanted(
        meant.condition,
        meant.moment,
        meant.book.segments,
        tuple(dict.fromkeys(name for one in chosen for name in one.fields)),
        tuple(dict.fromkeys(name for one in chosen for name in one.lifecycles)),
        sort_of(meant, wish.sort),
        wish.after,
        wish.limit,
        ahead=any(one.ahead for one in chosen),
    )
    return Members(viewer, asked, meant, chosen, wanted)


def count_words(meant: Audience, counted: Counted) -> str:
    """`12 accounts, 3 of them with no stage in Sales (None)` (R17)."""
    said = [count_of(counted.accounts, "account")]
    return ", ".join([*said, *without_words(meant, counted)])


def without_words(meant: Audience, counted: Counted) -> list[str]:
    """What those have not who are counted only because they have no value (R17)."""
    labels, told = Labels(meant.book), []
    for name, number in counted.without.items():
        lifecycle = meant.book.lifecycles.get(name)
        what = f"no stage in {lifecycle.title}" if lifecycle else f"no {labels.field(name)}"
        told.append(f"{number:,} of them with {what} ({NONE})")
    return told


# ── for programs


def members_data(asked: Members, counted: Counted, found: Page) -> dict[str, Any]:
    """A page of accounts with what was asked; `after` asks for the next one."""
    return {
        "segment": asked.asked.segment,
        "title": asked.meant.title,
        "said": asked.meant.said,
        **moment_data(asked.meant),
        **count_data(counted),
        "rows": [
            {"account": one.account} | {column.name: column.value(one) for column in asked.columns}
            for one in found.members
        ],
        "after": found.after,
    }


def saved_data(meant: Audience, found: list[Saved]) -> dict[str, Any]:
    """The saved segments with what was asked."""
    return {**moment_data(meant), "segments": found}


def moment_data(meant: Audience) -> dict[str, Any]:
    """The moment; nothing for now."""
    if not isinstance(meant.moment, AsOf):
        return {}
    return {"as_of": meant.moment.at, "known": meant.moment.known}


def count_data(counted: Counted) -> dict[str, Any]:
    """How many, and how many of them only because they have no value (R17)."""
    return {"accounts": counted.accounts, "without": counted.without}
