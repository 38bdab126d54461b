"""What became of e-mails: due, sent, skipped, failed and why, by template (R22, G14).

A mail belongs to the day on which it was made due, whenever it goes out: quiet hours and a second sending move
its hour, not its day. These are days of the wall clock, as deliveries are.
"""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterator
from dataclasses import dataclass
from datetime import datetime
from enum import StrEnum
from typing import Any, Final

from sqlalchemy import ColumnElement, Select, String, and_, case, cast, func, select

from ..engine import Store
from ..moment import AsOf, Moment
from ..tables import EffectKind, EffectRow, EffectStatus, table_of
from .periods import Period
from .scope import Scope

EFFECT: Final = table_of(EffectRow)

Sql = ColumnElement[bool]


class Outcome(StrEnum):
    """What became of a mail; `waiting` ones are due or on their way, `cancelled` ones were undone in time."""

    SENT = "sent"
    SKIPPED = "skipped"
    FAILED = "failed"
    CANCELLED = "cancelled"
    WAITING = "waiting"


@dataclass(frozen=True, slots=True)
class Mails:
    """How many mails of a template had the same outcome for the same reason."""

    template: str
    outcome: Outcome
    reason: str
    number: int


async def mails(
    store: Store, period: Period, scope: Scope, campaign: str | None = None
) -> list[Mails]:
    """Mails that were made due in the period, by template, outcome and reason; of one campaign, if it is named.

    Of certain lifecycles only where the scope names some: a campaign belongs to none.
    """
    moment, tables = scope.moment, scope.joined(EFFECT)
    mine = and_(*_mine(period, scope, campaign))
    found: Counter[tuple[str, Outcome, str]] = Counter()
    async with store.engine.connect() as connection:
        for row in await connection.execute(_once(moment).select_from(tables).where(mine)):
            found[row.name, Outcome(row.outcome), row.reason or ""] += row.number
        for row in await connection.execute(AGAIN.select_from(tables).where(mine)):
            found[row.name, *_outcome(row, moment)] += 1
    order = list(Outcome)
    keys = sorted(found, key=lambda key: (key[0], order.index(key[1]), -found[key], key[2]))
    return [Mails(*key, found[key]) for key in keys]


def _mine(period: Period, scope: Scope, campaign: str | None) -> Iterator[Sql]:
    made = EFFECT.c.recorded_at
    yield EFFECT.c.kind == EffectKind.MAIL
    yield and_(made >= period.begins, made < period.ends)
    if campaign is not None:
        yield EFFECT.c.campaign == campaign
    if isinstance(scope.moment, AsOf):
        yield made <= scope.moment.known
    yield from scope.of_lifecycles(EFFECT) if scope.lifecycles else ()
    yield from scope.chosen


def _once(moment: Moment) -> Select[Any]:
    """Those that were never sent again, counted by the database."""
    is_over: Sql = EFFECT.c.status.not_in((EffectStatus.DUE, EffectStatus.SENDING))
    if isinstance(moment, AsOf):
        is_over = and_(is_over, EFFECT.c.finished_at <= moment.known)
    told = and_(is_over, EFFECT.c.status.in_((EffectStatus.SKIPPED, EffectStatus.FAILED)))
    outcome = case((is_over, cast(EFFECT.c.status, String)), else_=Outcome.WAITING.value)
    reason = case((told, EFFECT.c.last_error), else_="")
    kinds = select(
        EFFECT.c.name,
        outcome.label("outcome"),
        reason.label("reason"),
        func.count().label("number"),
    )
    return kinds.where(EFFECT.c.generation == 1).group_by(EFFECT.c.name, "outcome", "reason")


AGAIN: Final = select(
    EFFECT.c.name, EFFECT.c.status, EFFECT.c.last_error, EFFECT.c.finished_at, EFFECT.c.earlier
).where(EFFECT.c.generation > 1)
"""Those that a person sent again: few, and each has a story."""


def _outcome(row: Any, moment: Moment) -> tuple[Outcome, str]:
    """What had become of it by then: of the last sending that had begun."""
    if not isinstance(moment, AsOf):
        return _told(row.status.value, row.last_error, row.finished_at)
    if row.finished_at is not None and row.finished_at <= moment.known:
        return _told(row.status.value, row.last_error, row.finished_at)
    for one in reversed(row.earlier):
        if datetime.fromisoformat(one["again_at"]) <= moment.known:
            return Outcome.WAITING, ""
        finished = datetime.fromisoformat(one["finished_at"])
        if finished <= moment.known:
            return _told(one["status"], one["reason"], finished)
    return Outcome.WAITING, ""


def _told(status: str, reason: str | None, finished: datetime | None) -> tuple[Outcome, str]:
    if finished is None:
        return Outcome.WAITING, ""
    outcome = Outcome(status)
    return outcome, (reason or "") if outcome in (Outcome.SKIPPED, Outcome.FAILED) else ""
