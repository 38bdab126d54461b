"""A real SMTP server for the tests, with or without TLS and a login."""

import asyncio
import ssl
import warnings
from collections.abc import AsyncIterator, Callable
from contextlib import AbstractAsyncContextManager, asynccontextmanager
from dataclasses import dataclass, field
from email import message_from_bytes
from email.message import EmailMessage
from email.policy import SMTP as SMTP_POLICY
from pathlib import Path
from typing import Any, Literal

import pytest
import trustme
from aiosmtpd.smtp import SMTP, AuthResult, Envelope, LoginPassword, Session

Tls = Literal["none", "starttls", "tls"]


@dataclass(frozen=True)
class Received:
    """One accepted message and the envelope it came in."""

    sender: str
    recipients: list[str]
    message: EmailMessage


@dataclass
class SmtpServer:
    """A listening server; `replies` maps a recipient to the answer to RCPT TO.

    `data_reply` answers every message when set (`"451 try later"`); what is refused is not kept.
    """

    host: str
    port: int
    tls: Tls
    ca_file: Path
    received: list[Received] = field(default_factory=list)
    replies: dict[str, str] = field(default_factory=dict)
    data_reply: str | None = None
    logins: int = 0

    async def handle_RCPT(  # noqa: N802 -- the name aiosmtpd calls
        self, server: SMTP, session: Session, envelope: Envelope, address: str, options: list[str]
    ) -> str:
        refusal = self.replies.get(address)
        if refusal is not None:
            return refusal
        envelope.rcpt_tos.append(address)
        return "250 OK"

    async def handle_DATA(self, server: SMTP, session: Session, envelope: Envelope) -> str:  # noqa: N802
        if self.data_reply is not None:
            return self.data_reply
        content = envelope.original_content or b""
        message = message_from_bytes(content, EmailMessage, policy=SMTP_POLICY)
        self.received.append(Received(envelope.mail_from or "", list(envelope.rcpt_tos), message))
        return "250 accepted"


ServeSmtp = Callable[..., AbstractAsyncContextManager[SmtpServer]]


@pytest.fixture(scope="session")
def certificate_authority() -> trustme.CA:
    """An authority only this test session trusts."""
    return trustme.CA()


@pytest.fixture
def serve_smtp(tmp_path: Path, certificate_authority: trustme.CA) -> ServeSmtp:
    """Start a server: `async with serve_smtp(tls="starttls", login=("u", "p")) as server`."""
    ca_file = tmp_path / "ca.pem"
    certificate_authority.cert_pem.write_to_path(str(ca_file))

    @asynccontextmanager
    async def serve(
        tls: Tls = "none", login: tuple[str, str] | None = None
    ) -> AsyncIterator[SmtpServer]:
        smtp = SmtpServer("127.0.0.1", 0, tls, ca_file)
        listener = await _listen(smtp, _server_tls(certificate_authority), login)
        smtp.port = listener.sockets[0].getsockname()[1]
        try:
            yield smtp
        finally:
            listener.close()
            await listener.wait_closed()

    return serve


@pytest.fixture
async def smtp_server(serve_smtp: ServeSmtp) -> AsyncIterator[SmtpServer]:
    """A server without TLS and login."""
    async with serve_smtp() as server:
        yield server


@asynccontextmanager
async def plain_server() -> AsyncIterator[SmtpServer]:
    """A server without TLS and login, for longer than a test."""
    smtp = SmtpServer("127.0.0.1", 0, "none", Path())
    listener = await _listen(smtp, None, None)
    smtp.port = listener.sockets[0].getsockname()[1]
    yield smtp
    listener.close()
    await listener.wait_closed()


def _server_tls(authority: trustme.CA) -> ssl.SSLContext:
    context = ssl.create_default_context(ssl.Purpose.CLIENT_AUTH)
    authority.issue_cert("127.0.0.1", "localhost").configure_cert(context)
    return context


async def _listen(
    smtp: SmtpServer, context: ssl.SSLContext | None, login: tuple[str, str] | None
) -> asyncio.Server:
    """Listen on a free port of the loopback interface."""
    loop = asyncio.get_running_loop()
    options: dict[str, Any] = {"hostname": "localhost", "loop": loop}
    if smtp.tls == "starttls":
        options |= {"tls_context": context, "require_starttls": True}
    if login:
        # Over implicit TLS aiosmtpd sees no STARTTLS and would refuse every login.
        options |= {"auth_required": True, "auth_require_tls": smtp.tls == "starttls"}
        options["authenticator"] = _authenticator(smtp, login)
    implicit = context if smtp.tls == "tls" else None
    return await loop.create_server(lambda: _protocol(smtp, options), smtp.host, 0, ssl=implicit)


def _protocol(smtp: SmtpServer, options: dict[str, Any]) -> SMTP:
    with warnings.catch_warnings():
        # A login without STARTTLS is what some tests are about.
        warnings.filterwarnings("ignore", "Requiring AUTH while not requiring TLS")
        return SMTP(smtp, **options)


def _authenticator(smtp: SmtpServer, login: tuple[str, str]) -> Callable[..., AuthResult]:
    expected = LoginPassword(login[0].encode(), login[1].encode())

    def check(
        server: SMTP, session: Session, envelope: Envelope, mechanism: str, data: object
    ) -> AuthResult:
        smtp.logins += data == expected
        # Not handled: aiosmtpd is to answer a refusal itself, else the client waits for ever.
        return AuthResult(success=data == expected, handled=False)

    return check
