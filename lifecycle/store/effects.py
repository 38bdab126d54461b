"""Deliveries: e-mails and webhooks from `due` to what became of them (R22).

    due ──claim──▶ sending ──▶ sent | failed | skipped
     ▲                │
     └─── release ────┘        due ──undo──▶ cancelled        sent, failed, skipped ──resend──▶ due

Undone while `sending`, it has `finished_at`: it is cancelled instead of being released or claimed again.
A claim is a lease: when it runs out, the next claim takes over. Nothing here is part of the fold.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime, timedelta
from typing import Any, Final

from sqlalchemy import and_, case, or_
from sqlalchemy import select as select_core
from sqlalchemy import update as update_core
from sqlalchemy.ext.asyncio import AsyncConnection
from sqlmodel import col, select

from lifecycle.core.refusal import Refusal

from .engine import Store
from .tables import AccountRow, EffectKind, EffectRow, EffectStatus, table_of

EFFECT: Final = table_of(EffectRow)
ACCOUNT: Final = table_of(AccountRow)
OPEN: Final = (EffectStatus.DUE, EffectStatus.SENDING)
MOST: Final = 500


# ── claiming


@dataclass(frozen=True, slots=True)
class Claimed:
    """The delivery is the caller's until `lease_until`; `effect` is its row."""

    effect: EffectRow


@dataclass(frozen=True, slots=True)
class Waits:
    """Not now: `behind` must end first, an earlier one for the same recipient or another attempt at this."""

    behind: str


@dataclass(frozen=True, slots=True)
class Finished:
    """There is nothing to deliver any more."""

    status: EffectStatus


Claim = Claimed | Waits | Finished


async def claim(
    store: Store,
    effect: str,
    now: datetime,
    lease: timedelta = timedelta(minutes=2),
    recipients: Sequence[str] = (),
) -> Claim:
    """Take a delivery on. `recipients` are the addresses it goes to, when they are known already.

    One at a time per recipient, in order of revision, within an account: an earlier one that is due or on
    its way to the same role or address goes first. A campaign's mail waits for none, and none for it.
    Raises `Refusal` `unknown_effect`.
    """
    async with store.writing() as connection:
        row = await _locked(connection, effect)
        if row.status not in OPEN:
            return Finished(EffectStatus(row.status))
        if row.status is EffectStatus.SENDING and row.lease_until and row.lease_until > now:
            return Waits(effect)
        if row.finished_at is not None:
            return await _cancel(connection, effect)
        if behind := await _ahead(connection, row, recipients):
            return Waits(behind)
        taken = {
            "status": EffectStatus.SENDING,
            "attempts": row.attempts + 1,
            "lease_until": now + lease,
            "recipients": list(recipients) or row.recipients,
        }
        await connection.execute(update_core(EFFECT).where(EFFECT.c.id == effect).values(**taken))
        return Claimed(_changed(row, taken))


async def _cancel(connection: AsyncConnection, effect: str) -> Finished:
    """It was undone while on its way, and whoever had it is gone."""
    gone = {"status": EffectStatus.CANCELLED, "lease_until": None}
    await connection.execute(update_core(EFFECT).where(EFFECT.c.id == effect).values(**gone))
    return Finished(EffectStatus.CANCELLED)


async def _locked(connection: AsyncConnection, effect: str) -> EffectRow:
    """The effect's row; the account's is locked, so that two claims cannot overtake each other."""
    account = select_core(EFFECT.c.account).where(EFFECT.c.id == effect).scalar_subquery()
    lock = select_core(ACCOUNT.c.id).where(ACCOUNT.c.id == account).with_for_update()
    await connection.execute(lock)
    found = (
        await connection.execute(select_core(EFFECT).where(EFFECT.c.id == effect))
    ).one_or_none()
    if found is None:
        raise _unknown(effect)
    return EffectRow(**found._mapping)


def _changed(row: EffectRow, columns: dict[str, Any]) -> EffectRow:
    return EffectRow(**{**row.model_dump(), **columns})


def _unknown(effect: str) -> Refusal:
    return Refusal(
        "unknown_effect",
        f"There is no delivery {effect!r}.",
        "lifecycle admin mail list shows them.",
    )


