"""Campaigns: an e-mail to a segment. Its mails are rows of `effect`, made page by page and sent one by one (V2).

running ⇄ paused        running, paused ──▶ cancelled | done
"""

from __future__ import annotations

import re
from dataclasses import asdict
from datetime import datetime
from typing import Any, Final

from sqlalchemy import Select, and_, func, or_, select, update
from sqlalchemy.ext.asyncio import AsyncConnection
from sqlmodel import select as select_rows

from lifecycle.contract import CampaignPlan, MarkRequest, PageRequest
from lifecycle.core.codec import from_data
from lifecycle.core.conditions import Condition
from lifecycle.core.refusal import Refusal, did_you_mean

from .engine import Store
from .moment import now_of
from .statements import ACCOUNT, insert_new
from .tables import CampaignRow, CampaignStatus, EffectKind, EffectRow, EffectStatus, table_of
from .where import where

CAMPAIGN: Final = table_of(CampaignRow)
EFFECT: Final = table_of(EffectRow)
ACCOUNTS_A_PAGE: Final = 200
READY: Final = 100
NAME: Final = re.compile(r"[a-z0-9][a-z0-9_-]{0,59}")
ENDED: Final = (CampaignStatus.DONE, CampaignStatus.CANCELLED)


def mail_id(campaign: str, account: str) -> str:
    """The one mail of a campaign to an account: the same id however often it is tried."""
    return f"campaign/{campaign}/{account}"


# ── the campaign itself


def check_plan(plan: CampaignPlan) -> None:
    """Raises `Refusal` for a plan that could not be kept or read again."""
    if not NAME.fullmatch(plan.name):
        said = f"{plan.name!r} cannot name a campaign."
        remedy = "Use small letters, digits, - and _, at most 60; a letter or digit first."
        raise Refusal("bad_name", said, remedy, "name")
    try:
        audience_of(plan)
    except (KeyError, TypeError, ValueError, AttributeError):
        raise Refusal("bad_audience", "The audience is no condition.", where="audience") from None


def audience_of(campaign: CampaignPlan | CampaignRow) -> Condition:
    """To whom it goes; segments in it were written out when it began."""
    condition: Condition = from_data(Condition, campaign.audience)
    return condition


async def open_campaign(store: Store, plan: CampaignPlan, now: datetime) -> CampaignRow:
    """The campaign as it is recorded; recorded now if its name is new."""
    new = insert_new(store.engine.dialect.name, CAMPAIGN).values(row_of(plan, now))
    async with store.writing() as connection:
        await connection.execute(new)
        return await _locked(connection, plan.name)


async def campaign_row(store: Store, name: str) -> CampaignRow:
    """A campaign. Raises `Refusal` `unknown_campaign`."""
    async with store.reading() as session:
        found = await session.get(CampaignRow, name)
        if found is not None:
            return found
        names = (await session.exec(select_rows(CampaignRow.name))).all()
    raise Refusal(
        "unknown_campaign",
        f"There is no campaign {name!r}.",
        did_you_mean(name, names) or "lifecycle admin campaign list shows them.",
        "name",
    )


async def cursor_of(store: Store, name: str) -> str:
    """The last account whose mail was made; empty before the first."""
    query = select(func.max(EFFECT.c.account)).where(_first_of(name))
    async with store.engine.connect() as connection:
        return (await connection.execute(query)).scalar() or ""


async def mark(store: Store, request: MarkRequest) -> CampaignRow:
    """Record a new status or pace; a campaign that ended stays as it ended.

    Cancelling takes back every mail that waits, and does so again when it is asked again.
    """
    async with store.writing() as connection:
        row = await _locked(connection, request.name)
        if row.status not in ENDED:
            row = await _changed(connection, row, request)
        if row.status is CampaignStatus.CANCELLED:
            await _take_back(connection, row, request.now)
        return row


async def _locked(connection: AsyncConnection, name: str) -> CampaignRow:
    query = select(CAMPAIGN).where(CAMPAIGN.c.name == name).with_for_update()
    return CampaignRow(**(await connection.execute(query)).one()._mapping)


async def _changed(
    connection: AsyncConnection, row: CampaignRow, request: MarkRequest
) -> CampaignRow:
    status = CampaignStatus(request.status)
    columns: dict[str, Any] = {"status": status, "per_hour": request.per_hour}
    columns |= {"reason": request.reason} if request.reason else {}
    columns |= {"finished_at": request.now} if status in ENDED else {}
    await connection.execute(update(CAMPAIGN).where(CAMPAIGN.c.name == row.name).values(**columns))
    return CampaignRow(**{**row.model_dump(), **columns})


async def _take_back(connection: AsyncConnection, row: CampaignRow, now: datetime) -> None:
    waits = and_(_first_of(row.name), EFFECT.c.status == EffectStatus.DUE)
    ended = {"status": EffectStatus.CANCELLED, "finished_at": now}
    await connection.execute(
        update(EFFECT).where(waits).values(last_error=why_cancelled(row), **ended)
    )


