"""The sections of an account's page: which are shown, and why one is not (L15–L17, R7)."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass, field
from datetime import datetime

from .conditions import All, AnyOf, Condition, Facts, Not, leaves
from .explaining import explain
from .model import Book, Section
from .state import AccountState


@dataclass(frozen=True, slots=True)
class SectionView:
    """A section; `hidden_by` lists the sentences that hide it, each with the value that decided."""

    section: Section
    is_visible: bool = True
    hidden_by: list[str] = field(default_factory=list)


def visible_sections(book: Book, state: AccountState, now: datetime) -> list[SectionView]:
    """Every section in the order of the page; one that is hidden says why (R7)."""
    facts = Facts(state, now, segments=book.segments)
    return [_view(section, facts) for section in book.account.page]


def _view(section: Section, facts: Facts) -> SectionView:
    if section.show_when is None or section.show_when.holds(facts):
        return SectionView(section)
    return SectionView(section, False, list(dict.fromkeys(_failing(section.show_when, facts))))


def _failing(condition: Condition, facts: Facts) -> Iterator[str]:
    """The sentences that keep a condition from holding."""
    if condition.holds(facts):
        return
    if isinstance(condition, All | AnyOf):
        for part in condition.of:
            yield from _failing(part, facts)
    elif isinstance(condition, Not):
        for leaf in leaves(condition):
            yield from (
                f"not: {_told(said, deciding)}"
                for said, held, deciding in explain(leaf, facts)
                if held
            )
    else:
        yield from (_told(said, deciding) for said, _, deciding in explain(condition, facts))


def _told(said: str, deciding: str) -> str:
    return f"{said} ({deciding})" if deciding else said
