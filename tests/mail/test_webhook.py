"""Webhooks against a real server, verified with the library a receiver would use."""

import asyncio
import json
import logging
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from dataclasses import dataclass, field
from datetime import UTC, date, datetime, timedelta, timezone

import pytest
from standardwebhooks import Webhook

from lifecycle import webhook
from lifecycle.delivery import PermanentFailure, TemporaryFailure
from lifecycle.webhook import Payload, WebhookTarget, post, sign

SECRET = "whsec_MfKQ9r8GKYqrTwjUPD8ILPZIo2LaLaSw"
EFFECT = "0018d|activate_standard|3"
HAPPENED = datetime(2026, 3, 14, 9, 30, tzinfo=UTC)
PAYLOAD = Payload("activate_product", HAPPENED, {"account": "0018d", "product": "Größe"})


@dataclass
class Receiver:
    """Answers every request with `answer`; None keeps silent until `hurry` is set."""

    url: str = ""
    answer: bytes | None = b"HTTP/1.1 204 No Content\r\n\r\n"
    requests: list[tuple[str, dict[str, str], bytes]] = field(default_factory=list)
    hurry: asyncio.Event = field(default_factory=asyncio.Event)

    async def talk(self, reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        head = (await reader.readuntil(b"\r\n\r\n")).decode().split("\r\n")
        headers = dict(line.lower().split(": ", 1) for line in head[1:] if line)
        originals = dict(line.split(": ", 1) for line in head[1:] if line)
        body = await reader.readexactly(int(headers["content-length"]))
        self.requests.append((head[0], {k.lower(): v for k, v in originals.items()}, body))
        if self.answer is None:
            await self.hurry.wait()
        else:
            writer.write(self.answer)
        writer.close()


@asynccontextmanager
async def listening() -> AsyncIterator[Receiver]:
    receiver = Receiver()
    async with await asyncio.start_server(receiver.talk, "127.0.0.1", 0) as server:
        receiver.url = f"http://127.0.0.1:{server.sockets[0].getsockname()[1]}/hook?token=t0ken"
        yield receiver
        receiver.hurry.set()


@pytest.fixture
async def receiver() -> AsyncIterator[Receiver]:
    async with listening() as found:
        yield found


def now() -> datetime:
    return datetime.now(UTC)


async def test_the_receiver_can_verify_what_it_gets(receiver: Receiver) -> None:
    """V4: the transition to Prospect tells the product platform."""
    answer = await post(WebhookTarget(receiver.url, SECRET), EFFECT, PAYLOAD, now())
    assert answer.status == 204
    assert answer.ms >= 0
    ((line, headers, body),) = receiver.requests
    assert line == "POST /hook?token=t0ken HTTP/1.1"
    assert headers["webhook-id"] == EFFECT
    assert Webhook(SECRET).verify(body, headers) == {
        "type": "activate_product",
        "timestamp": "2026-03-14T09:30:00Z",
        "data": {"account": "0018d", "product": "Größe"},
    }


async def test_a_repetition_is_known_by_its_id(receiver: Receiver) -> None:
    """R22: the same effect has the same id; the stamp is that of the try."""
    target = WebhookTarget(receiver.url, SECRET)
    for moment in (now() - timedelta(minutes=2), now()):
        await post(target, EFFECT, PAYLOAD, moment)
    first, second = (headers for _, headers, _ in receiver.requests)
    assert first["webhook-id"] == second["webhook-id"] == EFFECT
    assert first["webhook-timestamp"] != second["webhook-timestamp"]
    for _, headers, body in receiver.requests:
        Webhook(SECRET).verify(body, headers)


@pytest.mark.parametrize(
    ("account", "told"),
    [("Müller", "M%C3%BCller"), ("a b\r\nx-evil: 1", "a%20b%0D%0Ax-evil:%201"), ("a#1", "a#1")],
)
async def test_an_account_of_any_name_is_told_of(
    receiver: Receiver, account: str, told: str
) -> None:
    """V4: an id that no header can hold is written as in an address, and adds no header of its own."""
    await post(WebhookTarget(receiver.url, SECRET), f"{account}/sales.go/v1", PAYLOAD, now())
    ((_, headers, body),) = receiver.requests
    assert headers["webhook-id"] == f"{told}/sales.go/v1"
    assert "x-evil" not in headers
    assert Webhook(SECRET).verify(body, headers)


def test_a_signature_does_not_hang_on_the_zone_of_the_clock() -> None:
    moment = datetime(2026, 3, 14, 12, tzinfo=UTC)
    elsewhere = moment.astimezone(timezone(timedelta(hours=5, minutes=30)))
    assert sign(SECRET, "1", elsewhere, "{}") == sign(SECRET, "1", moment, "{}")


async def test_dates_in_the_data_are_written_as_iso(receiver: Receiver) -> None:
    told = Payload("x", HAPPENED, {"renewal_date": date(2026, 4, 13)})
    await post(WebhookTarget(receiver.url, SECRET), EFFECT, told, now())
    assert json.loads(receiver.requests[0][2])["data"] == {"renewal_date": "2026-04-13"}


def answering(status: str, headers: str = "", body: str = "") -> bytes:
    return f"HTTP/1.1 {status}\r\n{headers}content-length: {len(body)}\r\n\r\n{body}".encode()


@pytest.mark.parametrize("status", ["408 x", "425 x", "429 x", "500 x", "502 x", "503 x"])
async def test_answers_worth_another_try(receiver: Receiver, status: str) -> None:
    receiver.answer = answering(status, body="come\nback")
    with pytest.raises(TemporaryFailure, match=rf"answered {status[:3]}\. come back$") as caught:
        await post(WebhookTarget(receiver.url, SECRET), EFFECT, PAYLOAD, now())
    assert caught.value.retry_after is None


@pytest.mark.parametrize("status", ["400 x", "401 x", "403 x", "404 x", "410 x", "413 x", "422 x"])
async def test_answers_that_are_final(receiver: Receiver, status: str) -> None:
    receiver.answer = answering(status, body="no such product")
    with pytest.raises(PermanentFailure, match=rf"answered {status[:3]}\. no such product$"):
        await post(WebhookTarget(receiver.url, SECRET), EFFECT, PAYLOAD, now())


@pytest.mark.parametrize(
    ("header", "wait"),
    [
        ("retry-after: 120\r\n", timedelta(minutes=2)),
        ("retry-after: 99999999999999\r\n", timedelta(hours=1)),
        ("retry-after: Sat, 14 Mar 2026 09:30:00 GMT\r\n", None),
        ("retry-after: -1\r\n", None),
    ],
)
async def test_a_named_time_is_kept(
    receiver: Receiver, header: str, wait: timedelta | None
) -> None:
    receiver.answer = answering("429 x", header)
    with pytest.raises(TemporaryFailure) as caught:
        await post(WebhookTarget(receiver.url, SECRET), EFFECT, PAYLOAD, now())
    assert caught.value.retry_after == wait


async def test_redirects_are_not_followed(receiver: Receiver) -> None:
    async with listening() as elsewhere:
        receiver.answer = answering("307 x", f"location: {elsewhere.url}\r\n")
        with pytest.raises(PermanentFailure, match="redirects are not followed"):
            await post(WebhookTarget(receiver.url, SECRET), EFFECT, PAYLOAD, now())
        assert elsewhere.requests == []


async def test_an_endless_answer_is_cut(receiver: Receiver) -> None:
    receiver.answer = answering("500 x", body="x" * 5_000_000)
    with pytest.raises(TemporaryFailure) as caught:
        await post(WebhookTarget(receiver.url, SECRET), EFFECT, PAYLOAD, now())
    assert len(caught.value.reason) <= 300


async def test_silence_is_temporary(receiver: Receiver, monkeypatch: pytest.MonkeyPatch) -> None:
    receiver.answer = None
    monkeypatch.setattr(webhook, "TOTAL_SECONDS", 0.2)
    with pytest.raises(TemporaryFailure, match=r"cannot be reached: TimeoutError"):
        await post(WebhookTarget(receiver.url, SECRET), EFFECT, PAYLOAD, now())


@pytest.mark.parametrize("answer", [b"", b"not HTTP\r\n\r\n", b"HTTP/1.1 200 OK\r\ncontent-l"])
async def test_a_broken_answer_is_temporary(receiver: Receiver, answer: bytes) -> None:
    receiver.answer = answer
    with pytest.raises(TemporaryFailure, match="cannot be reached"):
        await post(WebhookTarget(receiver.url, SECRET), EFFECT, PAYLOAD, now())


async def test_nobody_listening_is_temporary(receiver: Receiver) -> None:
    async with listening() as gone:
        url = gone.url
    with pytest.raises(TemporaryFailure, match="cannot be reached: ConnectError"):
        await post(WebhookTarget(url, SECRET), EFFECT, PAYLOAD, now())


@pytest.mark.parametrize(
    "url",
    [
        "ftp://example.com/x",
        "file:///etc/passwd",
        "example.com/x",
        "http:///x",
        "http://user:pass@example.com/x",
        "http://[::1",
        "",
    ],
)
async def test_addresses_that_are_no_webhook(url: str) -> None:
    with pytest.raises(PermanentFailure, match="address"):
        await post(WebhookTarget(url, SECRET), EFFECT, PAYLOAD, now())


async def test_data_that_is_too_large_or_no_json() -> None:
    target = WebhookTarget("http://127.0.0.1:9/x", SECRET)
    with pytest.raises(PermanentFailure, match="larger than"):
        await post(target, EFFECT, Payload("x", HAPPENED, {"x": "x" * 300_000}), now())
    for value in (float("nan"), object()):
        with pytest.raises(PermanentFailure, match="no form in JSON"):
            await post(target, EFFECT, Payload("x", HAPPENED, {"x": value}), now())


@pytest.mark.parametrize("secret", ["", "whsec_", "whsec_not base64!", "geheim"])
def test_a_secret_that_is_none_is_refused_and_not_shown(secret: str) -> None:
    with pytest.raises(ValueError, match="key in base64") as caught:
        WebhookTarget("https://example.com", secret)
    assert secret in {"", "whsec_"} or secret not in str(caught.value)


async def test_neither_secret_nor_address_gets_into_logs_or_errors(
    receiver: Receiver, caplog: pytest.LogCaptureFixture
) -> None:
    caplog.set_level(logging.INFO)
    target = WebhookTarget(receiver.url, SECRET)
    await post(target, EFFECT, PAYLOAD, now())
    receiver.answer = b""
    with pytest.raises(TemporaryFailure) as caught:
        await post(target, EFFECT, PAYLOAD, now())
    seen = caplog.text + repr(target) + str(caught.value)
    assert SECRET not in seen
    assert "t0ken" not in seen
    assert caught.value.__suppress_context__
