"""Who may speak: how each proves a delivery, and what messages are in it."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass
from datetime import datetime
from typing import Any, Final

from lifecycle.core.refusal import Refusal
from lifecycle.core.values import read_instant

from . import salesforce, signatures
from .delivery import Delivery, Lock
from .message import Message, Unreadable, name_of, objects, parsed, word
from .salesforce import from_epoch

HUBSPOT_TYPES: Final = {
    "0-1": "contact",
    "0-2": "company",
    "0-3": "deal",
    "0-5": "ticket",
    "0-7": "product",
    "0-8": "line_item",
}
MOST: Final = 1_000
JSON: Final = ("application/json", "+json")
XML: Final = ("text/xml", "application/xml", "application/soap+xml")


@dataclass(frozen=True, slots=True)
class Sender:
    """`prove` raises `Unproved`; `messages` raises `Unreadable`, or `Unproved` for what only the body tells."""

    prove: signatures.Prove
    messages: Callable[[Delivery, Lock], list[Message]]
    media: tuple[str, ...] = JSON

    def takes(self, media: str) -> bool:
        """Whether a content type is one of this sender's."""
        plain = media.partition(";")[0].strip().lower()
        return any(plain == one or (one[0] == "+" and plain.endswith(one)) for one in self.media)


def _hubspot(delivery: Delivery, _lock: Lock) -> list[Message]:
    """An array; its ids alone are not unique, as HubSpot says."""
    found = objects(parsed(delivery.body), "HubSpot's events")
    if len(found) > MOST:
        raise Unreadable(f"More than {MOST:,} events in one delivery.")
    return [_of_hubspot(one) for one in found]


def _of_hubspot(one: dict[str, Any]) -> Message:
    kind = word(one, "subscriptionType")
    thing, _, what = kind.partition(".")
    if thing == "object":
        kind = f"{HUBSPOT_TYPES.get(str(one.get('objectTypeId')), 'object')}.{what}"
    about = one.get("objectId") or f"{one.get('fromObjectId', '')}-{one.get('toObjectId', '')}"
    name = name_of(word(one, "eventId"), about, one.get("occurredAt", ""), kind)
    return Message(name, kind, from_epoch(one.get("occurredAt"), 1000), one)


def _stripe(delivery: Delivery, _lock: Lock) -> list[Message]:
    (one,) = _single(delivery, "Stripe's event")
    created = one.get("created")
    time = _time(created) if isinstance(created, str) else from_epoch(created, 1)
    return [Message(name_of(word(one, "id")), word(one, "type"), time, one)]


def _segment(delivery: Delivery, _lock: Lock) -> list[Message]:
    """One message: of a batch, Segment signs the first only."""
    (one,) = _single(
        delivery, "one message of Segment; batching must be off, as it signs only the first"
    )
    stamp = next((one[name] for name in SEGMENT_TIMES if one.get(name)), None)
    time = _time(stamp) if stamp is not None else delivery.received
    return [Message(name_of(word(one, "messageId")), word(one, "type"), time, one)]


SEGMENT_TIMES: Final = ("timestamp", "originalTimestamp", "receivedAt")


def _standard(delivery: Delivery, _lock: Lock) -> list[Message]:
    (one,) = _single(delivery, "a JSON object with `type`, `timestamp` and `data`")
    stamp = one.get("timestamp")
    signed = from_epoch(delivery.headers["webhook-timestamp"], 1)
    time = _time(stamp) if stamp is not None else signed
    return [Message(name_of(delivery.headers["webhook-id"]), word(one, "type"), time, one)]


def _single(delivery: Delivery, what: str) -> list[dict[str, Any]]:
    found = parsed(delivery.body)
    if not isinstance(found, dict):
        raise Unreadable(f"Expected {what}.")
    return [found]


def _time(raw: object) -> datetime:
    try:
        return read_instant(raw)
    except Refusal as refusal:
        raise Unreadable(refusal.what) from None


SENDERS: Final[dict[str, Sender]] = {
    "salesforce": Sender(signatures.token, salesforce.messages, (*XML, *JSON)),
    "hubspot": Sender(signatures.hubspot, _hubspot),
    "stripe": Sender(signatures.stripe, _stripe),
    "segment": Sender(signatures.segment, _segment),
    "standard webhooks": Sender(signatures.standard, _standard),
}
"""By the words of `format` in a hook (`HOOK_FORMATS`)."""
