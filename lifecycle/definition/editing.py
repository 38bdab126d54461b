"""Small changes to the text of a lifecycle, its comments and its order kept: a switch of an automation, the version.

What is written is read again: if anything but what was asked for changed, nothing is.
"""

from __future__ import annotations

from collections.abc import Iterator
from typing import Final

from lifecycle.core.refusal import Refusal, did_you_mean

from .nodes import Items, Node, Scalar, Table, parse, walk
from .problems import Mark, Report

FILE: Final = "lifecycle.yaml"
LISTS: Final = ("start", "move", "from any stage", "from anywhere", "do", "also")
"""The keys under which automations stand."""


def with_version(text: str, version: int) -> str:
    """The text as that version. Raises `Refusal` where no version can be found in it."""
    root = _root(text)
    found = root.get("version") if isinstance(root, Table) else None
    if not isinstance(found, Scalar) or not found.plain or found.empty:
        said = "No line `version: …` can be found in the text."
        raise Refusal("no_version", said, f"Write `version: {version}` in a line of its own.")
    changed = _replaced(text, found.at, found.text, str(version))
    if _facts(changed) != _facts(text, {id_of(("version",)): str(version)}):
        raise _by_hand(f"version: {version}")
    return changed


def with_published(text: str, place: Mark, published: bool) -> str:
    """The text with the automation at `place` (see `Reading.marks`) switched on or off.

    Raises `Refusal` where it is written in a way that cannot be changed safely.
    """
    return with_switch(text, place, "published", published)


def with_switch(text: str, place: Mark, key: str, on: bool) -> str:
    """The same of any switch of an automation: `published`, `shadow`."""
    word = "yes" if on else "no"
    wanted = f"{key}: {word}"
    path, line = line_at(text, place, wanted)
    there = line.get(key)
    if isinstance(there, Scalar) and there.plain and not there.empty:
        changed = _replaced(text, there.at, there.text, word)
    elif there is None:
        changed = _inserted(text, line, wanted)
    else:
        raise _by_hand(wanted)
    if _facts(changed) != _facts(text, {id_of((*path, key)): word}):
        raise _by_hand(wanted)
    return changed


def line_at(text: str, place: Mark, wanted: str) -> tuple[tuple[str, ...], Table]:
    """The automation there, with the way to it; `wanted` is what shall be written. Raises `Refusal`."""
    found = [(path, one) for path, one in _lines(_root(text)) if _stands_at(one, place)]
    if len(found) != 1:
        raise _by_hand(wanted)
    return found[0]


def place_named(text: str, name: str) -> Mark | None:
    """Where the automation stands that has this name written in it; None where none has."""
    for _, line in _lines(_root(text)):
        there = line.get("name")
        if isinstance(there, Scalar) and there.text == name:
            return there.at
    return None


def _by_hand(line: str) -> Refusal:
    said = "The text is written in a way that cannot be changed by itself here."
    return Refusal("not_editable", said, f"Write `{line}` in the YAML yourself.")


def _root(text: str) -> Node | None:
    return parse(FILE, text, Report({FILE: text}))


# ── finding


def _lines(root: Node | None) -> Iterator[tuple[tuple[str, ...], Table]]:
    """Every automation with the way to it, by keys and places."""
    for path, node in _paths(root, ()):
        if isinstance(node, Table) and len(path) > 1 and path[-2] in LISTS:
            yield path, node


def _paths(node: Node | None, path: tuple[str, ...]) -> Iterator[tuple[tuple[str, ...], Node]]:
    if node is None:
        return
    yield path, node
    if isinstance(node, Table):
        for key, value in node.pairs:
            yield from _paths(value, (*path, key.text))
    elif isinstance(node, Items):
        for number, value in enumerate(node.items):
            yield from _paths(value, (*path, str(number)))


def _stands_at(line: Table, place: Mark) -> bool:
    """A line is marked by its name, else by its beginning."""
    name = line.get("name")
    marks = [line.at, *([name.at] if name is not None else [])]
    return any((mark.line, mark.column) == (place.line, place.column) for mark in marks)


# ── writing


def _replaced(text: str, at: Mark, old: str, new: str) -> str:
    lines = text.split("\n")
    line, begin = lines[at.line - 1], at.column - 1
    if line[begin : begin + len(old)] != old:
        raise _by_hand(new)
    lines[at.line - 1] = line[:begin] + new + line[begin + len(old) :]
    return "\n".join(lines)


def _inserted(text: str, line: Table, wanted: str) -> str:
    """As the second key: before it where it stands, or in a line of its own."""
    lines = text.split("\n")
    first, second = line.pairs[0], line.pairs[1] if len(line.pairs) > 1 else None
    if second is not None:
        at = second[0].at
        row, begin = lines[at.line - 1], at.column - 1
        if line.braces:
            lines[at.line - 1] = f"{row[:begin]}{wanted}, {row[begin:]}"
        else:
            lines.insert(at.line - 1, " " * begin + wanted)
        return "\n".join(lines)
    if line.braces or not isinstance(first[1], Scalar):
        raise _by_hand(wanted)
    lines.insert(end_of(first[1]), " " * (first[0].at.column - 1) + wanted)
    return "\n".join(lines)


def end_of(node: Node) -> int:
    """The number of the last line of a node."""
    return max(one.at.line for one in walk(node))


# ── what a text says


Facts = dict[str, str]


def id_of(path: tuple[str, ...]) -> str:
    """A way to a value as one word."""
    return "\x00".join(path)


def _facts(text: str, changed: Facts | None = None) -> Facts:
    """Every word of the text by the way to it, but for those that are to be `changed`."""
    facts = {
        id_of(path): node.text for path, node in _paths(_root(text), ()) if isinstance(node, Scalar)
    }
    return {**facts, **(changed or {})}


def unknown_automation(name: str, known: list[str]) -> Refusal:
    """There is none of that name."""
    said = f"There is no automation {name!r} in it."
    return Refusal("unknown_automation", said, did_you_mean(name, known), "automation")
