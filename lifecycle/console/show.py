"""`show`: where an account stands and what comes next."""

from __future__ import annotations

from collections.abc import Iterator

from rich.text import Text

from lifecycle.core.model import Book
from lifecycle.telling.accounts import Found
from lifecycle.telling.ahead import Next
from lifecycle.telling.amounts import in_currency
from lifecycle.telling.audience import Asked
from lifecycle.telling.ctas import CtaView
from lifecycle.telling.effects import people
from lifecycle.telling.phrases import MISSING, capital, days, distance, value_words, written_day
from lifecycle.telling.shown import shown
from lifecycle.telling.standing import AccountView, PageSection, Standing

from . import options as o
from .accounts import find_when, say_when
from .audience import AsKnownNow, AsOfDay, Known, when
from .cta_text import due_text, title_text
from .desk import Desk, Look, work
from .screen import COLOURS, columns

MOST_NEXT = 12
HEADLINE = ("type", "status", "csm", "owner", "plan", "arr", "renewal_date")


def show(
    account: o.Account,
    as_of: AsOfDay = None,
    known: Known = None,
    as_known_now: AsKnownNow = False,
    as_json: o.AsJson = False,
    utc: o.InUtc = False,
) -> None:
    """Show where an account stands, since when, and what happens next; with --as-of as it was."""
    asked = when(as_of, known, as_known_now)
    work(lambda desk: _show(desk, account, asked), Look(as_json, utc))


async def _show(desk: Desk, account: str, asked: Asked) -> None:
    found = await find_when(desk, account, asked)
    view = await shown(await desk.store(), found)
    if desk.look.as_json:
        desk.screen.data(view)
        return
    await say_when(desk, found)
    _Page(desk, found, view).show()


