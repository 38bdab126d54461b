"""Lines in shadow beside the live ones, from what was recorded of both (N11)."""

from __future__ import annotations

from collections.abc import AsyncIterator, Iterable, Sequence
from datetime import datetime
from typing import Any, Final

from sqlalchemy import ColumnElement, Select, or_, select

from lifecycle.core.codec import decoder, encoder
from lifecycle.core.index import targets_of
from lifecycle.core.model import Book, Lifecycle
from lifecycle.core.values import Value

from ..definitions import published
from ..engine import Store
from ..moment import AsOf, Moment
from ..reading import reading
from ..shadow_tables import ShadowedRow
from ..standing import CTA, FIELD_CHANGE, VISIT, counts_at
from ..tables import EffectKind, EffectRow, EffectStatus, JournalRow, PartKind, table_of
from .periods import Period
from .scope import Scope
from .shadow_match import MOVE, NEAR, Deed, Pair, Watched, paired

SHADOWED: Final = table_of(ShadowedRow)
EFFECT: Final = table_of(EffectRow)
JOURNAL: Final = table_of(JournalRow)
LIFECYCLE: Final = decoder(Lifecycle)
VALUE: Final = encoder(Value)
AT_ONCE: Final = 400
Sql = ColumnElement[bool]


async def compared(
    store: Store, book: Book, scope: Scope, period: Period, automation: str | None = None
) -> list[Pair]:
    """What lines in shadow would have done in the period, or one of them, beside what was done; moves missed too."""
    watched = [
        one
        for one in await in_shadow(store, book, scope.lifecycles)
        if automation in (None, one.line.key)
    ]
    would = await _would(store, scope, period, automation)
    done: dict[str, list[Deed]] = {}
    accounts = {one.account for one in would}
    async for deed in _done(store, scope, accounts, _earliest(would), would):
        done.setdefault(deed.account, []).append(deed)
    for deed in await _led_there(store, scope, period, watched):
        if deed not in done.get(deed.account, ()):
            done.setdefault(deed.account, []).append(deed)
    within = [_from(one, period) for one in watched]
    return [pair for pair in paired(would, done, within, book) if _is_in(pair, period)]


def _from(one: Watched, period: Period) -> Watched:
    return Watched(one.line, max(one.since, period.begins))


def _is_in(pair: Pair, period: Period) -> bool:
    return period.begins <= pair.first.at < period.ends


async def in_shadow(store: Store, book: Book, lifecycles: Iterable[str]) -> list[Watched]:
    """The lines that are in shadow in this book, and since when they have been."""
    found: list[Watched] = []
    for name in lifecycles:
        lines = [
            line for line in book.lifecycles[name].automations if line.shadow and line.published
        ]
        since = await _since(store, name) if lines else {}
        found += [Watched(line, since[line.key]) for line in lines if line.key in since]
    return found


async def _since(store: Store, lifecycle: str) -> dict[str, datetime]:
    """By key of a line in shadow, when it was published so first since it last was not."""
    since: dict[str, datetime] = {}
    for row in await published(store, lifecycle):
        if row.kind is PartKind.LIFECYCLE:
            lines = LIFECYCLE(row.content).automations
            now = {line.key for line in lines if line.shadow and line.published}
            since = {key: since.get(key, row.published_at) for key in now}
    return since


# ── what would have been done


async def _would(store: Store, scope: Scope, period: Period, automation: str | None) -> list[Deed]:
    at = SHADOWED.c.at
    query = select(*SHADOWED.c).where(
        *scope.of_lifecycles(SHADOWED),
        counts_at(SHADOWED, scope.moment),
        at >= period.begins,
        at < period.ends,
        *scope.chosen,
    )
    if automation is not None:
        query = query.where(SHADOWED.c.automation == automation)
    query = query.select_from(scope.joined(SHADOWED)).order_by(
        at, SHADOWED.c.account, SHADOWED.c.revision, SHADOWED.c.position
    )
    async with reading(store) as connection:
        return [_would_be(row) for row in await connection.execute(query)]


def _would_be(row: Any) -> Deed:
    moves = row.kind == MOVE
    return Deed(
        row.account,
        (row.revision, row.position),
        row.at,
        row.kind,
        row.of_lifecycle,
        row.to_stage if moves else row.name,
        row.value,
        row.visit,
        row.automation,
        row.stage,
    )


def _earliest(would: Sequence[Deed]) -> datetime | None:
    return would[0].at - NEAR if would else None


# ── what was done


async def _done(
    store: Store,
    scope: Scope,
    accounts: set[str],
    since: datetime | None,
    would: Sequence[Deed],
) -> AsyncIterator[Deed]:
    """All that may answer: of these accounts, of the kinds that are asked for."""
    if since is None:
        return
    kinds = {one.kind for one in would}
    moment = scope.moment
    queries = [
        (kind, query)
        for kind, query in _QUERIES
        if kind in kinds or (kind == "effect" and kinds & MADE)
    ]
    ids = sorted(accounts)
    async with reading(store) as connection:
        for start in range(0, len(ids), AT_ONCE):
            some = ids[start : start + AT_ONCE]
            for _, query in queries:
                for row in await connection.execute(query(moment, some, since)):
                    yield _was(row)


