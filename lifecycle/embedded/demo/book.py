"""The demo book: who of the companies lives through what, so that every stage has somebody in it."""

from __future__ import annotations

from collections.abc import Callable
from datetime import datetime, timedelta
from typing import Final

from lifecycle.core.inputs import Hold, SetFields, SetStage, Undo
from lifecycle.core.values import Value

from .companies import companies
from .plots import (
    customer,
    escalation,
    grown_up,
    opportunity,
    project,
    report_usage,
    sold,
    usage,
    won,
)
from .stories import Journey, Story

Tell = Callable[[Story], object]


def journeys(now: datetime) -> dict[str, Journey]:
    """Every account of the demo book by id, told up to `now` (UTC). The same for the same day and hour."""
    known = companies()
    found = {}
    for account, (begin, tell) in _BOOK.items():
        story = Story(known[account], now, begin)
        tell(story)
        found[account] = story.journey()
    return found


# ── before the deal


def _lead(story: Story, *logins: float) -> None:
    for ago in logins:
        story.tell(ago, "user.logged_in", user=story.company.contact)


def _partner(story: Story) -> None:
    story.fields |= {"type": "Partner"}
    story.put(88, "sales", "None", "A reseller: they will never buy for themselves.")


def _lost(story: Story) -> None:
    opportunity(story, 75, steps=2)
    story.tell(
        30, "opportunity.closed_lost", opportunity_id="cinderhall-75", reason="No budget this year"
    )


def _agreed_today(story: Story) -> None:
    opportunity(story, 40, steps=3)
    deal: dict[str, Value] = {"opportunity_id": "osprey-air-40", "amount": story.company.arr}
    story.tell(0.2, "opportunity.stage_changed", stage="Negotiations Completed", **deal)


# ── the first weeks


def _won_today(story: Story) -> None:
    opportunity(story, 38, steps=4)
    won(story, 0.3)


def _just_won(story: Story, ago: float, steps: int) -> None:
    sold(story, ago)
    project(story, ago, steps)


def _plant_closed(story: Story) -> None:
    sold(story, 12)
    reason = "Their plant is closed for maintenance; the kickoff is agreed for the week after."
    story.do(Hold(story.now, story.company.csm, story.now + timedelta(days=18), reason))


def _slow_project(story: Story, ago: float, steps: int) -> None:
    sold(story, ago)
    project(story, ago, steps)
    grown_up(story, ago, steps=1)


def _few_users(story: Story) -> None:
    sold(story, 60)
    project(story, 60)
    grown_up(story, 60, steps=1)
    for ago in (30, 16, 6):
        report_usage(story, ago, 0.014)
    reason = "They reorganise their stores; we start again with the new team."
    story.do(Hold(story.now, story.company.csm, story.now + timedelta(days=9), reason))


def _ahead_of_plan(story: Story) -> None:
    sold(story, 33)
    project(story, 33)
    grown_up(story, 33, steps=1)
    said = "Two teams are live already, three weeks ahead of plan."
    story.do(SetStage(story.now, story.company.csm, said, "customer_stages", "early_adoption"))


# ── everyday life


def _calm_since(story: Story, since: float, complaint: float, summary: str) -> None:
    customer(story, since)
    escalation(story, complaint, summary, steps=3, gap=12)


def _loud_today(story: Story) -> None:
    customer(story, 180)
    summary = "The nightly export has failed three times this week."
    story.tell(0.4, "escalation.opened", severity="high", summary=summary)


def _wrong_account(story: Story) -> None:
    customer(story, 150)
    actor, now = story.company.csm, story.now
    said = "Quarterly review: every department uses it."
    story.do(
        SetStage(now, actor, said, "customer_stages", "mature_adoption"),
        Undo(now, actor, "Wrong account: the review was of Tessera Analytics."),
    )


def _too_few_seats(story: Story) -> None:
    customer(story, 230)
    report_usage(story, 0.8, 1.12)


def _going_quiet(story: Story) -> None:
    customer(story, 200)
    story.tell(0.6, "usage.reported", active_users=3, weekly_logins=8, seats_used=41)
    contact = {
        "contact_name": "Florian Huber",
        "contact_email": "florian.huber@alpenglow.example.com",
    }
    story.do(SetFields(story.now, story.company.csm, dict(contact), "Katharina Moser has left."))


def _card_expired(story: Story) -> None:
    customer(story, 165)
    story.tell(
        0.5, "invoice.payment_failed", invoice_id="INV-20417", amount=story.company.arr // 12
    )