async def _ahead(
    connection: AsyncConnection, row: EffectRow, recipients: Sequence[str]
) -> str | None:
    """An earlier open delivery of the account's own to the same role or address."""
    if row.campaign is not None:
        return None
    earlier = or_(
        EFFECT.c.revision < row.revision,
        and_(EFFECT.c.revision == row.revision, EFFECT.c.position < row.position),
    )
    query = (
        select_core(EFFECT.c.id, EFFECT.c.roles, EFFECT.c.recipients, EFFECT.c.reached)
        .where(EFFECT.c.account == row.account, EFFECT.c.kind == row.kind, earlier)
        .where(EFFECT.c.status.in_(OPEN), EFFECT.c.campaign.is_(None))
        .order_by(EFFECT.c.revision, EFFECT.c.position, EFFECT.c.id)
    )
    for other in await connection.execute(query):
        if _meets(row.roles, recipients, other):
            return str(other.id)
    return None


def _meets(roles: Sequence[str], addresses: Sequence[str], other: Any) -> bool:
    """Whether an earlier one has a reader in common; those who have it already wait no longer for its others."""
    if other.reached and addresses:
        return bool({*addresses} & {*other.recipients} - {*other.reached})
    return bool({*roles, *addresses} & {*other.roles, *(other.recipients or ())})


# ── outcomes


@dataclass(frozen=True, slots=True)
class Sent:
    """What went out, kept as it was sent. A webhook has its body as `text` and no `html`."""

    message_id: str
    recipients: tuple[str, ...]
    subject: str
    text: str
    html: str | None = None


async def sent(
    store: Store, effect: str, what: Sent, now: datetime, left_out: str | None = None
) -> None:
    """It arrived at the other side; `left_out` says who did not get it, and why.

    Raises `Refusal` `unknown_effect`, as all outcomes do.
    """
    content = {name: getattr(what, name) for name in ("message_id", "subject", "text", "html")}
    content["recipients"] = list(what.recipients)
    await _finish(store, effect, EffectStatus.SENT, now, last_error=left_out, **content)


async def failed(store: Store, effect: str, reason: str, now: datetime) -> None:
    """It can never be sent as it is; shown with the reason (R22)."""
    await _finish(store, effect, EffectStatus.FAILED, now, last_error=reason)


async def skipped(store: Store, effect: str, reason: str, now: datetime) -> None:
    """It is not to be sent: unsubscribed, held, cancelled, nobody to send it to."""
    await _finish(store, effect, EffectStatus.SKIPPED, now, last_error=reason)


async def release(store: Store, effect: str, reason: str) -> None:
    """This attempt failed, another may do: back to `due` with the reason; what was undone meanwhile is cancelled."""
    undone = EFFECT.c.finished_at.is_not(None)
    status = case((undone, EffectStatus.CANCELLED), else_=EffectStatus.DUE)
    await _write(store, effect, status=status, lease_until=None, last_error=reason)


async def postpone(store: Store, effect: str, until: datetime, attempts: int) -> None:
    """A mail that is due has to wait; one on its way, or ended, is left alone. `attempts` are those that count."""
    is_due = and_(EFFECT.c.id == effect, EFFECT.c.status == EffectStatus.DUE)
    async with store.writing() as connection:
        await connection.execute(
            update_core(EFFECT).where(is_due).values(due_at=until, attempts=attempts)
        )


async def _finish(
    store: Store, effect: str, status: EffectStatus, now: datetime, **columns: Any
) -> None:
    await _write(store, effect, status=status, lease_until=None, finished_at=now, **columns)


async def _write(store: Store, effect: str, **columns: Any) -> None:
    statement = update_core(EFFECT).where(EFFECT.c.id == effect).values(**columns)
    async with store.writing() as connection:
        found = await connection.execute(statement.returning(EFFECT.c.id))
        if found.scalar_one_or_none() is None:
            raise _unknown(effect)


async def reached(store: Store, effect: str, address: str) -> None:
    """This address has it: of a mail to several, another attempt leaves it out."""
    async with store.writing() as connection:
        row = await _locked(connection, effect)
        have = [*(row.reached or []), address]
        statement = update_core(EFFECT).where(EFFECT.c.id == effect).values(reached=have)
        await connection.execute(statement)


