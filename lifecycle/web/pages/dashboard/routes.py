"""`/dashboard`: the reports as charts, each with its table and its file; one request a chart, one page a report."""

from __future__ import annotations

from collections.abc import Awaitable
from dataclasses import dataclass
from datetime import UTC, date
from http import HTTPStatus
from typing import Annotated, Any, TypeVar

from fastapi import APIRouter, Depends, Query, Request, Response

from lifecycle.core.model import Book
from lifecycle.core.refusal import Refusal
from lifecycle.store.definitions import current_book
from lifecycle.store.reports.periods import Step
from lifecycle.telling.refusals import told
from lifecycle.telling.reports.findings import finding
from lifecycle.telling.reports.kinds import KINDS, Kind, kind_named
from lifecycle.telling.reports.overdue import Line
from lifecycle.telling.reports.report import Report
from lifecycle.telling.viewer import Viewer

from ...charts import charts_of
from ...charts.chart import Chart
from ...door import Door
from ...downloads import report_file
from ...problem import status_of
from ...who import Caller, Right, may
from ..travelling import travelling
from . import periods
from .cards import CARDS, LOOK, LOOKED_AT, Card, card_of
from .figures import Figure, figures
from .sheets import MOST, Sheet, sheets_of, shown_of
from .wishes import Wish

Made = TypeVar("Made")
Reader = Annotated[Caller, Depends(may(Right.READ))]
Asking = Annotated[Wish, Query()]
SHOWN = {"late": 50, "stuck": 50, "days": 25}
"""Rows, or accounts, on a page; the file has all."""
DAYS = frozenset({"first", "last"})
"""What the dashboard can be asked beside whom and when."""


@dataclass(frozen=True, slots=True)
class Told:
    """A report made, ready to be shown."""

    kind: Kind
    report: Report[Any]
    says: str
    charts: list[Chart]
    sheets: list[Sheet]

    @property
    def total(self) -> int:
        """How many rows there are in all."""
        return self.report.total or len(self.report.rows)

    @property
    def shown(self) -> int:
        """How many of them stand in the tables."""
        return shown_of(self.report)


@dataclass(frozen=True, slots=True)
class Shown:
    """A card with what it shows, or with what went wrong."""

    card: Card
    told: list[Told]
    refusal: Refusal | None = None

    @property
    def needed(self) -> list[tuple[str, Line]]:
        """Who needs a look: the stuck, then those who are late only, the longest first."""
        found: dict[tuple[str, str], tuple[str, Line]] = {}
        for one in self.told:
            for line in sorted(one.report.rows, key=lambda row: -row.over)[:LOOKED_AT]:
                found.setdefault((line.one.account, line.one.lifecycle), (one.kind.name, line))
        return list(found.values())


class Asker:
    """Makes reports for whoever stands before the door."""

    def __init__(self, door: Door) -> None:
        self.viewer = Viewer(door.store, door.now(), door.zone)
        self.today: date = self.viewer.now.astimezone(UTC).date()

    async def tell(self, kind: Kind, wish: Wish) -> Told:
        """A report with its charts and tables. Raises `Refusal`."""
        asked = await kind.question(self.viewer, wish.asked(kind, self.today))
        report = await kind.make(asked)
        says = finding(asked, report)
        return Told(kind, report, says, charts_of(asked, report), sheets_of(report))

    async def card(self, card: Card, wish: Wish) -> Shown:
        """A card; one that cannot be made says so by itself."""
        made, refusal = await _or_why(self._of_card(card, wish))
        return Shown(card, made or [], refusal)

    async def _of_card(self, card: Card, wish: Wish) -> list[Told]:
        if card.report != LOOK:
            return [await self.tell(KINDS[card.report], wish)]
        few = wish.but(limit=2 * LOOKED_AT)
        return [await self.tell(KINDS[name], few) for name in ("stuck", "late")]

    async def figures(self, wish: Wish) -> tuple[list[Figure], Refusal | None]:
        """The head of the dashboard, or why there is none."""
        made, refusal = await _or_why(figures(self.viewer, wish, self.today))
        return made or [], refusal


