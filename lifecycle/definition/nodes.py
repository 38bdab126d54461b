"""YAML as a plain tree in which every part knows its place.

Only the shape is taken from YAML, never its types: what a scalar means is decided by the key it
stands under, so that `09:00`, `yes` and `2026-01-31` cannot turn into something nobody wrote.
"""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass
from typing import Any

from ruamel.yaml import YAML
from ruamel.yaml.error import MarkedYAMLError, YAMLError
from ruamel.yaml.nodes import MappingNode, ScalarNode, SequenceNode

from .problems import Mark, Report

MAX_BYTES = 1_000_000


@dataclass(frozen=True, slots=True)
class Scalar:
    """A word or a sentence. `plain`: on one line, no quotes, so that columns can be told."""

    text: str
    at: Mark
    plain: bool = True
    empty: bool = False


@dataclass(frozen=True, slots=True)
class Items:
    """A list."""

    items: tuple[Node, ...]
    at: Mark


@dataclass(frozen=True, slots=True)
class Table:
    """A mapping, in the order written; `braces`: written as `{…}`."""

    pairs: tuple[tuple[Scalar, Node], ...]
    at: Mark
    braces: bool = False

    def get(self, key: str) -> Node | None:
        """The first value of that key."""
        return next((value for name, value in self.pairs if name.text == key), None)


Node = Scalar | Items | Table


def walk(node: Node) -> Iterator[Node]:
    """The node and all below it."""
    yield node
    below = [value for _, value in node.pairs] if isinstance(node, Table) else []
    for part in node.items if isinstance(node, Items) else below:
        yield from walk(part)


def parse(file: str, text: str, report: Report) -> Node | None:
    """The tree of a source; None (and a problem) when it is no YAML."""
    if len(text.encode("utf-8", "replace")) > MAX_BYTES:
        report.error(Mark(file), "too_large", "The file is larger than 1 MB.", "Split it.")
        return None
    try:
        root = YAML(typ="rt", pure=True).compose(text)
    except MarkedYAMLError as error:
        _syntax(file, text, error, report)
        return None
    except (YAMLError, RecursionError, ValueError) as error:
        said = "it is nested too deep" if isinstance(error, RecursionError) else _first_line(error)
        report.error(Mark(file), "syntax", f"The file cannot be read as YAML: {said}.")
        return None
    return _convert(root, file, report) if root is not None else None


def _first_line(error: Exception) -> str:
    return (str(error).splitlines() or [type(error).__name__])[0].rstrip(".")


def _syntax(file: str, text: str, error: MarkedYAMLError, report: Report) -> None:
    place: Any = error.problem_mark or error.context_mark
    at = Mark(file, place.line + 1, place.column + 1) if place else Mark(file)
    said = str(error.problem or error.context or "it is no YAML")
    lines = text.splitlines()
    line = lines[at.line - 1] if at.line <= len(lines) else ""
    if "\\t" in said or "\t" in line[: at.column]:
        report.error(at, "tab", "A tab cannot indent a line.", "Indent with spaces.")
        return
    report.error(at, "syntax", f"This is no YAML: {said}.", _syntax_help(said))


def _syntax_help(said: str) -> str:
    if "mapping values are not allowed" in said:
        return "A text that holds `: ` must stand in quotes; or the line is indented wrongly."
    if "expected ',' or" in said:
        return "A bracket or brace is not closed, or a text in it needs quotes."
    if "cannot start any token" in said:
        return "A text that begins with this character must stand in quotes."
    if "another document" in said:
        return "One file holds one definition: remove the line `---`."
    return ""


def _convert(node: Any, file: str, report: Report) -> Node:
    at = _mark(node, file)
    if node.anchor is not None:
        message = "Anchors and aliases (`&`, `*`) are not part of the language."
        report.error(at, "anchor", message, "Write the value out.")
        return Scalar("", at, empty=True)
    _check_tag(node, at, report)
    if isinstance(node, MappingNode):
        pairs = tuple(_pair(key, value, file, report) for key, value in node.value)
        return Table(pairs, at, bool(node.flow_style))
    if isinstance(node, SequenceNode):
        return Items(tuple(_convert(item, file, report) for item in node.value), at)
    plain = node.style is None and node.start_mark.line == node.end_mark.line
    empty = node.style is None and str(node.tag).endswith(":null")
    return Scalar(str(node.value), at, plain, empty)


def _check_tag(node: Any, at: Mark, report: Report) -> None:
    tag = str(node.tag)
    if not tag.startswith("tag:yaml.org,2002:"):
        report.error(at, "tag", f"The tag `{tag}` is not part of the language.", "Remove it.")


def _pair(key: Any, value: Any, file: str, report: Report) -> tuple[Scalar, Node]:
    """A key with its value; where there is no value, the key is the place to point at."""
    name, found = _key(key, file, report), _convert(value, file, report)
    if isinstance(found, Scalar) and found.empty and value.anchor is None:
        found = Scalar("", name.at, empty=True)
    return name, found


def _key(node: Any, file: str, report: Report) -> Scalar:
    if isinstance(node, ScalarNode):
        found = _convert(node, file, report)
        if isinstance(found, Scalar):
            return Scalar(str(node.value), found.at)
    report.error(_mark(node, file), "key", "A key must be a word.")
    return Scalar("", _mark(node, file))


def _mark(node: Any, file: str) -> Mark:
    start, end = node.start_mark, node.end_mark
    one_line = start.line == end.line
    width = end.column - start.column if one_line else 1
    return Mark(file, start.line + 1, start.column + 1, max(1, width))
