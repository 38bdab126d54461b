"""A letter: what one e-mail says to one reader."""

from __future__ import annotations

from dataclasses import dataclass
from email.message import EmailMessage
from urllib.parse import quote

from lifecycle.core.codec import from_data
from lifecycle.core.durations import zone_of
from lifecycle.core.model import PARKED_MAIL, Book
from lifecycle.core.state import AccountState
from lifecycle.core.values import Kind, Value
from lifecycle.mail import (
    Mailbox,
    Rendered,
    compose,
    message_id,
    read_mailbox,
    render,
    standard_headers,
)
from lifecycle.mail.context import (
    Occasion,
    Recipient,
    Sender,
    Setting,
    account_view,
    event_view,
    mail_context,
    parked_context,
)
from lifecycle.recipients import CONTACT
from lifecycle.settings import Settings
from lifecycle.store.contact_mail import key_of
from lifecycle.store.tables import EffectRow
from lifecycle.unsubscribing import Link, headers, links_of


@dataclass(frozen=True, slots=True)
class Letter:
    """A message ready to go, and the words in it."""

    message: EmailMessage
    rendered: Rendered

    @property
    def id(self) -> str:
        """Its Message-ID: the same for every try."""
        return str(self.message["Message-ID"])


@dataclass(frozen=True, slots=True)
class Desk:
    """Where the letters of one delivery are written.

    `affected` accounts: see a parked automation's notice (R15). `leaves` stands in for a contact's unsubscribe link.
    """

    settings: Settings
    book: Book
    state: AccountState
    effect: EffectRow
    affected: int = 0
    leaves: str | None = None

    def write(self, role: str, reader: Mailbox, number: int = 0) -> Letter:
        """The letter to one reader; `number` is a contact's, for the unsubscribe link.

        Raises `TemplateProblem`, `InvalidAddress` or `ValueError`.
        """
        sender = read_mailbox(self.settings.smtp.sender)
        templates = self.settings.templates.path / "email"
        leaves = self._unsubscribe(number) if role == CONTACT else None
        context = self._context(role, reader, sender, leaves)
        rendered = render(self.effect.name, context, templates)
        message = compose(
            rendered,
            sender,
            [reader],
            message_id(self._key(reader), sender.email.rpartition("@")[2]),
            self.effect.due_at,
            {
                **standard_headers(
                    self.effect.account, self.effect.automation, self.effect.campaign
                ),
                **(headers(leaves) if leaves else {}),
            },
        )
        return Letter(message, rendered)

    def _key(self, reader: Mailbox) -> str:
        return f"{self.effect.id}/{self.effect.generation}/{reader.email.lower()}"

    def _unsubscribe(self, number: int) -> str | None:
        if self.leaves is not None:
            return self.leaves
        links = links_of(self.settings)
        return links.address(Link(key_of(self.effect), number)) if links else None

    def _context(
        self, role: str, reader: Mailbox, sender: Mailbox, leaves: str | None
    ) -> dict[str, object]:
        account = account_view(
            self.state.account,
            str(self.state.fields.get("name") or self.state.account),
            self.state.fields,
            self.book.account.fields.values(),
        )
        setting = Setting(
            Recipient(reader.name, reader.email, role),
            Sender(sender.name, sender.email),
            self.effect.due_at.astimezone(zone_of(self.state.fields.get("time_zone"))).date(),
            None if role == CONTACT else self._link(),
            self._currency(),
            leaves,
        )
        if self.effect.name == PARKED_MAIL:
            return parked_context(self._occasion(), self.affected, setting)
        return mail_context(account, self._event(), self._occasion(), setting)

    def _event(self) -> dict[str, object] | None:
        facts: dict[str, Value] = from_data(dict[str, Value], self.effect.data)
        if not facts:
            return None
        names = {name for event in self.book.events.values() for name in event.data}
        return event_view(str(facts.get("type", "")), facts, names)

    def _occasion(self) -> Occasion:
        lifecycle = self.book.lifecycles.get(self.effect.lifecycle)
        stage = lifecycle.stage(self.effect.stage) if lifecycle else None
        return Occasion(
            (self.effect.lifecycle, lifecycle.title if lifecycle else self.effect.lifecycle),
            (stage.id, stage.label) if stage else None,
            self.effect.automation.rpartition(".")[2],
        )

    def _link(self) -> str | None:
        base = self.settings.base_url
        if base is None:
            return None
        return f"{str(base).rstrip('/')}/accounts/{quote(self.state.account, safe='')}"

    def _currency(self) -> str:
        money = (
            one.currency for one in self.book.account.fields.values() if one.kind is Kind.MONEY
        )
        return next((currency for currency in money if currency), "EUR")
