"""`scorecard`: how accounts lie in its bands; of one account, why it is green, yellow or red (T16)."""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass
from pathlib import Path
from typing import Annotated, Any, Final

import typer
from rich.text import Text

from lifecycle.core.changes import Entry
from lifecycle.core.model import Book
from lifecycle.core.refusal import Refusal
from lifecycle.core.scorecard import Scorecard
from lifecycle.core.state import AccountState
from lifecycle.store.accounts import find_account
from lifecycle.store.definitions import book_for
from lifecycle.store.folded import states_at
from lifecycle.store.moment import AsOf
from lifecycle.store.reports.scope import Scope
from lifecycle.store.reports.score_history import ScoreWas, causes, score_history
from lifecycle.store.reports.scores import InBand, bands
from lifecycle.telling.accounts import Found
from lifecycle.telling.audience import Asked, Audience
from lifecycle.telling.phrases import MISSING, count, distance, money
from lifecycle.telling.reports.asking import instant_of
from lifecycle.telling.reports.report import Coloured, Column, Report, percent
from lifecycle.telling.reports.stages import arr_title
from lifecycle.telling.scorecards import band_label, bands_of, card_named
from lifecycle.telling.scored import Part, ScoreView, score_view
from lifecycle.telling.story import Teller

from . import completing
from . import options as o
from .accounts import find
from .audience import AsOfDay, Known, OfSegment, Where, audience
from .bands import coloured
from .desk import Desk, Look, work
from .report_options import Csv
from .report_tables import answer
from .screen import COLOURS, columns

HISTORY: Final = 8
Name = Annotated[
    str | None,
    typer.Argument(
        help="The scorecard's id. Default: the only one, or the first.",
        autocompletion=completing.scorecards,
        show_default=False,
    ),
]
OfAccount = Annotated[
    str | None,
    typer.Option(
        "--account",
        help="Take the score of this account apart.",
        autocompletion=completing.accounts,
        show_default=False,
    ),
]


def scorecard(  # noqa: PLR0913, PLR0917 - whom, when, and how it is shown
    name: Name = None,
    account: OfAccount = None,
    segment: OfSegment = None,
    where: Where = None,
    as_of: AsOfDay = None,
    known: Known = None,
    csv: Csv = None,
    as_json: o.AsJson = False,
    utc: o.InUtc = False,
) -> None:
    """How accounts lie in the bands of a scorecard; with --account, why one is green, yellow or red."""
    asked = Asked(segment, where or (), as_of, known)
    if account is None:
        work(lambda desk: _bands(desk, name, asked, csv), Look(as_json, utc))
    else:
        _check_one(segment, where, csv)
        work(lambda desk: _one(desk, name, account, asked), Look(as_json, utc))


def health(
    account: o.Account,
    as_of: AsOfDay = None,
    known: Known = None,
    as_json: o.AsJson = False,
    utc: o.InUtc = False,
) -> None:
    """Why an account is green, yellow or red: each measure of its scorecard, and how it came about."""
    work(lambda desk: _one(desk, None, account, Asked(None, (), as_of, known)), Look(as_json, utc))


def _check_one(segment: str | None, where: list[str] | None, csv: Path | None) -> None:
    """What asks about many accounts makes no sense of one."""
    for given, option in ((segment, "--segment"), (where, "--where"), (csv, "--csv")):
        if given:
            raise typer.BadParameter("It does not go with --account.", param_hint=option)


# ── all accounts


@dataclass(frozen=True, slots=True)
class Line:
    """The accounts in one band, or in none."""

    band: str | None
    found: InBand
    share: float


async def _bands(desk: Desk, name: str | None, asked: Asked, csv: Path | None) -> None:
    meant = await audience(desk, asked)
    card = card_named(meant.book, name)
    only = meant.sql() if meant.condition is not None else None
    found = await bands(await desk.store(), card, Scope(meant.moment, (), only))
    total = sum(one.accounts for one in found.values())
    lines = [
        Line(band, at, at.accounts / (total or 1))
        for band in bands_of(card, found)
        for at in [found.get(band, InBand())]
    ]
    answer(desk, _report(meant, desk, card, lines), csv)


def _report(meant: Audience, desk: Desk, card: Scorecard, lines: list[Line]) -> Report[Line]:
    total = sum(line.found.accounts for line in lines)
    others = [one.title for one in meant.book.scorecards.values() if one.id != card.id]
    notes = [f"{count(total, 'account')}; --account shows why one is where it is."]
    return Report(
        "scorecard",
        card.title,
        _columns(meant.book),
        lines,
        {"scorecard": card.id, **_facts(meant)},
        " · ".join(_said(desk, meant)),
        notes=notes + ([f"Other scorecards: {', '.join(others)}."] if others else []),
    )


def _columns(book: Book) -> list[Column[Line]]:
    return [
        Column("band", "Band", lambda line: line.band, _band),
        Column("accounts", "Accounts", lambda line: line.found.accounts, right=True),
        Column("share", "Share", lambda line: line.share, _share, True, lambda line: line.share),
        Column("arr_cents", arr_title(book), lambda line: line.found.arr, _arr, True),
        Column("mean_score", "Mean score", _mean, right=True),
    ]


def _band(line: Line) -> Coloured:
    return Coloured(band_label(line.band), line.band or "")


def _share(line: Line) -> str:
    return percent(line.share)


