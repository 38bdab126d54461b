"""SMTP against a real server: TLS, login, and which answers are worth another try (R22)."""

import asyncio
import socket
from dataclasses import replace
from datetime import UTC, datetime
from email.message import EmailMessage

import pytest

from lifecycle.delivery import PermanentFailure, TemporaryFailure
from lifecycle.mail import Rendered, SmtpTransport, Tls, compose, mailbox, message_id
from tests.smtp import ServeSmtp, SmtpServer

PASSWORD = "correct horse battery staple"
AT = datetime(2026, 3, 14, 9, 30, tzinfo=UTC)


def mail(*to: str) -> EmailMessage:
    boxes = [mailbox(address) for address in to or ("maria@example.com",)]
    words = Rendered("Grüße", "Hello\n.\nQUIT\n", "<p>Hello</p>")
    return compose(words, mailbox("cs@example.com"), boxes, message_id("1", "example.com"), AT, {})


def transport(server: SmtpServer) -> SmtpTransport:
    return SmtpTransport(
        server.host, server.port, Tls(server.tls), timeout=5.0, ca_file=server.ca_file
    )


async def test_plain(smtp_server: SmtpServer) -> None:
    await transport(smtp_server).send(mail())
    (received,) = smtp_server.received
    assert received.sender == "cs@example.com"
    assert received.recipients == ["maria@example.com"]
    assert received.message["Subject"] == "Grüße"
    text = received.message.get_body(("plain",))
    assert text is not None
    assert text.get_content().splitlines() == ["Hello", ".", "QUIT"]


@pytest.mark.parametrize("tls", ["starttls", "tls"])
async def test_tls_with_a_login(serve_smtp: ServeSmtp, tls: str) -> None:
    async with serve_smtp(tls=tls, login=("cs", PASSWORD)) as server:
        await replace(transport(server), user="cs", password=PASSWORD).send(mail())
        assert len(server.received) == 1
        assert server.logins == 1


async def test_a_refused_login_is_permanent_and_keeps_the_password(serve_smtp: ServeSmtp) -> None:
    async with serve_smtp(tls="starttls", login=("cs", "another")) as server:
        with pytest.raises(PermanentFailure) as caught:
            await replace(transport(server), user="cs", password=PASSWORD).send(mail())
    assert "answered 535" in caught.value.reason
    assert PASSWORD not in str(caught.value)
    assert caught.value.__suppress_context__


@pytest.mark.parametrize("tls", ["starttls", "tls"])
async def test_a_certificate_nobody_trusts_is_refused(serve_smtp: ServeSmtp, tls: str) -> None:
    async with serve_smtp(tls=tls) as server:
        with pytest.raises(TemporaryFailure, match=r"(?i)certificate"):
            await replace(transport(server), ca_file=None).send(mail())
        assert server.received == []
        await replace(transport(server), ca_file=None, verify=False).send(mail())
        assert len(server.received) == 1


async def test_a_server_without_starttls_gets_no_mail(smtp_server: SmtpServer) -> None:
    with pytest.raises(TemporaryFailure, match="STARTTLS"):
        await replace(transport(smtp_server), tls=Tls.STARTTLS).send(mail())
    assert smtp_server.received == []


@pytest.mark.parametrize(
    ("reply", "kind"),
    [
        ("451 try later", TemporaryFailure),
        ("421 too busy", TemporaryFailure),
        ("550 no such user", PermanentFailure),
        ("554 looks like spam", PermanentFailure),
    ],
)
async def test_answers_to_recipient_and_data(
    smtp_server: SmtpServer, reply: str, kind: type[Exception]
) -> None:
    """R22: 4xx is retried, 5xx is shown as failed with the reason."""
    smtp_server.replies["maria@example.com"] = reply
    with pytest.raises(kind, match=reply):
        await transport(smtp_server).send(mail())
    smtp_server.replies.clear()
    smtp_server.data_reply = reply
    with pytest.raises(kind, match=reply):
        await transport(smtp_server).send(mail())
    assert smtp_server.received == []


async def test_a_mail_taken_for_some_is_never_sent_again(smtp_server: SmtpServer) -> None:
    smtp_server.replies["ben@example.com"] = "451 try later"
    with pytest.raises(PermanentFailure, match=r"refused for ben@example.com: 451 try later"):
        await transport(smtp_server).send(mail("maria@example.com", "ben@example.com"))
    assert len(smtp_server.received) == 1


async def test_a_mail_that_was_taken_is_sent_whatever_follows() -> None:
    """R22: a server that hangs up after its 250 has the mail; another try would send it twice."""
    script = [b"220 hi", b"250 hi", b"250 ok", b"250 ok", b"354 go"]

    async def abrupt(reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        writer.write(script[0] + b"\r\n")
        for answer in script[1:]:
            await reader.readline()
            writer.write(answer + b"\r\n")
        await reader.readuntil(b"\r\n.\r\n")
        writer.write(b"250 taken\r\n")
        writer.close()

    async with await asyncio.start_server(abrupt, "127.0.0.1", 0) as server:
        port = server.sockets[0].getsockname()[1]
        await SmtpTransport("127.0.0.1", port, Tls.NONE, timeout=5.0).send(mail())


async def test_nobody_listening_is_temporary() -> None:
    with socket.socket() as taken:
        taken.bind(("127.0.0.1", 0))
        with pytest.raises(TemporaryFailure, match="cannot be used"):
            await SmtpTransport("127.0.0.1", taken.getsockname()[1], Tls.NONE).send(mail())


async def test_a_silent_server_is_temporary() -> None:
    done = asyncio.Event()

    async def silent(reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        await done.wait()
        writer.close()

    async with await asyncio.start_server(silent, "127.0.0.1", 0) as server:
        port = server.sockets[0].getsockname()[1]
        with pytest.raises(TemporaryFailure, match="Timeout"):
            await SmtpTransport("127.0.0.1", port, Tls.NONE, timeout=0.2).send(mail())
        done.set()


def test_a_login_is_whole_and_never_in_the_clear() -> None:
    with pytest.raises(ValueError, match="both a user and a password"):
        SmtpTransport("mail.example.com", user="cs")
    with pytest.raises(ValueError, match="without TLS"):
        SmtpTransport("mail.example.com", tls=Tls.NONE, user="cs", password=PASSWORD)
    assert PASSWORD not in repr(SmtpTransport("mail.example.com", user="cs", password=PASSWORD))