def _withdrew(story: Story) -> None:
    customer(story, 100)
    escalation(story, 60, "Single sign-on asks for the password twice.", steps=0)
    story.tell(58, "escalation.withdrawn")


# ── renewals and goodbyes


def _notice(story: Story, since: float, notice: float, renewal_in: int, reason: str) -> None:
    customer(story, since, renewal_in)
    story.tell(notice, "notice.given", reason=reason)


def _left(story: Story) -> None:
    sold(story, 400)
    project(story, 400)
    grown_up(story, 400, steps=2)
    for ago in (340, 300, 260, 220):
        report_usage(story, ago, 0.3)
    story.tell(190, "notice.given", reason="Bought by a group that uses another product")
    story.tell(150, "subscription.cancelled", reason="Notice")


def _called_off(story: Story) -> None:
    sold(story, 90)
    project(story, 90, steps=1)
    story.tell(66, "subscription.cancelled", reason="The project lost its sponsor")


def _won_back(story: Story) -> None:
    sold(story, 480)
    project(story, 480)
    grown_up(story, 480, steps=2)
    story.tell(320, "notice.given", reason="Too dear for our size")
    story.tell(290, "subscription.cancelled", reason="Notice")
    opportunity(story, 165, steps=2)
    won(story, 130)
    story.put(129, "customer_stages", "onboarding", "They start afresh with a new team.")
    project(story, 130)
    grown_up(story, 130)
    usage(story, 102)


_BOOK: Final[dict[str, tuple[float, Tell]]] = {
    # account: the day it became known, and what it lives through
    "little-owl": (7, lambda story: _lead(story, 6, 5)),
    "ember-studio": (21, lambda story: _lead(story, 20, 14, 0.1)),
    "lakeside-press": (50, lambda story: _lead(story, 49)),
    "velo-city": (80, lambda story: _lead(story, 79, 70, 41)),
    "meridian": (90, _partner),
    "delta-agro": (46, lambda story: opportunity(story, 45, steps=2)),
    "granite-mutual": (112, lambda story: opportunity(story, 110, steps=3)),
    "cinderhall": (76, _lost),
    "bergwerk": (42, lambda story: opportunity(story, 40, steps=4)),
    "stadtwerk-neun": (60, lambda story: opportunity(story, 54, steps=4)),
    "osprey-air": (41, _agreed_today),
    "tidewater": (39, _won_today),
    "papier-union": (41, lambda story: _just_won(story, 5, steps=0)),
    "clarity-clinics": (45, lambda story: _just_won(story, 10, steps=1)),
    "novapharm": (50, _plant_closed),
    "monument": (60, lambda story: _slow_project(story, 22, steps=1)),
    "harbour-foods": (80, lambda story: _slow_project(story, 40, steps=2)),
    "wavelength": (111, lambda story: _slow_project(story, 75.5, steps=2)),
    "sunmarket": (96, _few_users),
    "quanta-labs": (70, _ahead_of_plan),
    "orbit-media": (136, _withdrew),
    "lumen-optics": (157, lambda story: _calm_since(story, 120, 31, "Reports take minutes.")),
    "ironbridge": (187, _wrong_account),
    "maple-and-stone": (203, _card_expired),
    "kestrel": (217, _loud_today),
    "alpenglow": (238, _going_quiet),
    "tessera": (248, lambda story: customer(story, 210)),
    "cargo-nord": (268, _too_few_seats),
    "fjordbank": (287, lambda story: customer(story, 250)),
    "polar-parts": (
        300,
        lambda story: escalation(customer(story, 262), 12, "Wrong stock figures on Mondays.", 1),
    ),
    "verdant": (468, lambda story: customer(story, 430)),
    "brightwater": (518, lambda story: _calm_since(story, 480, 240, "Two hours without service.")),
    "hansa-logistik": (544, lambda story: _calm_since(story, 505, 170, "Late invoices.")),
    "northfield": (315, lambda story: customer(story, 277, renewal_in=88)),
    "redwood-care": (
        337,
        lambda story: escalation(customer(story, 300), 46, "The rollout in Ohio stalls.", 2, gap=6),
    ),
    "solaris-grid": (374, lambda story: customer(story, 336, renewal_in=29)),
    "gable-and-sons": (404, lambda story: customer(story, 366, renewal_in=-1)),
    "mercado-sur": (340, lambda story: _notice(story, 300, 24, 41, "Moving to a tool of their group")),
    "pinecrest": (310, lambda story: _notice(story, 270, 0.7, 95, "The district cuts its budget")),
    "bluecove": (436, _left),
    "casa-vita": (126, _called_off),
    "atelier-blanc": (516, _won_back),
}  # fmt: skip
