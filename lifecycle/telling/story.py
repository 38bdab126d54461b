"""Journal entries told to people: what happened, what it changed, what it did not, and why (N3)."""

from __future__ import annotations

from collections.abc import Callable, Iterator, Mapping
from dataclasses import dataclass, field
from datetime import tzinfo
from typing import Any

from lifecycle.core import changes as c
from lifecycle.core import inputs as i
from lifecycle.core.deciding.events import past_move
from lifecycle.core.index import index_of
from lifecycle.core.model import PAST_MOVE, Book, OpenCta
from lifecycle.definition.condition_words import Labels, joined
from lifecycle.definition.words import cause_words

from .amounts import in_currency
from .effects import people, person
from .phrases import MISSING, capital, count, moment, value_words


@dataclass(frozen=True, slots=True)
class Said:
    """A sentence; `automation` did it (or did not), `because` are the sentences and values that decided."""

    text: str
    automation: str = ""
    because: list[str] = field(default_factory=list)
    is_field: bool = False


@dataclass(frozen=True, slots=True)
class Told:
    """An entry in words. `detail` is for those who look something up: an event's source and id."""

    headline: str
    detail: str
    changes: list[Said]
    reasons: list[Said]
    refused: str = ""

    @property
    def is_empty(self) -> bool:
        """Whether it changed nothing anybody would look for, and gave no reason."""
        return not (self.changes or self.reasons or self.refused)


