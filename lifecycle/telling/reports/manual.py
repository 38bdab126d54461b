"""Moves people made by hand and took back: who, from, to, why (G15)."""

from __future__ import annotations

from collections import Counter
from collections.abc import Callable, Iterable
from dataclasses import dataclass, field
from typing import Final, TypeVar

from lifecycle.core.conditions import NONE
from lifecycle.definition.condition_words import Labels
from lifecycle.store.reports.manual import ByHand, Verb, by_hand

from ..phrases import MISSING, count
from .asking import Question
from .report import Column, Report

Row = TypeVar("Row")
TOP: Final = 10


@dataclass(slots=True)
class Group:
    """What one person did in the same way for the same reason."""

    first: ByHand
    number: int = 0
    undone: int = 0
    accounts: set[str] = field(default_factory=set)


async def manual(asked: Question) -> Report[ByHand] | Report[Group]:
    """Moves made by hand: who, from where to where, why, how many, and those taken back."""
    return await _listed(asked) if asked.asked.listed else await _grouped(asked)


# ── every one


async def _listed(asked: Question) -> Report[ByHand]:
    rows = await by_hand(asked.store, asked.days, asked.scope)
    labels = Labels(asked.book)
    columns: list[Column[ByHand]] = [
        Column("at", "When", lambda row: row.at, lambda row: asked.written(row.at)),
        Column("account", "", lambda row: row.account),
        Column("name", "Account", lambda row: row.name),
        *_what(labels, lambda row: row),
        Column("undone", "Taken back", lambda row: row.undone, _taken_back),
    ]
    return _report(asked, columns, rows, rows)


def _taken_back(row: ByHand) -> str:
    return "yes" if row.undone else ""


# ── grouped


async def _grouped(asked: Question) -> Report[Group]:
    rows = await by_hand(asked.store, asked.days, asked.scope)
    labels = Labels(asked.book)
    columns: list[Column[Group]] = [
        *_what(labels, lambda group: group.first),
        Column("number", "Times", lambda group: group.number, right=True),
        Column("accounts", "Accounts", lambda group: len(group.accounts), right=True, wide=True),
        Column("undone", "Taken back", lambda group: group.undone, right=True),
    ]
    groups = sorted(_groups(rows), key=lambda group: (group.first.actor, -group.number))
    found = _report(asked, columns, groups, rows)
    found.notes += [_by("By person", rows, lambda row: row.actor)] if rows else []
    found.notes += [_by("By reason", rows, lambda row: row.reason or "no reason")] if rows else []
    return found


def _groups(rows: Iterable[ByHand]) -> list[Group]:
    found: dict[tuple[object, ...], Group] = {}
    for row in rows:
        key = (row.actor, row.verb, row.lifecycle, row.left, row.entered, row.reason)
        group = found.setdefault(key, Group(row))
        group.number += 1
        group.undone += row.undone
        group.accounts.add(row.account)
    return list(found.values())


def _by(title: str, rows: Iterable[ByHand], of: Callable[[ByHand], str]) -> str:
    """`By person: ann (12); bo (3)`: the first few, the most first."""
    counts = Counter(of(row) for row in rows).most_common()
    told = "; ".join(f"{name} ({number:,})" for name, number in counts[:TOP])
    rest = f"; and {len(counts) - TOP} more" if len(counts) > TOP else ""
    return f"{title}: {told}{rest}"


# ── both


def _what(labels: Labels, of: Callable[[Row], ByHand]) -> list[Column[Row]]:
    """Who did what, from where to where, and why."""

    def said(row: Row) -> str:
        one = of(row)
        left, entered = (
            labels.stage(one.lifecycle, stage) if stage else NONE
            for stage in (one.left, one.entered)
        )
        took = "took back: " if one.verb is Verb.UNDO else ""
        return f"{labels.lifecycle(one.lifecycle)}: {took}{left} → {entered}"

    return [
        Column("actor", "Who", lambda row: of(row).actor),
        Column("verb", "", lambda row: of(row).verb),
        Column("lifecycle", "", lambda row: of(row).lifecycle),
        Column("from", "", lambda row: of(row).left),
        Column("to", "", lambda row: of(row).entered),
        Column("said", "What", said),
        Column("reason", "Why", lambda row: of(row).reason, lambda row: of(row).reason or MISSING),
    ]


def _report(
    asked: Question, columns: list[Column[Row]], rows: list[Row], all_: list[ByHand]
) -> Report[Row]:
    moves = [row for row in all_ if row.verb is Verb.MOVE]
    undos = len(all_) - len(moves)
    accounts = len({row.account for row in all_})
    said = f"{count(len(moves), 'move')} by hand, {count(undos, 'undo', 'undos')}; {count(accounts, 'account')}."
    return Report(
        "manual",
        "Moves by hand",
        columns,
        rows,
        asked.facts,
        asked.said,
        notes=[said] if all_ else [],
        empty="Nobody moved an account by hand.",
    )
