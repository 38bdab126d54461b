"""What a list of accounts was asked for: everything that chooses what is shown stands in its address."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass, replace
from typing import Annotated, Any, Final, Literal
from urllib.parse import urlencode

from pydantic import BaseModel, ConfigDict, Field
from sqlalchemy import and_

from lifecycle.core.model import Book, Segment
from lifecycle.core.refusal import Refusal
from lifecycle.definition.known import scope_of
from lifecycle.definition.outline import ALL, Group, outline_of, read_outline, written
from lifecycle.store import accounts
from lifecycle.store.moment import AsOf
from lifecycle.telling.audience import Asked, Audience, audience, segment_named
from lifecycle.telling.segment_columns import USUAL, mentioned
from lifecycle.telling.segments import Members, Wish, members_of
from lifecycle.telling.viewer import Viewer

WORD, TEXT, ADDRESS = 500, 8_000, 4_000
"""The longest that is taken, in characters."""
A_PAGE: Final = 50
PATH: Final = "/accounts"
SHOWS: Final = {"": "All", "late": "Late", "stuck": "Stuck", "hold": "On hold"}
Word = Annotated[str, Field(max_length=WORD, pattern=r"^[^\x00]*$")]
Text = Annotated[str, Field(max_length=TEXT, pattern=r"^[^\x00]*$")]


class Filters(BaseModel):
    """What chooses the accounts and how they are shown.

    `where` are texts (`definition.outline`) that must all hold; `like` is the segment they began with.
    """

    model_config = ConfigDict(frozen=True)

    segment: Word = ""
    where: list[Text] = Field(default_factory=list, max_length=20)
    like: Word = ""
    search: Word = ""
    show: Literal["", "late", "stuck", "hold"] = ""
    as_of: Word = ""
    known: Word = ""
    column: list[Word] = Field(default_factory=list, max_length=100)
    sort: Word = ""
    after: Word = ""

    @property
    def texts(self) -> list[str]:
        """What was typed of `where`; an empty field says nothing."""
        return [one for one in self.where if one.strip()]

    @property
    def columns(self) -> list[str]:
        """Those that were chosen, each once; the account's name stands before them anyway."""
        chosen = dict.fromkeys(one.strip() for one in self.column)
        return [one for one in chosen if one not in ("", "name")]

    @property
    def narrows(self) -> bool:
        """Whether not everybody is shown."""
        return bool(self.segment or self.texts or self.search.strip() or self.show)

    def pairs(self, *without: str, **changed: Any) -> list[tuple[str, str]]:
        """What is not as it is by itself, for an address or for hidden fields."""
        other = self.model_copy(update=changed)
        return [pair for pair in other._all() if pair[0] not in without and pair[1].strip()]

    def _all(self) -> Iterator[tuple[str, str]]:
        for name in Filters.model_fields:
            value = getattr(self, name)
            yield from ((name, one) for one in (value if isinstance(value, list) else [value]))

    def at(self, path: str = PATH, **changed: Any) -> str:
        """The page at `path` with these filters, some of them changed; the first page unless `after` is among them."""
        chosen = urlencode(self.pairs(**{"after": "", **changed}))
        return f"{path}?{chosen}" if chosen else path

    def asked(self) -> Asked:
        """Whom, and when."""
        known = (self.known or None) if self.as_of else None
        return Asked(self.segment or None, self.texts, self.as_of or None, known)

    def whom(self, path: str) -> str:
        """The page at `path`, told whom only: for an export, a campaign, a new segment."""
        told = ("segment", "where", "as_of", "known", "like")
        other = Filters(**{name: getattr(self, name) for name in told})
        return other.at(path)


@dataclass(frozen=True, slots=True)
class Listed:
    """A list that can be read: the accounts that are meant, and the text that means them."""

    filters: Filters
    book: Book
    meant: Audience
    members: Members

    @property
    def is_past(self) -> bool:
        """Whether it is as of a day."""
        return isinstance(self.meant.moment, AsOf)


async def listed(viewer: Viewer, filters: Filters, limit: int = A_PAGE) -> Listed:
    """Raises `Refusal` for an unknown segment, column or order, for a wrong sentence or date."""
    asked = filters.asked()
    meant = await audience(viewer, asked)
    columns = ",".join(["name", *(filters.columns or usual_columns(meant))])
    wish = Wish(columns, filters.sort or None, limit, filters.after or None)
    found = members_of(viewer, asked, meant, wish)
    if also := _also(filters):
        if isinstance(meant.moment, AsOf):
            said = "Search, late, stuck and on hold are asked of the present only."
            raise Refusal("bad_time", said, "Write a sentence, or look at today.", "as_of")
        only = and_(*accounts.filters(also))
        found = replace(found, wanted=replace(found.wanted, also=only))
    return Listed(filters, meant.book, meant, found)


def _also(filters: Filters) -> accounts.Wanted | None:
    wanted = accounts.Wanted(
        late=filters.show == "late" or None,
        stuck=filters.show == "stuck" or None,
        on_hold=filters.show == "hold" or None,
        search=filters.search.strip() or None,
    )
    return wanted if filters.show or filters.search.strip() else None


def usual_columns(meant: Audience) -> list[str]:
    """Where they stand in what the condition speaks of (or in the first lifecycle), and what a CSM looks at."""
    spoken, named = mentioned(meant)
    runs = [one.id for one in spoken] or list(meant.book.lifecycles)[:1]
    stages = [name for one in runs for name in (one, f"days:{one}", f"mark:{one}")]
    fields = meant.book.account.fields
    health = ["health_score"] if "health_score" in fields else ["health"]
    usual = [*health, "next", *(name for name in USUAL if name not in ("csm", "health", "arr"))]
    found = ["csm", *usual, "arr", *(one for one in named if one != "name")]
    return [*stages, *(one for one in dict.fromkeys(found) if one in fields or one == "next")]


# ── the text of what is asked


def text_of(filters: Filters, book: Book) -> str:
    """The condition as one text: of a segment alone its own words, which can be changed then. Raises `Refusal`."""
    if not filters.segment:
        return "\n".join(text.rstrip() for text in filters.texts)
    saved = segment_named(book, filters.segment)
    if not filters.texts:
        return written(outline_of(saved.where, scope_of(book)))
    return "\n".join([f"in segment {saved.id}", *(text.rstrip() for text in filters.texts)])


def outline_asked(text: str) -> Group | None:
    """The text in its lines; None for one whose groups cannot be read."""
    try:
        return read_outline(text) if text.strip() else Group(ALL, ())
    except Refusal:
        return None


def origin(filters: Filters, book: Book) -> Segment | None:
    """The saved segment that is shown, or that what is shown began with."""
    named = filters.segment or filters.like
    return book.segments.get(named) if named else None
