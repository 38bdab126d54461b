"""E-mail: a message from a template folder, and the ways it leaves the house (R22)."""

from .addresses import InvalidAddress, Mailbox, mailbox, read_mailbox
from .check import check, try_out, uses, variables
from .message import compose, message_id, standard_headers
from .outbox import OutboxTransport
from .problems import TemplateProblem
from .smtp import SmtpTransport, Tls
from .templates import Rendered, exists, render, template_names
from .transport import Transport

__all__ = [
    "InvalidAddress",
    "Mailbox",
    "OutboxTransport",
    "Rendered",
    "SmtpTransport",
    "TemplateProblem",
    "Tls",
    "Transport",
    "check",
    "compose",
    "exists",
    "mailbox",
    "message_id",
    "read_mailbox",
    "render",
    "standard_headers",
    "template_names",
    "try_out",
    "uses",
    "variables",
]
