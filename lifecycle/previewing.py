"""A campaign before it is sent: who would get it now, who would not and why, and how it reads (G14).

Asked of every account with the rules that hold when it is sent; nothing is written.
"""

from __future__ import annotations

from collections import Counter
from collections.abc import Callable
from dataclasses import dataclass, field
from datetime import datetime
from typing import Final

from lifecycle.contract import CampaignPlan
from lifecycle.core.durations import zone_of
from lifecycle.core.model import Book
from lifecycle.core.quiet import quiet_end
from lifecycle.core.refusal import Refusal
from lifecycle.core.state import AccountState
from lifecycle.letter import Desk
from lifecycle.mail import Mailbox, Rendered, TemplateProblem
from lifecycle.mail.campaigns import check_campaign
from lifecycle.recipients import CONTACT, Recipients, recipients
from lifecycle.settings import Settings
from lifecycle.store import campaigns
from lifecycle.store.accounts import stored_state
from lifecycle.store.contact_mail import Reader, Send, Skip, Verdict, Wait, verdict
from lifecycle.store.definitions import book_for
from lifecycle.store.engine import Store
from lifecycle.store.meant import known_addresses, meant
from lifecycle.store.suppression import folded, is_suppressed
from lifecycle.store.tables import CampaignRow, EffectRow
from lifecycle.unsubscribing import sample_address

FIRST: Final = 10
SAMPLES: Final = 3
NOW, LATER, NOT = "now", "later", "not"


@dataclass(frozen=True, slots=True)
class Expected:
    """What would become of the mail to an account: `now`, `later` or `not`, with the reason in full and in short."""

    account: str
    name: str
    to: tuple[str, ...]
    when: str
    why: str = ""
    kind: str = ""


@dataclass(frozen=True, slots=True)
class Sample:
    """The mail as one account would read it."""

    account: str
    name: str
    to: str
    words: Rendered


@dataclass(slots=True)
class Preview:
    """All accounts counted, the first ones by name, some mails in full."""

    matched: int = 0
    now: int = 0
    later: Counter[str] = field(default_factory=Counter)
    skipped: Counter[str] = field(default_factory=Counter)
    first: list[Expected] = field(default_factory=list)
    samples: list[Sample] = field(default_factory=list)


def check_template(template: str, book: Book, settings: Settings) -> None:
    """Raises `Refusal` with every problem, at its file and line, before anything is sent."""
    folder = settings.templates.path / "email"
    problems = check_campaign(template, list(book.account.fields.values()), folder)
    if problems:
        said = "\n".join(dict.fromkeys(str(one) for one in problems))
        raise Refusal("bad_template", said, "Mend the template, then look again.", "template")


async def preview(
    store: Store,
    settings: Settings,
    plan: CampaignPlan,
    now: datetime,
    step: Callable[[int], None] = lambda _: None,
) -> Preview:
    """Ask every account of the audience. `step` is told how many more were asked.

    Raises `Refusal` for a template that breaks with an account's own values.
    """
    asking = _Asking(store, settings, plan, now)
    async for states in meant(store, campaigns.audience_of(plan), now):
        await asking.page(states)
        step(len(states))
    return asking.found


async def sample_of(
    store: Store, settings: Settings, plan: CampaignPlan, account: str, now: datetime
) -> Sample:
    """The mail as one account would read it. Raises `Refusal` if there is no such account, or nobody to read it."""
    state = await stored_state(store, account)
    if state is None or state.created_at is None:
        raise Refusal("unknown_account", f"There is no account {account!r}.", where="account")
    asking = _Asking(store, settings, plan, now)
    one = await asking.meant(state)
    if not one.readers.found:
        raise Refusal("no_address", f"{one.name} has nobody to read it.", where="to")
    return asking.sample(one)


@dataclass(frozen=True, slots=True)
class _Meant:
    """An account with the book it runs and its readers."""

    state: AccountState
    book: Book
    readers: Recipients

    @property
    def name(self) -> str:
        return str(self.state.fields.get("name") or self.state.account)

    def contacts(self) -> list[str]:
        return [box.email for role, box in self.readers.found.values() if role == CONTACT]


