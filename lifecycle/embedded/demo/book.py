"""The demo book: who of the companies lives through what, so that every stage has somebody in it."""

from __future__ import annotations

from collections.abc import Callable
from datetime import datetime, timedelta
from typing import Final

from lifecycle.core.inputs import (
    AssignCta,
    CloseCta,
    DoTask,
    Hold,
    OpenCta,
    SetFields,
    SetStage,
    SnoozeCta,
    Undo,
)
from lifecycle.core.values import Value

from .companies import companies
from .plots import (
    customer,
    escalation,
    grown_up,
    opportunity,
    project,
    report_usage,
    report_users,
    sold,
    usage,
    won,
)
from .stories import Journey, Story

Tell = Callable[[Story], object]


UNWANTED: Final = ("lakeside-press", "Asked on the phone to get no more mails")
"""The account whose contact wants no mail, and why."""


def journeys(now: datetime) -> dict[str, Journey]:
    """Every account of the demo book by id, told up to `now` (UTC). The same for the same day and hour."""
    known = companies()
    found = {}
    for account, (begin, tell) in _BOOK.items():
        story = Story(known[account], now, begin)
        tell(story)
        found[account] = story.journey()
    return found


def _tick(story: Story, cta: str, *tasks: str) -> None:
    story.do(*(DoTask(story.now, story.company.csm, cta, task) for task in tasks))


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
    _tick(story, "Hold the kickoff call", "read_handover")


def _just_won(story: Story, ago: float, steps: int) -> None:
    sold(story, ago)
    project(story, ago, steps)


def _kickoff_agreed(story: Story) -> None:
    _just_won(story.live_for(6), 4.6, steps=0)
    _tick(story, "Hold the kickoff call", "read_handover", "invite")


def _plant_closed(story: Story) -> None:
    sold(story, 12)
    reason = "Their plant is closed for maintenance; the kickoff is agreed for the week after."
    story.do(Hold(story.now, story.company.csm, story.now + timedelta(days=18), reason))


def _slow_project(story: Story, ago: float, steps: int) -> None:
    sold(story, ago)
    project(story, ago, steps)
    grown_up(story, ago, steps=1)


def _stands_still(story: Story) -> None:
    _slow_project(story, 75.5, steps=2)
    _tick(story, "Usage does not take off", "collect_facts", "call_sponsor")


def _few_users(story: Story) -> None:
    sold(story, 85)
    project(story, 85)
    grown_up(story, 85, steps=1)
    for ago, active in ((55, 6), (41, 5), (27, 4), (13, 3)):
        report_users(story, ago, active)
    reason = "They reorganise their stores; we start again with the new team."
    story.do(Hold(story.now, story.company.csm, story.now + timedelta(days=9), reason))


def _ahead_of_plan(story: Story) -> None:
    sold(story, 33)
    project(story, 33)
    grown_up(story, 33, steps=1)
    said = "Two teams are live already, three weeks ahead of plan."
    story.do(SetStage(story.now, story.company.csm, said, "customer_stages", "early_adoption"))


# ── everyday life


def _calm_since(story: Story, since: float, complaint: float, summary: str) -> Story:
    customer(story, since)
    escalation(story, complaint, summary, steps=3, gap=12)
    return story


def _calm_and_praised(story: Story) -> None:
    report_users(_calm_since(story, 480, 240, "Two hours without service."), 237, 11)
    title, due = "Ask whether we may name them as a reference", story.now + timedelta(days=12)
    story.do(OpenCta(story.now, story.company.owner, title, "growth", "owner", "low", due))


def _red_and_back(story: Story) -> None:
    report_users(_calm_since(story, 505, 170, "Late invoices."), 167, 4)


def _loud_today(story: Story) -> None:
    customer(story, 180, used_until=18)
    report_users(story, 6, 12)
    summary = "The nightly export has failed three times this week."
    story.tell(0.4, "escalation.opened", severity="high", summary=summary)
    title, due = "Send them what went wrong, and what we changed", story.now + timedelta(days=3)
    story.do(OpenCta(story.now, story.company.csm, title, "risk", "csm", "high", due))


def _wrong_figures(story: Story) -> None:
    customer(story, 262, used_until=30)
    escalation(story, 12, "Wrong stock figures on Mondays.", 1)
    for ago, active in ((21, 33), (8, 14), (0.7, 4)):
        report_users(story, ago, active)
    _tick(story, "Usage has fallen", "collect_facts")


