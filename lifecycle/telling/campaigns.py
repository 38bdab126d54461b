"""A campaign as it is told: how far it is and how long it may take, from the database alone (V2, G14)."""

from __future__ import annotations

from collections.abc import AsyncIterator
from dataclasses import dataclass, replace
from datetime import datetime, timedelta
from typing import Any, Final

from lifecycle.core.durations import zone_of
from lifecycle.core.quiet import quiet_end
from lifecycle.recipients import CONTACT
from lifecycle.store.campaign_report import (
    MOST,
    Counts,
    MailOutcome,
    Reason,
    WantedOutcomes,
    counts_of,
    held,
    list_campaigns,
    outcomes,
    reasons_of,
)
from lifecycle.store.campaigns import ENDED, campaign_row, to_come
from lifecycle.store.definitions import current_book
from lifecycle.store.engine import Store
from lifecycle.store.tables import CampaignRow, CampaignStatus, EffectStatus

from .viewer import Viewer

OUTCOME_COLUMNS: Final = ("account", "name", "status", "at", "to", "reason")
WAITING: Final = (EffectStatus.DUE.value, EffectStatus.SENDING.value)


@dataclass(frozen=True, slots=True)
class View:
    """A campaign and how far it is. `to_come` are accounts whose mail is not made yet; `left` estimates the time."""

    campaign: CampaignRow
    counts: Counts
    to_come: int
    left: timedelta | None

    @property
    def ended(self) -> int:
        """Mails that have an outcome."""
        return sum(number for status, number in self.counts.items() if status not in WAITING)

    @property
    def total(self) -> int:
        """All mails, those to come among them."""
        return sum(self.counts.values()) + self.to_come

    @property
    def share(self) -> float:
        """How far it is, 0 to 1."""
        if self.total == 0:
            return 1.0 if self.campaign.status in ENDED else 0.0
        return self.ended / self.total


async def all_campaigns(viewer: Viewer) -> list[View]:
    """Every campaign, the latest first."""
    rows = await list_campaigns(viewer.store)
    counts = await counts_of(viewer.store, [row.name for row in rows])
    return [await _view(viewer, row, counts[row.name]) for row in rows]


async def campaign_named(viewer: Viewer, name: str) -> View:
    """The campaign of a name. Raises `Refusal` `unknown_campaign`."""
    row = await campaign_row(viewer.store, name)
    return await _view(viewer, row, (await counts_of(viewer.store, [name]))[name])


async def _view(viewer: Viewer, row: CampaignRow, counts: Counts) -> View:
    """A campaign as the database has it: no workflow is asked."""
    ended = row.status in ENDED
    rest = 0 if ended else await to_come(viewer.store, row, viewer.now)
    waiting = sum(counts.get(status, 0) for status in WAITING) + rest
    left = None if ended else _left(row, counts, waiting, viewer.now)
    if left is not None:
        left = max(left, await _last_held(viewer, row) - viewer.now)
    return View(row, counts, rest, left)


async def _last_held(viewer: Viewer, row: CampaignRow) -> datetime:
    """When the last mail may go that has to wait: for another try, or for the morning where the account is."""
    mails = await held(viewer.store, row.name)
    last = max(mails.until or viewer.now, viewer.now)
    if CONTACT not in row.roles:
        return last
    rules = (await current_book(viewer.store))[0].directory.contact_rules
    mornings = (quiet_end(rules, zone_of(zone), viewer.now) for zone in mails.zones)
    return max([last, *(morning for morning in mornings if morning is not None)])


def _left(row: CampaignRow, counts: Counts, waiting: int, now: datetime) -> timedelta | None:
    """By its pace, else by how fast it went so far; nothing is known of one that is paused or has not begun."""
    if row.status is not CampaignStatus.RUNNING:
        return None
    if row.per_hour:
        return timedelta(hours=waiting / row.per_hour)
    gone, sent = now - row.started_at, counts.get(EffectStatus.SENT.value, 0)
    return gone / sent * waiting if sent and gone > timedelta(0) else None


def data_of(view: View) -> dict[str, Any]:
    """A campaign for programs."""
    return {
        **row_data(view.campaign),
        "mails": view.counts,
        "to_come": view.to_come,
        "share": round(view.share, 4),
        "seconds_left": round(view.left.total_seconds()) if view.left is not None else None,
    }


def row_data(row: CampaignRow) -> dict[str, Any]:
    """What is recorded of a campaign, its audience in words."""
    return row.model_dump(exclude={"audience"})


# ── account by account


@dataclass(frozen=True, slots=True)
class BecameOf:
    """A page of accounts with what became of their mail; `after` asks for the next one."""

    view: View
    reasons: list[Reason]
    accounts: list[MailOutcome]
    after: str | None


async def became_of(viewer: Viewer, name: str, wanted: WantedOutcomes) -> BecameOf:
    """What became of a campaign. Raises `Refusal` `unknown_campaign`."""
    view = await campaign_named(viewer, name)
    found = await outcomes(viewer.store, name, wanted)
    after = found[-1].account if len(found) == wanted.limit else None
    return BecameOf(view, await reasons_of(viewer.store, name), found, after)


async def outcome_pages(
    store: Store, name: str, wanted: WantedOutcomes
) -> AsyncIterator[list[MailOutcome]]:
    """All pages, from the first or from `after` on."""
    page = await outcomes(store, name, replace(wanted, limit=MOST))
    while page:
        yield page
        page = await outcomes(store, name, replace(wanted, after=page[-1].account, limit=MOST))


def outcome_cells(one: MailOutcome) -> list[Any]:
    """A line of a file under `OUTCOME_COLUMNS`."""
    return [one.account, one.name, one.status, one.at, " ".join(one.to), one.reason]


def became_data(told: BecameOf) -> dict[str, Any]:
    """The same for programs."""
    return {
        **data_of(told.view),
        "evaluated": "when sent",
        "reasons": told.reasons,
        "accounts": told.accounts,
        "after": told.after,
    }
