"""What became of e-mails, by template: due, sent, skipped, failed and why, waiting (R22)."""

from __future__ import annotations

from collections import Counter
from collections.abc import Callable, Iterable
from dataclasses import dataclass, field
from typing import Final

from lifecycle.store.reports.mails import Mails, Outcome, mails

from ..phrases import count
from .asking import Question
from .report import Column, Report

REASONS: Final = 12


@dataclass(slots=True)
class Line:
    """A template: how many mails came to which end, and the reasons of those that were not sent."""

    template: str
    numbers: Counter[Outcome] = field(default_factory=Counter)
    reasons: list[Mails] = field(default_factory=list)


async def mail(asked: Question) -> Report[Line]:
    """What became of e-mails, by template: sent, skipped and failed with the reason, waiting."""
    campaign = asked.asked.campaign
    found = await mails(asked.store, asked.days, asked.named_scope, campaign)
    facts = {**asked.facts, "campaign": campaign} if campaign is not None else asked.facts
    said = f"{asked.said} · campaign {campaign}" if campaign is not None else asked.said
    return Report(
        "mail",
        "E-mails by template",
        _columns(),
        _lines(found),
        facts,
        said,
        notes=_notes(found),
        empty="No mail fell due.",
    )


def _lines(found: Iterable[Mails]) -> list[Line]:
    lines: dict[str, Line] = {}
    for one in found:
        line = lines.setdefault(one.template, Line(one.template))
        line.numbers[one.outcome] += one.number
        if one.reason:
            line.reasons.append(one)
    return list(lines.values())


def _columns() -> list[Column[Line]]:
    return [
        Column("template", "Template", lambda line: line.template),
        Column("due", "Due", lambda line: line.numbers.total(), right=True),
        *(Column(one.value, one.value.capitalize(), _number(one), right=True) for one in Outcome),
        Column("reasons", "", _reasons),
    ]


def _number(outcome: Outcome) -> Callable[[Line], int]:
    return lambda line: line.numbers[outcome]


def _reasons(line: Line) -> list[dict[str, object]]:
    return [
        {"outcome": one.outcome.value, "reason": one.reason, "number": one.number}
        for one in line.reasons
    ]


def _notes(found: list[Mails]) -> list[str]:
    """Why mails were not sent, the most frequent reasons first."""
    told = sorted((one for one in found if one.reason), key=lambda one: -one.number)
    notes = [f"{one.outcome.value} {one.number:,} × {one.template}: {one.reason}" for one in told]
    more = len(notes) - REASONS
    return notes[:REASONS] + ([f"and {count(more, 'reason')} more."] if more > 0 else [])
