"""Deliveries: one e-mail or webhook of an account, from its row to what became of it (R22).

Between the other side's word and our commit a crash may send a message twice: it carries the same id then.
"""

from __future__ import annotations

from dataclasses import dataclass, field
from datetime import UTC, datetime, timedelta

from temporalio import activity
from temporalio.exceptions import ApplicationError

from lifecycle import contract
from lifecycle.core.codec import Data, from_data
from lifecycle.core.durations import zone_of
from lifecycle.core.index import OUTSIDE, index_of, stages_of
from lifecycle.core.model import PARKED_MAIL, Book
from lifecycle.core.refusal import Refusal
from lifecycle.core.state import AccountState, HoldState
from lifecycle.core.values import Value
from lifecycle.delivery import PermanentFailure, TemporaryFailure, one_line
from lifecycle.letter import Desk, Letter
from lifecycle.mail import (
    InvalidAddress,
    Mailbox,
    OutboxTransport,
    SmtpTransport,
    TemplateProblem,
    Tls,
    Transport,
)
from lifecycle.recipients import CONTACT, Recipients, recipients
from lifecycle.settings import Settings
from lifecycle.store import accounts, contact_mail, definitions, effects
from lifecycle.store.accounts import Wanted
from lifecycle.store.contact_mail import Reader, Send, Skip, Verdict, Wait
from lifecycle.store.counts import count_by_stage
from lifecycle.store.engine import Store
from lifecycle.store.stored import state_of
from lifecycle.store.tables import EffectKind, EffectRow
from lifecycle.webhook import Payload, WebhookTarget, post

from .failing import for_good, in_turn, later

HOLD_LOOK = timedelta(minutes=10)
QUIET_LOOK = timedelta(hours=1)
"""The rules, and the account's time zone, may change while a mail waits for the morning."""
AT_LEAST = timedelta(seconds=1)
"""The morning may come while this is said."""


@dataclass(slots=True)
class Outcome:
    """What became of the letters of one try; `left_out` says why somebody gets none."""

    letters: list[Letter] = field(default_factory=list)
    addresses: list[str] = field(default_factory=list)
    refused: list[str] = field(default_factory=list)
    left_out: list[str] = field(default_factory=list)
    waits: Wait | None = None

    @property
    def reasons(self) -> str | None:
        """As one sentence; None without any."""
        said = "; ".join(self.left_out)
        return f"{said[:1].upper()}{said[1:]}." if said else None


def transport_of(settings: Settings) -> Transport:
    """How mail leaves the house: the outbox folder of the embedded stack, or a mail server."""
    if settings.mail == "outbox":
        return OutboxTransport(settings.state_dir / "outbox")
    smtp = settings.smtp
    return SmtpTransport(
        smtp.host,
        smtp.port,
        Tls(smtp.tls),
        smtp.user,
        smtp.password.get_secret_value() if smtp.password else None,
        smtp.timeout_seconds,
    )


