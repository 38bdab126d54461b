"""What happens next, in words: every armed deadline, and the forecast (N4)."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import datetime

from lifecycle.core.index import index_of
from lifecycle.core.model import Book
from lifecycle.core.state import AccountState
from lifecycle.core.wakes import Due, all_dues
from lifecycle.definition.condition_words import Labels

from .effects import effect_words, guard_words


@dataclass(frozen=True, slots=True)
class Next:
    """A deadline in words. `lifecycle` is empty for what concerns the account as a whole."""

    at: datetime
    what: str
    text: str
    lifecycle: str = ""
    automation: str = ""


def whats_next(book: Book, state: AccountState) -> list[Next]:
    """Every deadline that does something a person would notice, first one first."""
    return [
        found for due in all_dues(book, state) if (found := _next(book, state, due)) is not None
    ]


def _next(book: Book, state: AccountState, due: Due) -> Next | None:
    word, _, name = due.what.partition(":")
    labels = Labels(book)
    if word == "hold":
        return Next(due.at, due.what, "the hold ends")
    if word == "cta":
        cta = state.ctas[name]
        return Next(due.at, due.what, f"the CTA “{cta.title}” is overdue", cta.lifecycle)
    if word in ("late", "stuck"):
        stage = labels.stage(name, state.tracks[name].stage)
        return Next(due.at, due.what, f"is {word} in {stage}", name)
    line = index_of(book).automations.get(due.what)
    if line is None:
        return None  # a watch that only gets ready to turn true again
    text = effect_words(line, book) + guard_words(line, book)
    return Next(due.at, due.what, text, line.lifecycle, line.name)
