"""Made-up accounts to render templates with: one with a value in every field, one with none.

`definitions check` renders both, so that a mail which only works while every field is full is found
before a customer's empty field finds it; previews show the full one.
"""

from __future__ import annotations

from collections.abc import Collection, Iterable, Mapping
from datetime import date

from lifecycle.core.model import FieldDef
from lifecycle.core.values import Kind, Value

from .context import (
    Occasion,
    Recipient,
    Sender,
    Setting,
    account_view,
    event_view,
    mail_context,
)

TODAY = date(2026, 3, 14)
BY_KIND: dict[Kind, Value] = {
    Kind.TEXT: "Sample text",
    Kind.EMAIL: "sam.sample@example.com",
    Kind.PICKLIST: "Sample",
    Kind.MONEY: 1_200_000,
    Kind.WHOLE: 12,
    Kind.NUMBER: 4.5,
    Kind.DATE: date(2026, 4, 13),
    Kind.TIME_ZONE: "UTC",
    Kind.YES_NO: True,
}
BY_NAME: dict[str, Value] = {
    "csm": "Ana Torres",
    "csm_email": "ana.torres@example.com",
    "owner": "Ben Okafor",
    "owner_email": "ben.okafor@example.com",
    "contact_name": "Maria Lindqvist",
    "contact_email": "maria.lindqvist@example.com",
    "sector": "Logistics",
    "country": "Sweden",
    "invoice_id": "INV-2026-0412",
    "user": "maria.lindqvist@example.com",
    "stage": "Negotiations Completed",
    "reason": "Budget was cut",
    "severity": "high",
    "summary": "Exports have failed since Monday",
}


def sample_fields(fields: Iterable[FieldDef]) -> dict[str, Value]:
    """A likely value for every field: by its name, else its first option, else by its kind."""
    return {one.id: _sample(one.id, one.kind, one.options) for one in fields}


def sample_event(type_: str, data: Mapping[str, Kind], names: Collection[str]) -> dict[str, object]:
    """An event of `type_` with a value for everything it declares; `names` as in `event_view`."""
    values = {name: _sample(name, kind, ()) for name, kind in data.items()}
    return event_view(type_, values, names)


def sample_context(
    fields: Iterable[FieldDef],
    values: Mapping[str, Value],
    event: Mapping[str, object] | None,
    occasion: Occasion,
) -> dict[str, object]:
    """A context around `values` (what is left out is empty), with a sample reader, day and link."""
    account = account_view("0018d00000ABCDEAA4", "Nordwind Logistics", values, fields)
    return mail_context(account, event, occasion, sample_setting())


def empty_context(
    fields: Iterable[FieldDef], event: Mapping[str, object] | None, occasion: Occasion
) -> dict[str, object]:
    """The hardest case: no field has a value, the recipient no name, there is no link."""
    setting = Setting(Recipient("", "someone@example.com", "contact"), _SENDER, TODAY)
    account = account_view("0018d00000ABCDEAA4", "Nordwind Logistics", {}, fields)
    return mail_context(account, event, occasion, setting)


def sample_setting(recipient: Recipient | None = None) -> Setting:
    """A day, a sender and links; `recipient` is Maria Lindqvist, the contact, unless given."""
    reader = recipient or Recipient("Maria Lindqvist", "maria.lindqvist@example.com", "contact")
    link = "https://lifecycle.example.com/accounts/0018d00000ABCDEAA4"
    unsubscribe = "https://mail.example.com/unsubscribe/sample"
    leaves = unsubscribe if reader.role == "contact" else None
    return Setting(reader, _SENDER, TODAY, link, unsubscribe_url=leaves)


_SENDER = Sender("Example Customer Success", "success@example.com")


def _sample(name: str, kind: Kind, options: tuple[str, ...]) -> Value:
    if name in BY_NAME and kind in {Kind.TEXT, Kind.EMAIL}:
        return BY_NAME[name]
    return options[0] if options else BY_KIND[kind]