async def _led_there(
    store: Store, scope: Scope, period: Period, watched: Sequence[Watched]
) -> list[Deed]:
    """The moves by live lines to where lines in shadow lead, of all accounts."""
    targets = {target for one in watched for target in targets_of(one.line)}
    if not targets:
        return []
    there = [
        (VISIT.c.lifecycle == lifecycle)
        & (VISIT.c.stage == stage if stage else VISIT.c.stage.is_(None))
        for lifecycle, stage in sorted(targets, key=str)
    ]
    query = (
        _visits(scope.moment)
        .select_from(scope.joined(VISIT))
        .where(or_(*there), VISIT.c.cause == "automation", *scope.chosen)
        .where(VISIT.c.entered_at >= period.begins, VISIT.c.entered_at < period.ends)
    )
    async with reading(store) as connection:
        return [_was(row) for row in await connection.execute(query)]


MADE: Final = frozenset({EffectKind.MAIL.value, EffectKind.WEBHOOK.value})


def _visits(moment: Moment) -> Select[Any]:
    columns = ("account", "revision", "position", "lifecycle", "number", "automation", "actor")
    return select(
        *(VISIT.c[name] for name in columns),
        VISIT.c.entered_at.label("at"),
        VISIT.c.stage.label("key"),
        VISIT.c.from_stage.label("left_stage"),
    ).where(VISIT.c.moved, counts_at(VISIT, moment))


def _moves(moment: Moment, accounts: Sequence[str], since: datetime) -> Select[Any]:
    return _visits(moment).where(VISIT.c.account.in_(accounts), VISIT.c.entered_at >= since)


def _effects(moment: Moment, accounts: Sequence[str], since: datetime) -> Select[Any]:
    """At the instant of their entry: what is due later, or sent again, was decided then."""
    columns = ("account", "revision", "position", "lifecycle", "visit", "automation", "kind")
    kept: list[Sql] = [EFFECT.c.status != EffectStatus.CANCELLED]
    if isinstance(moment, AsOf):
        late = EFFECT.c.finished_at > moment.known
        kept = [or_(*kept, late), JOURNAL.c.at <= moment.at, EFFECT.c.recorded_at <= moment.known]
    entry = (JOURNAL.c.account == EFFECT.c.account) & (JOURNAL.c.revision == EFFECT.c.revision)
    return (
        select(*(EFFECT.c[name] for name in columns), JOURNAL.c.at, EFFECT.c.name.label("key"))
        .select_from(EFFECT.join(JOURNAL, entry))
        .where(EFFECT.c.account.in_(accounts), EFFECT.c.campaign.is_(None), JOURNAL.c.at >= since)
        .where(*kept)
    )


def _ctas(moment: Moment, accounts: Sequence[str], since: datetime) -> Select[Any]:
    columns = ("account", "revision", "lifecycle", "visit", "automation")
    kept: list[Sql] = [CTA.c.withdrawn_at.is_(None)]
    if isinstance(moment, AsOf):
        known = [CTA.c.opened_at <= moment.at, CTA.c.recorded_at <= moment.known]
        kept = [or_(*kept, CTA.c.withdrawn_at > moment.known), *known]
    return select(
        *(CTA.c[name] for name in columns),
        CTA.c.opened_by.label("actor"),
        CTA.c.opened_at.label("at"),
        CTA.c.kind.label("key"),
        CTA.c.title.label("value"),
    ).where(CTA.c.account.in_(accounts), CTA.c.opened_at >= since, *kept)


def _fields(moment: Moment, accounts: Sequence[str], since: datetime) -> Select[Any]:
    columns = ("account", "revision", "position", "automation", "actor", "at")
    values = ("text", "number", "day", "instant")
    rows = FIELD_CHANGE
    return select(*(rows.c[name] for name in (*columns, *values)), rows.c.name.label("key")).where(
        rows.c.account.in_(accounts), rows.c.at >= since, counts_at(rows, moment)
    )


_QUERIES: Final = ((MOVE, _moves), ("effect", _effects), ("cta", _ctas), ("field", _fields))


def _was(row: Any) -> Deed:
    """A row of any of the queries; what a kind has not, it has not."""
    has = row._mapping
    is_field = "day" in has
    kind = has.get("kind") or ("field" if is_field else "cta" if "value" in has else MOVE)
    value = _value(row) if is_field else has.get("value")
    return Deed(
        row.account,
        (row.revision, has.get("position", 0)),
        row.at,
        str(kind),
        has.get("lifecycle", ""),
        row.key,
        value,
        has.get("visit", has.get("number", 0)),
        row.automation or has.get("actor", ""),
        has.get("left_stage"),
        bool(row.automation),
    )


def _value(row: Any) -> Any:
    """As rows of `shadowed` have it."""
    found = next(
        (one for one in (row.text, row.number, row.day, row.instant) if one is not None), None
    )
    return VALUE(found)
