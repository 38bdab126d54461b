"""The message on the wire: headers, addresses, the same bytes every time."""

from datetime import UTC, datetime
from email import message_from_bytes, policy
from email.message import EmailMessage
from pathlib import Path

import pytest

from lifecycle.delivery import PermanentFailure, TemporaryFailure
from lifecycle.mail import (
    InvalidAddress,
    Mailbox,
    OutboxTransport,
    Rendered,
    compose,
    mailbox,
    message_id,
    read_mailbox,
    standard_headers,
)

WORDS = Rendered("Grüße an Nord & Wind", "Größe\n" + "x" * 2_000 + "\n", "<p>Größe</p>")
SENDER = mailbox("success@example.com", "Example, Customer Success")
MARIA = mailbox("maria@example.com", "Maria Lindqvist")
AT = datetime(2026, 3, 14, 9, 30, tzinfo=UTC)
ID = message_id("0018d|welcome|1", "example.com")


def made(
    to: Mailbox = MARIA, headers: dict[str, str] | None = None, words: Rendered = WORDS
) -> EmailMessage:
    headers = standard_headers("0018d", "welcome") if headers is None else headers
    return compose(words, SENDER, [to], ID, AT, headers)


def test_a_message_survives_the_wire() -> None:
    wire = made().as_bytes()
    assert max(map(len, wire.split(b"\r\n"))) <= 998
    assert wire.isascii()
    back = message_from_bytes(wire, policy=policy.SMTP)
    assert isinstance(back, EmailMessage)
    assert back.get_content_type() == "multipart/alternative"
    assert back["Subject"] == WORDS.subject
    assert back["From"].addresses[0].display_name == "Example, Customer Success"
    assert back["To"].addresses[0].addr_spec == "maria@example.com"
    assert back["Date"].datetime == AT
    assert back["Auto-Submitted"] == "auto-generated"
    assert back["X-Lifecycle-Account"] == "0018d"
    assert back["X-Lifecycle-Automation"] == "welcome"
    parts = [part.get_content().replace("\r\n", "\n") for part in back.iter_parts()]
    assert parts == [WORDS.text, WORDS.html + "\n"]


def test_the_same_effect_gives_the_same_bytes() -> None:
    """R22: a mail sent again after a crash is the same mail."""
    assert made().as_bytes() == made().as_bytes()
    assert message_id("0018d|welcome|1", "example.com") == ID
    assert message_id("0018d|welcome|2", "example.com") != ID


@pytest.mark.parametrize("value", ["x\r\nBcc: all@example.com", "x\n", "x\r", "x\x00"])
def test_headers_cannot_be_injected(value: str) -> None:
    with pytest.raises(ValueError, match="line break"):
        made(headers={"X-Lifecycle-Account": value})
    with pytest.raises(ValueError, match="line break"):
        made(headers={f"X-{value}": "1"})
    with pytest.raises(ValueError, match=r"linefeed|carriage return|invalid"):
        made(words=Rendered(f"x{value}\r\nBcc: y", "", ""))
    with pytest.raises(InvalidAddress):
        mailbox("maria@example.com", value)


def test_a_long_address_in_a_header_stays_whole() -> None:
    """RFC 8058: the library would fold it and encode the pieces, and nobody could use it."""
    address = f"<https://mail.example.com/unsubscribe/{'a' * 600}>"
    wire = made(headers={"List-Unsubscribe": address}).as_bytes()
    assert f"\r\nList-Unsubscribe: {address}\r\n".encode() in wire
    with pytest.raises(ValueError, match="longer than 998"):
        made(headers={"List-Unsubscribe": "x" * 999})


def test_our_headers_cannot_be_replaced() -> None:
    with pytest.raises(ValueError, match="written by compose"):
        made(headers={"bCC": "all@example.com"})


def test_a_message_needs_a_recipient_and_an_aware_date() -> None:
    with pytest.raises(ValueError, match="recipient"):
        compose(WORDS, SENDER, [], ID, AT, {})
    with pytest.raises(ValueError, match="time zone"):
        compose(WORDS, SENDER, [MARIA], ID, AT.replace(tzinfo=None), {})


@pytest.mark.parametrize(
    ("given", "wire"),
    [
        ("maria@example.com", "maria@example.com"),
        ("Maria.L+crm@Example.COM", "Maria.L+crm@example.com"),
        ("maria@straße.example", "maria@xn--strae-oqa.example"),
        ("maria@例え.jp", "maria@xn--r8jz45g.jp"),
        ("o'neil@localhost", "o'neil@localhost"),
    ],
)
def test_addresses_that_are_taken(given: str, wire: str) -> None:
    assert mailbox(given).email == wire


@pytest.mark.parametrize(
    ("given", "reason"),
    [
        ("", "no @"),
        ("maria", "no @"),
        ("@example.com", "before the @ is empty"),
        ("maria@", "after the @"),
        ("maria@-example.com", "after the @"),
        ("maria@exa_mple.com", "after the @"),
        ("maria@" + "a" * 64 + ".com", "after the @"),
        ("maria..l@example.com", "before the @"),
        ("ma ria@example.com", "space"),
        ("maria@example.com\r\nRCPT TO:<all@example.com>", "line break"),
        ("maria@example.com\x00", "control character"),
        ("maría@example.com", "beyond a-z"),
        ("a@b@example.com", "before the @"),
        ("<maria@example.com>", "before the @"),
        ("maria@\u2024\u2024.example", "ASCII"),
    ],
)
def test_addresses_that_are_refused_with_the_reason(given: str, reason: str) -> None:
    with pytest.raises(InvalidAddress, match=reason):
        mailbox(given)


def test_a_mailbox_is_read_from_a_setting() -> None:
    assert read_mailbox("Customer Success <cs@example.com>") == mailbox(
        "cs@example.com", "Customer Success"
    )
    assert read_mailbox("cs@example.com") == mailbox("cs@example.com")
    with pytest.raises(InvalidAddress):
        read_mailbox("Customer Success <cs>")


# ── the outbox


async def test_the_outbox_keeps_one_file_per_message(tmp_path: Path) -> None:
    """R22: sent twice, there once."""
    outbox = OutboxTransport(tmp_path / "outbox")
    await outbox.send(made())
    await outbox.send(made())
    (file,) = outbox.folder.iterdir()
    assert file.name == ID[1:].partition("@")[0] + ".eml"
    assert file.read_bytes() == made().as_bytes()
    (kept,) = outbox.messages()
    assert kept["Subject"] == WORDS.subject
    assert file.stat().st_mode & 0o077 == 0


async def test_a_message_id_cannot_lead_out_of_the_outbox(tmp_path: Path) -> None:
    message = compose(WORDS, SENDER, [MARIA], "<../../x@example.com>", AT, {})
    with pytest.raises(PermanentFailure, match="cannot name a file"):
        await OutboxTransport(tmp_path).send(message)


async def test_an_outbox_that_cannot_be_written_is_tried_again(tmp_path: Path) -> None:
    (tmp_path / "outbox").write_text("a file where the folder should be")
    with pytest.raises(TemporaryFailure, match="cannot be written"):
        await OutboxTransport(tmp_path / "outbox").send(made())