def _stalled_rollout(story: Story) -> None:
    customer(story, 300, used_until=48)
    for ago, active in ((38, 61), (24, 22), (10, 17)):
        report_users(story, ago, active)
    escalation(story, 46, "The rollout in Ohio stalls.", 2, gap=6)


def _quiet_summer(story: Story) -> None:
    report_users(customer(story, 210), 94, 3)


def _nobody_looks_after(story: Story) -> None:
    """The CTA of the failed payment is overdue by now."""
    customer(story.live_for(7), 250)
    story.tell(
        6.5, "invoice.payment_failed", invoice_id="INV-20388", amount=story.company.arr // 12
    )
    left: dict[str, Value] = {"csm": None, "csm_email": None}
    reason = "Nora has left; nobody has taken over yet."
    story.do(SetFields(story.now, "Sarah Klein", left, reason))


def _every_seat_taken(story: Story) -> None:
    customer(story, 430, used_until=8)
    report_usage(story, 4.2, 222 / 240)


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
    customer(story, 200, used_until=50)
    for ago, active in ((44, 24), (30, 14), (16, 9), (0.6, 3)):
        report_users(story, ago, active)
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
    story.do(CloseCta(story.now, story.company.csm, "A payment has failed", "Paid with a new card"))


def _withdrew(story: Story) -> None:
    customer(story, 100)
    escalation(story, 60, "Single sign-on asks for the password twice.", steps=0)
    story.tell(58, "escalation.withdrawn")


# ── renewals and goodbyes


def _bought_away(story: Story) -> None:
    customer(story, 300, renewal_in=41, used_until=26)
    story.tell(24, "notice.given", reason="Moving to a tool of their group")
    for ago, active in ((25, 8), (11, 3)):
        report_users(story, ago, active)


def _budget_cut(story: Story) -> None:
    customer(story, 270, renewal_in=95)
    story.tell(0.7, "notice.given", reason="The district cuts its budget")
    report_users(story, 4.5, 14)
    title = "The customer has given notice"
    story.do(AssignCta(story.now, story.company.csm, title, "Luca Moretti"))


def _unsigned(story: Story) -> None:
    customer(story, 366, renewal_in=-1)
    until = story.now + timedelta(days=4)
    story.do(SnoozeCta(story.now, story.company.csm, "Stuck in Renewal", until))


def _renewal_begins(story: Story) -> None:
    customer(story, 277, renewal_in=88)
    _tick(story, "Prepare the renewal", "check_people")


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
    "papier-union": (41, _kickoff_agreed),
    "clarity-clinics": (45, lambda story: _just_won(story, 10, steps=1)),
    "novapharm": (50, _plant_closed),
    "monument": (60, lambda story: _slow_project(story, 22, steps=1)),
    "harbour-foods": (80, lambda story: _slow_project(story, 40, steps=2)),
    "wavelength": (111, _stands_still),
    "sunmarket": (121, _few_users),
    "quanta-labs": (70, _ahead_of_plan),
    "orbit-media": (136, _withdrew),
    "lumen-optics": (157, lambda story: _calm_since(story, 120, 31, "Reports take minutes.")),
    "ironbridge": (187, _wrong_account),
    "maple-and-stone": (203, _card_expired),
    "kestrel": (217, _loud_today),
    "alpenglow": (238, _going_quiet),
    "tessera": (248, _quiet_summer),
    "cargo-nord": (268, _too_few_seats),
    "fjordbank": (287, _nobody_looks_after),
    "polar-parts": (300, _wrong_figures),
    "verdant": (468, _every_seat_taken),
    "brightwater": (518, _calm_and_praised),
    "hansa-logistik": (544, _red_and_back),
    "northfield": (315, _renewal_begins),
    "redwood-care": (337, _stalled_rollout),
    "solaris-grid": (374, lambda story: customer(story, 336, renewal_in=29)),
    "gable-and-sons": (404, _unsigned),
    "mercado-sur": (340, _bought_away),
    "pinecrest": (310, _budget_cut),
    "bluecove": (436, _left),
    "casa-vita": (126, _called_off),
    "atelier-blanc": (516, _won_back),
}  # fmt: skip
