"""The campaign's page in the Temporal UI: how far it is, what waits, and what was refused, as Markdown."""

from __future__ import annotations

from collections.abc import Iterator
from datetime import datetime

from lifecycle.contract import Opened

from .carried import Refused
from .details import cell, refused_lately, waits_for

OPEN = ("due", "sending")
SAID = {"sent": "sent", "skipped": "skipped", "failed": "failed", "cancelled": "taken back"}


def details(
    campaign: Opened, counts: dict[str, int], waits: str, refused: list[Refused], more: bool
) -> str:
    """One table of outcomes, with what the next mail waits for."""
    return "\n".join(
        [*_head(campaign), *_table(counts, more), *waits_for(waits), *refused_lately(refused)]
    )


def _head(campaign: Opened) -> Iterator[str]:
    pace = f"{campaign.per_hour:,} mails an hour" if campaign.per_hour else "as fast as it goes"
    yield f"**{campaign.status}** · template {cell(campaign.template)} · {pace}\n"
    yield f"To accounts of which this holds: {cell(campaign.said)}"
    yield f"\nLast order: {cell(campaign.reason)}\n" if campaign.reason else ""


def _table(counts: dict[str, int], more: bool) -> Iterator[str]:
    yield f"| {' | '.join([*SAID.values(), 'waiting'])} |"
    yield "|" + "---|" * (len(SAID) + 1)
    cells = [f"{counts.get(status, 0):,}" for status in SAID]
    waiting = sum(counts.get(status, 0) for status in OPEN)
    yield f"| {' | '.join(cells)} | {waiting:,}{' and more accounts to come' if more else ''} |"


def minute(at: datetime) -> str:
    """`2026-03-14 09:00 UTC`."""
    return f"{at:%Y-%m-%d %H:%M} UTC"
