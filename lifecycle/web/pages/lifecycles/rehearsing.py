"""The tab Rehearse: what the draft would have done with every account's record, run behind the page (N2)."""

from __future__ import annotations

from collections.abc import AsyncIterator
from dataclasses import dataclass
from enum import StrEnum
from typing import Annotated, Any, Final

from fastapi import APIRouter, Depends, Form, Query, Request, Response
from pydantic import BaseModel, ConfigDict

from lifecycle.core.refusal import Refusal
from lifecycle.failure import Failure
from lifecycle.rehearsing.drafts import usable
from lifecycle.rehearsing.keeping import parts_kept
from lifecycle.store import rehearsals
from lifecycle.store.definitions import current_book
from lifecycle.store.drafts import draft_of
from lifecycle.store.rehearsal_tables import RehearsalRow
from lifecycle.telling import rehearsal as r
from lifecycle.telling.refusals import told
from lifecycle.telling.rehearsal_asked import Wish
from lifecycle.telling.rehearsal_file import HEADER, cells
from lifecycle.telling.reports.report import csv_line
from lifecycle.telling.viewer import Viewer

from ...door import Door
from ...downloads import Download
from ...problem import status_of
from ...publishing import Publisher
from ...rehearsing import Rehearser
from ...who import Caller, Right, may
from ..commanding import Word
from .editing import Admin
from .looking import Id
from .parts import HOME, Part, content_differences, part_named

Reader = Annotated[Caller, Depends(may(Right.READ))]
PATH: Final = HOME + "/{part}/rehearse"
SHOWN: Final = 50
AT_ONCE: Final = 500
NAMES: Final = {"stage": "Stage today", "dates": "Dates", "mail": "E-mails", "cta": "CTAs"}


class Show(StrEnum):
    """By what the accounts listed differ."""

    ALL = "all"
    STAGE = "stage"
    DATES = "dates"
    MAIL = "mail"
    CTA = "cta"

    @property
    def kind(self) -> str | None:
        """As the store is asked."""
        return None if self is Show.ALL else self.value


class Asked(BaseModel):
    """The form: which accounts, since when."""

    model_config = ConfigDict(extra="forbid", frozen=True)

    segment: Word = ""
    since: Word = ""


@dataclass(frozen=True, slots=True)
class Line:
    """An account in the list. `stages` are label and colour, live and by the draft."""

    one: r.Apart
    live: tuple[str, str] | None
    draft: tuple[str, str] | None
    mails: str
    ctas: str


def routes(door: Door, publisher: Publisher) -> APIRouter:
    """`/lifecycles/{part}/rehearse`."""
    router, rehearser = APIRouter(), Rehearser(door, "page")

    @router.get(PATH)
    async def look(
        request: Request,
        caller: Reader,
        part: Id,
        show: Annotated[Show | None, Query()] = None,
        after: Annotated[str | None, Query(max_length=300)] = None,
    ) -> Response:
        found = await part_named(door, part)
        return await _page(door, request, caller, found, show, after)

    @router.post(PATH)
    async def begin(
        request: Request, caller: Admin, part: Id, typed: Annotated[Asked, Form()]
    ) -> Response:
        found = await part_named(door, part)
        try:
            await _begin(door, publisher, rehearser, found, caller, typed)
        except (Refusal, Failure) as error:
            return await _page(door, request, caller, found, refusal=told(error), typed=typed)
        return door.pages.done(request, f"{found.path}/rehearse")

    @router.get(PATH + "/accounts.csv")
    async def file(_: Reader, part: Id, show: Annotated[Show, Query()] = Show.ALL) -> Response:
        found = await part_named(door, part)
        row = await rehearsals.latest(door.store, part=found.id)
        if row is None:
            said = f"{found.title} was not rehearsed yet."
            raise Refusal("unknown_rehearsal", said, "Rehearse a draft first.", "part")
        lines = _file(door, row, show)
        return Download(lines, f"{found.id}-rehearsal.csv", "text/csv; charset=utf-8")

    return router


async def _begin(
    door: Door,
    publisher: Publisher,
    rehearser: Rehearser,
    part: Part,
    caller: Caller,
    typed: Asked,
) -> None:
    draft = await draft_of(door.store, part.id, caller.name)
    if draft is None:
        raise Refusal("no_draft", "There is no draft to rehearse.", "Change the YAML first.")
    book, _ = usable(await publisher.check({part.file: draft.text}))
    wish = Wish(typed.segment or None, (), typed.since or None)
    await rehearser.begin(book, wish, caller.name)