class _Asking:
    """One preview under way."""

    def __init__(self, store: Store, settings: Settings, plan: CampaignPlan, now: datetime) -> None:
        self.store, self.settings, self.plan, self.now = store, settings, plan, now
        self.found = Preview()
        self.books: dict[str, Book] = {}

    async def page(self, states: list[AccountState]) -> None:
        found = [await self.meant(state) for state in states]
        known = await known_addresses(
            self.store, [address for one in found for address in one.contacts()]
        )
        for one in found:
            self._count(one, await self._expected(one, known))

    async def meant(self, state: AccountState) -> _Meant:
        versions = repr((sorted(state.versions.items()), sorted(state.pending.items())))
        if versions not in self.books:
            self.books[versions], _ = await book_for(self.store, state.versions, state.pending)
        book = self.books[versions]
        return _Meant(state, book, recipients(book, state, self.plan.roles))

    def _count(self, one: _Meant, expected: Expected) -> None:
        found = self.found
        found.matched += 1
        if len(found.first) < FIRST:
            found.first.append(expected)
        if expected.when == NOT:
            found.skipped[expected.kind] += 1
            return
        if expected.when == LATER:
            found.later[expected.kind] += 1
        else:
            found.now += 1
        if len(found.samples) < SAMPLES:
            found.samples.append(self.sample(one))

    async def _expected(self, one: _Meant, known: set[str]) -> Expected:
        """The account as a whole: one reader who gets it now is enough."""
        state, best = one.state, ("", "", "")
        if state.hold is not None:
            until = f"{state.hold.until:%Y-%m-%d %H:%M} UTC"
            return self._said(one, NOT, f"the account is on hold until {until}", "on hold")
        for role, box in one.readers.found.values():
            best = await self._reader(one, role, box, known)
            if best[0] == NOW:
                break
        if not best[0]:
            is_asleep = state.is_cancelled and CONTACT in self.plan.roles
            kind = "cancelled account" if is_asleep else "no address"
            return self._said(one, NOT, "; ".join(one.readers.lacking), kind)
        return self._said(one, *best)

    def _said(self, one: _Meant, when: str, why: str, kind: str) -> Expected:
        to = tuple(box.email for _, box in one.readers.found.values())
        return Expected(one.state.account, one.name, to, when, why, kind)

    async def _reader(
        self, one: _Meant, role: str, box: Mailbox, known: set[str]
    ) -> tuple[str, str, str]:
        if role != CONTACT:
            return NOW, "", ""
        ruled = await self._ruled(one, box, folded(box.email) in known)
        if isinstance(ruled, Wait):
            return LATER, ruled.why, "quiet hours"
        if isinstance(ruled, Skip):
            kept_out = await is_suppressed(self.store, box.email)
            return NOT, ruled.why, "suppressed" if kept_out else "frequency cap reached"
        return NOW, "", ""

    async def _ruled(self, one: _Meant, box: Mailbox, is_known: bool) -> Verdict:
        directory = one.book.directory
        reader = Reader(box.email, zone_of(one.state.fields.get("time_zone")))
        if is_known:
            return await verdict(self.store, directory, reader, self.now)
        end = quiet_end(directory.contact_rules, reader.zone, self.now)
        return Wait(end, "quiet hours") if end else Send()

    def sample(self, one: _Meant) -> Sample:
        row = CampaignRow(**campaigns.row_of(self.plan, self.now))
        effect = EffectRow(**campaigns.draft(row, one.state.account, one.state.revision, self.now))
        role, box = next(iter(one.readers.found.values()))
        leaves = sample_address(self.settings)
        desk = Desk(self.settings, one.book, one.state, effect, leaves=leaves)
        try:
            letter = desk.write(role, box)
        except (TemplateProblem, ValueError) as problem:
            said = f"The mail to {one.name} cannot be written: {problem}"
            raise Refusal("bad_template", said, "Mend the template.", "template") from None
        return Sample(one.state.account, one.name, box.email, letter.rendered)