class Teller:
    """Tells entries with the labels of a book, times in the viewer's zone.

    `titles` are those of the account's CTAs by id: what happens to one names it by its id only.
    """

    def __init__(self, book: Book, zone: tzinfo, titles: Mapping[str, str] | None = None) -> None:
        self.book = book
        self.zone = zone
        self.labels = Labels(book)
        self.titles = dict(titles or {})

    def tell(self, entry: c.Entry) -> Told:
        """One entry."""
        notes = [note for note in entry.notes if note.code != "because"]
        refused = str(entry.refused) if entry.refused else ""
        return Told(
            self.headline(entry.input),
            _detail(entry.input),
            list(self.changes(entry)),
            [self._reason(note) for note in notes],
            refused,
        )

    def changes(self, entry: c.Entry) -> Iterator[Said]:
        """What became true, with what decided; internal bookkeeping is left out."""
        because = {note.automation: note.deciding for note in entry.notes if note.code == "because"}
        for change in entry.changes:
            text, automation = self.change(change), _automation(change)
            if text:
                reasons = [in_currency(said, self.book) for said in because.get(automation, [])]
                yield Said(text, _name(automation), reasons, isinstance(change, c.FieldSet))

    def change(self, change: c.Change) -> str:
        """One change as a sentence; empty for bookkeeping."""
        if isinstance(change, c.CtaOpened):
            self.titles[change.cta.id] = change.cta.title
        tell = _CHANGES.get(type(change))
        return tell(self, change) if tell else ""

    def _reason(self, note: c.Note) -> Said:
        text = (
            note.text.replace(note.automation, _name(note.automation))
            if note.automation
            else note.text
        )
        return Said(
            text, _name(note.automation), [in_currency(said, self.book) for said in note.deciding]
        )

    # ── inputs

    def headline(self, item: i.Input) -> str:
        """What happened."""
        said = _INPUTS[type(item)](self, item)
        return (
            said if isinstance(item, i.Command | i.Adopt) else capital(said)
        )  # people keep their spelling

    def _event(self, item: i.Event) -> str:
        if item.type == PAST_MOVE:
            return self._set_stage(past_move(item, item.data))
        label = self.labels.event(item.type)
        return label if not label.startswith("`") else item.type

    def _created(self, _: i.CreateAccount) -> str:
        return "the account is created"

    def _set_stage(self, item: i.SetStage) -> str:
        if item.stage is None:
            return f"{item.actor} clears {self.labels.lifecycle(item.lifecycle)}{_because(item.reason)}"
        stage = self.labels.stage(item.lifecycle, item.stage)
        return f"{item.actor} sets {self.labels.lifecycle(item.lifecycle)} to {stage}{_because(item.reason)}"

    def _undo(self, item: i.Undo) -> str:
        return f"{item.actor} takes a change back{_because(item.reason)}"

    def _hold(self, item: i.Hold) -> str:
        return f"{item.actor} puts the account on hold until {moment(item.until, self.zone)}{_because(item.reason)}"

    def _release(self, item: i.Release) -> str:
        return f"{item.actor} ends the hold{_because(item.reason)}"

    def _set_fields(self, item: i.SetFields) -> str:
        names = joined([self.labels.field(name) for name in item.fields])
        return f"{item.actor} sets {names}{_because(item.reason)}"

    def _open_cta(self, item: i.OpenCta) -> str:
        return f"{item.actor} opens a CTA: {item.title}"

    def _close_cta(self, item: i.CloseCta) -> str:
        return f"{item.actor} closes a CTA: {item.outcome}"

    def _snooze_cta(self, item: i.SnoozeCta) -> str:
        if item.until is None:
            return f"{item.actor} wakes a CTA"
        return f"{item.actor} snoozes a CTA until {moment(item.until, self.zone)}"

    def _assign_cta(self, item: i.AssignCta) -> str:
        return f"{item.actor} gives a CTA to {person(item.owner, self.book)}"

    def _erase(self, item: i.Erase) -> str:
        return f"{item.actor} erases personal data{_because(item.reason)}"

    def _do_task(self, item: i.DoTask) -> str:
        return f"{item.actor} ticks a task off: {item.task}"

    def _deadline(self, item: i.Deadline) -> str:
        word, _, name = item.what.partition(":")
        fixed = {"hold": "the hold's time is over", "cta": "a CTA falls due"}
        if word in fixed:
            return fixed[word]
        if word in ("late", "stuck"):
            limit = "expected" if word == "late" else "after which an account is stuck"
            return f"the time {limit} has passed in {self.labels.lifecycle(name)}"
        if word == "score":
            card = self.book.scorecards.get(name)
            return f"time alone changes {card.title if card else name}"
        line = index_of(self.book).automations.get(name or item.what)
        return cause_words(line, self.book) if line else f"time passes ({_name(name or item.what)})"

    def _end_history(self, item: i.EndHistory) -> str:
        return f"the imported history ends at {moment(item.until, self.zone)}"

    def _adopt(self, item: i.Adopt) -> str:
        return f"{item.actor} publishes definitions"

    def _go_back(self, item: i.GoBack) -> str:
        names = ", ".join(
            f"version {number} of {self.labels.lifecycle(name)}"
            for name, number in item.left.items()
        )
        return f"{item.actor} takes {names} back{_because(item.reason)}"

    def _set_lead(self, _: i.SetLead) -> str:
        return "the account's clock is moved ahead"

    def _unreadable(self, item: i.Unreadable) -> str:
        return f"a message by {item.door} could not be read"

    # ── changes

    def _entered(self, change: c.StageEntered) -> str:
        title = self.labels.lifecycle(change.lifecycle)
        version = f"version {change.version}"
        if change.kind == "reactivation":
            return f"{title}: cycle {change.cycle} begins in {self._stage(change, change.entered)} ({version})"
        left, entered = self._stage(change, change.left), self._stage(change, change.entered)
        return f"{title}: {left} → {entered} ({_by(change)}{version}{_turn(change)})"

    def _stage(self, change: c.StageEntered, stage: str | None) -> str:
        return self.labels.stage(change.lifecycle, stage) if stage else "None"

    def _field(self, change: c.FieldSet) -> str:
        spec = self.book.account.fields.get(change.name)
        before, after = value_words(change.before, spec), value_words(change.value, spec)
        moved = f"{before} → {after}" if before != MISSING else after
        return f"{self.labels.field(change.name)}: {moved}"

    def _late(self, change: c.BecameLate) -> str:
        return f"{self.labels.lifecycle(change.lifecycle)}: late"

    def _stuck(self, change: c.BecameStuck) -> str:
        return f"{self.labels.lifecycle(change.lifecycle)}: stuck"

    def _mail(self, change: c.MailDue) -> str:
        return f"E-mail “{change.template}” to {people(change.to, self.book)}"

    def _webhook(self, change: c.WebhookDue) -> str:
        target = self.book.directory.targets.get(change.target, change.target)
        return f"Webhook “{change.name}” to {target}"

    def _shadow(self, change: c.EffectShadowed) -> str:
        return f"In shadow: {change.what}"

    def _cta_opened(self, change: c.CtaOpened) -> str:
        cta = change.cta
        due = f", due {moment(cta.due, self.zone)}" if cta.due else ""
        return f"CTA opened: {cta.title} (for {person(cta.owner, self.book)}{due})"

    def _cta_closed(self, change: c.CtaClosed) -> str:
        return f"CTA closed: {self._cta(change.id)} ({change.outcome})"

    def _cta_overdue(self, change: c.CtaBecameOverdue) -> str:
        return f"CTA overdue: {self._cta(change.id)}"

    def _cta_snoozed(self, change: c.CtaSnoozed) -> str:
        if change.until is None:
            return f"CTA awake again: {self._cta(change.id)}"
        return f"CTA snoozed until {moment(change.until, self.zone)}: {self._cta(change.id)}"

    def _cta_assigned(self, change: c.CtaAssigned) -> str:
        before, after = person(change.before, self.book), person(change.owner, self.book)
        return f"CTA given to {after}: {self._cta(change.id)} (was for {before})"

    def _task(self, change: c.TaskDone) -> str:
        return f"Task done: {self._task_title(change.task)} ({self._cta(change.cta)})"

    def _task_title(self, task: str) -> str:
        playbooks = self.book.playbooks.values()
        titles = {one.title for each in playbooks for one in each.tasks if one.id == task}
        return titles.pop() if len(titles) == 1 else task

    def _cta(self, cta: str) -> str:
        """The title of a CTA by its id, which begins with the automation that opened it."""
        if cta in self.titles:
            return self.titles[cta]
        key = cta.rpartition(":")[0]
        line = index_of(self.book).automations.get(key)
        titles = [
            action.title for action in (line.actions if line else ()) if isinstance(action, OpenCta)
        ]
        return titles[0] if titles else _name(key).replace("_", " ")

    def _hold_started(self, change: c.HoldStarted) -> str:
        return f"On hold until {moment(change.hold.until, self.zone)}: automation is paused"

    def _hold_ended(self, _: c.HoldEnded) -> str:
        return "The hold is over: automation runs again"

    def _undone(self, change: c.Undone) -> str:
        return f"Taken back: {change.unit.summary} (of {moment(change.unit.at, self.zone)})"

    def _adopted(self, change: c.Adopted) -> str:
        when = "will run" if change.pending else "runs"
        suffix = " from its next move on" if change.pending else ""
        return f"{self.labels.lifecycle(change.lifecycle)}: {when} version {change.version}{suffix}"

    def _account(self, _: c.AccountCreated) -> str:
        return "The account exists"

    def _history_began(self, _: c.HistoryBegan) -> str:
        return "An import of history began: nobody is e-mailed for the past"

    def _history_ended(self, change: c.HistoryEnded) -> str:
        return (
            f"History ends at {moment(change.until, self.zone)}; from here on the account is live"
        )

    def _lead(self, change: c.LeadSet) -> str:
        return (
            f"The account's clock leads the wall clock by {count(change.seconds // 86_400, 'day')}"
        )

    def _erased(self, change: c.PersonErased) -> str:
        on = f"Personal data erased on {moment(change.at, self.zone)} by {change.actor}"
        return f"{on}: nothing before can be undone"

    def _fact(self, change: c.FactNoted) -> str:
        return f"{self._event_clause(change.fact.which)}; waits for the rest of it ({change.fact.value})"

    def _event_clause(self, event_type: str) -> str:
        return capital(self.labels.event(event_type).strip("`"))

    def _event_held(self, change: c.EventHeld) -> str:
        return f"Kept, to be tried again when the hold ends: {joined([_name(key) for key in change.event.automations])}"


