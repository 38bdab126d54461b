"""What a template is told: the one list of names, built the same for sending, previews and checks.

docs/templates.md describes it for those who write templates.
"""

from __future__ import annotations

from collections.abc import Collection, Iterable, Mapping
from dataclasses import asdict, dataclass
from datetime import date

from lifecycle.core.model import EVENT_HEADER, FieldDef
from lifecycle.core.values import Kind, Value

from .filters import Money


@dataclass(frozen=True, slots=True)
class Recipient:
    """Who reads the mail. `role` is the role or team of the definition (`csm`, `cs_managers`)."""

    name: str
    email: str
    role: str


@dataclass(frozen=True, slots=True)
class Sender:
    """Who the mail is from: what stands in From."""

    name: str
    email: str


@dataclass(frozen=True, slots=True)
class Occasion:
    """Why the mail is sent. Lifecycle: id and title; stage: id and label (None: in no stage)."""

    lifecycle: tuple[str, str]
    stage: tuple[str, str] | None
    automation: str


@dataclass(frozen=True, slots=True)
class Setting:
    """What holds for every mail of one delivery. `today` is the day in the account's time zone.

    `link` is for colleagues only, `unsubscribe_url` for contacts only.
    """

    recipient: Recipient
    sender: Sender
    today: date
    link: str | None = None
    currency: str = "EUR"
    unsubscribe_url: str | None = None


def account_view(
    account_id: str, name: str, values: Mapping[str, Value], fields: Iterable[FieldDef]
) -> dict[str, object]:
    """`account`: id, name and every field by its id; None where empty, money with its currency."""
    view = {one.id: _shown(values.get(one.id), one) for one in fields}
    return {**view, "id": account_id, "name": name}


def _shown(value: Value, field: FieldDef) -> object:
    if field.kind is Kind.MONEY and field.currency and isinstance(value, int):
        return Money(value, field.currency)
    return value


def event_view(type_: str, data: Mapping[str, Value], names: Collection[str]) -> dict[str, object]:
    """`event`: type and data. `names` is what any event may carry; what this one lacks is None."""
    return {**dict.fromkeys([*EVENT_HEADER, *names]), **data, "type": type_}


def mail_context(
    account: Mapping[str, object],
    event: Mapping[str, object] | None,
    occasion: Occasion,
    setting: Setting,
) -> dict[str, object]:
    """The context of an automation's mail, from `account_view` and `event_view`.

    `event` is None when no event set the mail off.
    """
    return {
        "account": account,
        "event": event,
        "lifecycle": dict(zip(("id", "title"), occasion.lifecycle, strict=True)),
        "stage": _stage(occasion.stage),
        "automation": occasion.automation,
        **_setting(setting),
    }


def parked_context(occasion: Occasion, accounts: int, setting: Setting) -> dict[str, object]:
    """The context of `automation_parked` (R15).

    The stage of `occasion` is the disabled one, `accounts` is how many are affected.
    """
    return {
        "lifecycle": dict(zip(("id", "title"), occasion.lifecycle, strict=True)),
        "stage": _stage(occasion.stage),
        "automation": occasion.automation,
        "accounts": accounts,
        **_setting(setting),
    }


def known_names(fields: Iterable[str], event_data: Iterable[str]) -> frozenset[str]:
    """The dotted names an automation's mail may use, for `check`."""
    return frozenset(
        {f"account.{one}" for one in ("id", "name", *fields)}
        | {f"event.{one}" for one in (*EVENT_HEADER, *event_data)}
        | {"lifecycle.id", "lifecycle.title", "stage.id", "stage.label", "automation"}
        | {"recipient.name", "recipient.email", "recipient.role", "sender.name", "sender.email"}
        | {"today", "link", "currency", "unsubscribe_url"}
    )


def _stage(stage: tuple[str, str] | None) -> dict[str, str] | None:
    return dict(zip(("id", "label"), stage, strict=True)) if stage else None


def _setting(setting: Setting) -> dict[str, object]:
    for link in (setting.link, setting.unsubscribe_url):
        if link and not link.startswith(("https://", "http://")):
            raise ValueError(f"The link {link!r} is not a web address.")
    return {
        "recipient": asdict(setting.recipient),
        "sender": asdict(setting.sender),
        "today": setting.today,
        "link": setting.link,
        "currency": setting.currency,
        "unsubscribe_url": setting.unsubscribe_url,
    }
