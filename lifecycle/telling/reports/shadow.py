"""What lines in shadow would have done, day by day, beside what was done (N11)."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from datetime import timedelta
from typing import Any, Final

from sqlalchemy import select

from lifecycle.store.engine import Store
from lifecycle.store.reports.periods import Period, Step
from lifecycle.store.reports.shadow_match import Pair, Watched
from lifecycle.store.reports.shadows import compared, in_shadow
from lifecycle.store.standing import ACCOUNT

from ..phrases import MISSING, capital
from ..shadows import Beside, Telling, beside, later_words, line_named
from .asking import Question
from .report import Column, Report
from .stages import step_words

BY: Final = Step.DAY
DAY: Final = timedelta(days=1)
AT_ONCE: Final = 500


@dataclass(frozen=True, slots=True)
class Line:
    """A line in shadow within a step."""

    automation: str
    step: Period
    beside: Beside


@dataclass(frozen=True, slots=True)
class Listed:
    """One of what a line would have done, or of the moves it missed, in an account."""

    pair: Pair
    name: str


async def shadow(asked: Question) -> Report[Line] | Report[Listed]:
    """Would have acted so often; of these the same was done, something else, nothing; and live moves missed."""
    store, book = asked.store, asked.book
    watched = await in_shadow(store, book, asked.scope.lifecycles)
    if asked.asked.automation is None:
        pairs = await compared(store, book, asked.scope, asked.days)
        return _by_step(asked, watched, pairs)
    key = line_named(book, asked.asked.automation, watched)
    return await _listed(asked, await compared(store, book, asked.scope, asked.days, key), key)


# ── day by day


def _by_step(asked: Question, watched: Sequence[Watched], pairs: Sequence[Pair]) -> Report[Line]:
    keys = dict.fromkeys([*(one.line.key for one in watched), *(one.automation for one in pairs)])
    own = {key: [pair for pair in pairs if pair.automation == key] for key in keys}
    return Report(
        "shadow",
        "Lines in shadow beside the live ones",
        _columns(asked),
        [line for key in keys for line in _lines(asked, key, own[key])],
        asked.facts | {"by": asked.by(BY), "in_shadow": [one.line.key for one in watched]},
        asked.said,
        lambda line: line.automation,
        [f"{key}: {beside(own[key]).said}" for key in keys],
        "No line in shadow would have acted in these days." if keys else "No line is in shadow.",
    )


def _lines(asked: Question, key: str, pairs: Sequence[Pair]) -> Iterator[Line]:
    for step in asked.days.steps(asked.by(BY)):
        mine = [pair for pair in pairs if step.begins <= pair.first.at < step.ends]
        if mine:
            yield Line(key, step, beside(mine))


def _columns(asked: Question) -> list[Column[Line]]:
    by = asked.by(BY)
    return [
        Column("automation", "", lambda line: line.automation),
        Column(
            "from", "When", lambda line: line.step.first, lambda line: step_words(line.step, by)
        ),
        Column("to", "", lambda line: line.step.last),
        Column("would_have_acted", "Would have acted", lambda line: line.beside.would, right=True),
        Column("same", "The same done", lambda line: line.beside.same, right=True),
        Column("later_hours", "", lambda line: _hours(line.beside.later)),
        Column("", "on median", lambda line: "", lambda line: _later(line.beside.later), wide=True),
        Column("something_else", "Something else", lambda line: line.beside.other, right=True),
        Column("nothing", "Nothing", lambda line: line.beside.nothing, right=True),
        Column("missed", "Moves missed", lambda line: line.beside.missed, right=True),
    ]


def _hours(later: timedelta | None) -> float | None:
    return None if later is None else round(later / timedelta(hours=1), 2)


def _later(later: timedelta | None) -> str:
    return MISSING if later is None else later_words(later)


# ── account by account


async def _listed(asked: Question, pairs: Sequence[Pair], key: str) -> Report[Listed]:
    names = await _names(asked.store, sorted({pair.first.account for pair in pairs}))
    telling = Telling(asked.book)
    return Report(
        "shadow",
        f"What {key} would have done",
        [
            Column("at", "When", _at, lambda row: asked.written(_at(row))),
            Column("account", "", lambda row: row.pair.first.account),
            Column("name", "Account", lambda row: row.name),
            Column(
                "would", "", lambda row: telling.deed(row.pair.would) if row.pair.would else None
            ),
            Column("", "Would have done", _would(telling), _would(telling)),
            Column("beside", "", lambda row: row.pair.verdict),
            Column("done", "", lambda row: telling.deed(row.pair.done) if row.pair.done else None),
            Column("", "What was done", _done(telling), _done(telling)),
            Column("by", "", lambda row: row.pair.done.by if row.pair.done else None),
            Column("later_hours", "", lambda row: _hours(row.pair.later)),
        ],
        [Listed(pair, names.get(pair.first.account) or pair.first.account) for pair in pairs],
        asked.facts | {"automation": key},
        asked.said,
        notes=[capital(beside(pairs).said)],
        empty="It would not have acted in these days, and missed no move.",
    )


def _at(row: Listed) -> Any:
    return row.pair.first.at


def _would(telling: Telling) -> Any:
    return lambda row: telling.deed(row.pair.would) if row.pair.would else "Nothing"


def _done(telling: Telling) -> Any:
    return lambda row: telling.pair(row.pair)


async def _names(store: Store, accounts: Sequence[str]) -> dict[str, str]:
    found: dict[str, str] = {}
    async with store.connected() as connection:
        for start in range(0, len(accounts), AT_ONCE):
            some = accounts[start : start + AT_ONCE]
            query = select(ACCOUNT.c.id, ACCOUNT.c.name).where(ACCOUNT.c.id.in_(some))
            found |= {row.id: row.name for row in await connection.execute(query)}
    return found
