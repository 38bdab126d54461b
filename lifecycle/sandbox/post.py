"""The mails of a play: to whom each would go, when, how it reads, and why not (N6, R22).

The rules are those of a delivery: who is meant, holds, and for contacts suppression, frequency cap and quiet hours.
"""

from __future__ import annotations

from dataclasses import dataclass, replace
from datetime import datetime
from enum import StrEnum

from lifecycle.core import changes as c
from lifecycle.core.durations import zone_of
from lifecycle.core.model import PARKED_MAIL, Book
from lifecycle.core.state import AccountState
from lifecycle.delivery import one_line
from lifecycle.letter import Desk
from lifecycle.mail import InvalidAddress, Mailbox, TemplateProblem
from lifecycle.recipients import CONTACT, recipients
from lifecycle.settings import Settings
from lifecycle.store.contact_mail import Reader, Send, Skip, Verdict, Wait, verdict
from lifecycle.store.effects import effects_named
from lifecycle.store.engine import Store
from lifecycle.store.projection import mail_row
from lifecycle.store.suppression import folded
from lifecycle.store.tables import EffectRow
from lifecycle.unsubscribing import sample_address


class Fate(StrEnum):
    """What would become of a mail."""

    SENT = "sent"
    WAITS = "waits"
    SKIPPED = "skipped"
    FAILED = "failed"
    CANCELLED = "cancelled"


@dataclass(frozen=True, slots=True)
class Mail:
    """A mail to one reader. Due `at`, it goes at `goes_at` (None: not within the play); `why` says what keeps it.

    `to` is empty where nobody stands for the roles. What it says is empty unless it is sent.
    """

    id: str
    revision: int
    at: datetime
    template: str
    lifecycle: str
    automation: str
    role: str
    to: str
    name: str
    fate: Fate
    why: str = ""
    goes_at: datetime | None = None
    subject: str = ""
    text: str = ""
    html: str = ""


@dataclass(slots=True)
class _Open:
    """A mail that has not gone: its place in the list, and the next look at it (None: when the hold is over)."""

    place: int
    row: EffectRow
    role: str
    box: Mailbox
    look: datetime | None


@dataclass(frozen=True, slots=True)
class Scene:
    """The account as it stands, with the definitions it runs."""

    book: Book
    state: AccountState


class Post:
    """The mails so far, in the order they fell due."""

    def __init__(self, store: Store, settings: Settings) -> None:
        self.store, self.settings = store, settings
        self.mails: list[Mail] = []
        self._open: list[_Open] = []
        self._went: dict[str, list[datetime]] = {}
        self._known: set[str] = set()

    async def happened(self, at: datetime, entries: list[c.Entry], scene: Scene) -> None:
        """Take in what happened at an instant; `scene` is the account after it."""
        for entry in entries:
            for position, change in enumerate(entry.changes):
                if isinstance(change, c.MailDue):
                    await self._due(entry, change, position, scene)
                elif isinstance(change, c.Undone):
                    self._cancel(change.unit.effects)
        if scene.state.hold is None:
            for one in [one for one in self._open if one.look is None]:
                await self._try_again(one, at, scene)

    async def passes(self, until: datetime, scene: Scene) -> None:
        """Time goes by: what waited for an hour goes, in turn."""
        while True:
            ready = [one for one in self._open if one.look is not None and one.look <= until]
            if not ready:
                return
            first = min(ready, key=lambda one: (one.look, one.place))
            assert first.look is not None
            await self._try_again(first, first.look, scene)

    # ── one mail

    async def _due(self, entry: c.Entry, change: c.MailDue, position: int, scene: Scene) -> None:
        """A mail goes once: one that is on record already, or in this play, does not go again (R22)."""
        if change.id in self._known or await effects_named(self.store, [change.id]):
            return
        self._known.add(change.id)
        row = EffectRow(**mail_row(scene.state.account, change, entry, position, entry.at))
        found = recipients(scene.book, scene.state, row.roles)
        for role, box in found.found.values():
            self.mails.append(_mail(row, role, box))
            one = _Open(len(self.mails) - 1, row, role, box, None)
            self._open.append(one)
            await self._deliver(one, entry.at, scene)
        for lacking in found.lacking if not found.found else ():
            self.mails.append(_mail(row, ", ".join(row.roles), None, lacking))

    async def _try_again(self, one: _Open, at: datetime, scene: Scene) -> None:
        """Who is meant may have changed since it fell due."""
        now = recipients(scene.book, scene.state, one.row.roles)
        one.box = next((box for role, box in now.found.values() if role == one.role), one.box)
        if one.role not in {role for role, _ in now.found.values()}:
            self._ends(one, Fate.SKIPPED, why="; ".join(now.lacking))
            return
        told = replace(self.mails[one.place], to=one.box.email, name=one.box.name)
        self.mails[one.place] = told
        await self._deliver(one, at, scene)

    async def _deliver(self, one: _Open, at: datetime, scene: Scene) -> None:
        hold = scene.state.hold
        if hold is not None and one.row.name != PARKED_MAIL:
            self._waits(one, None, f"the account is on hold until {hold.until:%Y-%m-%d %H:%M} UTC")
            return
        ruled = await self._ruled(one, at, scene)
        match ruled:
            case Wait(until, why):
                self._waits(one, until, why)
            case Skip(why):
                self._ends(one, Fate.SKIPPED, why=why)
            case Send():
                self._goes(one, at, scene)

    async def _ruled(self, one: _Open, at: datetime, scene: Scene) -> Verdict:
        if one.role != CONTACT:
            return Send()
        reader = Reader(one.box.email, zone_of(scene.state.fields.get("time_zone")))
        went = self._went.get(folded(one.box.email), [])
        return await verdict(self.store, scene.book.directory, reader, at, went)

    def _goes(self, one: _Open, at: datetime, scene: Scene) -> None:
        leaves = sample_address(self.settings)
        desk = Desk(self.settings, scene.book, scene.state, one.row, affected=1, leaves=leaves)
        try:
            words = desk.write(one.role, one.box).rendered
        except (TemplateProblem, InvalidAddress, ValueError) as error:
            self._ends(one, Fate.FAILED, why=one_line(str(error)))
            return
        if one.role == CONTACT:
            self._went.setdefault(folded(one.box.email), []).append(at)
        self._ends(
            one,
            Fate.SENT,
            goes_at=at,
            subject=words.subject,
            text=words.text,
            html=words.html,
            why=self.mails[one.place].why,
        )

    def _waits(self, one: _Open, look: datetime | None, why: str) -> None:
        one.look = look
        self.mails[one.place] = replace(self.mails[one.place], fate=Fate.WAITS, why=why)

    def _ends(self, one: _Open, fate: Fate, **told: object) -> None:
        self._open.remove(one)
        self.mails[one.place] = replace(self.mails[one.place], fate=fate, **told)  # type: ignore[arg-type]

    def _cancel(self, effects: list[str]) -> None:
        """What has not gone when its cause is undone does not go (R13)."""
        for one in [one for one in self._open if one.row.id in effects]:
            self._ends(one, Fate.CANCELLED, why="what set it off was undone")


def _mail(row: EffectRow, role: str, box: Mailbox | None, lacking: str = "") -> Mail:
    return Mail(
        row.id,
        row.revision,
        row.due_at,
        row.name,
        row.lifecycle,
        row.automation.rpartition(".")[2],
        role,
        box.email if box else "",
        box.name if box else "",
        Fate.SKIPPED if lacking else Fate.WAITS,
        lacking,
    )