def why_cancelled(row: CampaignRow) -> str:
    """What is said of a mail that a cancelled campaign does not send."""
    return f"The campaign was {row.reason or 'cancelled'}."


# ── its mails


def _first_of(name: str) -> Any:
    """The campaign's own deliveries: one sent again by hand is the account's."""
    return and_(EFFECT.c.campaign == name, EFFECT.c.generation == 1)


async def take_page(store: Store, row: CampaignRow, after: str, now: datetime) -> tuple[str, bool]:
    """Make the mails of the next accounts in the audience; answers with the last of them, and if there may be more.

    Asked of each account now. A mail that is there already stays as it is.
    """
    query = await _audience(store, row, now)
    query = query.where(ACCOUNT.c.id > after).order_by(ACCOUNT.c.id).limit(ACCOUNTS_A_PAGE)
    async with store.engine.connect() as connection:
        found = [(row.id, row.revision) for row in await connection.execute(query)]
    if found:
        await _make(store, row, found, now)
    return (found[-1][0] if found else after), len(found) == ACCOUNTS_A_PAGE


def row_of(plan: CampaignPlan, now: datetime) -> dict[str, Any]:
    """The columns of a campaign that begins."""
    begun = {"status": CampaignStatus.RUNNING, "started_at": now, "matched": 0, "reason": ""}
    return asdict(plan) | begun


async def _audience(store: Store, row: CampaignRow, now: datetime) -> Select[Any]:
    """Accounts of the audience with their revisions."""
    holds = where(audience_of(row), await now_of(store, now), {})
    return select(ACCOUNT.c.id, ACCOUNT.c.revision).where(holds)


async def _make(
    store: Store, row: CampaignRow, found: list[tuple[str, int]], now: datetime
) -> None:
    mails = [draft(row, account, revision, now) for account, revision in found]
    new = insert_new(store.engine.dialect.name, EFFECT).values(mails).returning(EFFECT.c.id)
    async with store.writing() as connection:
        made = len((await connection.execute(new)).all())
        more = update(CAMPAIGN).where(CAMPAIGN.c.name == row.name)
        await connection.execute(more.values(matched=CAMPAIGN.c.matched + made))


def draft(row: CampaignRow, account: str, revision: int, now: datetime) -> dict[str, Any]:
    """The columns of the mail to an account, as it is made."""
    return {
        "id": mail_id(row.name, account),
        "account": account,
        "kind": EffectKind.MAIL,
        "status": EffectStatus.DUE,
        "revision": revision,
        "position": 0,
        "automation": "",
        "lifecycle": "",
        "stage": None,
        "visit": 0,
        "name": row.template,
        "roles": row.roles,
        "data": {},
        "due_at": now,
        "recorded_at": now,
        "generation": 1,
        "attempts": 0,
        "campaign": row.name,
    }


async def is_in_audience(store: Store, row: CampaignRow, account: str, now: datetime) -> bool:
    """Whether an account is meant, asked anew."""
    query = (await _audience(store, row, now)).where(ACCOUNT.c.id == account)
    async with store.engine.connect() as connection:
        return (await connection.execute(query)).first() is not None


async def ready(store: Store, request: PageRequest) -> list[str]:
    """Mails (ids) that may go now, those that wait longest first.

    One on its way that nobody of this run sends was left by a run before: it is tried again when its claim ends.
    """
    is_due = and_(EFFECT.c.status == EffectStatus.DUE, EFFECT.c.due_at <= request.now)
    query = (
        select(EFFECT.c.id)
        .where(_first_of(request.name), EFFECT.c.id.not_in(request.under_way))
        .where(or_(is_due, EFFECT.c.status == EffectStatus.SENDING))
        .order_by(EFFECT.c.due_at, EFFECT.c.id)
        .limit(READY)
    )
    async with store.engine.connect() as connection:
        return list((await connection.execute(query)).scalars())


async def next_due(store: Store, name: str, now: datetime) -> datetime | None:
    """When the first of the mails that wait may go."""
    waits = and_(EFFECT.c.status == EffectStatus.DUE, EFFECT.c.due_at > now)
    query = select(func.min(EFFECT.c.due_at)).where(_first_of(name), waits)
    async with store.engine.connect() as connection:
        found: datetime | None = (await connection.execute(query)).scalar()
        return found


async def to_come(store: Store, row: CampaignRow, now: datetime) -> int:
    """Accounts of the audience whose mail is not made yet: behind the last one, if the campaign still runs."""
    after = await cursor_of(store, row.name)
    rest = (await _audience(store, row, now)).where(ACCOUNT.c.id > after).subquery()
    async with store.engine.connect() as connection:
        return int((await connection.execute(select(func.count()).select_from(rest))).scalar_one())
