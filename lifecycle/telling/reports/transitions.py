"""`report transitions`: who went from which stage to which, and what moved them (G10)."""

from __future__ import annotations

from collections import Counter

from lifecycle.core.model import Lifecycle
from lifecycle.store.reports.transitions import Mover, Transition, transitions

from ..phrases import count
from .asking import Question
from .report import Column, Report
from .stages import place, stage_word, stages_of

BY = {Mover.PERSON: "by hand", Mover.MIGRATION: "new version"}


async def moves(asked: Question) -> Report[Transition]:
    """Moves between two days: from, to, how many, by which automation or by hand."""
    rows = await transitions(asked.store, asked.scope, asked.days)
    by_id = {one.id: one for one in asked.lifecycles}
    most = max((row.moves for row in rows), default=1)
    return Report(
        "transitions",
        "Moves from stage to stage",
        [
            Column("lifecycle", "", lambda row: row.lifecycle),
            Column(
                "from",
                "From",
                lambda row: row.left,
                lambda row: stage_word(by_id[row.lifecycle], row.left),
            ),
            Column(
                "to",
                "To",
                lambda row: row.entered,
                lambda row: stage_word(by_id[row.lifecycle], row.entered),
            ),
            Column("by", "", lambda row: row.by.value),
            Column("automation", "By", lambda row: row.automation, _by),
            Column(
                "moves", "Moves", lambda row: row.moves, None, True, lambda row: row.moves / most
            ),
            Column("accounts", "Accounts", lambda row: row.accounts, right=True),
        ],
        [row for one in asked.lifecycles for row in _in_order(one, rows)],
        asked.facts,
        asked.said,
        lambda row: by_id[row.lifecycle].title,
        _notes(rows),
        "Nothing moved.",
    )


def _in_order(lifecycle: Lifecycle, rows: list[Transition]) -> list[Transition]:
    """By the stage left, then by the stage entered, the most frequent mover first."""
    mine = [row for row in rows if row.lifecycle == lifecycle.id]
    known = stages_of(lifecycle, {stage for row in mine for stage in (row.left, row.entered)})

    def order(row: Transition) -> tuple[int, int, int, str, str]:
        places = place(lifecycle, row.left, known), place(lifecycle, row.entered, known)
        return (*places, -row.moves, row.by.value, row.automation)

    return sorted(mine, key=order)


def _by(row: Transition) -> str:
    return BY.get(row.by) or row.automation.rpartition(".")[2]


def _notes(rows: list[Transition]) -> list[str]:
    if not rows:
        return []
    numbers = Counter[Mover]()
    for row in rows:
        numbers[row.by] += row.moves
    told = [f"{numbers[by]:,} {BY.get(by, 'by automations')}" for by in Mover if numbers[by]]
    return [f"{count(numbers.total(), 'move')}: {', '.join(told)}."]
