"""Which CTA, and which of its tasks, is meant: by number, by id, by the automation's name, or by title."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from datetime import tzinfo

from lifecycle.core.refusal import Refusal, did_you_mean
from lifecycle.store.ctas import ListedCta, ctas_of
from lifecycle.store.engine import Store
from lifecycle.store.tables import CtaStatus

from .accounts import Found
from .ctas import CtaView, TaskView, cta_view
from .phrases import moment


def short_name(cta_id: str) -> str:
    """`onboarding.plan_kickoff:12` as `plan_kickoff`: the automation's name without its lifecycle."""
    return _opener(cta_id).partition(".")[2] or _opener(cta_id)


def _opener(cta_id: str) -> str:
    return cta_id.rpartition(":")[0] or cta_id


async def find_cta(
    store: Store, found: Found, text: str, zone: tzinfo, closed: bool = False
) -> CtaView:
    """The CTA of the account that is meant; with `closed` one that is over may be meant too.

    Raises `Refusal` for none and for several, with times in the viewer's zone.
    """
    listed = await ctas_of(store, found.account)
    chosen = pick(listed, text, zone, closed)
    return cta_view(chosen, found.book, found.state.fields, found.now)


def pick(listed: Sequence[ListedCta], text: str, zone: tzinfo, closed: bool) -> ListedCta:
    """By the first of these that fits: number, id, automation, title; open ones before all others."""
    still_open = [one for one in listed if one.cta.status is CtaStatus.OPEN]
    if chosen := _fitting(still_open, text):
        return _one(chosen, text, zone)
    over = _fitting(listed, text)
    if over and closed:
        return _one(over, text, zone)
    if over:
        raise _is_closed(over[-1], zone)
    raise _unknown(still_open, text)


def _fitting(listed: Sequence[ListedCta], text: str) -> list[ListedCta]:
    wanted = text.strip().removeprefix("#").casefold()
    for fits in _WAYS:
        if chosen := [one for one in listed if fits(one, wanted)]:
            return chosen
    return []


_WAYS: tuple[Callable[[ListedCta, str], bool], ...] = (
    lambda one, text: str(one.number) == text,
    lambda one, text: one.cta.id.casefold() == text,
    lambda one, text: text in (short_name(one.cta.id), _opener(one.cta.id)),
    lambda one, text: one.cta.title.casefold() == text,
)


def _one(chosen: list[ListedCta], text: str, zone: tzinfo) -> ListedCta:
    if len(chosen) == 1:
        return chosen[0]
    said = "; ".join(
        f"{one.number} ({one.cta.title}, of {moment(one.cta.opened_at, zone)})" for one in chosen
    )
    raise Refusal("ambiguous_cta", f"{text!r} may be {said}.", "Name one by its number.", "cta")


def _is_closed(one: ListedCta, zone: tzinfo) -> Refusal:
    row = one.cta
    if row.status is CtaStatus.WITHDRAWN:
        said = f"The CTA {row.title!r} was withdrawn: what opened it was undone."
        return Refusal("closed_cta", said, where="cta")
    by = f", by {row.closed_by}" if row.closed_by else ""
    said = f"The CTA {row.title!r} is closed: {row.outcome}{by}, {moment(row.closed_at, zone)}."
    return Refusal("closed_cta", said, "`cta open` opens a new one.", "cta")


def _unknown(still_open: Sequence[ListedCta], text: str) -> Refusal:
    said = f"The account has no CTA {text!r}."
    if not still_open:
        return Refusal("unknown_cta", said, "None is open.", "cta")
    known = [name for one in still_open for name in (one.cta.title, short_name(one.cta.id))]
    remedy = did_you_mean(text, known)
    if not remedy.startswith("Did you mean"):
        remedy = f"Open: {', '.join(f'{one.number} ({one.cta.title})' for one in still_open)}."
    return Refusal("unknown_cta", said, remedy, "cta")


def find_task(cta: CtaView, text: str) -> TaskView:
    """A task by number, id or title. Raises `Refusal`."""
    wanted = text.strip().casefold()
    for task in cta.tasks:
        if wanted in (str(task.number), task.task, task.title.casefold()):
            return task
    remedy = did_you_mean(text, [task.task for task in cta.tasks])
    raise Refusal("unknown_task", f"The CTA {cta.title!r} has no task {text!r}.", remedy, "task")
