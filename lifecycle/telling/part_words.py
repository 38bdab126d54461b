"""The parts of the definitions that exist once, entry by entry in plain words (G8)."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from dataclasses import dataclass, field
from typing import Final

from lifecycle.core.model import Book, FieldDef, Playbook
from lifecycle.core.values import Kind
from lifecycle.definition.condition_words import Labels, condition_words, joined
from lifecycle.definition.scorecard_words import describe_scorecard
from lifecycle.definition.segment_words import describe_segment
from lifecycle.store.tables import PartKind


@dataclass(frozen=True, slots=True)
class Entry:
    """One field, event, team, playbook, segment or scorecard. `id` is empty for rules that have none."""

    title: str
    id: str = ""
    lines: list[str] = field(default_factory=list)


TITLES: Final = {
    PartKind.ACCOUNT: "Account",
    PartKind.EVENTS: "Events",
    PartKind.DIRECTORY: "Directory",
    PartKind.PLAYBOOKS: "Playbooks",
    PartKind.SEGMENTS: "Segments",
    PartKind.SCORECARDS: "Scorecards",
}
MEANINGS: Final = {
    PartKind.ACCOUNT: "Fields, roles and sections of an account",
    PartKind.EVENTS: "What services may report",
    PartKind.DIRECTORY: "Teams, targets of calls, working days, rules for mail to contacts",
    PartKind.PLAYBOOKS: "Lists of tasks a CTA carries",
    PartKind.SEGMENTS: "Saved conditions on accounts",
    PartKind.SCORECARDS: "How a score is reckoned",
}


def part_entries(book: Book, kind: PartKind) -> list[Entry]:
    """All entries of a part, in the order of the file."""
    return list(_TELLERS[kind](book))


def _segments(book: Book) -> Iterator[Entry]:
    for one in book.segments.values():
        yield Entry(one.title, one.id, _below(describe_segment(one, book)))


def _scorecards(book: Book) -> Iterator[Entry]:
    for one in book.scorecards.values():
        yield Entry(one.title, one.id, _below(describe_scorecard(one, book)))


def _below(text: str) -> list[str]:
    """The lines under the title."""
    return [line for line in text.splitlines()[1:] if line.strip()]


def _playbooks(book: Book) -> Iterator[Entry]:
    for one in book.playbooks.values():
        goal = [f"Goal: {one.goal}"] if one.goal else []
        yield Entry(one.title, one.id, [*goal, *_tasks(one)])


def _tasks(playbook: Playbook) -> Iterator[str]:
    for number, task in enumerate(playbook.tasks, 1):
        said = [f"due in {task.due}"] if task.due else []
        said += [f"for {task.owner}"] if task.owner else []
        said += ["optional"] if task.optional else []
        yield f"{number}. {task.title}" + (f" ({', '.join(said)})" if said else "")


def _events(book: Book) -> Iterator[Entry]:
    for one in book.events.values():
        lines = [f"When {one.label}." if one.label else "Reported by services."]
        if one.data:
            carried = [f"{name} ({kind.value})" for name, kind in one.data.items()]
            lines.append(f"Carries {joined(carried)}.")
        lines += [f"Personal: {joined(list(one.personal))}."] if one.personal else []
        lines += ["Creates the account if there is none."] if one.creates_account else []
        lines += ["Of several that wait, the newest counts."] if one.keep_latest else []
        yield Entry(one.id, "", lines)


def _directory(book: Book) -> Iterator[Entry]:
    directory, calendar = book.directory, book.directory.calendar
    for team in directory.teams.values():
        yield Entry(team.label, team.id, [f"Mail goes to {team.email}."])
    for name, label in directory.targets.items():
        yield Entry(label, name, ["A target of calls; its address is a setting."])
    lines = [f"Working days: {joined([DAYS[day] for day in sorted(calendar.week)])}."]
    if calendar.holidays:
        lines.append(f"{len(calendar.holidays):,} holidays are known.")
    yield Entry("Working days", "", lines)
    if rules := list(_rules(book)):
        yield Entry("Mail to contacts", "", rules)


DAYS: Final = ("Monday", "Tuesday", "Wednesday", "Thursday", "Friday", "Saturday", "Sunday")


def _rules(book: Book) -> Iterator[str]:
    rules = book.directory.contact_rules
    if rules.quiet_from and rules.quiet_until:
        yield f"Nothing is sent from {rules.quiet_from:%H:%M} to {rules.quiet_until:%H:%M}, their time."
    if rules.most is not None:
        yield f"At most {rules.most} in {rules.within} to one address; more are skipped."


def _account(book: Book) -> Iterator[Entry]:
    for one in book.account.fields.values():
        yield Entry(one.label, one.id, [f"{joined(list(_field(one)))}."])
    labels = Labels(book)
    for section in book.account.page:
        shown = "Always shown"
        if section.show_when is not None:
            shown = f"Shown when {condition_words(section.show_when, labels)}"
        held = [labels.field(name) for name in section.fields]
        held += (
            [f"dates of {labels.lifecycle(section.timestamps_of)}"] if section.timestamps_of else []
        )
        held += (
            [f"days in the stages of {labels.lifecycle(section.days_in)}"]
            if section.days_in
            else []
        )
        yield Entry(f"Section “{section.title}”", "", [f"{shown}.", f"Holds {joined(held)}."])


def _field(one: FieldDef) -> Iterator[str]:
    money = f" in {one.currency}" if one.kind is Kind.MONEY and one.currency else ""
    yield f"A {one.kind.value}{money}"
    if one.options:
        yield f"one of {joined(list(one.options), 'or')}"
    if one.minimum is not None or one.maximum is not None:
        bounds = [str(bound) for bound in (one.minimum, one.maximum) if bound is not None]
        yield f"within {' to '.join(bounds)}"
    if one.default is not None:
        yield f"{one.default} unless set"
    if one.personal:
        yield "personal"
    if one.written_by:
        yield f"written by {one.written_by}"


_TELLERS: Final[dict[PartKind, Callable[[Book], Iterator[Entry]]]] = {
    PartKind.ACCOUNT: _account,
    PartKind.EVENTS: _events,
    PartKind.DIRECTORY: _directory,
    PartKind.PLAYBOOKS: _playbooks,
    PartKind.SEGMENTS: _segments,
    PartKind.SCORECARDS: _scorecards,
}
