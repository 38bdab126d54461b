"""A campaign that is wanted: what is meant, whether it may go, and orders to one that runs (V2, G14)."""

from __future__ import annotations

import re
from collections.abc import Awaitable, Callable, Sequence
from dataclasses import dataclass
from typing import TYPE_CHECKING, Any, Final

from lifecycle.contract import CampaignPlan
from lifecycle.core.codec import to_data
from lifecycle.core.conditions import Condition
from lifecycle.core.expanding import expanded
from lifecycle.core.model import Book
from lifecycle.core.refusal import Refusal, did_you_mean
from lifecycle.definition.condition_words import Labels, condition_words
from lifecycle.previewing import Preview, check_template
from lifecycle.settings import Settings
from lifecycle.store.campaigns import ENDED, campaign_row, check_plan
from lifecycle.store.tables import CampaignRow

from .audience import Asked, audience, segment_named
from .viewer import Viewer

if TYPE_CHECKING:
    from lifecycle.campaigning import Campaigns

PACE: Final = re.compile(r"\s*([0-9][0-9,]{0,11})\s*(?:/|an?\s|per\s)\s*(hour|minute|h|min)\s*")
MOST_AN_HOUR: Final = 1_000_000


@dataclass(frozen=True, slots=True)
class Wish:
    """A campaign as it was asked for. `to` are roles of an account; `pace` are mails an hour, None for no limit."""

    name: str
    asked: Asked
    template: str
    to: Sequence[str]
    pace: int | None = None


def read_pace(text: str) -> int:
    """`200/hour` as mails an hour. Raises `Refusal`."""
    found = PACE.fullmatch(text.lower())
    number = int(found[1].replace(",", "")) if found else 0
    per_hour = number * 60 if found and found[2].startswith("m") else number
    if not 1 <= per_hour <= MOST_AN_HOUR:
        said = f"{text!r} is no pace."
        raise Refusal("bad_pace", said, "Write it like 200/hour or 10/minute.", "pace")
    return per_hour


# ── what is meant


async def plan_of(viewer: Viewer, settings: Settings, wish: Wish, actor: str) -> CampaignPlan:
    """The campaign as it would be recorded, its template and readers checked. Raises `Refusal`."""
    found = await audience(viewer, wish.asked)
    if found.condition is None:
        said = "It is not said to whom the campaign goes."
        raise Refusal("no_audience", said, "Name a segment, or write a sentence.", "segment")
    _check_roles(wish.to, found.book)
    check_template(wish.template, found.book, settings)
    condition = expanded(found.condition, found.book.segments)
    named = segment_named(found.book, wish.asked.segment).id if wish.asked.segment else ""
    plan = CampaignPlan(
        wish.name,
        named,
        condition_words(condition, Labels(found.book)),
        to_data(condition, Condition),
        wish.template,
        list(dict.fromkeys(wish.to)),
        wish.pace,
        actor,
    )
    check_plan(plan)
    return plan


def _check_roles(roles: Sequence[str], book: Book) -> None:
    """A team would get a mail for every account."""
    for role in roles:
        if role not in book.account.roles:
            known = ", ".join(book.account.roles)
            remedy = did_you_mean(role, book.account.roles) or f"Known: {known}."
            raise Refusal("unknown_role", f"No account has a {role!r}.", remedy, "to")


def preview_data(plan: CampaignPlan, found: Preview) -> dict[str, Any]:
    """The preview for programs."""
    return {
        "audience": plan.said,
        "template": plan.template,
        "to": plan.roles,
        "matched": found.matched,
        "now": found.now,
        "later": dict(found.later.most_common()),
        "skipped": dict(found.skipped.most_common()),
        "first": found.first,
        "samples": found.samples,
    }


# ── sending


async def recorded(viewer: Viewer, wish: Wish, plan: CampaignPlan) -> CampaignRow | None:
    """The campaign of that name, if it was begun already. Raises `Refusal` for another one under it."""
    try:
        return same(wish, plan, await campaign_row(viewer.store, plan.name))
    except Refusal as refusal:
        if refusal.code != "unknown_campaign":
            raise
        return None


async def send(
    viewer: Viewer, campaigns: Campaigns, wish: Wish, plan: CampaignPlan
) -> tuple[CampaignRow, bool]:
    """Begin the campaign, or go on with it; whether it had been begun already. One that ended stays as it ended.

    Raises `Refusal`, `NoServer`, `NoWorker`.
    """
    before = await recorded(viewer, wish, plan)
    if before is not None and before.status in ENDED:
        return before, True
    await campaigns.begin(plan)
    row = same(wish, plan, await campaign_row(viewer.store, plan.name))
    return row, before is not None


def same(wish: Wish, plan: CampaignPlan, row: CampaignRow) -> CampaignRow:
    """A name stands for one campaign for ever. Raises `Refusal` for another one under it.

    A segment may have been changed since: what it said when the campaign began counts.
    """
    by_name = bool(plan.segment) and not wish.asked.where and row.segment == plan.segment
    same = (row.template, row.roles) == (plan.template, plan.roles)
    if same and (by_name or row.audience == plan.audience):
        return row
    said = f"{row.name} is another campaign: “{row.template}” by {row.actor}, {row.said}."
    raise Refusal("name_taken", said, "Choose another name.", "name")


async def order(
    viewer: Viewer,
    campaigns: Callable[[], Awaitable[Campaigns]],
    name: str,
    order: str,
    **more: Any,
) -> Any:
    """Pause, resume, cancel, or another pace; answers with the progress. Raises `Refusal`.

    Temporal is asked for only when there is something to order.
    """
    row = await campaign_row(viewer.store, name)
    if row.status in ENDED:
        raise _ended(row)
    return await (await campaigns()).order(name, order, **more)


def _ended(row: CampaignRow) -> Refusal:
    remedy = f"lifecycle admin campaign report {row.name} tells what became of its mails."
    return Refusal(
        f"campaign_{row.status.value}", f"{row.name} is {row.status.value} already.", remedy, "name"
    )
