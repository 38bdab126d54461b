"""What an account's next days in the sandbox would bring, as data and in words (N6)."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass, field
from datetime import datetime, timedelta, tzinfo
from typing import Any

from lifecycle.core import changes as c
from lifecycle.core.codec import to_data
from lifecycle.core.conditions import NONE
from lifecycle.core.inputs import Adopt, CreateAccount, Deadline
from lifecycle.core.model import Book
from lifecycle.core.values import Value
from lifecycle.definition.condition_words import Labels
from lifecycle.sandbox.post import Mail
from lifecycle.sandbox.trying import Tried

from .effects import person
from .past import is_move
from .phrases import count
from .standing import Standing, account_view
from .story import Teller, Told

DAY = timedelta(days=1)


@dataclass(frozen=True, slots=True)
class Happening:
    """Something that would happen on a day of the play (0 is its beginning, before it what was due already).

    `cause`: `time`, a step of the `script`, or the `beginning` (a new account, a draft that is taken over).
    """

    at: datetime
    day: int
    cause: str
    entry: c.Entry
    told: Told
    mails: list[Mail] = field(default_factory=list)


@dataclass(frozen=True, slots=True)
class Move:
    """A change of stage, by ids."""

    at: datetime
    lifecycle: str
    left: str | None
    entered: str | None
    automation: str


@dataclass(slots=True)
class CtaStory:
    """A CTA that opens, and what becomes of it."""

    at: datetime
    title: str
    owner: str
    owner_name: str
    due: datetime | None
    overdue_at: datetime | None = None
    closed_at: datetime | None = None
    outcome: str = ""


@dataclass(frozen=True, slots=True)
class Call:
    """A webhook that would be called."""

    at: datetime
    name: str
    target: str
    data: dict[str, Value]


@dataclass(frozen=True, slots=True)
class Sandboxed:
    """The account's next days. `begin` and `until` are instants, `ends` is where it then stands."""

    account: str
    name: str
    begin: datetime
    until: datetime
    days: int
    is_cut: bool
    timeline: list[Happening]
    moves: list[Move]
    mails: list[Mail]
    ctas: list[CtaStory]
    webhooks: list[Call]
    ends: list[Standing]

    @property
    def summary(self) -> str:
        """`3 moves, 2 e-mails (1 would not go), 1 CTA, 1 webhook`."""
        kept = sum(mail.goes_at is None for mail in self.mails)
        mails = count(len(self.mails), "e-mail") + (f" ({kept} would not go)" if kept else "")
        named = (
            (len(self.moves), count(len(self.moves), "move")),
            (len(self.mails), mails),
            (len(self.ctas), count(len(self.ctas), "CTA")),
            (len(self.webhooks), count(len(self.webhooks), "webhook")),
        )
        return ", ".join(text for number, text in named if number) or "no move, e-mail or CTA"


def sandboxed(tried: Tried, zone: tzinfo) -> Sandboxed:
    """A play in words; times in the viewer's zone."""
    begun, changes = tried.begun, list(_changes(tried))
    fields = tried.state.fields
    return Sandboxed(
        tried.state.account,
        str(fields.get("name") or tried.state.account),
        begun.now,
        tried.until,
        tried.wish.days,
        tried.is_cut,
        list(_timeline(tried, zone)),
        [_move(at, one) for at, one in changes if isinstance(one, c.StageEntered) and is_move(one)],
        tried.mails,
        _ctas(changes, tried.book),
        [
            Call(at, one.name, one.target, one.data)
            for at, one in changes
            if isinstance(one, c.WebhookDue)
        ],
        account_view(tried.book, tried.state, tried.until, []).standings,
    )


def _changes(tried: Tried) -> Iterator[tuple[datetime, c.Change]]:
    for entry in tried.entries:
        for change in entry.changes:
            yield entry.at, change


def _timeline(tried: Tried, zone: tzinfo) -> Iterator[Happening]:
    """What would be noticed: of time alone what changes something, of the script all."""
    titles = {cta.id: cta.title for cta in tried.begun.state.ctas.values()}
    teller = Teller(tried.book, zone, titles)
    for entry in tried.entries:
        told, cause = teller.tell(entry), _cause(entry)
        if cause == "time" and not told.changes:
            continue
        mails = [mail for mail in tried.mails if mail.revision == entry.revision]
        day = (entry.at - tried.begun.now) // DAY
        yield Happening(entry.at, day, cause, entry, told, mails)


