"""Conditions as they stand in definitions: sentences, lists (all of), `any of`, `all of`, `not`."""

from __future__ import annotations

from lifecycle.core.conditions import All, AnyOf, Condition, Not

from .known import Scope
from .nodes import Items, Node, Scalar, Table
from .problems import Mark, Report
from .records import COMMA_HELP, Record, open_record, read_items, read_text
from .sentences import parse_sentence
from .tokens import SentenceError


def read_condition(node: Node, scope: Scope, report: Report) -> Condition | None:
    """The condition at a node; None when something in it was reported."""
    if isinstance(node, Items):
        return _all(node, scope, report)
    if isinstance(node, Table):
        return _table(node, scope, report)
    return _sentence(node, scope, report)


def read_guard(record: Record, scope: Scope) -> Condition | None:
    """The `if` and `unless` of a record; both must agree. None when there is neither, or it was reported."""
    wanted, unwanted = record.node("if"), record.node("unless")
    yes = read_condition(wanted, scope, record.report) if wanted is not None else None
    no = read_condition(unwanted, scope, record.report) if unwanted is not None else None
    if yes is not None and no is not None:
        return All((yes, Not(no)))
    return Not(no) if no is not None else yes


def _parts(node: Node, scope: Scope, report: Report) -> tuple[Condition, ...] | None:
    found = [read_condition(item, scope, report) for item in read_items(node, report)]
    parts = tuple(part for part in found if part is not None)
    return parts if parts and len(parts) == len(found) else None


def _all(node: Node, scope: Scope, report: Report) -> Condition | None:
    parts = _parts(node, scope, report)
    return All(parts) if parts else None


def _table(node: Table, scope: Scope, report: Report) -> Condition | None:
    record = open_record(node, "condition", report)
    if len(record.found) != 1:
        if len(record.found) > 1 or not node.pairs:
            message = "A condition has one of `any of`, `all of`, `not`."
            report.error(node.at, "bad_condition", message, "Put several into a list.")
        return None
    word, (_, inner) = next(iter(record.found.items()))
    if word == "not":
        part = read_condition(inner, scope, report)
        return Not(part) if part is not None else None
    parts = _parts(inner, scope, report)
    if not parts:
        return None
    return AnyOf(parts) if word == "any of" else All(parts)


def _sentence(node: Scalar, scope: Scope, report: Report) -> Condition | None:
    if read_text(node, report, "a condition") is None:
        return None
    try:
        return parse_sentence(node.text, scope)
    except SentenceError as error:
        report.error(_inside(node, error), error.code, error.message, _help(node, error))
        return None


def _inside(node: Scalar, error: SentenceError) -> Mark:
    at = node.at
    if not node.plain:
        return at
    return Mark(at.file, at.line, at.column + error.start, error.width)


def _help(node: Scalar, error: SentenceError) -> str:
    one_word = " " not in node.text.strip()
    return COMMA_HELP if one_word and error.help.startswith("Known:") else error.help
