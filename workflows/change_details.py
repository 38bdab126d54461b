"""The change-set's page in the Temporal UI: what came of how many, what waits and for what, as Markdown."""

from __future__ import annotations

from collections.abc import Iterator

from lifecycle.contract import ChangeProgress

from .carried import Refused
from .details import cell, refused_lately, waits_for

SHOWN = ("done", "unchanged", "refused", "failed", "undone", "kept", "waiting")


def details(progress: ChangeProgress, waits: str, refused: list[Refused]) -> str:
    """One table of outcomes, with what the next command waits for."""
    return "\n".join(
        [*_head(progress), *_table(progress), *waits_for(waits), *refused_lately(refused)]
    )


def _head(one: ChangeProgress) -> Iterator[str]:
    pace = f"{one.per_minute:,} a minute" if one.per_minute else "as fast as it goes"
    way = "taken back · " if one.back else ""
    yield f"**{one.status}** · {way}{one.total:,} commands · {pace} · {one.share} % of the accounts\n"
    yield cell(one.title)
    yield f"\nLast order: {cell(one.said)}\n" if one.said else ""


def _table(one: ChangeProgress) -> Iterator[str]:
    yield f"| {' | '.join(SHOWN)} |"
    yield "|" + "---|" * len(SHOWN)
    yield f"| {' | '.join(f'{one.counts.get(status, 0):,}' for status in SHOWN)} |"
