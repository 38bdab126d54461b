"""Everything the account page shows, read from the database in few queries and put together by the core."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass

from lifecycle.contract import workflow_id
from lifecycle.core.model import Lifecycle
from lifecycle.store.ctas import ListedCta, ctas_of
from lifecycle.store.one_account import MailLine, coming_moves, mail_lines, stays, undone_units
from lifecycle.store.tables import CtaStatus
from lifecycle.telling.accounts import Found
from lifecycle.telling.ctas import CtaView, cta_view
from lifecycle.telling.effects import people
from lifecycle.telling.past import Only, Wanted, past
from lifecycle.telling.rail import Segment, rail
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
    listed = await ctas_of(door.store, found.account)
    stayed = await stays(door.store, found.account)
    ahead = await coming_moves(door.store, found.account)
    sent = await mail_lines(door.store, found.account, SHOWN_MAILS + 1)
    read = await past_page(door, found, only, before, {one.cta.id: one.cta.title for one in listed})
    still_open = [cta_view(one, found.book, found.state.fields, found.now) for one in _open(listed)]
    view = account_view(found.book, found.state, found.now, still_open)
    standing = _chosen(view, lifecycle)
    runs = found.book.lifecycles[standing.lifecycle]
    return AccountPage(
        found,
        view,
        _facts(found, view),
        picks(found.book, view, found.now, standing.lifecycle),
        runs,
        standing,
        rail(found.book, runs, found.state, found.now, stayed, ahead),
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
        [Mail(row, people(row.roles, found.book)) for row in sent[:SHOWN_MAILS]],
        len(sent) > SHOWN_MAILS,
        link_to(door, workflow_id(found.account)),
    )


def _open(listed: Sequence[ListedCta]) -> list[ListedCta]:
    return [one for one in listed if one.cta.status is CtaStatus.OPEN]


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


async def past_page(
    door: Door,
    found: Found,
    only: Only,
    before: int | None,
    titles: Mapping[str, str] | None = None,
) -> Past:
    """The newest entries of a kind, older than `before`; `titles` are those of the CTAs where they are known."""
    wanted = Wanted(ENTRIES, before, told_only=only is Only.EVERYTHING, only=only)
    read = await past(door.store, found, wanted, door.zone, titles)
    undone = await undone_units(door.store, found.account)
    newest = found.state.units[-1].revision if found.state.units else None
    entries = [happening(entry, told, found.book, undone, newest) for entry, told in read.entries]
    return Past(entries, read.more, only)
