"""Mail templates tried out against the definitions, before anything is sent: with every field full, and empty.

Definitions and mail do not know each other; here both are at hand. A template that a line names is tried with
the events of that line, any other (a campaign's) without one.
"""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from dataclasses import replace
from pathlib import Path

from lifecycle import mail
from lifecycle.core.model import (
    ENGINE_EVENTS,
    PARKED_MAIL,
    Automation,
    Book,
    Email,
    Lifecycle,
    OnAll,
    OnEvent,
)
from lifecycle.core.values import Kind
from lifecycle.definition import Problem, Reading, load
from lifecycle.mail.context import Occasion, Recipient, known_names, parked_context
from lifecycle.mail.samples import (
    empty_context,
    sample_context,
    sample_event,
    sample_fields,
    sample_setting,
)

Context = Mapping[str, object]
Event = dict[str, object] | None
PARKED_NAMES = frozenset(
    {"lifecycle.id", "lifecycle.title", "stage.id", "stage.label", "automation", "accounts"}
    | {"recipient.name", "recipient.email", "recipient.role", "sender.name", "sender.email"}
    | {"today", "link", "currency", "unsubscribe_url"}
)


def read_checked(
    definitions: Path, templates: Path, published: Mapping[str, Lifecycle] | None = None
) -> Reading:
    """The definitions of a folder with every problem of theirs and of the mail templates below `templates`.

    Templates are tried out once the definitions themselves are in order; what cannot be read is told at once.
    """
    unreadable: dict[str, mail.TemplateProblem] = {}

    def variables(template: str, folder: Path) -> frozenset[str]:
        try:
            return mail.variables(template, folder)
        except mail.TemplateProblem as problem:
            unreadable[str(problem)] = problem
            return frozenset()

    reading = load(definitions, templates, variables, published)
    found = unreadable if reading.book is None else _tried(reading.book, templates)
    if not found:
        return reading
    told = [_told(problem, templates) for problem in found.values()]
    return replace(reading, book=None, problems=[*reading.problems, *told])


def _told(problem: mail.TemplateProblem, templates: Path) -> Problem:
    """The problem at its place in the template, with the line."""
    file, number = problem.file, problem.line or 1
    text = file.read_text(encoding="utf-8", errors="replace") if file.is_file() else ""
    line = [*text.splitlines(), *[""] * number][number - 1]
    column = len(line) - len(line.lstrip()) + 1
    shown = str(file.relative_to(templates.parent))
    said = problem.text[:1].upper() + problem.text[1:]
    return Problem(
        shown, number, column, "template", said, problem.hint, line, max(1, len(line.strip()))
    )


# ── trying out


def _tried(book: Book, templates: Path) -> dict[str, mail.TemplateProblem]:
    """What goes wrong with each template, each problem once."""
    named = _lines_by_template(book)
    found: dict[str, mail.TemplateProblem] = {}
    there = mail.template_names(templates) if templates.is_dir() else ()
    for template in sorted({*there, *named}):
        parked = template == PARKED_MAIL
        known = PARKED_NAMES if parked else _known(book)
        lines = named.get(template, [])
        contexts = list(_of_parking() if parked else _contexts(lines, book))
        problems = mail.check(template, known, templates)
        for problem in problems or mail.try_out(template, contexts, templates):
            found.setdefault(str(problem), problem)
    return found


def _lines_by_template(book: Book) -> dict[str, list[Automation]]:
    """The lines that send each template; the engine itself sends one to owners of lifecycles (R15)."""
    found: dict[str, list[Automation]] = {}
    for lifecycle in book.lifecycles.values():
        if lifecycle.owner:
            found.setdefault(PARKED_MAIL, [])
        for line in lifecycle.automations:
            for action in line.actions:
                if isinstance(action, Email):
                    found.setdefault(action.template, []).append(line)
    return found


def _known(book: Book) -> frozenset[str]:
    declared = {name for event in _declared(book).values() for name in event}
    return known_names(book.account.fields, declared)


def _declared(book: Book) -> dict[str, dict[str, Kind]]:
    """What every event carries, the engine's own among them."""
    return ENGINE_EVENTS | {name: event.data for name, event in book.events.items()}


def _of_parking() -> Iterator[Context]:
    occasion = Occasion(("sales", "Sales"), ("lead", "Lead"), "new_account_is_lead")
    yield parked_context(occasion, 3, sample_setting())
    nameless = replace(sample_setting(Recipient("", "someone@example.com", "cs_ops")), link=None)
    yield parked_context(occasion, 1, nameless)


def _contexts(lines: list[Automation], book: Book) -> Iterator[Context]:
    """A full account and an empty one for every line, each with what may set it off."""
    fields = list(book.account.fields.values())
    senders: list[Automation | None] = [*lines] or [None]
    for line in senders:
        occasion = _occasion(line, book)
        for full, empty in _events(line, book):
            yield sample_context(fields, sample_fields(fields), full, occasion)
            yield empty_context(fields, empty, occasion)


def _occasion(line: Automation | None, book: Book) -> Occasion:
    """Where the mail comes from; a line of no stage may act on an account in none."""
    if line is None:
        return Occasion(("sample", "Sample"), None, "sample")
    lifecycle = book.lifecycles[line.lifecycle]
    stage = lifecycle.stage(line.stage)
    here = (stage.id, stage.label) if stage else None
    return Occasion((lifecycle.id, lifecycle.title), here, line.name)


def _events(line: Automation | None, book: Book) -> Iterator[tuple[Event, Event]]:
    """What may set the mail off: an event with all of its data, and the same with none of it."""
    match line.trigger if line else None:
        case OnEvent(matches) | OnAll(matches):
            yield from (_sampled(match.event, book) for match in matches)
        case None:
            yield None, None
        case _:  # such a line is mailed with the event that caused it, if one did
            yield None, None
            yield from (_sampled(event, book) for event in list(book.events)[:1])


def _sampled(event: str, book: Book) -> tuple[Event, Event]:
    declared = _declared(book)[event]
    names = {*declared, *(name for other in book.events.values() for name in other.data)}
    return sample_event(event, declared, names), sample_event(event, {}, names)
