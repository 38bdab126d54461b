"""`scorecard`: how accounts lie in its bands; of one account, why it is green, yellow or red (T16)."""

from __future__ import annotations

from dataclasses import dataclass
from pathlib import Path
from typing import Annotated

import typer
from rich.text import Text

from lifecycle.telling.accounts import Found
from lifecycle.telling.audience import Asked
from lifecycle.telling.phrases import MISSING, distance
from lifecycle.telling.reports.bands import in_bands
from lifecycle.telling.score_story import HISTORY, Was, score_data, score_story
from lifecycle.telling.scored import Part, ScoreView

from . import completing
from . import options as o
from .audience import AsOfDay, Known, OfSegment, Where, check_known
from .bands import coloured
from .desk import Desk, Look, work
from .report_options import Csv
from .report_tables import answer
from .screen import COLOURS, columns

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


async def _bands(desk: Desk, name: str | None, asked: Asked, csv: Path | None) -> None:
    check_known(asked)
    answer(desk, await in_bands(await desk.viewer(), asked, name), csv)


async def _one(desk: Desk, name: str | None, account: str, asked: Asked) -> None:
    check_known(asked)
    told = await score_story(await desk.viewer(), account, name, asked)
    if desk.look.as_json:
        desk.screen.data(score_data(told))
    else:
        _Page(desk, told.found, told.view).show(told.history)


@dataclass(slots=True)
class _Page:
    """The score of one account on one screen."""

    desk: Desk
    found: Found
    view: ScoreView

    def show(self, was: list[Was]) -> None:
        self._head()
        if self.view.score is not None:
            self._parts()
        self._next()
        self._history(was)

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

    def _history(self, was: list[Was]) -> None:
        if not was:
            return
        self.desk.screen.heading("History")
        table = columns("When", "Score", "Band", "Because", right=["Score"], keep=["When"])
        for one in was[:HISTORY]:
            score = MISSING if one.score is None else str(one.score)
            table.add_row(self.desk.moment(one.at), score, coloured(one.band), one.because)
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
