"""The columns of one file while its mapping is read: which there are, and cells that name them."""

from __future__ import annotations

import re
from collections.abc import Iterator
from dataclasses import dataclass, field
from zoneinfo import ZoneInfo, ZoneInfoNotFoundError

from lifecycle.core.conditions import Field as FieldOperand
from lifecycle.core.conditions import HasOpenCta, leaves
from lifecycle.core.refusal import did_you_mean
from lifecycle.core.values import Kind
from lifecycle.definition.account import read_kind
from lifecycle.definition.conditions import read_condition
from lifecycle.definition.known import Datum, Scope
from lifecycle.definition.nodes import Node, Scalar, Table
from lifecycle.definition.problems import Mark, Report
from lifecycle.definition.records import Record, entries, open_record, read_text

from .forms import MINOR_UNITS, WORDS
from .mapping import Cell, Constant, FromColumn, Question, Template

KIND_HELP = "Say its kind under `columns`: `{is: number}`."
_HOLE = re.compile(r"\{([^{}]*)\}")


@dataclass(slots=True)
class Columns:
    """The columns of a file. `there` is None when the file could not be read: nothing is checked then.

    `named` are the columns described under `columns`, by the name used in the mapping.
    """

    file: str
    there: tuple[str, ...] | None
    report: Report
    named: dict[str, tuple[FromColumn, Kind]] = field(default_factory=dict)

    # ── names

    def column(self, name: str, at: Mark) -> FromColumn:
        """A described column, else one of the file; an unknown one is reported with those there are."""
        if name in self.named:
            return self.named[name][0]
        if self.there is not None and name not in self.there:
            known = list(dict.fromkeys([*self.there, *self.named]))
            near = did_you_mean(name, known)
            remedy = near if near.startswith("Known") else f"{near} Its columns: {_listed(known)}."
            message = f"{self.file} has no column `{name}`."
            self.report.error(
                at, "unknown_column", message, remedy.replace("Known:", "Its columns:")
            )
        return FromColumn(name)

    def describe(self, record: Record) -> None:
        """Take in what stands under `columns`."""
        for key, node in record.entries("columns"):
            inner = open_record(node, "column", self.report)
            there = inner.name("column")
            where = there or key
            found = self.read_as(self.column(where.text.strip(), where.at), inner)
            kind = kind_in(inner)
            if key.text in (self.there or ()) and there is not None and there.text != key.text:
                message = f"{self.file} has a column `{key.text}` of its own."
                self.report.error(key.at, "duplicate_name", message, "Choose another name.")
            self.named[key.text] = (found, kind)

    def read_as(self, plain: FromColumn, record: Record) -> FromColumn:
        """The column with `replace`, `format`, `zone` and `currency` of a record."""
        form, zone = record.text("format") or plain.format, record.text("zone") or plain.zone
        if form and form not in WORDS and "%" not in form:
            message = f"`{form}` is no format."
            remedy = f"Write a time like `%d.%m.%Y`; else one of: {', '.join(WORDS)}."
            self.report.error(record.mark("format"), "bad_format", message, remedy)
        if zone and not _is_zone(zone):
            message = f"`{zone}` is no time zone."
            self.report.error(
                record.mark("zone"), "bad_zone", message, "Write it like Europe/Berlin."
            )
        replaced = {key.text: text for key, text in _texts(record, "replace")}
        currency = self._currency(record, form) or plain.currency
        return FromColumn(plain.column, {**plain.replace, **replaced}, form, zone, currency)

    def _currency(self, record: Record, form: str) -> str:
        named = record.name("currency")
        if named is None:
            return ""
        if form != MINOR_UNITS:
            message = f"`currency` goes with the format `{MINOR_UNITS}` only."
            self.report.error(record.mark("currency"), "bad_format", message, "Leave it out.")
        return self.column(named.text.strip(), named.at).column

    # ── cells

    def cell(self, node: Node) -> Cell | None:
        """A column's name, or a table with `column`, `text` or `value`; None when it was reported."""
        if not isinstance(node, Table):
            found = read_text(node, self.report, "the name of a column")
            return self.column(found, node.at) if found else None
        record = open_record(node, "cell", self.report)
        given = [key for key in ("column", "text", "value") if key in record]
        if len(given) != 1:
            message = "A cell has one of `column`, `text`, `value`."
            self.report.error(node.at, "bad_cell", message, "Name the column it is read from.")
            return None
        return self._table_cell(given[0], record)

    def _table_cell(self, given: str, record: Record) -> Cell | None:
        scalar = record.name(given)
        if scalar is None:
            return None
        if given == "column":
            return self.read_as(self.column(scalar.text.strip(), scalar.at), record)
        for key in ("replace", "format", "zone", "currency"):
            if key in record:
                message = f"`{key}` goes with `column` only."
                self.report.error(
                    record.mark(key), "bad_cell", message, "Describe it under `columns`."
                )
        return self.template(scalar) if given == "text" else Constant(scalar.text.strip())

    def from_column(self, node: Node) -> FromColumn | None:
        """A cell that must be a column."""
        found = self.cell(node)
        if found is None or isinstance(found, FromColumn):
            return found
        self.report.error(node.at, "wrong_type", "A column is needed here.", "Name one.")
        return None

    def template(self, scalar: Scalar) -> Cell:
        """A text with `{column}` in it."""
        pieces = _HOLE.split(scalar.text)
        parts: list[str | FromColumn] = list(pieces)
        for index in range(1, len(pieces), 2):
            parts[index] = self.column(pieces[index].strip(), self._inside(scalar, pieces, index))
        if any("{" in piece or "}" in piece for piece in pieces[::2]):
            message = "A brace is not closed."
            self.report.error(scalar.at, "bad_template", message, "Write a column as `{column}`.")
        elif len(parts) == 1:
            return Constant(scalar.text)
        return Template(tuple(parts))

    def _inside(self, scalar: Scalar, pieces: list[str], index: int) -> Mark:
        """Where a column stands in a text; a text in quotes begins one character later."""
        at, before = scalar.at, sum(map(len, pieces[:index])) + index
        quote = 0 if scalar.plain else 1
        return Mark(at.file, at.line, at.column + before + quote, max(1, len(pieces[index])))

    # ── conditions

    def question(self, record: Record) -> Question | None:
        """The condition under `if`, over the columns of the row."""
        node = record.node("if")
        if node is None or self.there is None:
            return None
        plain = {name: (FromColumn(name), Kind.TEXT) for name in self.there}
        known = plain | self.named
        scope = Scope(
            {name: Datum(kind) for name, (_, kind) in known.items()},
            noun="column",
            kind_help=KIND_HELP,
        )
        condition = read_condition(node, scope, self.report)
        if condition is None:
            return None
        asked: set[str] = set()
        for leaf in leaves(condition):
            if isinstance(leaf, HasOpenCta):
                message = "A row has no CTAs."
                self.report.error(node.at, "bad_condition", message, "Ask for a column.")
            else:
                sides = (getattr(leaf, "left", None), getattr(leaf, "right", None))
                asked |= {side.name for side in sides if isinstance(side, FieldOperand)}
        return Question(condition, {name: known[name] for name in sorted(asked)})


def _listed(names: list[str]) -> str:
    return ", ".join(sorted(names))


def kind_in(record: Record) -> Kind:
    """The kind under `is`, text by default."""
    node = record.node("is")
    return (read_kind(node, record.report) if node is not None else None) or Kind.TEXT


def _is_zone(name: str) -> bool:
    try:
        return bool(ZoneInfo(name))
    except (ZoneInfoNotFoundError, ValueError, OSError):
        return False


def _texts(record: Record, key: str) -> Iterator[tuple[Scalar, str]]:
    """Pairs of texts; an empty value stands for no value."""
    node = record.node(key)
    for name, value in entries(node, record.report) if node is not None else ():
        if isinstance(value, Scalar):
            yield name, "" if value.empty else value.text.strip()
        else:
            record.report.error(value.at, "wrong_type", "Expected a text.")
