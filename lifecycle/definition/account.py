"""account.yaml: fields, roles and the sections of the page (L15–L17, R7)."""

from __future__ import annotations

import re

from lifecycle.core.model import AccountModel, FieldDef, Role, Section
from lifecycle.core.refusal import Refusal
from lifecycle.core.values import Kind, Value, read_value

from . import amounts
from .conditions import read_condition
from .known import Known, a_kind, require
from .nodes import Node, Scalar
from .problems import Report
from .records import Record, open_record, read_id, read_names, read_text
from .vocabulary import KINDS


def read_fields(record: Record) -> dict[str, FieldDef]:
    """Every field that can be read, by id."""
    found = {}
    for key, node in record.entries("fields"):
        name = read_id(key, record.report)
        one = _field(key.text, open_record(node, "field", record.report))
        if name == "id":
            message = "Every account has its id already."
            record.report.error(key.at, "reserved", message, "Choose another name.")
        elif name is not None and one is not None:
            found[name] = one
    return found


def _field(name: str, record: Record) -> FieldDef | None:
    kind, options = _kind(record), _options(record)
    low, high = record.parsed("range", amounts.whole_range, "a range") or (None, None)
    label = record.text("label") or name
    default = _default(record, kind, options)
    currency = _currency(record, kind)
    personal, writer = record.switch("personal"), record.text("written by")
    if kind is None:
        return None
    if "range" in record and kind is not Kind.WHOLE:
        message = "Only a whole number has a range."
        record.report.error(record.mark("range"), "range_without_number", message)
    return FieldDef(name, label, kind, options, default, currency, low, high, personal, writer)


def _kind(record: Record) -> Kind | None:
    if "picklist" in record:
        if "is" in record:
            message = "A field is either a picklist or of a kind."
            record.report.error(record.mark("is"), "two_kinds", message, "Remove `is`.")
        return Kind.PICKLIST
    if "is" not in record:
        message = "The field has no kind."
        remedy = f"Add `is:` with one of {', '.join(KINDS)}; or `picklist: […]`."
        record.report.error(record.at, "missing_key", message, remedy)
        return None
    node = record.node("is")
    return read_kind(node, record.report) if node is not None else None


def read_kind(node: Node, report: Report) -> Kind | None:
    """A kind of value by its words."""
    text = read_text(node, report, "a kind of value")
    if text is None:
        return None
    if text in KINDS:
        return Kind(text)
    report.unknown(node.at, "kind of value", text, KINDS)
    return None


def _options(record: Record) -> tuple[str, ...]:
    node = record.node("picklist")
    if node is None:
        return ()
    if isinstance(node, Scalar):
        record.items("picklist")
        return ()
    seen: dict[str, str] = {}
    for item in read_names(node, record.report):
        if item.text.casefold() in seen:
            message = f"`{item.text}` stands in the list twice."
            record.report.error(item.at, "duplicate_option", message, "Keep one.")
        seen.setdefault(item.text.casefold(), item.text.strip())
    return tuple(seen.values())


def _default(record: Record, kind: Kind | None, options: tuple[str, ...]) -> Value:
    if kind is None:
        return None
    return record.parsed("default", lambda text: read_value(kind, text, options), "a value")


def _currency(record: Record, kind: Kind | None) -> str | None:
    found = record.parsed("currency", _three_letters, "a currency")
    if "currency" in record and kind not in (None, Kind.MONEY):
        message = "Only money has a currency."
        record.report.error(record.mark("currency"), "currency_without_money", message)
    return found


def _three_letters(text: str) -> str:
    if not re.fullmatch(r"[A-Z]{3}", text):
        raise Refusal("bad_currency", f"`{text}` is no currency.", "Write three letters: `EUR`.")
    return text


def read_account(record: Record, known: Known) -> AccountModel:
    """The account model; `known` holds the fields already."""
    roles = {
        key.text: _role(key.text, open_record(node, "role", record.report), known)
        for key, node in record.entries("roles")
        if read_id(key, record.report)
    }
    page = tuple(
        _section(open_record(node, "section", record.report), known)
        for node in record.items("page")
    )
    return AccountModel(known.fields, roles, page)


def _role(name: str, record: Record, known: Known) -> Role:
    report = record.report
    holder, address, team = (record.name(key) for key in ("name", "email", "otherwise"))
    email = require(address, "field", known.fields, report) if address else None
    if address and email and known.fields[email].kind is not Kind.EMAIL:
        message = f"The field `{email}` is {a_kind(known.fields[email].kind)}."
        report.error(address.at, "type_mismatch", message, "Name a field that `is: email`.")
    return Role(
        name,
        require(holder, "field", known.fields, report) if holder else None,
        email,
        require(team, "team", known.teams, report) if team else None,
    )


def _section(record: Record, known: Known) -> Section:
    report, node = record.report, record.node("show when")
    names = {*known.fields, *known.stages}
    shown = [require(name, "field or lifecycle", names, report) for name in record.names("fields")]
    return Section(
        record.text("section") or "",
        read_condition(node, known.scope(), report) if node is not None else None,
        tuple(name for name in shown if name is not None),
        _lifecycle(record, "timestamps of", known),
        _lifecycle(record, "days in", known),
    )


def _lifecycle(record: Record, key: str, known: Known) -> str | None:
    name = record.name(key)
    return require(name, "lifecycle", known.stages, record.report) if name else None