def _arr(line: Line) -> str:
    return money(line.found.arr, None)


def _mean(line: Line) -> float | None:
    return None if line.found.mean is None else round(line.found.mean, 1)


def _facts(meant: Audience) -> dict[str, Any]:
    moment = meant.moment
    return {"as_of": moment.at, "known": moment.known} if isinstance(moment, AsOf) else {}


def _said(desk: Desk, meant: Audience) -> Iterable[str]:
    if isinstance(meant.moment, AsOf):
        yield f"as of {desk.moment(meant.moment.at)}"
    if meant.condition is not None:
        yield f"{meant.title}: {meant.said}"


# ── one account


async def _one(desk: Desk, name: str | None, account: str, asked: Asked) -> None:
    meant = await audience(desk, asked)
    found = await _found(desk, account, meant)
    card = card_named(found.book, name)
    teller = Teller(found.book, desk.zone)
    view = score_view(found.book, card, found.state, found.now, teller)
    store = await desk.store()
    was = await score_history(store, card, found.account, meant.moment, HISTORY + 1)
    told = await causes(store, found.account, was)
    if desk.look.as_json:
        history = [_was_data(one, told, teller) for one in was]
        desk.screen.data(
            {"account": found.account, "at": found.now, "score": view, "history": history}
        )
    else:
        _Page(desk, found, view, teller).show(was, told)


async def _found(desk: Desk, account: str, meant: Audience) -> Found:
    """The account now, or as it was. Raises `Refusal` where it did not exist yet."""
    if not isinstance(meant.moment, AsOf):
        return await find(desk, account)
    store = await desk.store()
    row = await find_account(store, account)
    states = await states_at(store, [row.id], meant.moment)
    if row.id not in states:
        said = (
            f"{row.name or row.id} did not exist on {desk.moment(meant.moment.at)}, as known then."
        )
        raise Refusal("not_yet", said, "Name a later --as-of.", "as-of")
    state: AccountState = states[row.id]
    book, _ = await book_for(store, state.versions, state.pending, meant.moment.known)
    return Found(state, book, instant_of(meant.moment))


def _was_data(one: ScoreWas, told: dict[int, Entry], teller: Teller) -> dict[str, Any]:
    entry = told.get(one.revision)
    because = teller.headline(entry.input) if entry else ""
    return {
        "at": one.at,
        "revision": one.revision,
        "score": one.score,
        "band": one.band,
        "because": because,
    }


@dataclass(slots=True)
class _Page:
    """The score of one account on one screen."""

    desk: Desk
    found: Found
    view: ScoreView
    teller: Teller

    def show(self, was: list[ScoreWas], told: dict[int, Entry]) -> None:
        self._head()
        if self.view.score is not None:
            self._parts()
        self._next()
        self._history(was, told)

    def _head(self) -> None:
        view, screen = self.view, self.desk.screen
        screen.say(Text(f"{self.found.name}: {view.title}", style="bold"))
        if view.outside:
            screen.say(f"Not for this account: it needs {', '.join(view.outside)}.")
            return
        screen.say(Text(view.said, style=f"bold {COLOURS.get(view.band or '', '')}".strip()))
        lost = [part for part in view.parts if part.loses]
        if lost:
            worst = max(lost, key=lambda part: part.loses or 0)
            screen.say(f"Most is lost by “{worst.title}”: {worst.loses:.0f} of 100.")
        if not view.is_written:
            screen.say(Text(self._unwritten(), style="yellow"))

    def _unwritten(self) -> str:
        score, band = self.view.written
        kept = f"{score}, {band}" if score is not None else "no score"
        return f"The account's fields still say {kept}: they follow at its next change."

    def _parts(self) -> None:
        table = columns(
            "Measure", "Weight", "Points", "Adds", "Because", right=["Weight", "Points", "Adds"]
        )
        for part in self.view.parts:
            table.add_row(*_cells(part))
        self.desk.screen.say()
        self.desk.screen.table(table, by=0)

    def _next(self) -> None:
        change = self.view.next
        if change is None:
            return
        when = f"{self.desk.moment(change.at)} ({distance(change.at, self.found.now)})"
        becomes = "no score" if change.score is None else f"{change.score}, {change.band}"
        said = f"If nothing else happens: {becomes} from {when}, because {_clause(change.because)}."
        self.desk.screen.say()
        self.desk.screen.say(said)

    def _history(self, was: list[ScoreWas], told: dict[int, Entry]) -> None:
        if not was:
            return
        self.desk.screen.heading("History")
        table = columns("When", "Score", "Band", "Because", right=["Score"], keep=["When"])
        for one in was[:HISTORY]:
            score = MISSING if one.score is None else str(one.score)
            because = _was_data(one, told, self.teller)["because"]
            table.add_row(self.desk.moment(one.at), score, coloured(one.band), because)
        self.desk.screen.table(table, by=0)
        if len(was) > HISTORY:
            said = f"The last {HISTORY} changes; `why {self.found.account}` tells them all."
            self.desk.screen.say(Text(said, style="dim"))


def _cells(part: Part) -> tuple[str, str, str, str, str]:
    because = "\n".join(part.because)
    if part.points is None:
        return part.title, f"{part.weight}", MISSING, MISSING, f"left out\n{because}"
    return part.title, f"{part.weight}", f"{part.points}", f"{part.adds:.1f}", because


def _clause(text: str) -> str:
    return text[:1].lower() + text[1:]
