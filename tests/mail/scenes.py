"""The scenes the shipped templates are written for: fields, events, readers."""

from collections.abc import Mapping
from dataclasses import dataclass, replace
from pathlib import Path

from lifecycle.core.model import FieldDef
from lifecycle.core.values import Kind, Value
from lifecycle.mail.campaigns import NO_OCCASION
from lifecycle.mail.context import (
    Occasion,
    Recipient,
    account_view,
    event_view,
    known_names,
    mail_context,
    parked_context,
)
from lifecycle.mail.samples import sample_fields, sample_setting

TEMPLATES = Path(__file__).parent.parent.parent / "templates" / "email"

FIELDS = tuple(
    FieldDef(id=name, label=name, kind=kind, currency="EUR" if kind is Kind.MONEY else None)
    for kind, names in {
        Kind.TEXT: "csm owner contact_name sector parent country type status plan health time_zone",
        Kind.EMAIL: "csm_email owner_email contact_email",
        Kind.MONEY: "arr",
        Kind.WHOLE: "seats seats_used active_users weekly_logins health_score employees",
        Kind.DATE: "renewal_date training_completed_on",
    }.items()
    for name in names.split()
)
EVENT_DATA = [
    "opportunity_id",
    "name",
    "amount",
    "stage",
    "csm",
    "owner",
    "renewal_date",
    "arr",
    "reason",
    "order_id",
    "product",
    "user",
    "course",
    "active_users",
    "weekly_logins",
    "seats_used",
    "invoice_id",
    "severity",
    "summary",
    "lifecycle",
]
KNOWN = known_names((field.id for field in FIELDS), EVENT_DATA)

CONTACT = Recipient("Maria Lindqvist", "maria.lindqvist@example.com", "contact")
TEAM = Recipient("Customer Success", "customer-success@example.com", "customer_success")
MANAGERS = Recipient("CS managers", "cs-managers@example.com", "cs_managers")
OWNER = Recipient("Ben Okafor", "ben.okafor@example.com", "owner")
OPS = Recipient("CS Ops", "cs-ops@example.com", "cs_ops")

STORED: dict[str, Value] = {
    **sample_fields(FIELDS),
    "plan": "Enterprise",
    "arr": 12_000_000,
    "seats": 40,
    "seats_used": 31,
    "active_users": 7,
    "health": "yellow",
    "health_score": 52,
    "employees": 1_850,
}


@dataclass(frozen=True)
class Scene:
    """One mail of the shipped definitions: who reads it, in which stage, after which event."""

    template: str
    recipient: Recipient
    occasion: Occasion
    event: tuple[str, Mapping[str, Value]] | None = None

    def full(self) -> dict[str, object]:
        """The context when everything is known."""
        return self._context(STORED, self.recipient, self.event)

    def empty(self) -> dict[str, object]:
        """The context when a person moved the account by hand and no field has a value."""
        return self._context({}, replace(self.recipient, name=""), None)

    def _context(
        self,
        values: Mapping[str, Value],
        recipient: Recipient,
        event: tuple[str, Mapping[str, Value]] | None,
    ) -> dict[str, object]:
        setting = sample_setting(recipient)
        if not values:
            setting = replace(setting, link=None, unsubscribe_url=None)
        if self.template == "automation_parked":
            return parked_context(self.occasion, 128 if values else 1, setting)
        account = account_view("0018d00000ABCDEAA4", "Nordwind Logistics", values, FIELDS)
        view = event_view(*event, EVENT_DATA) if event else None
        return mail_context(account, view, self.occasion, setting)


def _in(lifecycle: tuple[str, str], stage: tuple[str, str], automation: str) -> Occasion:
    return Occasion(lifecycle, stage, automation)


JOURNEY = ("customer_journey", "Customer journey")
ESCALATION = ("escalation", "Escalation")
STAGES = ("customer_stages", "Customer stages")

SCENES = {
    scene.template: scene
    for scene in (
        Scene(
            "pre_onboarding_alert",
            TEAM,
            _in(STAGES, ("pre_onboarding", "Pre-Onboarding"), "alert_customer_success"),
            ("opportunity.stage_changed", {"stage": "Negotiations Completed", "amount": 4_800_000}),
        ),
        Scene("welcome", CONTACT, _in(JOURNEY, ("onboarding", "Onboarding"), "welcome")),
        Scene(
            "training_reminder",
            CONTACT,
            _in(JOURNEY, ("onboarding", "Onboarding"), "training_reminder"),
        ),
        Scene("renewal_notice", CONTACT, _in(JOURNEY, ("renewal", "Renewal"), "renewal_notice")),
        Scene(
            "notice_alert",
            MANAGERS,
            _in(JOURNEY, ("will_churn", "Will Churn"), "notice_alert"),
            ("notice.given", {"reason": "The project behind it was stopped"}),
        ),
        Scene(
            "payment_failed",
            CONTACT,
            _in(JOURNEY, ("adopting", "Adopting"), "payment_failed"),
            ("invoice.payment_failed", {"invoice_id": "INV-2026-0412", "amount": 249_950}),
        ),
        Scene(
            "lead_logged_in",
            OWNER,
            _in(("sales", "Sales"), ("lead", "Lead"), "lead_logged_in"),
            ("user.logged_in", {"user": "maria.lindqvist@example.com"}),
        ),
        Scene(
            "escalation_unanswered",
            MANAGERS,
            _in(ESCALATION, ("open", "Open"), "nobody_reacted"),
            ("stage.stuck", {"lifecycle": "escalation", "stage": "open"}),
        ),
        Scene(
            "escalation_large_account",
            MANAGERS,
            _in(ESCALATION, ("open", "Open"), "tell_leadership"),
            ("escalation.opened", {"severity": "high", "summary": "Exports fail since Monday"}),
        ),
        Scene("prospect_invitation", CONTACT, NO_OCCASION),
        Scene("feature_news", CONTACT, NO_OCCASION),
        Scene(
            "automation_parked",
            OPS,
            _in(JOURNEY, ("launched", "Launched"), "two_weeks_passed"),
        ),
    )
}
