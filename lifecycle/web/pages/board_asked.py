"""What a board was asked for: everything that chooses what is shown stands in its address."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass, replace
from typing import Annotated, Any, Final, Literal
from urllib.parse import urlencode

from pydantic import BaseModel, ConfigDict, Field
from sqlalchemy import and_

from lifecycle.core.conditions import All, Compare, Condition, Const, Op
from lifecycle.core.conditions import Field as FieldOf
from lifecycle.core.model import Book, Lifecycle
from lifecycle.core.refusal import Refusal
from lifecycle.store import accounts, board
from lifecycle.store.board import Mark, Wanted
from lifecycle.store.board_then import WantedThen, heads_then, page_then
from lifecycle.store.moment import AsOf, Now
from lifecycle.store.where import where
from lifecycle.telling.accounts import lifecycle_named
from lifecycle.telling.audience import Asked, Audience, audience
from lifecycle.telling.board import Column, Face, columns, faces
from lifecycle.telling.viewer import Viewer

from ..door import Door
from .moving import address
from .words import quoted

WORD, SENTENCE = 500, 2_000
"""The longest that is taken, in characters."""
Text = Annotated[str, Field(max_length=WORD)]
Sentence = Annotated[str, Field(max_length=SENTENCE)]
Show = Literal["", "late", "stuck", "hold"]
HOLD: Final = "hold"
SINGLE: Final = ("segment", "csm", "search", "show", "as_of", "known", "after")
SHOWS: Final = {"": "All", "late": "Late", "stuck": "Stuck", HOLD: "On hold"}


class Filters(BaseModel):
    """What chooses the accounts. `open` are the folded columns that were opened, `after` is a place in a column."""

    model_config = ConfigDict(frozen=True)

    segment: Text = ""
    where: list[Sentence] = Field(default_factory=list, max_length=20)
    csm: Text = ""
    search: Text = ""
    show: Show = ""
    open: list[Text] = Field(default_factory=list, max_length=50)
    as_of: Text = ""
    known: Text = ""
    after: Text = ""

    @property
    def sentences(self) -> list[str]:
        """What was typed of `where`; an empty field says nothing."""
        return [one.strip() for one in self.where if one.strip()]

    @property
    def chosen(self) -> list[tuple[str, str]]:
        """What is not as it is by itself, for an address."""
        several = [("where", one) for one in self.sentences] + [("open", one) for one in self.open]
        single = [(name, getattr(self, name)) for name in SINGLE]
        return [(name, value) for name, value in [*single, *several] if value]

    @property
    def narrows(self) -> bool:
        """Whether not everybody is shown."""
        return any(name not in ("open", "after", "as_of", "known") for name, _ in self.chosen)

    def address(self, path: str, **changed: Any) -> str:
        """The page at `path` with these filters, some of them changed."""
        chosen = urlencode(self.model_copy(update=changed).chosen)
        return f"{path}?{chosen}" if chosen else path


@dataclass(frozen=True, slots=True)
class Board:
    """A board that was asked for: of which lifecycle, whose accounts, and how its addresses begin."""

    book: Book
    lifecycle: Lifecycle
    filters: Filters
    wanted: Wanted | WantedThen
    viewer: Viewer

    @property
    def path(self) -> str:
        """Without the filters."""
        return path_of(self.lifecycle.id)

    def at(self, **changed: Any) -> str:
        """With the filters, some of them changed."""
        return self.filters.address(self.path, **changed)

    def below(self, *parts: str) -> str:
        """A page below the board, with its filters."""
        return self.filters.address("/".join((self.path, *map(quoted, parts))))

    def is_open(self, column: Column) -> bool:
        """Whether its cards are shown."""
        return not column.folded or column.id in self.filters.open

    def opened(self, column: Column) -> str:
        """The board with a folded column opened, or folded again."""
        others = [one for one in self.filters.open if one != column.id]
        return self.at(open=others if self.is_open(column) else [*others, column.id])

    def account(self, account: str) -> str:
        """The page of an account, at the same moment."""
        when = {name: getattr(self.filters, name) for name in ("as_of", "known")}
        return Filters(**when).address(f"/accounts/{quoted(account)}")

    def move(self, account: str, revision: int) -> str:
        """Where a card is moved by a form."""
        seen = urlencode({"revision": revision, "back": self.at()})
        return f"{address(account, self.lifecycle.id)}?{seen}"

    def next(self, column: Column, after: str) -> str:
        """The next page of a column."""
        path = "/".join((self.path, "columns", quoted(column.id)))
        return self.filters.address(path, after=after)

    def without(self, sentence: str) -> str:
        """The board without one of the sentences."""
        return self.at(where=[one for one in self.filters.sentences if one != sentence])

    @property
    def plain(self) -> str:
        """Everybody."""
        kept = {name: getattr(self.filters, name) for name in ("open", "as_of", "known")}
        return Filters(**kept).address(self.path)

    @property
    def is_past(self) -> bool:
        """Whether it is as of a date."""
        return isinstance(self.wanted, WantedThen)

    @property
    def others(self) -> list[dict[str, str]]:
        """The boards of all lifecycles, with the same filters but for what belongs to stages."""
        filters = self.filters.model_copy(update={"open": [], "show": ""})
        known = self.book.lifecycles.values()
        return [{"text": one.title, "href": filters.address(path_of(one.id))} for one in known]

    @property
    def shows(self) -> list[tuple[str, str, bool]]:
        """All, or only those with a mark: words, address, whether it is so now."""
        return [
            (words, self.at(show=show), self.filters.show == show) for show, words in SHOWS.items()
        ]

    @property
    def live(self) -> str:
        """Where one hears what changed since this page was made."""
        since = int(self.viewer.now.timestamp() * 1_000)
        return f"/live/board/{quoted(self.lifecycle.id)}?since={since}"

    async def columns(self) -> list[Column]:
        """The columns with their heads."""
        if isinstance(self.wanted, WantedThen):
            heads = await heads_then(self.viewer.store, self.wanted)
        else:
            heads = await board.heads(self.viewer.store, self.wanted)
        return columns(self.book, self.lifecycle, heads)

    async def faces(self, cards: Sequence[board.Card]) -> list[Face]:
        """The cards in words."""
        by, of = self.viewer, self.lifecycle.id
        now = self.wanted.moment.at if isinstance(self.wanted, WantedThen) else by.now
        made = await faces(by.store, self.book, of, list(cards), now, by.zone)
        return [made.of(card) for card in cards]

    async def page(self, stage: str | None, after: board.Cursor | None) -> board.Page:
        """A page of a column."""
        store = self.viewer.store
        if isinstance(self.wanted, WantedThen):
            return await page_then(store, self.wanted, stage, after)
        return await board.page(store, self.wanted, stage, after)

    async def pages(self, stages: Sequence[str | None]) -> dict[str | None, board.Page]:
        """The first page of each of these columns."""
        if isinstance(self.wanted, WantedThen):
            return {stage: await self.page(stage, None) for stage in stages}
        return await board.pages(self.viewer.store, self.wanted, stages)

    async def people(self) -> list[str]:
        """Whose accounts there are to choose from."""
        return await board.values(self.viewer.store, csm_field(self.book))


def path_of(lifecycle: str) -> str:
    """A board's address without filters."""
    return f"/board/{quoted(lifecycle)}"