async def resend(store: Store, effect: str, actor: str, now: datetime) -> EffectRow:
    """Make a finished delivery due once more, as a new generation; what became of it is kept in `earlier`.

    The account's workflow has to be told (`due` names it). Raises `Refusal` `unknown_effect` or `not_resendable`.
    """
    async with store.writing() as connection:
        row = await _locked(connection, effect)
        _check_resendable(row)
        again = {
            "status": EffectStatus.DUE,
            "generation": row.generation + 1,
            "resent_by": actor,
            "earlier": [*(row.earlier or []), {**_outcome(row), "again_at": now.isoformat()}],
            "last_error": None,
            "finished_at": None,
            "reached": None,
            "due_at": now,
        }
        await connection.execute(update_core(EFFECT).where(EFFECT.c.id == effect).values(**again))
        return _changed(row, again)


def _check_resendable(row: EffectRow) -> None:
    if row.status in OPEN:
        raise Refusal("not_resendable", f"{row.id} is on its way already.", "Wait for its outcome.")
    if row.status is EffectStatus.CANCELLED and row.campaign is not None:
        said = f"{row.id} was cancelled with its campaign."
        raise Refusal("not_resendable", said, "Send another campaign instead.")
    if row.status is EffectStatus.CANCELLED:
        said = f"{row.id} was cancelled because what set it off was undone."
        raise Refusal("not_resendable", said, "Repeat what set it off instead.")


def _outcome(row: EffectRow) -> dict[str, Any]:
    kept = (
        "generation",
        "attempts",
        "message_id",
        "recipients",
        "subject",
        "text",
        "html",
        "resent_by",
    )
    return {
        **{name: getattr(row, name) for name in kept},
        "status": row.status.value,
        "reason": row.last_error,
        "finished_at": row.finished_at.isoformat() if row.finished_at else None,
    }


# ── reading


async def due(store: Store, account: str) -> list[str]:
    """The account's open deliveries in order: for a workflow that begins anew, or after a re-send.

    A campaign delivers its own mail; once sent again by hand it is the account's.
    """
    own = or_(col(EffectRow.campaign).is_(None), col(EffectRow.generation) > 1)
    query = (
        select(EffectRow.id)
        .where(col(EffectRow.account) == account, col(EffectRow.status).in_(OPEN), own)
        .order_by(col(EffectRow.revision), col(EffectRow.position), col(EffectRow.id))
    )
    async with store.reading() as session:
        return list((await session.exec(query)).all())


async def effect_row(store: Store, effect: str) -> EffectRow:
    """One delivery. Raises `Refusal` `unknown_effect`."""
    async with store.reading() as session:
        found = await session.get(EffectRow, effect)
    if found is None:
        raise _unknown(effect)
    return found


async def effects_named(store: Store, named: Sequence[str]) -> list[EffectRow]:
    """Those deliveries, in order of revision."""
    if not named:
        return []
    order = (col(EffectRow.revision), col(EffectRow.position), col(EffectRow.id))
    query = select(EffectRow).where(col(EffectRow.id).in_(named)).order_by(*order)
    async with store.reading() as session:
        return list((await session.exec(query)).all())


@dataclass(frozen=True, slots=True)
class WantedEffects:
    """Which deliveries a list shows. `before` is (`due_at`, `id`) of the last one of the page before."""

    account: str | None = None
    status: EffectStatus | None = None
    kind: EffectKind | None = None
    before: tuple[datetime, str] | None = None
    limit: int = 50
    campaign: str | None = None


async def effects(store: Store, wanted: WantedEffects) -> list[EffectRow]:
    """Deliveries, the latest first: the outbox and its history."""
    query = select(EffectRow).order_by(col(EffectRow.due_at).desc(), col(EffectRow.id).desc())
    for name in ("account", "status", "kind", "campaign"):
        if (value := getattr(wanted, name)) is not None:
            query = query.where(getattr(EffectRow, name) == value)
    if wanted.before is not None:
        at, effect = wanted.before
        same = and_(col(EffectRow.due_at) == at, col(EffectRow.id) < effect)
        query = query.where(or_(col(EffectRow.due_at) < at, same))
    async with store.reading() as session:
        return list((await session.exec(query.limit(max(1, min(wanted.limit, MOST))))).all())
