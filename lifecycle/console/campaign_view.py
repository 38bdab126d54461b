"""A campaign as it is shown: how far it is and how long it may take, from the database alone."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import datetime, timedelta
from typing import Any, Final

from rich.text import Text

from lifecycle.core.durations import zone_of
from lifecycle.core.quiet import quiet_end
from lifecycle.recipients import CONTACT
from lifecycle.store.campaign_report import Counts, Reason, counts_of, held
from lifecycle.store.campaigns import ENDED, campaign_row, to_come
from lifecycle.store.definitions import current_book
from lifecycle.store.tables import CampaignRow, CampaignStatus, EffectStatus
from lifecycle.telling.phrases import capital, count, distance
from lifecycle.telling.reports.report import percent

from .desk import Desk
from .report_tables import bar
from .screen import columns

STYLES: Final = {
    CampaignStatus.RUNNING: "green",
    CampaignStatus.PAUSED: "yellow",
    CampaignStatus.CANCELLED: "red",
    CampaignStatus.DONE: "",
}
OUTCOMES: Final = {
    EffectStatus.SENT: "green",
    EffectStatus.SKIPPED: "yellow",
    EffectStatus.FAILED: "red",
    EffectStatus.CANCELLED: "dim",
}
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


async def named(desk: Desk, name: str) -> View:
    """The campaign of a name. Raises `Refusal` `unknown_campaign`."""
    store = await desk.store()
    row = await campaign_row(store, name)
    return await view_of(desk, row, (await counts_of(store, [name]))[name])


async def view_of(desk: Desk, row: CampaignRow, counts: Counts) -> View:
    """A campaign as the database has it: no workflow is asked."""
    ended = row.status in ENDED
    rest = 0 if ended else await to_come(await desk.store(), row, desk.now)
    waiting = sum(counts.get(status, 0) for status in WAITING) + rest
    left = None if ended else _left(row, counts, waiting, desk.now)
    if left is not None:
        left = max(left, await _last_held(desk, row) - desk.now)
    return View(row, counts, rest, left)


async def _last_held(desk: Desk, row: CampaignRow) -> datetime:
    """When the last mail may go that has to wait: for another try, or for the morning where the account is."""
    store = await desk.store()
    mails = await held(store, row.name)
    last = max(mails.until or desk.now, desk.now)
    if CONTACT not in row.roles:
        return last
    rules = (await current_book(store))[0].directory.contact_rules
    mornings = (quiet_end(rules, zone_of(zone), desk.now) for zone in mails.zones)
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
        **view.campaign.model_dump(exclude={"audience"}),
        "mails": view.counts,
        "to_come": view.to_come,
        "share": round(view.share, 4),
        "seconds_left": round(view.left.total_seconds()) if view.left is not None else None,
    }


# ── for people


def say_head(desk: Desk, view: View) -> None:
    """What it is, and who gave the last order."""
    row = view.campaign
    title = Text(row.name, style="bold").append(f"  {row.status.value}", STYLES[row.status])
    desk.screen.say(title)
    whom = f"the segment {row.segment}: {row.said}" if row.segment else row.said
    pace = f"{row.per_hour:,} mails an hour" if row.per_hour else "as fast as it goes"
    facts = {
        "Template": row.template,
        "To": f"{', '.join(row.roles)} of {whom}",
        "Pace": pace,
        "Began": f"{desk.moment(row.started_at)}, by {row.actor}",
        "Ended": desk.moment(row.finished_at) if row.finished_at else "",
        "Last order": row.reason,
    }
    table = columns("Name", "Value", keep=["Name"], header=False)
    for name, value in facts.items():
        if value:
            table.add_row(Text(name, style="dim"), value)
    desk.screen.table(table, by=0)


def say_progress(desk: Desk, view: View) -> None:
    """A bar, and the numbers behind it."""
    desk.screen.say()
    done = Text(bar(view.share, 30).ljust(30, "·"), style="cyan")
    said = f"  {percent(view.share)} of {count(view.total, 'account')}"
    if view.left is not None and view.total > view.ended:
        said += f", done {distance(desk.now + view.left, desk.now)} or so"
    desk.screen.say(done.append(said, style="default"))
    parts = [
        Text(f"{view.counts.get(status.value, 0):,} {status.value}", style=style)
        for status, style in OUTCOMES.items()
    ]
    waiting = Text(f"{view.total - view.ended:,} waiting")
    desk.screen.say(Text(" · ").join([*parts, waiting]))


def say_reasons(desk: Desk, reasons: list[Reason]) -> None:
    """Why mails were not sent."""
    if not reasons:
        return
    desk.screen.heading("Not sent, and why")
    table = columns("Mails", "Status", "Reason", right=["Mails"], keep=["Status"])
    for one in reasons:
        table.add_row(f"{one.mails:,}", styled(one.status), capital(one.reason))
    desk.screen.table(table)


def styled(status: str) -> Text:
    """An outcome in its colour."""
    return Text(status, style=OUTCOMES.get(EffectStatus(status), ""))
