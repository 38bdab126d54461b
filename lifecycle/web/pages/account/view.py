"""Everything the account page shows, read from the database in few queries and put together by the core."""

from __future__ import annotations

from dataclasses import dataclass

from lifecycle.contract import workflow_id
from lifecycle.core.model import Lifecycle
from lifecycle.store.one_account import (
    ComingMove,
    MailLine,
    StayRow,
    coming_moves,
    mail_lines,
    stays,
    undone_units,
)
from lifecycle.store.one_account_then import (
    coming_moves_of,
    mail_lines_at,
    stays_at,
    undone_by,
)
from lifecycle.store.turn_counts import turn_of
from lifecycle.telling.accounts import Found
from lifecycle.telling.catching_up import turn_words
from lifecycle.telling.ctas import CtaView
from lifecycle.telling.effects import people
from lifecycle.telling.past import Only, Wanted, past
from lifecycle.telling.rail import Segment, rail
from lifecycle.telling.shown import open_ctas
from lifecycle.telling.standing import AccountView, Standing, account_view
from lifecycle.telling.ways import ways_out

from ...door import Door
from ...temporal_ui import link_to
from ..words import quoted
from .coming import Coming, coming
from .past import Happening, happening
from .picks import Pick, picks
from .sections import Line, SectionLines, field_line, sections

HEADLINE = ("type", "status", "health_score", "csm", "owner", "renewal_date", "arr", "plan")
ENTRIES = 12
SHOWN_MAILS = 5


@dataclass(frozen=True, slots=True)
class Mail:
    """A delivery in the list: what, to whom, what became of it."""

    row: MailLine
    to: str


@dataclass(frozen=True, slots=True)
class Past:
    """A page of the past; `before` is the next one, None when this was the last."""

    entries: list[Happening]
    before: int | None
    only: Only


@dataclass(frozen=True, slots=True)
class AccountPage:
    """What the template names."""

    found: Found
    view: AccountView
    facts: list[Line]
    picks: list[Pick]
    chosen: Lifecycle
    standing: Standing
    rail: list[Segment]
    coming: Coming
    ctas: list[CtaView]
    sections: list[SectionLines]
    past: Past
    mails: list[Mail]
    more_mails: bool
    temporal: str
    turn: str

    @property
    def path(self) -> str:
        """Its address."""
        return path_of(self.found)


def path_of(found: Found) -> str:
    """The address of an account's page."""
    return f"/accounts/{quoted(found.account)}"


async def account_page(
    door: Door, found: Found, lifecycle: str, only: Only, before: int | None
) -> AccountPage:
    """`lifecycle` names the rail that is shown; empty is the one that needs a look."""
    around = await _around(door, found)
    read = await past_page(door, found, only, before)
    view = account_view(found.book, found.state, found.now, await open_ctas(door.store, found))
    standing = _chosen(view, lifecycle)
    runs = found.book.lifecycles[standing.lifecycle]
    return AccountPage(
        found,
        view,
        _facts(found, view),
        picks(found.book, view, found.now, standing.lifecycle),
        runs,
        standing,
        rail(found.book, runs, found.state, found.now, around.stays, around.ahead),
        coming(
            found.book,
            found.state,
            found.now,
            view.next,
            ways_out(found.book, found.state, found.now),
        ),
        view.ctas,
        sections(found, view),
        read,
        [Mail(row, people(row.roles, found.book)) for row in around.mails[:SHOWN_MAILS]],
        len(around.mails) > SHOWN_MAILS,
        "" if found.moment else link_to(door, workflow_id(found.account)),
        around.turn,
    )


@dataclass(frozen=True, slots=True)
class _Around:
    """What is read beside the state: stays, the moves that are foretold, the latest mails; its turn after an outage."""

    stays: list[StayRow]
    ahead: list[ComingMove]
    mails: list[MailLine]
    turn: str = ""


async def _around(door: Door, found: Found) -> _Around:
    store, account, moment = door.store, found.account, found.moment
    if moment is None:
        stayed, ahead = await stays(store, account), await coming_moves(store, account)
        mails = await mail_lines(store, account, SHOWN_MAILS + 1)
        placed = await turn_of(store, account)
        return _Around(stayed, ahead, mails, turn_words(placed, door.zone) if placed else "")
    stayed = await stays_at(store, account, moment)
    ahead = coming_moves_of(found.book, found.state)
    return _Around(stayed, ahead, await mail_lines_at(store, account, moment, SHOWN_MAILS + 1))


def _facts(found: Found, view: AccountView) -> list[Line]:
    known = found.book.account.fields
    lines = [field_line(found.book, view, name) for name in HEADLINE if name in known]
    return [line for line in lines if line.value is not None]


def _chosen(view: AccountView, lifecycle: str) -> Standing:
    """The lifecycle asked for; else one that is stuck or late, one that runs, the first."""
    named = [one for one in view.standings if one.lifecycle == lifecycle]
    wanting = [one for one in view.standings if one.stuck or one.late]
    running = [one for one in view.standings if one.stage is not None and one.since_end is None]
    return [*named, *wanting, *running, *view.standings][0]


async def past_page(door: Door, found: Found, only: Only, before: int | None) -> Past:
    """The newest entries of a kind, older than `before`."""
    wanted = Wanted(ENTRIES, before, told_only=only is Only.EVERYTHING, only=only)
    read = await past(door.store, found, wanted, door.zone)
    if found.moment is not None:
        undone = await undone_by(door.store, found.account, found.moment)
    else:
        undone = await undone_units(door.store, found.account)
    newest = found.state.units[-1].revision if found.state.units and not found.moment else None
    entries = [happening(entry, told, found.book, undone, newest) for entry, told in read.entries]
    return Past(entries, read.more, only)
