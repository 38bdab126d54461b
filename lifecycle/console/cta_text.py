"""When a CTA is due and what it is called, as a terminal shows it."""

from __future__ import annotations

from datetime import datetime

from rich.text import Text

from lifecycle.telling.ctas import CtaView
from lifecycle.telling.phrases import MISSING, distance

from .desk import Desk


def due_text(desk: Desk, cta: CtaView, now: datetime) -> Text:
    """`3 days overdue`, `in 2 days`, `snoozed until 4 Jun 2026, 09:00`."""
    if cta.snoozed_until is not None:
        return Text(f"snoozed until {desk.moment(cta.snoozed_until)}", style="dim")
    if cta.due is None:
        return Text(MISSING)
    apart = distance(cta.due, now)
    if cta.overdue:
        late = "overdue" if apart == "now" else f"{apart.removesuffix(' ago')} overdue"
        return Text(late, style="red")
    return Text(apart)


def title_text(cta: CtaView, marked: bool = True) -> Text:
    """The title, with the priority where that is not normal and not told elsewhere."""
    text = Text(cta.title)
    if marked and cta.priority != "normal":
        text.append(f" ({cta.priority} priority)", style="bold" if cta.priority == "high" else "")
    return text