def routes(door: Door) -> APIRouter:
    """The dashboard, its cards, a page and a file for each report."""
    router = APIRouter(prefix="/dashboard")

    @router.get("")
    async def dashboard(request: Request, _: Reader, wish: Asking) -> Response:
        book, _version = await current_book(door.store)
        one = _settled(wish, book)
        shown = await _all(Asker(door), one) if one.tables and one.lifecycle else []
        context = _frame(book, one, "/dashboard", DAYS) | travelling(door, request)
        return door.pages.page("dashboard.html", request=request, cards=CARDS, all=shown, **context)

    _parts(router, door)

    @router.get("/{name}.csv")
    async def file(_: Reader, name: str, wish: Asking) -> Response:
        kind, asker = kind_named(name), Asker(door)
        named = f"{kind.name}-{asker.today}"
        return await report_file(kind, asker.viewer, wish.asked(kind, asker.today), named)

    @router.get("/{name}")
    async def report(request: Request, _: Reader, name: str, wish: Asking) -> Response:
        kind, asker = kind_named(name), Asker(door)
        book, _version = await current_book(door.store)
        limited = wish.but(limit=wish.limit or SHOWN.get(name, ""))
        context = _frame(book, wish, f"/dashboard/{name}", kind.options, kind.ever)
        context |= travelling(door, request)
        made = await asker.tell(kind, limited)
        return door.pages.page("report.html", request=request, told=made, most=MOST, **context)

    return router


def _settled(wish: Wish, book: Book) -> Wish:
    """The dashboard is about one lifecycle and the same days in every card."""
    lifecycle = wish.lifecycle or next(iter(book.lifecycles), "")
    period = "" if wish.is_between else wish.period or periods.DEFAULT
    return wish.but(lifecycle=lifecycle, period=period)


def _parts(router: APIRouter, door: Door) -> None:
    """What the dashboard asks for once it is there."""

    @router.get("/figures")
    async def head(request: Request, _: Reader, wish: Asking) -> Response:
        found, refusal = await Asker(door).figures(wish)
        status = _status(refusal)
        return door.pages.page(
            "dashboard_figures.html",
            status,
            request=request,
            figures=found,
            refusal=refusal,
            wish=wish,
        )

    @router.get("/cards/{name}")
    async def card(request: Request, _: Reader, name: str, wish: Asking) -> Response:
        found = card_of(name)
        if found is None:
            raise Refusal("not_found", f"There is no card {name!r}.", "Look at the dashboard.")
        shown = await Asker(door).card(found, wish)
        status = _status(shown.refusal)
        return door.pages.page(
            "dashboard_card.html", status, request=request, shown=shown, wish=wish
        )


async def _or_why(making: Awaitable[Made]) -> tuple[Made | None, Refusal | None]:
    """What was made, or why it could not be; a fault of ours is raised."""
    try:
        return await making, None
    except Exception as error:
        refusal = told(error)
        if refusal is None:
            raise
        return None, refusal


def _status(refusal: Refusal | None) -> HTTPStatus:
    return status_of(refusal.code) if refusal else HTTPStatus.OK


async def _all(asker: Asker, wish: Wish) -> list[Shown]:
    """Every card at once, for who has no script that could ask for them one by one."""
    return [await asker.card(one, wish) for one in CARDS]


def _frame(book: Book, wish: Wish, path: str, options: Any, ever: bool = False) -> dict[str, Any]:
    """What the filters of a page need."""
    named = [*periods.PERIODS, *([periods.EVER] if ever else [])]
    current = "" if wish.is_between else wish.period or ("ever" if ever else periods.DEFAULT)
    links = [
        (text, path + wish.query(period=name, first="", last=""), name == current)
        for name, text in named
    ]
    return {
        "wish": wish,
        "path": path,
        "kinds": list(KINDS.values()),
        "options": options,
        "periods": links if "first" in options else [],
        "choices": {
            "lifecycle": [(one.id, one.title) for one in book.lifecycles.values()],
            "segment": [(one.id, one.title) for one in book.segments.values()],
            "scorecard": [(one.id, one.title) for one in book.scorecards.values()],
            "by": [(step.value, step.value.capitalize()) for step in Step],
        },
    }
