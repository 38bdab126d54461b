"""The publication's page in the Temporal UI: how far it is, what was promised and what happened, as Markdown."""

from __future__ import annotations

from collections.abc import Iterator

from lifecycle.contract import PublicationProgress

from .carried import Refused
from .details import cell, refused_lately, waits_for

ITEMS = ("done", "unchanged", "refused", "failed", "undone", "kept", "waiting")
VERDICTS = ("as promised", "as folded", "parted", "failed", "waiting")


def details(progress: PublicationProgress, waits: str, refused: list[Refused]) -> str:
    """Tables of accounts, and what it waits for."""
    parts = (_head(progress), _tables(progress), _figures(progress), waits_for(waits))
    return "\n".join(line for part in (*parts, refused_lately(refused)) for line in part)


def _head(one: PublicationProgress) -> Iterator[str]:
    yield f"**{one.status}** · {one.share} % of {one.total:,} accounts\n"
    yield cell(one.title)
    if one.reason:
        yield f"\nLast: {cell(one.reason)}\n"


def _tables(one: PublicationProgress) -> Iterator[str]:
    yield from _table("told", ITEMS, one.items)
    if one.verdicts:
        yield from _table("live", VERDICTS, one.verdicts)


def _table(title: str, names: tuple[str, ...], numbers: dict[str, int]) -> Iterator[str]:
    yield f"\n| {title} | {' | '.join(names)} |"
    yield "|" + "---|" * (len(names) + 1)
    yield f"| accounts | {' | '.join(f'{numbers.get(name, 0):,}' for name in names)} |"


def _figures(one: PublicationProgress) -> Iterator[str]:
    if one.figures:
        yield "\n| | promised | happened |\n|---|---|---|"
    for kind, (promised, happened) in one.figures.items():
        yield f"| {kind} | {promised:,} | {happened:,} |"