class _Page:
    """The page of one account."""

    def __init__(self, desk: Desk, found: Found, view: AccountView) -> None:
        self.desk = desk
        self.screen = desk.screen
        self.book: Book = found.book
        self.now = found.now
        self.view = view

    def show(self) -> None:
        self._head()
        self._stages()
        self._next()
        self._ctas()
        self._waiting()
        for section in self.view.sections:
            self._section(section)
        self._foot()

    # ── head and foot

    def _head(self) -> None:
        view = self.view
        title = Text(view.name, style="bold")
        if view.name != view.account:
            title.append(f" ({view.account})", style="dim not bold")
        self.screen.say(title)
        self.screen.flowing(self._facts(), "dim")
        for warning in self._warnings():
            self.screen.say(Text(warning, style="yellow"))

    def _facts(self) -> Iterator[str]:
        fields = self.book.account.fields
        for name in HEADLINE:
            if (value := self.view.fields.get(name)) is not None:
                shown = value_words(value, fields.get(name))
                yield shown if name in ("type", "status") else f"{fields[name].label} {shown}"

    def _warnings(self) -> Iterator[str]:
        view = self.view
        if view.hold is not None:
            until = f"{self.desk.moment(view.hold.until)} ({distance(view.hold.until, self.now)})"
            yield f"On hold until {until}, by {view.hold.actor}: “{view.hold.reason}”"
        for standing in view.standings:
            if standing.pending is not None:
                yield f"{standing.title} takes version {standing.pending} over at its next move."
        if view.importing:
            yield "Its history is being imported: automation waits for the end of it."
        if view.lead_seconds and view.as_of is None:
            ahead = days(view.lead_seconds / 86_400)
            yield f"Its clock is {ahead} ahead: for this account it is {self.desk.moment(self.now)}."

    def _foot(self) -> None:
        self.screen.say()
        zone = getattr(self.desk.zone, "key", None) or self.now.astimezone(self.desk.zone).tzname()
        said = f"Revision {self.view.revision}. Times in {zone}."
        if self.view.undoable and self.view.as_of is None:
            said += f" `undo` takes back: {self.view.undoable[0].summary}."
        self.screen.say(Text(said, style="dim"))

    # ── stages

    def _stages(self) -> None:
        self.screen.say()
        names = ("Lifecycle", "Stage", "Since", "Days", "Expected", "Overall", "Cycle")
        table = columns(*names, right=["Days", "Overall", "Cycle"], keep=["Since"])
        for standing in self.view.standings:
            table.add_row(*self._row(standing))
        self.screen.table(table, by=0)

    def _row(self, standing: Standing) -> tuple[str | Text, ...]:
        if standing.stage is None:
            return (standing.title, Text("None", style="dim"))
        return (
            standing.title,
            Text(standing.label, style=COLOURS.get(standing.colour, "")),
            self._since(standing),
            _number(standing.days),
            _against(standing),
            _number(standing.overall),
            str(standing.cycle),
        )

    def _since(self, standing: Standing) -> str:
        if self.screen.is_wide or standing.since is None:
            return self.desk.moment(standing.since)
        return written_day(standing.since.astimezone(self.desk.zone).date())

    # ── what happens next

    def _next(self) -> None:
        self.screen.heading("What happens next, if nothing else does")
        if not self.view.next:
            self.screen.indented("Nothing: no deadline is armed.")
        table = columns("When", "At", "What", keep=["When", "At"], header=False)
        for item in self.view.next[:MOST_NEXT]:
            table.add_row(distance(item.at, self.now), self.desk.moment(item.at), self._said(item))
        self.screen.table(table)
        if (more := len(self.view.next) - MOST_NEXT) > 0:
            self.screen.indented(
                f"… and {more} more; `forecast` shows what follows from what.", style="dim"
            )

    def _said(self, item: Next) -> Text:
        lifecycle = self.book.lifecycles.get(item.lifecycle)
        text = Text(f"{lifecycle.title}: {item.text}" if lifecycle else capital(item.text))
        return text.append(f" ({item.automation})", style="dim") if item.automation else text

    # ── CTAs

    def _ctas(self) -> None:
        if not self.view.ctas:
            return
        self.screen.heading(f"Open CTAs ({len(self.view.ctas)})")
        names = ("No.", "CTA", "For", "Due", "Tasks")
        table = columns(*names, right=["No."], keep=["Tasks"])
        for cta in self.view.ctas:
            cells = (str(cta.number), title_text(cta), cta.owner_name, self._due(cta))
            table.add_row(*cells, cta.progress)
        self.screen.table(table)

    def _due(self, cta: CtaView) -> Text:
        if cta.due is None or cta.snoozed_until is not None:
            return due_text(self.desk, cta, self.now)
        text = Text(f"{self.desk.moment(cta.due)}, ")
        return text.append_text(due_text(self.desk, cta, self.now))

    # ── mail that waits

    def _waiting(self) -> None:
        if not self.view.waiting:
            return
        self.screen.heading("On its way, but it waits")
        table = columns("What", "Why")
        for one in self.view.waiting:
            to = people(one.roles, self.book)
            table.add_row(Text(f"{one.name} → {to}"), Text(capital(one.reason)))
        self.screen.table(table)

    # ── sections

    def _section(self, section: PageSection) -> None:
        if not section.is_visible:
            self.screen.heading(section.title)
            reasons = in_currency("; ".join(section.hidden_by), self.book)
            self.screen.indented(f"Hidden, because this does not hold: {reasons}", style="dim")
            return
        self.screen.heading(section.title)
        lines = list(self._lines(section))
        table = columns("Name", "Value", keep=["Name"], header=False)
        for name, value in lines:
            if value != MISSING:
                table.add_row(Text(name, style="dim"), value)
        if table.row_count:
            self.screen.table(table)
        if missing := [name for name, value in lines if value == MISSING]:
            self.screen.indented(f"Empty: {', '.join(missing)}", style="dim")

    def _lines(self, section: PageSection) -> Iterator[tuple[str, str]]:
        for name, value in section.fields.items():
            yield self._field(name, value)
        lifecycles = self.book.lifecycles.values()
        labels = {stage.id: stage.label for one in lifecycles for stage in one.stages}
        for stage, at in section.timestamps.items():
            yield labels[stage], self.desk.moment(at)
        for name, number in section.days_in.items():
            overall = self.book.lifecycles.get(name)
            yield f"Days in {overall.title if overall else labels[name]}", days(number)

    def _field(self, name: str, value: object) -> tuple[str, str]:
        lifecycle = self.book.lifecycles.get(name)
        if lifecycle is not None:
            stage = lifecycle.stage(str(value)) if value else None
            return lifecycle.title, stage.label if stage else "None"
        spec = self.book.account.fields[name]
        return spec.label, value_words(self.view.fields.get(name), spec)


def _number(days_in: int | None) -> str:
    return MISSING if days_in is None else f"{days_in:,}"


def _against(standing: Standing) -> Text:
    """Days against what is expected, with late and stuck; an end stage says how long ago."""
    if standing.since_end is not None:
        return Text(
            f"ended {days(standing.since_end)} ago" if standing.since_end else "ended today",
            style="dim",
        )
    text = Text(f"{standing.expected}" if standing.expected else "")
    marks = [word for word, holds in (("late", standing.late), ("stuck", standing.stuck)) if holds]
    if marks:
        text.append(f"{', ' if text.plain else ''}{' and '.join(marks)}", style="bold red")
    return text
