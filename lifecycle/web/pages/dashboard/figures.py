"""The figures at the head of the dashboard, each from the report it leads to."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import date

from lifecycle.store.moment import AsOf
from lifecycle.store.reports.forecast import Wanted, outlook
from lifecycle.store.reports.overdue import Kind as Overdue
from lifecycle.store.reports.overdue import how_many
from lifecycle.store.reports.scope import Scope
from lifecycle.store.reports.standings import everybody
from lifecycle.store.reports.transitions import Mover, transitions
from lifecycle.telling.reports.asking import Question
from lifecycle.telling.reports.funnel import reached
from lifecycle.telling.reports.kinds import KINDS
from lifecycle.telling.reports.report import number_words, percent
from lifecycle.telling.reports.stages import label
from lifecycle.telling.viewer import Viewer

from .wishes import Wish

AHEAD = 7


@dataclass(frozen=True, slots=True)
class Figure:
    """A number with its name, what stands small beside it, and the report it comes from.

    `query` is what the report is asked where that is not what the dashboard was.
    """

    name: str
    number: str
    beside: str
    report: str
    query: str = ""


async def figures(viewer: Viewer, wish: Wish, today: date) -> list[Figure]:
    """The figures. Raises `Refusal` as reports do."""
    kind = KINDS["funnel"]
    asked = await kind.question(viewer, wish.asked(kind, today))
    accounts, _ = await everybody(asked.store, asked.scope)
    found = [Figure("Accounts", f"{accounts:,}", "", "distribution")]
    found += [await _overdue(asked, "late", accounts), await _overdue(asked, "stuck", accounts)]
    found += [await _by_hand(asked), *await _first_step(asked)]
    return found + ([] if isinstance(asked.moment, AsOf) else [await _due(asked, wish)])


async def _overdue(asked: Question, kind: Overdue, accounts: int) -> Figure:
    _, number = await how_many(asked.store, kind, asked.scope)
    share = percent(number / accounts) if accounts else ""
    return Figure(kind.capitalize(), f"{number:,}", share, kind)


async def _by_hand(asked: Question) -> Figure:
    moves = await transitions(asked.store, asked.scope, asked.days)
    mine = sum(one.moves for one in moves if one.by is Mover.PERSON)
    beside = f"of {sum(one.moves for one in moves):,} moves"
    return Figure("Moved by hand", f"{mine:,}", beside, "manual")


async def _first_step(asked: Question) -> list[Figure]:
    """Days from the first stage to the second, of one lifecycle that has two."""
    if len(asked.lifecycles) != 1 or len(asked.lifecycles[0].stages) < 2:
        return []
    first, second, *_ = (await reached(asked)).rows
    name = f"{label(first.lifecycle, first.stage)} to {label(second.lifecycle, second.stage)}"
    return [Figure(name, number_words(second.days), "days (median)", "funnel")]


async def _due(asked: Question, wish: Wish) -> Figure:
    """CTAs that fall due within a week, which belong to no lifecycle; as of a day they would have to be foretold."""
    every = Scope(asked.moment, (), asked.only)
    found = await outlook(asked.store, Wanted(every, AHEAD))
    number = sum(many for what, many in found.comes.items() if what.kind == "cta")
    query = wish.query(lifecycle="", days=AHEAD)
    return Figure(f"CTAs due in {AHEAD} days", f"{number:,}", "", "forecast", query)