async def ask(door: Door, lifecycle: str, filters: Filters) -> Board:
    """Raises `Refusal` for a lifecycle or a segment that is not there, and for a wrong sentence."""
    viewer = Viewer(door.store, door.now(), door.zone)
    known = (filters.known or None) if filters.as_of else None
    who = Asked(filters.segment or None, filters.sentences, filters.as_of or None, known)
    meant = await audience(viewer, who)
    runs = lifecycle_named(meant.book, lifecycle)
    if isinstance(meant.moment, AsOf):
        return _then(meant, meant.moment, runs, filters, viewer)
    return _now(meant, meant.moment, runs, filters, viewer)


def _then(
    meant: Audience, moment: AsOf, runs: Lifecycle, filters: Filters, viewer: Viewer
) -> Board:
    if filters.show or filters.search.strip():
        said = "Search, late, stuck and on hold are asked of the present only."
        raise Refusal("bad_time", said, "Write a sentence, or look at today.", "as_of")
    condition = _of_csm(meant, filters.csm) if filters.csm else meant.condition
    only = where(condition, moment, meant.book.segments) if filters.narrows else None
    return Board(meant.book, runs, filters, WantedThen(runs.id, moment, only), viewer)


def _now(meant: Audience, moment: Now, runs: Lifecycle, filters: Filters, viewer: Viewer) -> Board:
    mark = Mark(filters.show) if filters.show in list(Mark) else None
    wanted = Wanted(runs.id, moment, mark=mark)
    if filters.narrows:
        wanted = replace(wanted, only=_only(meant, filters))
    return Board(meant.book, runs, filters, wanted, viewer)


def _only(meant: Audience, filters: Filters) -> Any:
    condition = _of_csm(meant, filters.csm) if filters.csm else meant.condition
    listed = accounts.Wanted(
        search=filters.search.strip() or None, on_hold=filters.show == HOLD or None
    )
    return and_(where(condition, meant.moment, meant.book.segments), *accounts.filters(listed))


def _of_csm(meant: Audience, csm: str) -> Condition:
    is_theirs = Compare(FieldOf(csm_field(meant.book)), Op.IS, Const(csm))
    return All((meant.condition, is_theirs)) if meant.condition is not None else is_theirs


def csm_field(book: Book) -> str:
    """The field with the name of an account's CSM (L12)."""
    role = book.account.roles.get("csm")
    return role.name if role is not None and role.name else "csm"
