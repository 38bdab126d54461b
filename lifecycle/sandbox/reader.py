"""From a script's YAML to its steps: every problem at once, each at its place (N6)."""

from __future__ import annotations

from collections.abc import Callable
from functools import partial
from typing import Final

from lifecycle.core.conditions import NONE
from lifecycle.core.deciding.commands import read_field
from lifecycle.core.deciding.events import event_type
from lifecycle.core.model import Book
from lifecycle.core.refusal import Refusal, did_you_mean
from lifecycle.core.values import Value, read_value
from lifecycle.definition.nodes import Items, Node, Scalar, Table, parse
from lifecycle.definition.problems import Mark, Problem, Report, render
from lifecycle.definition.records import (
    Record,
    entries,
    open_record,
    read_items,
    read_text,
    wrong_type,
)
from lifecycle.failure import Failure

from .script import (
    BELONGS,
    DOES,
    HOW,
    WORDS,
    Act,
    Changes,
    Closes,
    Holds,
    Releases,
    Reports,
    Sets,
    Step,
    Undoes,
    When,
    when_of,
)

MOST: Final = 500
"""So many steps are taken; more would be a life, not a question."""


class BadScript(Failure):
    """A script that cannot be played: its message names every problem and its place."""

    def __init__(self, problems: list[Problem]) -> None:
        super().__init__(render(problems).rstrip())
        self.problems = problems


def read_script(file: str, text: str, book: Book) -> list[Step]:
    """The steps of a script in the order written, checked against the book. Raises `BadScript` with all problems."""
    report = Report({file: text})
    node = parse(file, text, report)
    reader = _Reader(book, report)
    steps = reader.steps(node) if node is not None else []
    if node is None and not report.problems():
        report.error(
            Mark(file), "empty_file", "The script is empty.", "See docs/foresight/sandbox.md."
        )
    if report.problems():
        raise BadScript(report.problems())
    return steps