class Delivering:
    """Sends what is due."""

    def __init__(self, store: Store, settings: Settings) -> None:
        self.store = store
        self.settings = settings
        self.transport = transport_of(settings)

    @activity.defn(name=contract.DELIVER)
    async def deliver(self, data: Data) -> str:
        """One delivery (`contract.DeliverRequest` as data); answers with what became of it."""
        request: contract.DeliverRequest = from_data(contract.DeliverRequest, data)
        try:
            row = await effects.effect_row(self.store, request.effect)
        except Refusal as refusal:
            raise for_good(str(refusal), refusal.code) from None
        if row.status not in effects.OPEN:
            return row.status.value
        return await (self._mail(row) if row.kind is EffectKind.MAIL else self._webhook(row))

    @activity.defn(name=contract.GIVE_UP)
    async def give_up(self, data: Data) -> None:
        """Show a delivery as failed, unless it ended some other way (`contract.GiveUpRequest` as data)."""
        request: contract.GiveUpRequest = from_data(contract.GiveUpRequest, data)
        try:
            row = await effects.effect_row(self.store, request.effect)
        except Refusal:
            return
        if row.status in effects.OPEN:
            for address in {*(row.recipients or [])} - {*(row.reached or [])}:
                await contact_mail.give_back(self.store, row, address)
            await effects.failed(self.store, request.effect, request.reason, datetime.now(UTC))

    # ── mail

    async def _mail(self, row: EffectRow) -> str:
        """Claimed first: only who holds the claim may change what becomes of it."""
        state = await self._state(row.account)
        book, _ = await definitions.book_for(self.store, state.versions, state.pending)
        found = recipients(book, state, row.roles)
        claimed = await self._claim(row, [box.email for _, box in found.found.values()])
        if claimed is None:
            return "finished"
        is_notice = row.name == PARKED_MAIL
        if state.hold is not None and not is_notice:
            raise await self._hold_back(row, state.hold)
        affected = await self._affected(book, row.automation) if is_notice else 0
        return await self._sending(
            claimed, Desk(self.settings, book, state, claimed, affected), found
        )

    async def _affected(self, book: Book, automation: str) -> int:
        """How many accounts stand where a parked automation would move them (R15)."""
        line = index_of(book).automations.get(automation)
        if line is None:
            return 0
        by_stage = await count_by_stage(self.store, Wanted(), line.lifecycle)
        where = set(stages_of(book.lifecycles[line.lifecycle], line)) if line.to else {line.stage}
        return sum(number for stage, number in by_stage.items() if (stage or OUTSIDE) in where)

    async def _hold_back(self, row: EffectRow, hold: HoldState) -> ApplicationError:
        reason = f"The account is on hold until {hold.until:%Y-%m-%d %H:%M}."
        await effects.release(self.store, row.id, reason)
        return in_turn(reason, HOLD_LOOK)

    async def _state(self, account: str) -> AccountState:
        """As it is now, not as it was when the mail fell due."""
        row = await accounts.account_row(self.store, account)
        if row is None:
            raise for_good(f"There is no account {account!r}.", "unknown_account")
        return state_of(row.state)

    async def _claim(self, row: EffectRow, addresses: list[str]) -> EffectRow | None:
        """The row, ours for two minutes; None when there is nothing to do any more."""
        claim = await effects.claim(self.store, row.id, datetime.now(UTC), recipients=addresses)
        if isinstance(claim, effects.Waits):
            raise in_turn(f"after {claim.behind}")
        return claim.effect if isinstance(claim, effects.Claimed) else None

    async def _sending(self, row: EffectRow, desk: Desk, found: Recipients) -> str:
        """To everybody who does not have it yet and may get it, one message each."""
        outcome = Outcome(left_out=list(found.lacking))
        for role, box in found.found.values():
            try:
                await self._one(row, desk, role, box, outcome)
            except (TemplateProblem, InvalidAddress, ValueError, PermanentFailure) as error:
                await contact_mail.give_back(self.store, row, box.email)
                outcome.refused.append(one_line(str(error)))
            except TemporaryFailure as error:
                await contact_mail.give_back(self.store, row, box.email)
                raise await self._put_back(row, error) from error
        if outcome.waits is not None:
            raise await self._wait(row, outcome.waits)
        return await self._settle(row, outcome)

    async def _one(
        self, row: EffectRow, desk: Desk, role: str, box: Mailbox, outcome: Outcome
    ) -> None:
        """The letter to one reader, unless the rules for mail to contacts say otherwise."""
        place = await self._place(row, desk, role, box)
        match place:
            case Skip(why):
                outcome.left_out.append(why)
            case Wait():
                outcome.waits = place
            case Send(number):
                letter = desk.write(role, box, number)
                await self._send_once(row, box, letter)
                outcome.letters.append(letter)
                outcome.addresses.append(box.email)

    async def _place(self, row: EffectRow, desk: Desk, role: str, box: Mailbox) -> Verdict:
        """The wall clock counts: an account whose clock was moved ahead sleeps as long as its people do."""
        if role != CONTACT:
            return Send()
        if box.email in (row.reached or []):
            return Send(await contact_mail.number_of(self.store, row, box.email))
        reader = Reader(box.email, zone_of(desk.state.fields.get("time_zone")))
        return await contact_mail.take(
            self.store, desk.book.directory, reader, row, datetime.now(UTC)
        )

    async def _wait(self, row: EffectRow, waits: Wait) -> ApplicationError:
        reason = f"{waits.why[:1].upper()}{waits.why[1:]}."
        await effects.release(self.store, row.id, reason)
        left = max(waits.until - datetime.now(UTC), AT_LEAST)
        return in_turn(reason, min(left, QUIET_LOOK))

    async def _send_once(self, row: EffectRow, box: Mailbox, letter: Letter) -> None:
        """Another try must not reach those again who have it already."""
        if box.email not in (row.reached or []):
            await self.transport.send(letter.message)
            await effects.reached(self.store, row.id, box.email)

    async def _put_back(self, row: EffectRow, error: TemporaryFailure) -> ApplicationError:
        await effects.release(self.store, row.id, error.reason)
        return later(error.reason, error.retry_after)

    async def _settle(self, row: EffectRow, outcome: Outcome) -> str:
        now = datetime.now(UTC)
        if outcome.refused:
            await effects.failed(self.store, row.id, "; ".join(outcome.refused), now)
            return "failed"
        if not outcome.letters:
            await effects.skipped(
                self.store, row.id, outcome.reasons or "Nobody to send it to.", now
            )
            return "skipped"
        words = outcome.letters[0].rendered
        what = effects.Sent(
            outcome.letters[0].id, tuple(outcome.addresses), words.subject, words.text, words.html
        )
        await effects.sent(self.store, row.id, what, now, outcome.reasons)
        return "sent"

    # ── webhooks

    async def _webhook(self, row: EffectRow) -> str:
        claimed = await self._claim(row, [])
        if claimed is None:
            return "finished"
        try:
            return await self._call(claimed)
        except TemporaryFailure as error:
            raise await self._put_back(row, error) from error
        except (PermanentFailure, ValueError) as error:
            await effects.failed(self.store, row.id, str(error), datetime.now(UTC))
            return "failed"

    async def _call(self, row: EffectRow) -> str:
        target = self._target(row.roles[0])
        facts: dict[str, Value] = from_data(dict[str, Value], row.data)
        payload = Payload(row.name, row.due_at, {**facts, "account": row.account})
        now = datetime.now(UTC)
        answer = await post(target, row.id, payload, now)
        text = f"answered {answer.status} after {answer.ms} ms"
        await effects.sent(
            self.store, row.id, effects.Sent(row.id, (target.host,), row.name, text), now
        )
        return "sent"

    def _target(self, name: str) -> WebhookTarget:
        found = self.settings.targets.get(name)
        if found is None:
            raise PermanentFailure(
                f"No address is set for the target {name}: set LIFECYCLE_TARGETS__{name.upper()}__URL"
                " and its SECRET, then send it again."
            )
        return WebhookTarget(str(found.url), found.secret.get_secret_value())
