"""Who reaches which stage on which day, and what falls due, if nothing else happens (N4, G13)."""

from __future__ import annotations

from collections import Counter
from collections.abc import Callable, Iterable
from dataclasses import dataclass, replace
from datetime import UTC, timedelta
from typing import Any, Final

from lifecycle.core.model import Book
from lifecycle.definition.condition_words import Labels
from lifecycle.store.moment import AsOf
from lifecycle.store.reports.forecast import Coming, Outlook, Wanted, how_many, outlook
from lifecycle.store.reports.periods import Period, Step

from ..effects import person
from ..phrases import MISSING, count
from .asking import Question
from .report import Column, Report
from .stages import step_words

DAY: Final = timedelta(days=1)
BY: Final = Step.DAY
ORDER: Final = ("move", "late", "stuck", "cta", "mail")
TOTALS: Final = {
    "move": ("move", "moves"),
    "late": ("becomes late", "become late"),
    "stuck": ("gets stuck", "get stuck"),
    "cta": ("CTA due", "CTAs due"),
    "mail": ("e-mail", "e-mails"),
}


@dataclass(frozen=True, slots=True)
class Line:
    """What happens to so many accounts within a step; `begins` says that it is the step's first line."""

    step: Period
    what: Coming
    number: int
    begins: bool


Told = Callable[[int], None]


async def forecast(asked: Question, tell: Told = lambda _: None) -> Report[Line]:
    """What lies ahead: accounts reaching which stage, CTAs due, mails, who becomes late; by day unless said.

    As of a day every account is foretold anew, which takes a while: `tell` hears of them.
    """
    own = asked.asked
    wanted = Wanted(asked.named_scope, own.days, own.by_csm)
    found = await outlook(asked.store, wanted, tell)
    lines = list(_lines(found, period_of(asked), asked.by(BY)))
    top = max((line.number for line in lines), default=1)
    return Report(
        "forecast",
        f"The next {count(own.days, 'day')}, if nothing else happens",
        _columns(asked, top),
        lines,
        asked.facts | _facts(found, asked),
        asked.said,
        notes=_notes(found),
        empty="Nothing falls into this time.",
    )


async def to_foretell(asked: Question) -> int | None:
    """How many accounts have to be foretold anew; None where what was foretold is kept."""
    if not isinstance(asked.moment, AsOf):
        return None
    return await how_many(asked.store, asked.named_scope)


def period_of(asked: Question) -> Period:
    """The days it looks ahead at."""
    now = asked.at.astimezone(UTC)
    return Period(now.date(), (now + asked.asked.days * DAY).date())


# ── lines


def _lines(found: Outlook, period: Period, by: Step) -> Iterable[Line]:
    """By step, then by kind, the most first; where an account comes from does not matter here."""
    steps = list(period.steps(by))
    counted: Counter[tuple[int, Coming]] = Counter()
    for coming, number in found.comes.items():
        place = next((i for i, one in enumerate(steps) if coming.day <= one.last), len(steps) - 1)
        counted[place, replace(coming, day=steps[place].first, from_stage=None)] += number
    ordered = sorted(counted.items(), key=_order)
    before: int | None = None
    for (place, what), number in ordered:
        yield Line(steps[place], what, number, place != before)
        before = place


def _order(item: tuple[tuple[int, Coming], int]) -> tuple[Any, ...]:
    (place, what), number = item
    kind = ORDER.index(what.kind)
    return (
        place,
        kind,
        -number,
        what.lifecycle,
        what.stage or "",
        what.what,
        what.owner,
        what.csm or "",
    )


def _facts(found: Outlook, asked: Question) -> dict[str, Any]:
    return {
        "days": asked.asked.days,
        "by": asked.by(BY),
        "accounts": found.accounts,
        "nothing_ahead": found.quiet,
        "cut_off": found.cut,
    }


def _notes(found: Outlook) -> list[str]:
    totals: Counter[str] = Counter()
    for what, number in found.comes.items():
        totals[what.kind] += number
    all_ = [count(totals[kind], *TOTALS[kind]) for kind in ORDER if totals[kind]]
    quiet = (
        f"Of {count(found.accounts, 'account')}, nothing falls into this time for {found.quiet:,}."
    )
    notes = [f"In all: {', '.join(all_)}."] if all_ else []
    notes.append(quiet)
    if found.cut:
        many = count(found.cut, "account has", "accounts have")
        notes.append(f"{many} more steps ahead than are foretold: their later ones are missing.")
    return notes


# ── columns


def _columns(asked: Question, top: int) -> list[Column[Line]]:
    by = asked.by(BY)
    words = _Words(asked.book)
    names = ("kind", "lifecycle", "stage", "what", "owner")
    data: list[Column[Line]] = [Column(name, "", _of(name)) for name in names]
    csm: Column[Line] = Column("csm", "CSM", lambda line: line.what.csm)
    return [
        Column("from", "When", lambda line: line.step.first, lambda line: _when(line, by)),
        Column("to", "", lambda line: line.step.last),
        *data,
        Column("said", "What happens", lambda line: words.said(line.what)),
        *([csm] if asked.asked.by_csm else []),
        Column(
            "number",
            "How often",
            lambda line: line.number,
            right=True,
            bar=lambda line: line.number / top,
        ),
    ]


def _of(name: str) -> Callable[[Line], Any]:
    return lambda line: getattr(line.what, name)


def _when(line: Line, by: Step) -> str:
    return step_words(line.step, by) if line.begins else ""


class _Words:
    """What comes, with the labels of a book."""

    def __init__(self, book: Book) -> None:
        self.book = book
        self.labels = Labels(book)

    def said(self, what: Coming) -> str:
        """`Customer journey: to Renewal`, `CTA due: Hold the kickoff call (the CSM)`."""
        if what.kind == "cta":
            return f"CTA due: {what.what} ({self._owner(what.owner)})"
        if what.kind == "mail":
            return f"E-mail “{what.what}”"
        title = self.labels.lifecycle(what.lifecycle)
        stage = self.labels.stage(what.lifecycle, what.stage)
        return f"{title}: to {stage}" if what.kind == "move" else f"{title}: {what.kind} in {stage}"

    def _owner(self, owner: str) -> str:
        known = owner in self.book.account.roles or owner in self.book.directory.teams
        return person(owner, self.book) if known else owner or MISSING