class _Reader:
    """Reads steps and reports what is wrong with them."""

    def __init__(self, book: Book, report: Report) -> None:
        self.book = book
        self.report = report

    def steps(self, node: Node) -> list[Step]:
        items = read_items(
            node, self.report, "a list of steps like `- in 5 days: training.completed`"
        )
        if len(items) > MOST:
            said = f"There are {len(items):,} steps; at most {MOST} are played."
            self.report.error(node.at, "too_many", said, "Leave some out.")
            return []
        return [step for item in items for step in self._item(item)]

    def _item(self, node: Node) -> list[Step]:
        if not isinstance(node, Table):
            wrong_type(node, "a step like `in 5 days: training.completed`", self.report)
            return []
        found: list[Step] = []
        for key, value in entries(node, self.report):
            when = self._when(key)
            for each in value.items if isinstance(value, Items) else (value,):
                act = self._act(each)
                if when is not None and act is not None:
                    found.append(Step(when, act))
        return found

    def _when(self, key: Scalar) -> When | None:
        try:
            found = when_of(key.text)
        except Refusal as refusal:
            self._refused(key.at, refusal)
            return None
        if found is None:
            said = f"`{key.text}` says no time."
            self.report.error(key.at, "bad_time", said, HOW)
        return found

    def _act(self, node: Node) -> Act | None:
        if isinstance(node, Table):
            record = open_record(node, "step", self.report)
            return self._table(record, is_misspelt=len(record.found) < len(node.pairs))
        text = read_text(node, self.report, "an event, `release`, `undo`, or the keys of a step")
        if text is None:
            return None
        if text in WORDS:
            return Releases() if text == "release" else Undoes()
        return self._event(Scalar(text, node.at), {}, "")

    def _table(self, record: Record, is_misspelt: bool) -> Act | None:
        does = [name for name in DOES if name in record]
        if not does and is_misspelt:
            return None
        if len(does) != 1:
            said = "The step does nothing." if not does else f"The step does {len(does)} things."
            self.report.error(record.at, "bad_step", said, f"Give it one of: {', '.join(DOES)}.")
            return None
        for name, beside in BELONGS.items():
            if name in record and beside != does[0]:
                said = f"`{name}` belongs to `{beside}`, which is not here."
                self.report.error(record.mark(name), "bad_step", said, "Remove it.")
        return self._done(record, does[0])

    def _done(self, record: Record, does: str) -> Act | None:
        reason = record.text("reason") or "Tried in the sandbox."
        match does:
            case "event":
                return self._of_event(record)
            case "set":
                return self._set(record.name("set"), reason)
            case "fields":
                return self._fields(record, reason)
            case "hold":
                return self._hold(record, reason)
        title = record.text("close cta")
        return Closes(title, record.text("outcome") or "done") if title else None

    # ── events

    def _of_event(self, record: Record) -> Act | None:
        name, data = record.name("event"), record.node("data")
        values = dict(self._data(name, data)) if name is not None and data is not None else {}
        source = record.text("source") or "sandbox"
        return self._event(name, values, source) if name is not None else None

    def _event(self, name: Scalar, data: dict[str, Value], source: str) -> Act | None:
        try:
            event_type(self.book, name.text.strip())
        except Refusal as refusal:
            known = {*self.book.events, *WORDS}
            is_new = refusal.code == "unknown_event"
            remedy = did_you_mean(name.text.strip(), known) if is_new else refusal.remedy
            self._refused(name.at, Refusal(refusal.code, refusal.what, remedy))
            return None
        return Reports(name.text.strip(), data, source or "sandbox")

    def _data(self, name: Scalar, node: Node) -> list[tuple[str, Value]]:
        declared = self.book.events.get(name.text.strip())
        found: list[tuple[str, Value]] = []
        for key, value in entries(node, self.report):
            is_one, text = _written(value, self.report)
            if declared is None or not is_one:
                continue
            if key.text not in declared.data:
                said = f"`{declared.id}` carries no `{key.text}`."
                remedy = did_you_mean(key.text, declared.data)
                self.report.error(key.at, "unknown_data", said, remedy)
                continue
            self._checked(value.at, partial(read_value, declared.data[key.text], text))
            found.append((key.text, text))
        return found

    # ── what people do

    def _set(self, name: Scalar | None, reason: str) -> Act | None:
        if name is None:
            return None
        before, dot, stage = name.text.strip().rpartition(".")
        lifecycle = self.book.lifecycles.get(before)
        if lifecycle is None:
            said = (
                f"`{name.text}` names no stage."
                if not dot
                else f"There is no lifecycle `{before}`."
            )
            known = did_you_mean(before or stage, self.book.lifecycles)
            remedy = known if dot else "Write `lifecycle.stage`."
            self.report.error(name.at, "unknown_lifecycle", said, remedy)
            return None
        if stage != NONE and lifecycle.stage(stage) is None:
            known = did_you_mean(stage, [*(one.id for one in lifecycle.stages), NONE])
            said = f"`{before}` has no stage `{stage}`."
            self.report.error(name.at, "unknown_stage", said, known)
            return None
        return Sets(before, None if stage == NONE else stage, reason)

    def _fields(self, record: Record, reason: str) -> Act | None:
        values: dict[str, Value] = {}
        for key, value in record.entries("fields"):
            is_one, text = _written(value, self.report)
            if not is_one:
                continue
            spec = self.book.account.fields.get(key.text)
            if spec is None:
                self.report.unknown(key.at, "field", key.text, self.book.account.fields)
                continue
            self._checked(value.at, partial(read_field, spec, spec.id, text, self.book))
            values[key.text] = text
        return Changes(values, reason) if values else None

    def _hold(self, record: Record, reason: str) -> Act | None:
        node, text = record.node("hold"), record.text("hold")
        if node is None or text is None:
            return None
        is_day = text[:4].isdigit() and "-" in text
        try:
            found = when_of(f"on {text}" if is_day else f"in {text}")
        except Refusal as refusal:
            said = f"`{text}` is no date." if is_day else refusal.what
            self._refused(node.at, Refusal(refusal.code, said, "Write `14 days`, or a date."))
            return None
        if found is None:
            said = f"`{text}` says no end of a hold."
            self.report.error(node.at, "bad_time", said, "Write `14 days`, or a date.")
            return None
        return Holds(found, reason)

    # ── problems

    def _checked(self, at: Mark, read: Callable[[], object]) -> None:
        try:
            read()
        except Refusal as refusal:
            self._refused(at, refusal)

    def _refused(self, at: Mark, refusal: Refusal) -> None:
        self.report.error(
            at, refusal.code, refusal.what[:1].upper() + refusal.what[1:], refusal.remedy
        )


def _written(node: Node, report: Report) -> tuple[bool, Value]:
    """Whether it is a value (else there is a problem), and what is written; None for the word None."""
    text = read_text(node, report, "a value")
    if text is None:
        return False, None
    return True, None if text == NONE and isinstance(node, Scalar) and node.plain else text
