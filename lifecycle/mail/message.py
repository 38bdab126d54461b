"""From rendered words to a message on the wire; the same effect always gives the same bytes."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from datetime import datetime
from email.headerregistry import BaseHeader, HeaderRegistry, UnstructuredHeader
from email.message import EmailMessage
from email.policy import SMTP, Policy
from email.utils import format_datetime
from hashlib import sha256

from .addresses import Mailbox
from .templates import Rendered

OWN_HEADERS = frozenset(
    {
        "auto-submitted",
        "bcc",
        "cc",
        "content-transfer-encoding",
        "content-type",
        "date",
        "from",
        "message-id",
        "mime-version",
        "sender",
        "subject",
        "to",
    }
)


class WholeHeader(UnstructuredHeader, BaseHeader):
    """A header on one line: the library would break a long address in two and encode it, and nobody could use it."""

    def fold(self, *, policy: Policy) -> str:
        """As it stands, up to the 998 characters a line may have."""
        return f"{self.name}: {self}{policy.linesep}"


LONGEST_LINE = 998
_KINDS = HeaderRegistry()
for _name in ("list-unsubscribe", "list-unsubscribe-post"):
    _KINDS.map_to_type(_name, WholeHeader)
WIRE = SMTP.clone(header_factory=_KINDS)


def message_id(effect_id: str, domain: str) -> str:
    """The Message-ID of one effect: sent twice after a crash, it is one mail (R22)."""
    return f"<{sha256(effect_id.encode()).hexdigest()[:40]}@{domain}>"


def standard_headers(
    account_id: str | None, automation: str, campaign: str | None = None
) -> dict[str, str]:
    """What lets people and filters tell our mails apart: an automation's, or a campaign's."""
    account = {"X-Lifecycle-Account": account_id} if account_id else {}
    if campaign is not None:
        return {**account, "X-Lifecycle-Campaign": campaign}
    return {**account, "X-Lifecycle-Automation": automation}


def compose(
    rendered: Rendered,
    sender: Mailbox,
    recipients: Sequence[Mailbox],
    message_id: str,
    date: datetime,
    headers: Mapping[str, str],
) -> EmailMessage:
    """A multipart/alternative message, 7-bit clean on every line.

    `date` is aware: the instant the mail fell due, not that of a try. `headers` come beside ours;
    a line break in one, or a header that is ours to write, raises `ValueError`.
    """
    if not recipients:
        raise ValueError("A mail needs at least one recipient.")
    if date.tzinfo is None:
        raise ValueError("The date of a mail needs a time zone.")
    message = EmailMessage(policy=WIRE)
    message["From"] = sender.header
    message["To"] = [one.header for one in recipients]
    message["Subject"] = rendered.subject
    message["Date"] = format_datetime(date)
    message["Message-ID"] = message_id
    message["Auto-Submitted"] = "auto-generated"
    _add(message, headers)
    _fill(message, rendered, message_id)
    return message


def _add(message: EmailMessage, headers: Mapping[str, str]) -> None:
    for name, value in headers.items():
        if name.lower() in OWN_HEADERS:
            raise ValueError(f"The header {name} is written by compose.")
        if not name.isprintable() or not value.isprintable():
            raise ValueError(f"The header {name!r} holds a line break or control character.")
        if len(f"{name}: {value}") > LONGEST_LINE:
            raise ValueError(f"The header {name} is longer than {LONGEST_LINE} characters.")
        message[name] = value


def _fill(message: EmailMessage, rendered: Rendered, message_id: str) -> None:
    # Not every server takes 8-bit bodies or lines of more than 998 bytes.
    message.set_content(rendered.text, cte="quoted-printable")
    message.add_alternative(rendered.html, subtype="html", cte="quoted-printable")
    message.set_boundary("=_" + sha256(message_id.encode()).hexdigest()[:32])
