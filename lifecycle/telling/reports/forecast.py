"""Who reaches which stage on which day, and what falls due, if nothing else happens (N4, G13)."""

from __future__ import annotations

from collections import Counter
from collections.abc import Callable, Iterable, Sequence
from dataclasses import dataclass, replace
from datetime import UTC, date, timedelta
from typing import Any, Final

from lifecycle.core.model import Book
from lifecycle.core.stays import Expected, together
from lifecycle.definition.condition_words import Labels
from lifecycle.store.moment import AsOf
from lifecycle.store.reports.forecast import (
    Coming,
    Outlook,
    Renewals,
    Wanted,
    how_many,
    outlook,
    renewals,
)
from lifecycle.store.reports.periods import Period, Step

from ..effects import person
from ..phrases import MISSING, count, money
from .asking import Question
from .report import Column, Report, number_words
from .stages import step_words
from .staying import MOVES, SEEN, all_moves, expected_moves

DAY: Final = timedelta(days=1)
BY: Final = Step.DAY
ORDER: Final = (MOVES, "move", "late", "stuck", "cta", "renewal", "mail")
TOTALS: Final = {
    "move": ("move", "moves"),
    "late": ("becomes late", "become late"),
    "stuck": ("gets stuck", "get stuck"),
    "cta": ("CTA due", "CTAs due"),
    "renewal": ("renewal", "renewals"),
    "mail": ("e-mail", "e-mails"),
}


@dataclass(frozen=True, slots=True)
class Line:
    """What happens to so many accounts within a step; `begins` says that it is the step's first line.

    `number` is what is armed. `expected` is told of moves: the number when stays last as long as they did. `arr` is
    told of renewals, in whole cents.
    """

    step: Period
    what: Coming
    number: int
    begins: bool
    expected: Expected | None = None
    arr: int | None = None


FIXED: Final = {MOVES: "All moves", "renewal": "Contracts up for renewal"}
Told = Callable[[int], None]


async def forecast(asked: Question, tell: Told = lambda _: None) -> Report[Line]:
    """What lies ahead: accounts reaching which stage, CTAs due, renewals, mails, who becomes late; by day unless said.

    From what is armed; and of moves, what to expect when stays last as long as they did. As of a day every account
    is foretold anew, which takes a while: `tell` hears of them.
    """
    own = asked.asked
    wanted = Wanted(asked.named_scope, own.days, own.by_csm)
    found = await outlook(asked.store, wanted, tell)
    steps = list(period_of(asked).steps(asked.by(BY)))
    expected = {} if own.by_csm else await expected_moves(asked, steps)
    renewed = [] if own.lifecycle else await renewals(asked.store, wanted, steps[0].first)
    lines = list(_lines(found, steps, expected, renewed))
    top = max((line.number for line in lines), default=1) or 1
    return Report(
        "forecast",
        f"The next {count(own.days, 'day')}",
        _columns(asked, top),
        lines,
        asked.facts | _facts(found, asked),
        asked.said,
        notes=_notes(found, expected, renewed, asked.book),
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


def _lines(
    found: Outlook,
    steps: list[Period],
    expected: dict[tuple[int, Coming], Expected],
    renewed: Sequence[Renewals],
) -> Iterable[Line]:
    """By step, then by kind, the most first; where an account comes from does not matter here."""
    counted: Counter[tuple[int, Coming]] = Counter()
    for coming, number in found.comes.items():
        place = _place(steps, coming.day)
        counted[place, replace(coming, day=date.min, from_stage=None)] += number
        if coming.kind == "move" and expected:
            counted[place, all_moves()] += number
    arr: Counter[tuple[int, Coming]] = Counter()
    for one in renewed:
        key = _place(steps, one.day), Coming(date.min, "renewal", "", None, None, "", "", one.csm)
        counted[key] += one.accounts
        arr[key] += one.arr
    for key, one_ in expected.items():
        if one_.mean >= SEEN or key[1].kind == MOVES:
            counted.setdefault(key, 0)
    before: int | None = None
    for key, number in sorted(counted.items(), key=_order):
        place, what = key
        yield Line(steps[place], what, number, place != before, expected.get(key), arr.get(key))
        before = place


def _place(steps: Sequence[Period], day: date) -> int:
    return next((i for i, one in enumerate(steps) if day <= one.last), len(steps) - 1)


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


def _notes(
    found: Outlook,
    expected: dict[tuple[int, Coming], Expected],
    renewed: Sequence[Renewals],
    book: Book,
) -> list[str]:
    totals: Counter[str] = Counter()
    for what, number in found.comes.items():
        totals[what.kind] += number
    totals["renewal"] = sum(one.accounts for one in renewed)
    all_ = [count(totals[kind], *TOTALS[kind]) for kind in ORDER if totals[kind]]
    quiet = (
        f"Of {count(found.accounts, 'account')}, nothing falls into this time for {found.quiet:,}."
    )
    notes = [f"In all: {', '.join(all_)}."] if all_ else []
    if renewed:
        spec = book.account.fields.get("arr")
        worth = money(sum(one.arr for one in renewed), spec.currency if spec else None)
        notes.append(f"Up for renewal: {worth} a year.")
    notes.append(quiet)
    notes += _expected_note(expected)
    if found.cut:
        many = count(found.cut, "account has", "accounts have")
        notes.append(f"{many} more steps ahead than are foretold: their later ones are missing.")
    return notes


def _expected_note(expected: dict[tuple[int, Coming], Expected]) -> list[str]:
    whole = [one for (_, what), one in expected.items() if what.kind == MOVES]
    if not whole:
        return []
    said = (
        "How often: what is armed and comes if nothing else does. Expected:"
        f" {round(together(whole).mean):,} moves in all when stays last as long as they did up to"
        " now; four times in five a number lies where 80 % says."
    )
    return [said]


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
        Column("arr", "", lambda line: line.arr),
        *([] if asked.asked.by_csm else _expected_columns()),
        Column(
            "number",
            "How often",
            lambda line: line.number,
            right=True,
            bar=lambda line: line.number / top,
        ),
    ]


def _expected_columns() -> list[Column[Line]]:
    """The second line."""
    return [
        Column("expected", "Expected", _mean, _mean_words, right=True),
        Column("low", "", lambda line: line.expected.low if line.expected else None),
        Column("high", "", lambda line: line.expected.high if line.expected else None),
        Column("", "80 %", _between, _between, right=True),
    ]


def _mean(line: Line) -> float | None:
    return round(line.expected.mean, 2) if line.expected else None


def _mean_words(line: Line) -> str:
    mean = _mean(line)
    return "" if mean is None else number_words(mean)


def _between(line: Line) -> str:
    return f"{line.expected.low:,} to {line.expected.high:,}" if line.expected else ""


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
        if what.kind in FIXED:
            return FIXED[what.kind]
        if what.kind == "mail":
            return f"E-mail “{what.what}”"
        title = self.labels.lifecycle(what.lifecycle)
        stage = self.labels.stage(what.lifecycle, what.stage)
        return f"{title}: to {stage}" if what.kind == "move" else f"{title}: {what.kind} in {stage}"

    def _owner(self, owner: str) -> str:
        known = owner in self.book.account.roles or owner in self.book.directory.teams
        return person(owner, self.book) if known else owner or MISSING
