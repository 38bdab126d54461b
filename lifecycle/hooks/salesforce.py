"""What Salesforce sends: outbound messages in SOAP, and change events as JSON, as a relay posts them."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from datetime import UTC, datetime
from typing import Any, Final
from xml.etree.ElementTree import Element, ParseError

from defusedxml import DefusedXmlException
from defusedxml.ElementTree import fromstring

from lifecycle.core.refusal import Refusal
from lifecycle.core.values import read_instant
from lifecycle.importing.forms import salesforce_id

from .delivery import Delivery, Lock, Unproved, same
from .message import Message, Unreadable, name_of, objects, parsed, word

SOAP: Final = "{http://schemas.xmlsoap.org/soap/envelope/}"
OUTBOUND: Final = "{http://soap.sforce.com/2005/09/outbound}"
INSTANCE: Final = "{http://www.w3.org/2001/XMLSchema-instance}"
HEADER: Final = "ChangeEventHeader"
TIMES: Final = ("LastModifiedDate", "SystemModstamp", "CreatedDate")
MAX_NOTIFICATIONS: Final = 1_000
ACK: Final = (
    '<?xml version="1.0" encoding="UTF-8"?>'
    '<soapenv:Envelope xmlns:soapenv="http://schemas.xmlsoap.org/soap/envelope/"><soapenv:Body>'
    '<notificationsResponse xmlns="http://soap.sforce.com/2005/09/outbound"><Ack>true</Ack>'
    "</notificationsResponse></soapenv:Body></soapenv:Envelope>"
)
"""All of it is taken: Salesforce sends again until it reads this, for 24 hours."""


def is_soap(delivery: Delivery) -> bool:
    """Whether it is an outbound message."""
    return "xml" in delivery.headers.get("content-type", "").lower()


def messages(delivery: Delivery, lock: Lock) -> list[Message]:
    """Every notification, or every record of a change event. Raises `Unreadable`, `Unproved`."""
    if is_soap(delivery):
        return _notifications(delivery, lock)
    found = objects(parsed(delivery.body), "a change event")
    return [message for one in found for message in _changes(one)]


# ── outbound messages


def _notifications(delivery: Delivery, lock: Lock) -> list[Message]:
    root = _xml(delivery.body).find(f"{SOAP}Body/{OUTBOUND}notifications")
    if root is None:
        raise Unreadable("The body is no outbound message: it has no `notifications`.")
    _check_organization(_text(root, "OrganizationId"), lock)
    found = root.findall(f"{OUTBOUND}Notification")
    if not found:
        raise Unreadable("The outbound message has no `Notification`.")
    if len(found) > MAX_NOTIFICATIONS:
        raise Unreadable(f"The outbound message has more than {MAX_NOTIFICATIONS} notifications.")
    return [_notification(one, delivery.received) for one in found]


def _xml(body: bytes) -> Element:
    try:
        root: Element = fromstring(body, forbid_dtd=True)
    except DefusedXmlException:
        raise Unreadable("The XML declares a document type or entities: not taken.") from None
    except (ParseError, ValueError, LookupError) as error:
        raise Unreadable(f"The body is no XML: {error}.") from None
    return root


def _check_organization(given: str, lock: Lock) -> None:
    if lock.organization and not same(given[:15], lock.organization[:15]):
        raise Unproved("The message is from another organization than the setting names.")


def _notification(one: Element, received: datetime) -> Message:
    record = one.find(f"{OUTBOUND}sObject")
    if record is None:
        raise Unreadable("A `Notification` has no `sObject`.")
    kind = record.get(f"{INSTANCE}type", "").rpartition(":")[2]
    content = {_local(field): _value(field) for field in record if len(field) == 0}
    made = next((content[name] for name in TIMES if content.get(name)), None)
    time = _time(made) if made is not None else received
    more = {"record": _id(str(content.get("Id") or "")), "change": "NOTIFICATION"}
    return Message(name_of(_id(_text(one, "Id"))), kind, time, content, more)


def _local(field: Element) -> str:
    return str(field.tag).rpartition("}")[2]


def _value(field: Element) -> str | None:
    return None if field.get(f"{INSTANCE}nil") == "true" else (field.text or "").strip() or None


def _text(parent: Element, name: str) -> str:
    return (parent.findtext(f"{OUTBOUND}{name}") or "").strip()


# ── change events


def _changes(found: Mapping[str, Any]) -> Iterator[Message]:
    """One message per record; what Salesforce could not tell in full is of a type of its own."""
    content = _payload(found)
    header = content[HEADER]
    change, kind = word(header, "changeType"), word(header, "entityName")
    records = header.get("recordIds")
    if not isinstance(records, list) or not records:
        raise Unreadable(f"`{HEADER}.recordIds` is missing.")
    told = f"gap.{kind}" if change.startswith("GAP_") else kind
    base = (word(header, "transactionKey"), header.get("sequenceNumber", 0))
    time = from_epoch(header.get("commitTimestamp"), 1000)
    for record in records:
        more = {"record": _id(str(record)), "change": change}
        yield Message(name_of(*base, more["record"]), told, time, content, more)


def _payload(found: Mapping[str, Any]) -> Mapping[str, Any]:
    """The event in what a relay wrapped around it: `payload`, `data.payload`, `detail.payload`."""
    for outer in (found, found.get("data"), found.get("detail")):
        for inner in (outer, outer.get("payload") if isinstance(outer, dict) else None):
            if isinstance(inner, dict) and isinstance(inner.get(HEADER), dict):
                return inner
    raise Unreadable(f"The body is no change event: it has no `{HEADER}`.")


# ── values


def _id(text: str) -> str:
    try:
        return salesforce_id(text)
    except Refusal as refusal:
        raise Unreadable(refusal.what) from None


def _time(raw: object) -> datetime:
    try:
        return read_instant(raw)
    except Refusal as refusal:
        raise Unreadable(refusal.what) from None


def from_epoch(raw: object, parts: int) -> datetime:
    """A time in seconds (`parts` 1) or milliseconds (1000) since 1970. Raises `Unreadable`."""
    try:
        return _time(datetime.fromtimestamp(float(str(raw)) / parts, UTC))
    except (ValueError, OverflowError, OSError):
        raise Unreadable(f"{str(raw)[:40]!r} is no time.") from None
