"""A mapping of the language, opened with the vocabulary, which tells unknown and missing keys."""

from __future__ import annotations

import re
from collections.abc import Callable, Iterator
from dataclasses import dataclass
from typing import TypeVar

from lifecycle.core.durations import Duration
from lifecycle.core.refusal import Refusal, did_you_mean

from . import amounts
from .mapping_vocabulary import keys
from .nodes import Items, Node, Scalar, Table
from .problems import Mark, Report

T = TypeVar("T")
_ID = re.compile(r"[a-z][a-z0-9_]{0,59}")
_SWITCH = {"yes": True, "true": True, "no": False, "false": False}
COMMA_HELP = "Inside `{…}` and `[…]` a text with a comma must stand in quotes."


def a(place: str) -> str:
    """A place with its article."""
    if place.endswith("s"):
        return f"`{place}`"
    return f"{'an' if place[0] in 'aeiou' else 'a'} {place}"


def kind_of(node: Node) -> str:
    """What a node is, for messages."""
    if isinstance(node, Scalar):
        return "nothing" if node.empty else f"`{node.text}`"
    return "a list" if isinstance(node, Items) else "a mapping"


def wrong_type(node: Node, expected: str, report: Report, remedy: str = "") -> None:
    """Reports that something else was expected here."""
    report.error(node.at, "wrong_type", f"Expected {expected}, found {kind_of(node)}.", remedy)


def read_text(node: Node, report: Report, expected: str = "a text") -> str | None:
    """The text of a scalar."""
    if isinstance(node, Scalar) and not node.empty and node.text.strip():
        if "\x00" not in node.text:
            return node.text.strip()
        report.error(node.at, "bad_text", "The text holds a NUL character.", "Remove it.")
        return None
    wrong_type(node, expected, report)
    return None


def read_id(node: Node, report: Report) -> str | None:
    """A snake_case id."""
    text = read_text(node, report, "an id")
    if text is None or _ID.fullmatch(text):
        return text
    made = re.sub(r"[^a-z0-9]+", "_", text.lower()).strip("_")[:60]
    remedy = f"Write `{made}`: an id" if _ID.fullmatch(made) else "An id"
    remedy += " has small letters, digits and `_`, at most 60, a letter first."
    report.error(node.at, "bad_id", f"`{text}` is no id.", remedy)
    return None


def read_items(node: Node, report: Report, expected: str = "a list") -> tuple[Node, ...]:
    """The entries of a list; an empty one is a problem."""
    if not isinstance(node, Items):
        wrong_type(node, expected, report, "Begin each entry with `- `.")
        return ()
    if not node.items:
        report.error(node.at, "empty_list", "The list is empty.", "Fill it, or remove the key.")
    return node.items


def read_names(node: Node, report: Report) -> list[Scalar]:
    """One name or a list of names."""
    found = read_items(node, report) if isinstance(node, Items) else (node,)
    return [
        item for item in found if read_text(item, report, "a name") and isinstance(item, Scalar)
    ]


def entries(node: Node, report: Report) -> Iterator[tuple[Scalar, Node]]:
    """The named entries of a mapping, doubles reported and left out."""
    if not isinstance(node, Table):
        wrong_type(node, "a mapping", report, "Write `name: …`, one per line.")
        return
    seen: dict[str, Mark] = {}
    for key, value in node.pairs:
        if key.text in seen:
            first = seen[key.text].line
            message = f"`{key.text}` stands here twice; first in line {first}."
            report.error(key.at, "duplicate_key", message, "Keep one.")
            continue
        seen[key.text] = key.at
        yield key, value


