"""Conditions as a plain text: a sentence a line, all of which hold; lines further in stand under a group's word.

    type is Customer
    any of:
      health is red
      has open cta of risk
    not: customer_journey is churned

The same words as in segments.yaml, whose dashes may be there or not.
"""

from __future__ import annotations

import re
from collections.abc import Callable, Iterator, Sequence
from dataclasses import dataclass
from typing import Final

from lifecycle.core.conditions import All, AnyOf, Condition, Leaf, Not
from lifecycle.core.refusal import Refusal

from .known import Scope
from .phrases import sentence
from .sentences import parse_condition

ALL, ANY, NOT = "all of", "any of", "not"
MOST_LINES: Final = 200
DEEPEST: Final = 10
_GROUP: Final = re.compile(r"(all of|any of|not)\s*:\s*(.*)", re.IGNORECASE)
_SPECIAL: Final = re.compile(r"""[:#]\s|:$|^[-?:,\[\]{}#&*!|>'"%@`]|^$""")


@dataclass(frozen=True, slots=True)
class Line:
    """A sentence as it was written, and the line it stands in (from 1)."""

    text: str
    number: int = 0


@dataclass(frozen=True, slots=True)
class Group:
    """Lines and groups under one of the words `all of`, `any of`, `not`."""

    word: str
    parts: tuple[Part, ...]
    number: int = 0


Part = Line | Group


@dataclass(frozen=True, slots=True)
class _Cut:
    """A line of the text: how far in it stands, its group's word if it opens one, and what else it says."""

    indent: int
    number: int
    word: str
    text: str


# ── reading


def read_outline(text: str) -> Group:
    """The lines of a text in their groups; no sentence is read yet.

    Raises `Refusal` for groups that are empty, and for lines that stand further in without one.
    """
    cuts = list(_cuts(text))
    if len(cuts) > MOST_LINES:
        said = f"The condition has {len(cuts):,} lines; at most {MOST_LINES} are read."
        raise Refusal("bad_condition", said, "Save parts of it as segments, and ask those.")
    parts, rest = _parts(cuts, -1, 1)
    assert not rest
    return Group(ALL, parts)


def _cuts(text: str) -> Iterator[_Cut]:
    for number, line in enumerate(text.split("\n"), 1):
        said = line.strip()
        if not said or said.startswith("#"):
            continue
        indent = len(line) - len(line.lstrip())
        if said.startswith("- "):
            said = said[2:].lstrip()
        group = _GROUP.fullmatch(said)
        if group and not (group[2] and group[1].lower() != NOT):
            yield _Cut(indent, number, group[1].lower(), _unquoted(group[2]))
        else:
            yield _Cut(indent, number, "", _unquoted(said))


def _unquoted(said: str) -> str:
    """The sentence in a line copied from YAML: no sentence begins with a quote of its own."""
    quote = said[:1]
    if quote not in ("'", '"') or len(said) < 2 or not said.endswith(quote):
        return said
    return said[1:-1].replace("\\" + quote if quote == '"' else "''", quote)


def _parts(cuts: list[_Cut], outer: int, depth: int) -> tuple[tuple[Part, ...], list[_Cut]]:
    """The parts that stand further in than `outer`, and the lines behind them."""
    found: list[Part] = []
    before = cuts[0].indent if cuts else 0
    while cuts and cuts[0].indent > outer:
        cut, cuts = cuts[0], cuts[1:]
        if cut.indent > before:
            raise _refused(cut, "The line stands further in than the one before.")
        before = cut.indent
        if not cut.word:
            found.append(Line(cut.text, cut.number))
            continue
        inside: tuple[Part, ...] = (Line(cut.text, cut.number),) if cut.text else ()
        if not cut.text:
            if depth >= DEEPEST:
                raise _refused(cut, "Groups stand in groups too deep.")
            inside, cuts = _parts(cuts, cut.indent, depth + 1)
        if not inside:
            raise _refused(cut, f"Nothing stands under `{cut.word}:`.")
        found.append(Group(cut.word, inside, cut.number))
    return tuple(found), cuts


def _refused(cut: _Cut, said: str) -> Refusal:
    remedy = "Lines of a group stand two spaces further in than `any of:`, `all of:` or `not:`."
    return Refusal("bad_condition", f"Line {cut.number}: {said}", remedy)


def condition_of(part: Part, scope: Scope) -> tuple[Condition | None, list[Refusal]]:
    """The condition that is meant, or everything that is wrong with its sentences, each with its caret."""
    if isinstance(part, Line):
        try:
            return parse_condition(part.text, scope), []
        except Refusal as refusal:
            return None, [refusal]
    read = [condition_of(one, scope) for one in part.parts]
    wrong = [refusal for _, refusals in read for refusal in refusals]
    parts = tuple(condition for condition, _ in read if condition is not None)
    return (None, wrong) if wrong else (_joined(part.word, parts), [])


def _joined(word: str, parts: tuple[Condition, ...]) -> Condition:
    if word == ANY:
        return AnyOf(parts)
    every = parts[0] if len(parts) == 1 else All(parts)
    return Not(every) if word == NOT else every


# ── writing


def outline_of(condition: Condition, scope: Scope) -> Group:
    """The text that means a condition; sentences as they were written."""
    if isinstance(condition, All):
        return Group(ALL, tuple(_part(one, scope) for one in condition.of))
    return Group(ALL, (_part(condition, scope),))


def _part(condition: Condition, scope: Scope) -> Part:
    match condition:
        case All(parts):
            return Group(ALL, tuple(_part(one, scope) for one in parts))
        case AnyOf(parts):
            return Group(ANY, tuple(_part(one, scope) for one in parts))
        case Not(All(parts)):
            return Group(NOT, tuple(_part(one, scope) for one in parts))
        case Not(part):
            return Group(NOT, (_part(part, scope),))
    return Line(_said(condition, scope))


def _said(leaf: Leaf, scope: Scope) -> str:
    return leaf.said or sentence(leaf, scope)


def written(outline: Group) -> str:
    """As a text to be typed on."""
    return "\n".join(_lines(outline.parts, "", "", str))


def as_yaml(outline: Group, margin: str = "") -> str:
    """As the list that stands below `where:` in segments.yaml."""
    return "\n".join(_lines(outline.parts, margin, "- ", scalar))


def scalar(text: str) -> str:
    """A sentence that YAML reads as that sentence."""
    doubled = text.replace("'", "''")
    return f"'{doubled}'" if _SPECIAL.search(text) else text


def _lines(
    parts: Sequence[Part], margin: str, dash: str, put: Callable[[str], str]
) -> Iterator[str]:
    for part in parts:
        if isinstance(part, Line):
            yield f"{margin}{dash}{put(part.text)}"
            continue
        only = part.parts[0] if part.parts else None
        if part.word == NOT and len(part.parts) == 1 and isinstance(only, Line):
            yield f"{margin}{dash}not: {put(only.text)}"
            continue
        yield f"{margin}{dash}{part.word}:"
        yield from _lines(part.parts, margin + " " * (2 + len(dash)), dash, put)
