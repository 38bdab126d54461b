"""A campaign as a terminal shows it."""

from __future__ import annotations

from typing import Final

from rich.text import Text

from lifecycle.store.campaign_report import Reason
from lifecycle.store.tables import CampaignStatus, EffectStatus
from lifecycle.telling.campaigns import View
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
    desk.screen.facts(facts)


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