@dataclass(slots=True)
class Record:
    """An opened mapping: typed access to its values, each problem reported where it stands."""

    place: str
    at: Mark
    report: Report
    found: dict[str, tuple[Scalar, Node]]

    def __contains__(self, key: str) -> bool:
        return key in self.found

    def node(self, key: str) -> Node | None:
        """The value of a key as it stands. Raises `KeyError` for a key outside the vocabulary."""
        if key not in keys(self.place):
            raise KeyError(f"{self.place}.{key}")
        return self.found[key][1] if key in self.found else None

    def mark(self, key: str) -> Mark:
        """Where a key stands."""
        return self.found[key][0].at if key in self.found else self.at

    def text(self, key: str) -> str | None:
        """A text."""
        node = self.node(key)
        return read_text(node, self.report) if node is not None else None

    def id(self, key: str) -> str | None:
        """A snake_case id."""
        node = self.node(key)
        return read_id(node, self.report) if node is not None else None

    def switch(self, key: str, default: bool = False) -> bool:
        """Yes or no."""
        node = self.node(key)
        if node is None:
            return default
        word = node.text.lower() if isinstance(node, Scalar) else ""
        if word not in _SWITCH:
            wrong_type(node, "yes or no", self.report)
        return _SWITCH.get(word, default)

    def whole(self, key: str) -> int | None:
        """A whole number above 0."""
        node = self.node(key)
        if node is None:
            return None
        if not isinstance(node, Scalar) or not re.fullmatch(r"[1-9]\d{0,8}", node.text):
            wrong_type(node, "a whole number above 0", self.report)
            return None
        return int(node.text)

    def duration(self, key: str) -> Duration | None:
        """A duration."""
        return self.parsed(key, amounts.duration, "a duration")

    def parsed(self, key: str, read: Callable[[str], T], expected: str) -> T | None:
        """A text read by `read`, whose `Refusal` becomes a problem."""
        node = self.node(key)
        text = read_text(node, self.report, expected) if node is not None else None
        if node is None or text is None:
            return None
        try:
            return read(text)
        except Refusal as refusal:
            self.report.error(node.at, refusal.code, refusal.what, refusal.remedy)
            return None

    def choice(self, key: str) -> str | None:
        """One of the words the vocabulary lists for the key."""
        node = self.node(key)
        text = read_text(node, self.report, "a word") if node is not None else None
        choices = keys(self.place)[key].choices
        if node is None or text is None or text in choices:
            return text
        message = f"`{text}` is not one of {', '.join(choices)}."
        self.report.error(node.at, "bad_choice", message, did_you_mean(text, choices))
        return None

    def items(self, key: str) -> tuple[Node, ...]:
        """The entries of a list; none when the key is absent."""
        node = self.node(key)
        return read_items(node, self.report) if node is not None else ()

    def names(self, key: str) -> list[Scalar]:
        """One name or several; none when the key is absent."""
        node = self.node(key)
        return read_names(node, self.report) if node is not None else []

    def name(self, key: str) -> Scalar | None:
        """One name."""
        node = self.node(key)
        if node is None or read_text(node, self.report, "a name") is None:
            return None
        return node if isinstance(node, Scalar) else None

    def entries(self, key: str) -> Iterator[tuple[Scalar, Node]]:
        """Named entries; none when the key is absent."""
        node = self.node(key)
        if node is not None:
            yield from entries(node, self.report)


def open_record(node: Node, place: str, report: Report) -> Record:
    """The mapping at `node` as a record of `place`; anything else gives a problem, and no keys."""
    record = Record(place, node.at, report, {})
    if not isinstance(node, Table):
        wrong_type(node, f"the keys of {a(place)}", report, _expected_keys(place))
        return record
    known = keys(place)
    for key, value in entries(node, report):
        if key.text in known:
            record.found[key.text] = (key, value)
        else:
            _unknown_key(key, value, node, record)
    for key_word in known.values():
        if key_word.required and key_word.name not in record.found:
            message = f"`{key_word.name}` is missing."
            report.error(node.at, "missing_key", message, f"{key_word.name}: {key_word.meaning}")
    return record


def _unknown_key(key: Scalar, value: Node, table: Table, record: Record) -> None:
    known = keys(record.place)
    if table.braces and isinstance(value, Scalar) and value.empty:
        message = f"`{key.text}` is a key without a value: the text before it was cut at a comma."
        record.report.error(key.at, "unquoted_comma", message, COMMA_HELP)
        return
    message = f"`{key.text}` is no key of {a(record.place)}."
    record.report.error(key.at, "unknown_key", message, did_you_mean(key.text, known))


def _expected_keys(place: str) -> str:
    return f"Its keys: {', '.join(keys(place))}."
