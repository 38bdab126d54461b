"""Mail over SMTP: what is wrong with the mail or the login is permanent, with the way it is not."""

from __future__ import annotations

import ssl
from dataclasses import dataclass, field
from email.message import EmailMessage
from enum import StrEnum
from pathlib import Path

from aiosmtplib import (
    SMTP,
    SMTPException,
    SMTPRecipientRefused,
    SMTPRecipientsRefused,
    SMTPResponseException,
)

from lifecycle.delivery import PermanentFailure, TemporaryFailure, one_line

LOOPBACK = {"localhost", "127.0.0.1", "::1"}


class Tls(StrEnum):
    """How the connection is secured: not at all, after STARTTLS, from the first byte."""

    NONE = "none"
    STARTTLS = "starttls"
    TLS = "tls"


@dataclass(frozen=True, slots=True)
class SmtpTransport:
    """One connection per mail to the server at `host`:`port`; `timeout` in seconds for each step.

    `ca_file` adds a certificate authority of one's own. Raises `ValueError` when a login would
    cross the net in the clear, or a user has no password.
    """

    host: str
    port: int = 587
    tls: Tls = Tls.STARTTLS
    user: str | None = None
    password: str | None = field(default=None, repr=False)
    timeout: float = 30.0
    verify: bool = True
    ca_file: Path | None = None

    def __post_init__(self) -> None:
        if (self.user is None) != (self.password is None):
            raise ValueError("SMTP needs both a user and a password, or neither.")
        if self.user and self.tls is Tls.NONE and self.host not in LOOPBACK:
            raise ValueError(
                f"A login at {self.host} without TLS can be read on the way: use starttls or tls."
            )

    async def send(self, message: EmailMessage) -> None:
        """Hands `message` to the server; returns after its 250.

        Raises `PermanentFailure` (5xx, login refused) or `TemporaryFailure` (4xx, connection, TLS,
        timeout).
        """
        try:
            async with self._connection() as connection:
                refused, _ = await connection.send_message(message)
        except (SMTPException, OSError) as error:
            raise self._failure(error) from None
        if refused:
            # Another try would reach those again who have it already.
            raise PermanentFailure(
                self._clean(
                    f"Taken for others, but refused for {'; '.join(map(_shown, refused.items()))}"
                )
            )

    def _connection(self) -> SMTP:
        return SMTP(
            hostname=self.host,
            port=self.port,
            username=self.user,
            password=self.password,
            timeout=self.timeout,
            use_tls=self.tls is Tls.TLS,
            start_tls=self.tls is Tls.STARTTLS,
            tls_context=self._trust() if self.tls is not Tls.NONE else None,
        )

    def _trust(self) -> ssl.SSLContext:
        trust = ssl.create_default_context()
        if self.ca_file:
            trust.load_verify_locations(cafile=self.ca_file)
        if not self.verify:
            trust.check_hostname = False
            trust.verify_mode = ssl.CERT_NONE
        return trust

    def _failure(self, error: SMTPException | OSError) -> PermanentFailure | TemporaryFailure:
        code, text = _verdict(error)
        reason = self._clean(f"{self.host}:{self.port} {text}")
        return (
            PermanentFailure(reason)
            if code is not None and code >= 500
            else TemporaryFailure(reason)
        )

    def _clean(self, reason: str) -> str:
        return one_line(reason.replace(self.password, "•••") if self.password else reason)


def _shown(refusal: tuple[str, tuple[int, str]]) -> str:
    address, (code, answer) = refusal
    return f"{address}: {code} {answer}"


def _verdict(error: Exception) -> tuple[int | None, str]:
    """The server's code, if it gave one, and what to tell people."""
    match error:
        case SMTPRecipientsRefused():
            refused: list[SMTPRecipientRefused] = error.recipients
            answers = "; ".join(f"{one.recipient}: {one.code} {one.message}" for one in refused)
            return min(one.code for one in refused), f"refused {answers}"
        case SMTPResponseException():
            return error.code, f"answered {error.code} {error.message}"
        case _:
            return None, f"cannot be used: {type(error).__name__} {error}"
