"""How each sender proves a delivery. Each raises `Unproved`, before a byte of the body is read as anything."""

from __future__ import annotations

import hmac
from base64 import b64encode
from collections.abc import Callable
from datetime import UTC, datetime
from hashlib import sha256

from standardwebhooks import Webhook

from .delivery import Delivery, Lock, Unproved, any_same, check_time, number

Prove = Callable[[Delivery, Lock], None]
NO_MATCH = "The signature fits none of the secrets."


def token(delivery: Delivery, lock: Lock) -> None:
    """Salesforce signs nothing: a secret as the last word of the path, or as a bearer token of a relay."""
    scheme, _, given = delivery.headers.get("authorization", "").partition(" ")
    bearer = given.strip() if scheme.lower() == "bearer" else ""
    offered = [one for one in (delivery.token, bearer) if one]
    if not any_same(lock.secrets, offered):
        raise Unproved("The address ends with none of the secrets, and no bearer token is one.")


def hubspot(delivery: Delivery, lock: Lock) -> None:
    """Version 3: HMAC-SHA256 in base64 over method, address, body and time in milliseconds."""
    time = delivery.header("x-hubspot-request-timestamp")
    given = delivery.header("x-hubspot-signature-v3")
    check_time(number(time, "x-hubspot-request-timestamp") / 1000, delivery)
    signed = [
        f"{delivery.method}{url}".encode() + delivery.body + time.encode() for url in delivery.urls
    ]
    expected = [b64encode(_hmac(secret, one)).decode() for secret in lock.secrets for one in signed]
    if not any_same(expected, [given]):
        raise Unproved(f"{NO_MATCH} HubSpot signs the address it calls: is public_url set to it?")


def stripe(delivery: Delivery, lock: Lock) -> None:
    """`t=` and one or more `v1=`: HMAC-SHA256 in hex over `t.body`."""
    pairs = [part.partition("=") for part in delivery.header("stripe-signature").split(",")]
    times = [value.strip() for name, _, value in pairs if name.strip() == "t"]
    given = [value.strip() for name, _, value in pairs if name.strip() == "v1"]
    if len(times) != 1 or not given:
        raise Unproved("The header stripe-signature has not one `t` and a `v1`.")
    check_time(number(times[0], "t"), delivery)
    signed = f"{times[0]}.".encode() + delivery.body
    if not any_same([_hmac(secret, signed).hex() for secret in lock.secrets], given):
        raise Unproved(NO_MATCH)


def segment(delivery: Delivery, lock: Lock) -> None:
    """HMAC-SHA1 in hex over the body. No time is signed: a replay is a duplicate, which changes nothing (R20)."""
    given = delivery.header("x-signature")
    made = [hmac.new(one.encode(), delivery.body, "sha1").hexdigest() for one in lock.secrets]
    if not any_same(made, [given.strip().lower()]):
        raise Unproved(NO_MATCH)


def standard(delivery: Delivery, lock: Lock) -> None:
    """Standard Webhooks: `webhook-id`, `webhook-timestamp`, `webhook-signature` with one or more `v1,`."""
    name, given = delivery.header("webhook-id"), delivery.header("webhook-signature")
    seconds = number(delivery.header("webhook-timestamp"), "webhook-timestamp")
    check_time(seconds, delivery)
    expected = [_signed(secret, name, seconds, delivery.body) for secret in lock.secrets]
    if not any_same(filter(None, expected), given.split()):
        raise Unproved(NO_MATCH)


def _signed(secret: str, name: str, seconds: float, body: bytes) -> str:
    """As the library signs; empty for a body that is no text, or a secret that is no base64."""
    try:
        return Webhook(secret).sign(name, datetime.fromtimestamp(seconds, UTC), body.decode())
    except (ValueError, RuntimeError):
        return ""


def _hmac(secret: str, signed: bytes) -> bytes:
    return hmac.new(secret.encode(), signed, sha256).digest()