def _by(change: c.StageEntered) -> str:
    by_hand = "by hand, " if change.kind == "person" else ""
    return f"{_name(change.automation)}, " if change.automation else by_hand


def _turn(change: c.StageEntered) -> str:
    if change.restart and change.cycle > 1:
        return f", cycle {change.cycle} begins"
    if change.ends:
        return f", cycle {change.cycle} ends"
    return ", back: its days begin again" if change.back else ""


def _because(reason: str) -> str:
    return f": “{reason}”" if reason else ""


def _detail(item: i.Input) -> str:
    return f"{item.type} · {item.source} · {item.id}" if isinstance(item, i.Event) else ""


def _automation(change: c.Change) -> str:
    found: str = getattr(change, "automation", "")
    return change.cta.automation if isinstance(change, c.CtaOpened) else found


def _name(key: str) -> str:
    """An automation without its lifecycle."""
    return key.rpartition(".")[2]


_INPUTS: dict[type, Callable[[Teller, Any], str]] = {
    i.Event: Teller._event,
    i.CreateAccount: Teller._created,
    i.SetStage: Teller._set_stage,
    i.Undo: Teller._undo,
    i.Hold: Teller._hold,
    i.Release: Teller._release,
    i.SetFields: Teller._set_fields,
    i.OpenCta: Teller._open_cta,
    i.CloseCta: Teller._close_cta,
    i.SnoozeCta: Teller._snooze_cta,
    i.AssignCta: Teller._assign_cta,
    i.DoTask: Teller._do_task,
    i.Erase: Teller._erase,
    i.Deadline: Teller._deadline,
    i.EndHistory: Teller._end_history,
    i.Adopt: Teller._adopt,
    i.GoBack: Teller._go_back,
    i.SetLead: Teller._set_lead,
    i.Unreadable: Teller._unreadable,
}
_CHANGES: dict[type, Callable[[Teller, Any], str]] = {
    c.StageEntered: Teller._entered,
    c.FieldSet: Teller._field,
    c.BecameLate: Teller._late,
    c.BecameStuck: Teller._stuck,
    c.MailDue: Teller._mail,
    c.WebhookDue: Teller._webhook,
    c.EffectShadowed: Teller._shadow,
    c.CtaOpened: Teller._cta_opened,
    c.CtaClosed: Teller._cta_closed,
    c.CtaBecameOverdue: Teller._cta_overdue,
    c.CtaSnoozed: Teller._cta_snoozed,
    c.CtaAssigned: Teller._cta_assigned,
    c.TaskDone: Teller._task,
    c.HoldStarted: Teller._hold_started,
    c.HoldEnded: Teller._hold_ended,
    c.Undone: Teller._undone,
    c.Adopted: Teller._adopted,
    c.AccountCreated: Teller._account,
    c.HistoryBegan: Teller._history_began,
    c.HistoryEnded: Teller._history_ended,
    c.LeadSet: Teller._lead,
    c.PersonErased: Teller._erased,
    c.FactNoted: Teller._fact,
    c.EventHeld: Teller._event_held,
}
