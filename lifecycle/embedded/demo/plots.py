"""Plots that the stories of the demo book are made of: a sale, a project, use, a complaint, a goodbye."""

from __future__ import annotations

from datetime import timedelta
from typing import Final

from lifecycle.core.values import Value

from .stories import Story

SALE: Final = 35
"""Days from the first opportunity to the won deal."""
YEAR: Final = 365
USAGE_EVERY: Final = 14


def opportunity(story: Story, ago: float, steps: int) -> None:
    """An opportunity, `steps` stages far; the fourth is the agreed deal (L4)."""
    company, name = story.company, f"{story.company.account}-{ago:g}"
    story.tell(
        ago,
        "opportunity.created",
        opportunity_id=name,
        name=f"{company.plan} plan",
        amount=company.arr,
    )
    stages = ("Qualified", "Proposal", "Negotiation", "Negotiations Completed")
    for number, stage in enumerate(stages[:steps]):
        at = ago - 8 * (number + 1)
        story.tell(
            at, "opportunity.stage_changed", opportunity_id=name, stage=stage, amount=company.arr
        )


def won(story: Story, ago: float, renewal_in: int | None = None) -> None:
    """The deal is won and the first order is paid (V8). `renewal_in` counts from today; by default a year on."""
    company = story.company
    story.fields |= company.contract()
    begin = story.moment(ago).date()
    today = story.now.date()
    renewal = begin + timedelta(YEAR) if renewal_in is None else today + timedelta(renewal_in)
    story.tell(
        ago,
        "opportunity.closed_won",
        opportunity_id=f"{company.account}-{ago + SALE:g}",
        amount=company.arr,
        csm=company.csm,
        owner=company.owner,
        renewal_date=renewal.isoformat(),
        arr=company.arr,
    )
    if ago > 6:
        order = f"{company.account}-order-{ago:g}"
        story.tell(ago - 1, "product.purchased", order_id=order, product=company.plan)
        story.tell(ago - 2, "wholesale.billed", order_id=order, amount=company.arr)


def sold(story: Story, ago: float, renewal_in: int | None = None) -> None:
    """The whole sale, won so many days ago."""
    opportunity(story, ago + SALE, steps=4)
    won(story, ago, renewal_in)


def project(story: Story, since: float, steps: int = 4) -> None:
    """The onboarding project of a deal won `since` days ago, `steps` far; all of it takes four weeks."""
    done: tuple[tuple[int, str, dict[str, Value]], ...] = (
        (4, "kickoff.held", {}),
        (13, "configuration.completed", {}),
        (20, "training.completed", {"course": "Administrators"}),
        (27, "product.went_live", {}),
    )
    for days, kind, data in done[:steps]:
        story.tell(since - days, kind, **data)


def grown_up(story: Story, since: float, steps: int = 3) -> None:
    """The customer stages that people set in the past (L1, V9), as far as the time since the deal allows."""
    done = (
        (21, "implementation", "The project plan is signed."),
        (48, "early_adoption", "The first team works with it every day."),
        (160, "mature_adoption", "All teams have moved over."),
    )
    for days, stage, reason in done[:steps]:
        if since - days >= 5:
            story.put(since - days, "customer_stages", stage, reason)


def usage(story: Story, since: float, until: float = 5) -> None:
    """Usage every two weeks, 55 to 90 % of the seats, growing over the first months."""
    ago = since
    while ago >= until:
        grown = min(1.0, 0.4 + (since - ago) / 150)
        report_usage(story, ago, grown * story.some(55, 90) / 100)
        ago -= USAGE_EVERY


def report_usage(story: Story, ago: float, share: float) -> None:
    """One report: a share of the seats in use."""
    report_users(story, ago, max(1, round(story.company.seats * share)))


def report_users(story: Story, ago: float, active: int) -> None:
    """One report: so many people use it."""
    used = max(active, round(active * 1.08))
    story.tell(
        ago, "usage.reported", active_users=active, weekly_logins=active * 4, seats_used=used
    )


def renewed(story: Story, ago: float) -> None:
    """The contract is renewed for a year, a little larger."""
    arr = round(story.company.arr * 1.08)
    until = story.moment(ago).date() + timedelta(YEAR)
    story.tell(ago, "contract.renewed", renewal_date=until.isoformat(), arr=arr)


def customer(
    story: Story, since: float, renewal_in: int | None = None, used_until: float = 5
) -> Story:
    """A customer for whom all goes as planned since the deal; renewed after a year.

    What becomes of the usage in the last `used_until` days, the story tells itself.
    """
    sold(story, since, renewal_in)
    project(story, since)
    grown_up(story, since)
    usage(story, since - 28, used_until)
    if since > YEAR and renewal_in is None:
        renewed(story, since - YEAR + 12)
    return story


def escalation(story: Story, ago: float, summary: str, steps: int, gap: float = 1) -> None:
    """A complaint of `ago` days ago, `steps` far; the plan takes `gap` days to agree and as long to do."""
    story.tell(ago, "escalation.opened", severity="high", summary=summary)
    done = (
        (1.0, "escalation.acknowledged"),
        (1 + gap, "escalation.plan_agreed"),
        (1 + 2 * gap, "escalation.plan_done"),
    )
    for days, kind in done[:steps]:
        story.tell(ago - days, kind)
