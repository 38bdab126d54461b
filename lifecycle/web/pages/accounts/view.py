"""The list of accounts as its page shows it, whether what was asked can be read or not."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass, field
from typing import Final
from urllib.parse import urlencode
from zlib import crc32

from lifecycle.core.model import Book, Segment
from lifecycle.core.refusal import Refusal
from lifecycle.store.accounts import Wanted
from lifecycle.store.counts import count_accounts
from lifecycle.store.definitions import current_book
from lifecycle.store.moment import AsOf
from lifecycle.store.segments import Counted, Member
from lifecycle.telling.phrases import count, moment
from lifecycle.telling.segments import without_words
from lifecycle.telling.viewer import Viewer

from .asked import PATH, SHOWS, Filters, Listed, listed, origin, outline_asked, text_of
from .exporting import LABELS
from .sentence import UNITS, WORDS, Choices, Option, Row, labels
from .table import Cell, Choice, Head, cells, choices, heads

HOWS: Final = [
    Option("", "for any time"),
    Option("more than", "for more than"),
    Option("less than", "for less than"),
]


@dataclass(frozen=True, slots=True)
class Sheet:
    """A page of the table. `total` counts all accounts there are, `after` asks for the next page."""

    heads: list[Head]
    rows: list[tuple[Member, list[Cell]]]
    choices: list[tuple[str, list[Choice]]]
    counted: Counted
    total: int
    without: list[str]
    after: str | None


@dataclass(frozen=True, slots=True)
class ListPage:
    """What the page shows. Without a `sheet` there is a `refusal`; `rows` None: the text cannot be taken apart."""

    filters: Filters
    book: Book
    text: str
    rows: Sequence[Row] | None
    sheet: Sheet | None = None
    refusal: Refusal | None = None
    moment: str = ""
    choice: Choices = field(init=False)
    words: Sequence[Option] = tuple(Option(*one) for one in WORDS.items())
    hows: Sequence[Option] = tuple(HOWS)
    units: Sequence[Option] = tuple(Option(one, one) for one in UNITS)
    yes_no: Sequence[Option] = (Option("yes", "yes"), Option("no", "no"))

    def __post_init__(self) -> None:
        object.__setattr__(self, "choice", Choices(self.book))

    @property
    def key(self) -> str:
        """Another one for another text."""
        return f"{crc32(self.text.encode()):08x}"

    @property
    def origin(self) -> Segment | None:
        """The saved segment that is shown, or that was changed."""
        return origin(self.filters, self.book)

    @property
    def is_edited(self) -> bool:
        """Whether it is no longer what is saved."""
        return self.origin is not None and bool(self.filters.texts or not self.filters.segment)

    @property
    def title(self) -> str:
        """A segment's own."""
        return self.origin.title if self.origin else "Accounts"

    @property
    def plain(self) -> str:
        """Everybody, shown in the same way."""
        return Filters(column=self.filters.column, as_of=self.filters.as_of).at()

    @property
    def shows(self) -> list[tuple[str, str, bool]]:
        """All, or only those with a mark: words, address, whether it is so now."""
        now = self.filters.show
        return [(words, self.filters.at(show=one), one == now) for one, words in SHOWS.items()]

    def saved(self, segment: str) -> str:
        """The address of a saved segment, shown as this list is."""
        kept = {name: getattr(self.filters, name) for name in ("as_of", "known", "column")}
        return Filters(segment=segment, **kept).at()

    def hidden(self, *without: str) -> list[tuple[str, str]]:
        """What a form carries that changes only some of the filters; the first page again."""
        return self.filters.pairs("after", *without)

    @property
    def kept(self) -> list[tuple[str, str]]:
        """What the sentences carry with them: they are of no segment any more, but began with it."""
        like = self.filters.segment if self.origin and not self.filters.texts else ""
        return self.filters.pairs("after", "segment", "where", like=like or self.filters.like)

    def counting(self, row: Row) -> str:
        """Where a line's own number comes from."""
        when = [(name, getattr(self.filters, name)) for name in ("as_of", "known")]
        asked = [("where", row.sentence), *((name, value) for name, value in when if value)]
        return f"/segments/count?{urlencode(asked)}"

    def labels(self, chosen: Sequence[str], options: Sequence[Option]) -> list[Option]:
        """What was chosen, as it is shown."""
        return labels(chosen, options)

    @property
    def may_change(self) -> bool:
        """Whether what is shown can be changed: not how it was."""
        return self.sheet is not None and not self.filters.as_of

    @property
    def exports(self) -> list[tuple[str, str]]:
        """What there are files of."""
        return [(what.value, label) for what, label in LABELS.items()]

    def file(self, what: str, kind: str) -> str:
        """The address of a file of the accounts that are shown."""
        return self.filters.at(f"/export/{what}.{kind}", column=[], sort="")

    @property
    def counts(self) -> str:
        """Where the numbers of the saved segments come from."""
        return self.filters.at("/segments/counts")


async def list_page(viewer: Viewer, filters: Filters) -> ListPage:
    """The page, of one moment; what cannot be read is refused in it, and nothing typed is lost."""
    async with viewer.store.one_picture():
        try:
            asked = await listed(viewer, filters)
        except Refusal as refusal:
            return await _refused(viewer, filters, refusal)
        return await _page(viewer, filters, asked)


async def _page(viewer: Viewer, filters: Filters, asked: Listed) -> ListPage:
    text = text_of(filters, asked.book)
    when = asked.meant.moment
    told = moment(when.at, viewer.zone) if isinstance(when, AsOf) else ""
    sheet = await _sheet(viewer, asked)
    return ListPage(filters, asked.book, text, _rows(text, asked.book), sheet, None, told)


async def _sheet(viewer: Viewer, asked: Listed) -> Sheet:
    page = await asked.members.page()
    counted = await asked.members.count()
    total = counted.accounts
    if filters_narrow(asked):
        total = await count_accounts(viewer.store, Wanted())
    return Sheet(
        heads(asked),
        [(member, cells(asked, viewer, member)) for member in page.members],
        choices(asked.book, asked.members.columns),
        counted,
        total,
        without_words(asked.meant, counted),
        page.after,
    )


def filters_narrow(asked: Listed) -> bool:
    """Whether there may be others; how many there were in the past is not said."""
    return asked.filters.narrows and not asked.is_past


async def _refused(viewer: Viewer, filters: Filters, refusal: Refusal) -> ListPage:
    book, _ = await current_book(viewer.store)
    try:
        text = text_of(filters, book)
    except Refusal:
        text = "\n".join(filters.texts)
    return ListPage(filters, book, text, _rows(text, book), None, refusal)


def _rows(text: str, book: Book) -> Sequence[Row] | None:
    outline = outline_asked(text)
    return Choices(book).rows(outline) if outline is not None else None


def matches(counted: int) -> str:
    """`47 match`."""
    return f"{counted:,} {'matches' if counted == 1 else 'match'}"


def head_words(sheet: Sheet) -> str:
    """`12 of 10,412 accounts`."""
    if sheet.total > sheet.counted.accounts:
        return f"{sheet.counted.accounts:,} of {count(sheet.total, 'account')}"
    return count(sheet.counted.accounts, "account")


__all__ = ["PATH", "ListPage", "Sheet", "head_words", "list_page", "matches"]
