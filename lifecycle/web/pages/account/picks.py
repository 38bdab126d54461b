"""The stage pickers of an account: where it stands in each lifecycle, and where a person may move it (V9, R15)."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import datetime

from lifecycle.core.conditions import NONE
from lifecycle.core.model import Book, Lifecycle, Stage
from lifecycle.telling.phrases import count, written_day
from lifecycle.telling.standing import AccountView, Standing

from ..words import quoted


@dataclass(frozen=True, slots=True)
class Choice:
    """A stage in the list; `why` says why it cannot be chosen."""

    stage: str
    label: str
    colour: str
    end: bool
    href: str
    why: str = ""


@dataclass(frozen=True, slots=True)
class Pick:
    """One lifecycle: its stage, what is said of the time in it, and the stages there are."""

    standing: Standing
    end: bool
    note: str
    aside: str
    late: str
    chosen: bool
    choices: list[Choice]


def picks(book: Book, view: AccountView, now: datetime, chosen: str) -> list[Pick]:
    """In the order of the book; `chosen` is the lifecycle whose rail is shown."""
    return [_pick(book.lifecycles[one.lifecycle], view, one, now, chosen) for one in view.standings]


def _pick(
    lifecycle: Lifecycle, view: AccountView, standing: Standing, now: datetime, chosen: str
) -> Pick:
    stage = lifecycle.stage(standing.stage)
    return Pick(
        standing,
        stage is not None and stage.end,
        _note(standing),
        _aside(standing),
        _late(standing, now),
        standing.lifecycle == chosen,
        [_none(view, standing), *(_choice(view, standing, one) for one in lifecycle.stages)],
    )


def _note(standing: Standing) -> str:
    if standing.since_end is not None and standing.since is not None:
        return f"since {written_day(standing.since.date())}"
    return count(standing.days, "day") if standing.days is not None else ""


def _aside(standing: Standing) -> str:
    if standing.stage is None:
        return "not in this lifecycle"
    if standing.since_end is not None:
        return "completed"
    number, _, unit = standing.expected.partition(" ") if standing.expected else ("", "", "")
    return f"expected {number if unit in ('day', 'days') else standing.expected}" if number else ""


def _late(standing: Standing, now: datetime) -> str:
    """`5 days late`, in full days once there is one."""
    if not standing.late or standing.late_from is None:
        return "Late" if standing.late else ""
    over = max(0, (now - standing.late_from).days)
    return f"{count(over, 'day')} late" if over else "Late"


def _choice(view: AccountView, standing: Standing, stage: Stage) -> Choice:
    why = "is here" if stage.id == standing.stage else ""
    if stage.disabled and not why:
        why = "disabled: nobody can newly enter it"
    return Choice(
        stage.id, stage.label, stage.colour, stage.end, _href(view, standing, stage.id), why
    )


def _none(view: AccountView, standing: Standing) -> Choice:
    why = "is here" if standing.stage is None else ""
    return Choice(NONE, NONE, "", False, _href(view, standing, NONE), why)


def _href(view: AccountView, standing: Standing, stage: str) -> str:
    path = f"/accounts/{quoted(view.account)}/stages/{quoted(standing.lifecycle)}"
    return f"{path}?stage={quoted(stage)}&revision={view.revision}"
