"""Webhooks out of the house, signed as Standard Webhooks describes."""

from __future__ import annotations

import asyncio
import binascii
import json
import logging
import ssl
import time
from base64 import b64decode
from collections.abc import Mapping
from dataclasses import dataclass, field
from datetime import UTC, datetime, timedelta
from functools import cache
from urllib.parse import quote

import httpx2
from standardwebhooks import Webhook

from lifecycle.delivery import PermanentFailure, TemporaryFailure, one_line

TIMEOUTS = httpx2.Timeout(connect=5.0, read=15.0, write=15.0, pool=5.0)
TOTAL_SECONDS = 30.0
MAX_ANSWER = 2_048
MAX_BODY = 256_000
MAX_RETRY_AFTER = timedelta(hours=1)
WORTH_ANOTHER_TRY = {408, 425, 429}
_PREFIX = "whsec_"
_PLAIN = "".join(chr(code) for code in range(33, 127))

# The client logs whole addresses at INFO, and an address may carry a token.
logging.getLogger("httpx2").setLevel(logging.WARNING)


@dataclass(frozen=True, slots=True)
class WebhookTarget:
    """Where a webhook goes. `secret` is `whsec_` and base64, else `ValueError`."""

    url: str = field(repr=False)
    secret: str = field(repr=False)

    def __post_init__(self) -> None:
        _key(self.secret)

    @property
    def host(self) -> str:
        """Scheme and host, fit for logs: path and query may hold a token."""
        url = httpx2.URL(self.url)
        return f"{url.scheme}://{url.netloc.decode('ascii')}"


@dataclass(frozen=True, slots=True)
class Payload:
    """What is told: `type` (`activate_product`), when it happened (aware), JSON values."""

    type: str
    happened_at: datetime
    data: Mapping[str, object]


@dataclass(frozen=True, slots=True)
class Answer:
    """The other side took it: its status, and how many milliseconds that needed."""

    status: int
    ms: int


def sign(secret: str, id: str, timestamp: datetime, body: str) -> str:
    """The value of `webhook-signature` over `id.timestamp.body`. `timestamp` is aware."""
    # The library takes the clock face for UTC, whatever zone it shows.
    return Webhook(_key(secret)).sign(id, timestamp.astimezone(UTC), body)


async def post(
    target: WebhookTarget, effect_id: str, payload: Payload, timestamp: datetime
) -> Answer:
    """Sends `payload` once; `effect_id` is the webhook-id by which the receiver knows a repetition; what no
    header can hold (an account's id may be in any script) is written as in an address, `%C3%BC`.

    `timestamp` is that of this try: receivers refuse old ones. Redirects are not followed. Raises
    `PermanentFailure` (bad address, 3xx, 4xx) or `TemporaryFailure` (408, 425, 429, 5xx, network,
    timeout).
    """
    url = _address(target)
    body = _body(payload)
    name = quote(effect_id, safe=_PLAIN)
    began = time.monotonic()
    try:
        async with asyncio.timeout(TOTAL_SECONDS):
            status, text, wait = await _exchange(url, body, _headers(target, name, timestamp, body))
    except (httpx2.TransportError, TimeoutError) as error:
        # `from None`: the client's error holds the request, and with it the whole address.
        raise TemporaryFailure(
            f"{target.host} cannot be reached: {type(error).__name__}."
        ) from None
    _judge(target.host, status, text, wait)
    return Answer(status, round((time.monotonic() - began) * 1000))


def _key(secret: str) -> bytes:
    try:
        key = b64decode(secret.removeprefix(_PREFIX), validate=True)
    except (binascii.Error, ValueError):
        key = b""
    if not key:
        raise ValueError("A webhook's secret is `whsec_` and a key in base64.") from None
    return key


def _address(target: WebhookTarget) -> httpx2.URL:
    try:
        url = httpx2.URL(target.url)
    except httpx2.InvalidURL:
        raise PermanentFailure("The webhook's address cannot be read.") from None
    if url.scheme not in {"https", "http"} or not url.host:
        raise PermanentFailure(
            "A webhook's address begins with https:// or http:// and names a host."
        )
    if url.userinfo:
        raise PermanentFailure(
            "A webhook's address holds no user or password; the signature is the proof."
        )
    return url


def _body(payload: Payload) -> str:
    told = {
        "type": payload.type,
        "timestamp": payload.happened_at.astimezone(UTC).isoformat().replace("+00:00", "Z"),
        "data": payload.data,
    }
    try:
        body = json.dumps(told, ensure_ascii=False, allow_nan=False, default=_plain)
    except (TypeError, ValueError) as error:
        raise PermanentFailure(f"The webhook's data has no form in JSON: {error}.") from None
    if len(body.encode()) > MAX_BODY:
        raise PermanentFailure(f"The webhook's data is larger than {MAX_BODY:,} bytes.")
    return body


def _plain(value: object) -> str:
    isoformat = getattr(value, "isoformat", None)
    if isoformat is None:
        raise TypeError(f"{type(value).__name__} is not a JSON value")
    return str(isoformat())


def _headers(
    target: WebhookTarget, effect_id: str, timestamp: datetime, body: str
) -> dict[str, str]:
    return {
        "content-type": "application/json; charset=utf-8",
        "user-agent": "lifecycle",
        "webhook-id": effect_id,
        "webhook-timestamp": str(int(timestamp.timestamp())),
        "webhook-signature": sign(target.secret, effect_id, timestamp, body),
    }


@cache
def _trust() -> ssl.SSLContext:
    return httpx2.create_ssl_context()


async def _exchange(
    url: httpx2.URL, body: str, headers: dict[str, str]
) -> tuple[int, str, str | None]:
    """Status, the beginning of the answer, and its Retry-After."""
    async with (
        httpx2.AsyncClient(timeout=TIMEOUTS, verify=_trust(), follow_redirects=False) as client,
        client.stream("POST", url, content=body.encode(), headers=headers) as response,
    ):
        text = "" if response.is_success else await _beginning(response)
        return response.status_code, text, response.headers.get("retry-after")


async def _beginning(response: httpx2.Response) -> str:
    """The first bytes as they came: unpacked, a small answer could become a large one."""
    begin = b""
    async for chunk in response.aiter_raw():
        begin += chunk
        if len(begin) >= MAX_ANSWER:
            break
    return begin[:MAX_ANSWER].decode("utf-8", "replace")


def _judge(host: str, status: int, text: str, wait: str | None) -> None:
    if 200 <= status < 300:
        return
    reason = one_line(f"{host} answered {status}. {text}")
    if status >= 500 or status in WORTH_ANOTHER_TRY:
        raise TemporaryFailure(reason, _retry_after(wait))
    if 300 <= status < 400:
        raise PermanentFailure(
            f"{host} answered {status}: redirects are not followed, set the final address."
        )
    raise PermanentFailure(reason)


def _retry_after(wait: str | None) -> timedelta | None:
    if wait is None or not wait.isdecimal():
        return None
    return min(timedelta(seconds=int(wait[:9])), MAX_RETRY_AFTER)
