"""Everything there is to tell of one CTA: why it was opened, for whom, its tasks, and what happened to it."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import datetime, tzinfo

from lifecycle.core import changes as c
from lifecycle.core.index import index_of
from lifecycle.core.state import Cta
from lifecycle.definition.words import automation_words
from lifecycle.store.accounts import history, visits
from lifecycle.store.engine import Store

from .accounts import Found
from .ctas import CtaView
from .story import Teller

PAGE = 500


@dataclass(frozen=True, slots=True)
class Happened:
    """Something that happened to the CTA, and who or what did it."""

    at: datetime
    revision: int
    said: str
    by: str


@dataclass(frozen=True, slots=True)
class CtaPage:
    """Everything `cta show` tells. `why` is the automation in words, `stage` that of the stay it belongs to."""

    cta: CtaView
    why: str
    stage: str | None
    close_on_leaving: bool
    playbook_title: str
    goal: str
    history: list[Happened]


async def cta_page(store: Store, found: Found, cta: CtaView, zone: tzinfo) -> CtaPage:
    """What is recorded of it; its journal is read back to when it was opened."""
    playbook = found.book.playbooks.get(cta.playbook or "")
    happened, opened = await _happened(store, found, cta, zone)
    return CtaPage(
        cta,
        why_opened(found, cta),
        await _stage(store, cta),
        opened.close_on_leaving if opened else False,
        playbook.title if playbook else "",
        playbook.goal if playbook else "",
        happened,
    )


def why_opened(found: Found, cta: CtaView) -> str:
    """The automation that opened it, or the person."""
    if cta.opened_by:
        return f"{cta.opened_by} opened it by hand."
    line = index_of(found.book).automations.get(cta.automation)
    return automation_words(line, found.book) if line else f"By {cta.automation}."


async def _stage(store: Store, cta: CtaView) -> str | None:
    """The stage of the visit it belongs to."""
    if not cta.lifecycle or not cta.visit:
        return None
    stays = await visits(store, cta.account, cta.lifecycle, withdrawn=True)
    return next((stay.stage for stay in stays if stay.number == cta.visit), None)


async def _happened(
    store: Store, found: Found, cta: CtaView, zone: tzinfo
) -> tuple[list[Happened], Cta | None]:
    """What the journal tells of it, oldest first, and the CTA as it was opened."""
    teller = Teller(found.book, zone, {cta.cta: cta.title})
    happened: list[Happened] = []
    before: int | None = None
    while True:
        page = await history(store, cta.account, PAGE, before)
        for entry in page:
            told = [one for one in entry.changes if _concerns(one, cta.cta)]
            happened += [_told(teller, entry, change) for change in told]
            opened = next((one.cta for one in told if isinstance(one, c.CtaOpened)), None)
            if opened is not None:
                return happened[::-1], opened
        if len(page) < PAGE:
            return happened[::-1], None
        before = page[-1].revision


def _concerns(change: c.Change, cta: str) -> bool:
    if isinstance(change, c.CtaOpened):
        return change.cta.id == cta
    if isinstance(change, c.TaskDone):
        return change.cta == cta
    named = c.CtaClosed | c.CtaBecameOverdue | c.CtaSnoozed | c.CtaAssigned
    return isinstance(change, named) and change.id == cta


def _told(teller: Teller, entry: c.Entry, change: c.Change) -> Happened:
    by = getattr(entry.input, "actor", "") or teller.headline(entry.input)
    return Happened(entry.at, entry.revision, teller.change(change), by)