# ── the page


async def _page(  # noqa: PLR0913, PLR0917 -- the question has these parts
    door: Door,
    request: Request,
    caller: Caller,
    part: Part,
    show: Show | None = None,
    after: str | None = None,
    refusal: Refusal | None = None,
    typed: Asked | None = None,
) -> Response:
    draft = await draft_of(door.store, part.id, caller.name) if caller.may(Right.ADMIN) else None
    row = await rehearsals.latest(door.store, part=part.id)
    context: dict[str, Any] = {
        "of": part,
        "draft": draft,
        "home": HOME,
        "refusal": refusal,
        "typed": typed or _typed(row),
        "segments": [(one.id, one.title) for one in part.book.segments.values()],
        "told": None,
    }
    if row is not None:
        context |= await _context(door, part, row, show, after)
        context["newer"] = draft is not None and draft.saved_at > row.began_at
    status = status_of(refusal.code) if refusal else 200
    return door.pages.page(
        "lifecycles/rehearse.html", status, request=request, part="", said="", **context
    )


def _typed(row: RehearsalRow | None) -> Asked:
    """As it was asked last."""
    since = row.since.date().isoformat() if row is not None and row.since else ""
    return Asked(segment=row.segment if row is not None else "", since=since)


async def _context(
    door: Door, part: Part, row: RehearsalRow, show: Show | None, after: str | None
) -> dict[str, Any]:
    told, books = r.told(row, part.book, door.now()), r.books_of(row, part.book)
    context: dict[str, Any] = {"told": told, "row": row}
    if told.sums is None:
        return context
    differing = told.sums.accounts - told.sums.same
    show = show or (Show.STAGE if told.sums.differing.get("stage") else Show.ALL)
    viewer = Viewer(door.store, door.now(), door.zone)
    page = await rehearsals.accounts(door.store, row.id, show.kind, SHOWN, after)
    _, digest = await current_book(door.store)
    return context | {
        "differing": differing,
        "figures": r.figures(told),
        "headline": r.headline(told, r.draft_words(told)),
        "draft_words": r.draft_words(told),
        "notes": list(r.notes(told)),
        "load_words": r.load_words(told.load) if told.load else "",
        "ways": [
            (way, _chip(books, way.lifecycle, way.live), _chip(books, way.lifecycle, way.draft))
            for way in told.sums.ways
        ],
        "shows": [
            (Show.ALL.value, "All", differing),
            *((kind, name, told.sums.differing.get(kind, 0)) for kind, name in NAMES.items()),
        ],
        "show": show.value,
        "number": told.sums.differing.get(show.value, 0) if show.kind else differing,
        "lines": [_line(r.apart(one, books, viewer), books) for one in page.rows],
        "after": page.after,
        "is_first": after is None,
        "changes": _changes(part, row),
        "outdated": digest != row.against,
    }


def _changes(part: Part, row: RehearsalRow) -> list[Any]:
    """What the draft changes, as it was when it was rehearsed."""
    draft = r.books_of(row, part.book).draft
    if not parts_kept(row):
        return []
    if part.lifecycle is not None:
        new = draft.lifecycles.get(part.id)
        return content_differences(part, part.lifecycle, new) if new else []
    return content_differences(
        part, getattr(part.book, part.kind.value), getattr(draft, part.kind.value)
    )


def _chip(books: r.Books, lifecycle: str, stage: str | None) -> tuple[str, str] | None:
    return (books.label(lifecycle, stage), books.colour(lifecycle, stage)) if stage else None


def _line(one: r.Apart, books: r.Books) -> Line:
    lifecycle, (live, draft) = next(iter(one.stages.items()), ("", (None, None)))
    chips = _chip(books, lifecycle, live), _chip(books, lifecycle, draft)
    return Line(one, *chips, r.signed(one.mails), r.signed(one.ctas))


async def _file(door: Door, row: RehearsalRow, show: Show) -> AsyncIterator[str]:
    live, _ = await current_book(door.store)
    books, viewer = r.books_of(row, live), Viewer(door.store, door.now(), door.zone)
    yield csv_line(HEADER)
    after: str | None = None
    while True:
        page = await rehearsals.accounts(door.store, row.id, show.kind, AT_ONCE, after)
        yield "".join(csv_line(cells(r.apart(one, books, viewer))) for one in page.rows)
        after = page.after
        if after is None:
            return