def _cause(entry: c.Entry) -> str:
    if isinstance(entry.input, Deadline):
        return "time"
    return "beginning" if isinstance(entry.input, CreateAccount | Adopt) else "script"


def _move(at: datetime, change: c.StageEntered) -> Move:
    return Move(at, change.lifecycle, change.left, change.entered, change.automation)


def _ctas(changes: list[tuple[datetime, c.Change]], book: Book) -> list[CtaStory]:
    found: dict[str, CtaStory] = {}
    for at, change in changes:
        match change:
            case c.CtaOpened(cta):
                whose = person(cta.owner, book)
                found[cta.id] = CtaStory(at, cta.title, cta.owner, whose, cta.due)
            case c.CtaBecameOverdue(id_) if id_ in found:
                found[id_].overdue_at = at
            case c.CtaClosed() if change.id in found:
                found[change.id].closed_at = at
                found[change.id].outcome = change.outcome
    return list(found.values())


# ── for programs


def sandboxed_data(of: Sandboxed) -> dict[str, Any]:
    """The whole play for programs."""
    timeline = [
        {
            "at": one.at,
            "day": one.day,
            "cause": one.cause,
            "said": one.told,
            "entry": to_data(one.entry, c.Entry),
        }
        for one in of.timeline
    ]
    return {
        "account": of.account,
        "name": of.name,
        "from": of.begin,
        "until": of.until,
        "days": of.days,
        "cut": of.is_cut,
        "timeline": timeline,
        "moves": [_ends_named(one) for one in of.moves],
        "mails": of.mails,
        "ctas": of.ctas,
        "webhooks": of.webhooks,
        "ends": of.ends,
    }


def _ends_named(move: Move) -> dict[str, Any]:
    return {
        "at": move.at,
        "lifecycle": move.lifecycle,
        "from": move.left,
        "to": move.entered,
        "automation": move.automation,
    }


ROW = ("at", "day", "cause", "kind", "lifecycle", "what", "because", "to", "fate", "why")
_KINDS: dict[type, str] = {
    c.StageEntered: "move",
    c.BecameLate: "late",
    c.BecameStuck: "stuck",
    c.MailDue: "mail",
    c.WebhookDue: "webhook",
    c.CtaOpened: "cta",
    c.CtaClosed: "cta",
    c.CtaBecameOverdue: "cta",
    c.FieldSet: "field",
    c.HoldStarted: "hold",
    c.HoldEnded: "hold",
    c.Undone: "undo",
}


def rows(of: Sandboxed, book: Book, zone: tzinfo) -> Iterator[dict[str, Any]]:
    """The play as a table: a row for each thing that would change, for a mail one for each reader (`ROW`)."""
    teller = Teller(book, zone)
    for one in of.timeline:
        base = {"at": one.at.isoformat(), "day": one.day, "cause": one.cause}
        base["because"] = one.told.headline
        if one.told.refused:
            yield base | {"kind": "refused", "why": one.told.refused}
        elif not one.told.changes:
            yield base | {"kind": "nothing", "why": "; ".join(x.text for x in one.told.reasons)}
        for change in one.entry.changes:
            if text := teller.change(change):
                yield from _row(base, change, text, one.mails)


def _row(
    base: dict[str, Any], change: c.Change, text: str, mails: list[Mail]
) -> Iterator[dict[str, Any]]:
    row = base | {"kind": _KINDS.get(type(change), "other"), "what": text}
    row["lifecycle"] = getattr(change, "lifecycle", "")
    mine = [mail for mail in mails if isinstance(change, c.MailDue) and mail.id == change.id]
    for mail in mine:
        yield row | {"to": mail.to, "fate": mail.fate.value, "why": mail.why}
    if not mine:
        yield row


def stage_words(book: Book, lifecycle: str, stage: str | None) -> str:
    """A stage as people know it."""
    return Labels(book).stage(lifecycle, stage) if stage else NONE
