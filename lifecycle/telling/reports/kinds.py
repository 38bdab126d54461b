"""The reports by name: what each may be asked beyond whom and when, and who makes it."""

from __future__ import annotations

from collections.abc import AsyncIterator, Awaitable, Callable, Sequence
from dataclasses import dataclass, replace
from typing import Any, Final

from lifecycle.core.refusal import Refusal, did_you_mean
from lifecycle.store.reports.days import DAYS_COLUMNS

from ..viewer import Viewer
from .asking import Asked, Question, question
from .backtest import backtest
from .days import days_in, days_long
from .distribution import distribution, stood
from .durations import stays
from .forecast import forecast
from .funnel import reached, through
from .health import health
from .mails import mail
from .manual import manual
from .overdue import late, stuck
from .report import Report
from .shadow import shadow
from .transitions import moves

Rows = Sequence[Sequence[Any]]
Make = Callable[[Question], Awaitable[Report[Any]]]
SHARED: Final = frozenset({"lifecycle", "segment", "where", "as_of", "known"})
PERIOD: Final = ("first", "last")


@dataclass(frozen=True, slots=True)
class Kind:
    """A report that can be asked for. `options` are the fields of `Asked` it takes beyond those all take.

    `ever`: it tells of all time unless a first day is named. `long` gives the rows of its file page by page,
    under a header of their own, where they are others than those of the table.
    """

    name: str
    title: str
    make: Make
    options: frozenset[str] = frozenset()
    ever: bool = False
    header: Sequence[str] | None = None
    long: Callable[[Question], AsyncIterator[Rows]] | None = None

    async def question(self, viewer: Viewer, asked: Asked) -> Question:
        """Read what was asked. Raises `Refusal`, also for what this report cannot be asked."""
        self._check(asked)
        days = "first" in self.options
        return await question(viewer, asked, days=days, ever=self.ever)

    async def ask(self, viewer: Viewer, asked: Asked) -> Report[Any]:
        """The report. Raises `Refusal`."""
        return await self.make(await self.question(viewer, asked))

    async def file(self, viewer: Viewer, asked: Asked) -> tuple[Sequence[str], AsyncIterator[Rows]]:
        """The header of its CSV and its rows, all of them unless a limit is asked for. Raises `Refusal`."""
        read = await self.question(viewer, asked)
        if self.long is not None and self.header is not None:
            return self.header, self.long(read)
        report = await self.make(read)
        return report.header, _one_page(report)

    def _check(self, asked: Asked) -> None:
        if asked != replace(Asked(), **{name: getattr(asked, name) for name in self._known}):
            odd = next(
                name
                for name in Asked.__dataclass_fields__
                if name not in self._known and getattr(asked, name) != getattr(Asked(), name)
            )
            said = f"The report {self.name} cannot be asked for {odd!r}."
            raise Refusal("unknown_option", said, "Leave it out.", odd)

    @property
    def _known(self) -> frozenset[str]:
        return SHARED | self.options


async def _one_page(report: Report[Any]) -> AsyncIterator[Rows]:
    yield list(report.cells)


def _kind(name: str, title: str, make: Make, *options: str, **more: Any) -> Kind:
    return Kind(name, title, make, frozenset(options), **more)


KINDS: Final = {
    one.name: one
    for one in (
        _kind("distribution", "Accounts by stage", distribution),
        _kind("over-time", "Accounts by stage over time", stood, *PERIOD, "by"),
        _kind("transitions", "Moves from stage to stage", moves, *PERIOD),
        _kind("time-in-stage", "Days in stage", stays, *PERIOD, ever=True),
        _kind("funnel", "How far they came", reached, *PERIOD, "start"),
        _kind("velocity", "How fast they come through", through, *PERIOD, "by"),
        _kind("forecast", "What lies ahead", forecast, "days", "by", "by_csm"),
        _kind("backtest", "How good the forecast was", backtest),
        _kind("late", "Accounts that are late", late, "limit"),
        _kind("stuck", "Accounts that are stuck", stuck, "limit"),
        _kind("manual", "Moves by hand", manual, *PERIOD, "listed"),
        _kind(
            "shadow", "Lines in shadow beside the live ones", shadow, *PERIOD, "by", "automation"
        ),
        _kind("mail", "E-mails by template", mail, *PERIOD, "campaign"),
        _kind("health", "Accounts by band", health, *PERIOD, "by", "scorecard"),
        _kind(
            "days",
            "Days in lifecycle and stage",
            days_in,
            *("account", "limit", "after"),
            header=DAYS_COLUMNS,
            long=days_long,
        ),
    )
}


def kind_named(name: str) -> Kind:
    """A report by name. Raises `Refusal` with the nearest one."""
    found = KINDS.get(name)
    if found is None:
        said = f"There is no report {name!r}."
        raise Refusal("unknown_report", said, did_you_mean(name, KINDS), "report")
    return found
