"""How the senders sign, written down once more, from their documentation and not from our code."""

from __future__ import annotations

import base64
import hashlib
import hmac
import json
from datetime import UTC, datetime
from typing import Any

SECRETS = {
    "salesforce": "5f1c0b3e7d9a4c2e8b6d0f1a3c5e7d9b",
    "hubspot": "yyyyyyyy-yyyy-yyyy-yyyy-yyyyyyyyyyyy",
    "stripe": "whsec_test_0123456789abcdefghijklmn",
    "segment": "a shared secret of the tests, long",
    "product": "whsec_MfKQ9r8GKYqrTwjUPD8ILPZIo2LaLaSw",
}
JSON = {"content-type": "application/json"}
HOME = "http://door"


def body_of(data: Any) -> bytes:
    return json.dumps(data).encode()


def stripe(body: bytes, at: datetime | None = None, *secrets: str) -> dict[str, str]:
    seconds = int((at or datetime.now(UTC)).timestamp())
    signed = f"{seconds}.".encode() + body
    made = [
        hmac.new(one.encode(), signed, hashlib.sha256).hexdigest()
        for one in secrets or (SECRETS["stripe"],)
    ]
    header = ",".join([f"t={seconds}", *(f"v1={one}" for one in made), "v0=6ffbb59b2300aae63f27"])
    return {**JSON, "stripe-signature": header}


def hubspot(
    body: bytes, at: datetime | None = None, url: str = f"{HOME}/hooks/hubspot"
) -> dict[str, str]:
    millis = str(int((at or datetime.now(UTC)).timestamp() * 1000))
    text = "POST" + url + body.decode() + millis
    made = hmac.new(SECRETS["hubspot"].encode(), text.encode(), hashlib.sha256).digest()
    return {
        **JSON,
        "x-hubspot-request-timestamp": millis,
        "x-hubspot-signature-v3": base64.b64encode(made).decode(),
    }


def segment(body: bytes) -> dict[str, str]:
    made = hmac.new(SECRETS["segment"].encode(), body, hashlib.sha1).hexdigest()
    return {**JSON, "x-signature": made}


def product(body: bytes, name: str, at: datetime | None = None) -> dict[str, str]:
    seconds = int((at or datetime.now(UTC)).timestamp())
    key = base64.b64decode(SECRETS["product"].removeprefix("whsec_"))
    made = hmac.new(key, f"{name}.{seconds}.".encode() + body, hashlib.sha256).digest()
    return {
        **JSON,
        "webhook-id": name,
        "webhook-timestamp": str(seconds),
        "webhook-signature": f"v1a,bm90IG91cnM= v1,{base64.b64encode(made).decode()}",
    }


# ── Salesforce

ORGANIZATION = "00D4x000008abcdEAA"


def soap(*records: tuple[str, dict[str, str]], notification: str = "04l4x00000AbCdE") -> bytes:
    """An outbound message of records, each with its type and its fields."""
    told = "".join(
        f"<Notification><Id>{_numbered(notification, number)}</Id>"
        f'<sObject xsi:type="sf:{kind}" xmlns:sf="urn:sobject.enterprise.soap.sforce.com">'
        + "".join(f"<sf:{name}>{value}</sf:{name}>" for name, value in fields.items())
        + "</sObject></Notification>"
        for number, (kind, fields) in enumerate(records)
    )
    return (
        '<?xml version="1.0" encoding="UTF-8"?>'
        '<soapenv:Envelope xmlns:soapenv="http://schemas.xmlsoap.org/soap/envelope/"'
        ' xmlns:xsi="http://www.w3.org/2001/XMLSchema-instance"><soapenv:Body>'
        '<notifications xmlns="http://soap.sforce.com/2005/09/outbound">'
        f"<OrganizationId>{ORGANIZATION}</OrganizationId><ActionId>04k4x000000AbCd</ActionId>"
        '<SessionId xsi:nil="true"/><EnterpriseUrl>https://example.com/c</EnterpriseUrl>'
        f"<PartnerUrl>https://example.com/u</PartnerUrl>{told}"
        "</notifications></soapenv:Body></soapenv:Envelope>"
    ).encode()


def _numbered(notification: str, number: int) -> str:
    return f"{notification[:12]}{number:03}"


def change(
    kind: str, record: str, change_type: str, transaction: str = "t-1", **fields: Any
) -> dict[str, Any]:
    """A change event as a relay posts it."""
    header = {
        "entityName": kind,
        "recordIds": [record],
        "changeType": change_type,
        "changeOrigin": "com/salesforce/api/soap/65.0;client=SfdcInternalAPI/",
        "transactionKey": transaction,
        "sequenceNumber": 1,
        "commitTimestamp": int(datetime.now(UTC).timestamp() * 1000),
        "changedFields": list(fields),
        "commitNumber": 21_130_322_412,
        "commitUser": "0054x000003abcdEAA",
    }
    payload = {"ChangeEventHeader": header, **fields}
    return {"schema": "x", "payload": payload, "event": {"replayId": 42}}
