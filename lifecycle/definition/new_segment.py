"""A new segment put into the text of segments.yaml: what stands there already stays as it was written."""

from __future__ import annotations

import re
from dataclasses import dataclass
from typing import Final

from lifecycle.core.refusal import Refusal

from .nodes import Node, Scalar, Table, parse
from .outline import Group, as_yaml, scalar
from .problems import Report

FILE: Final = "segments.yaml"
HEAD: Final = "segments:"
ID: Final = re.compile(r"[a-z][a-z0-9_]{0,59}")


@dataclass(frozen=True, slots=True)
class NewSegment:
    """A segment to be saved. `description` may be empty."""

    id: str
    title: str
    description: str
    where: Group

    def text(self, margin: str = "  ") -> str:
        """Its lines in segments.yaml."""
        lines = [f"{margin}{self.id}:", f"{margin}  title: {scalar(self.title)}"]
        if self.description:
            lines.append(f"{margin}  description: {scalar(self.description)}")
        return "\n".join([*lines, f"{margin}  where:", as_yaml(self.where, f"{margin}    ")]) + "\n"


def id_of(title: str) -> str:
    """`renewals_at_risk` of "Renewals at risk!"; empty where nothing is left of it."""
    words = re.findall(r"[a-z0-9]+", title.casefold())
    return "_".join(words)[:60].strip("_").lstrip("0123456789_")


def check_new(new: NewSegment, known: dict[str, object]) -> None:
    """Raises `Refusal` for an id that is none or is taken, and for no title or no condition."""
    if not new.title:
        raise Refusal("no_title", "A segment needs a title.", "Say whom it holds.", "title")
    if not ID.fullmatch(new.id):
        said = f"{new.id!r} cannot be the id of a segment."
        remedy = "Small letters, digits and _; a letter first."
        raise Refusal("bad_id", said, remedy, "id")
    if new.id in known:
        said = f"There is a segment {new.id!r} already."
        raise Refusal("name_taken", said, "Give it another id.", "id")
    if not new.where.parts:
        said = "The segment would hold everybody."
        raise Refusal("no_condition", said, "Write a sentence first.", "where")


def with_segment(text: str, new: NewSegment) -> str:
    """The text with one segment more, as the last. Raises `Refusal` where it is written in an unusual way."""
    if not text.strip():
        return f"{HEAD}\n{new.text()}"
    report = Report({FILE: text})
    root = parse(FILE, text, report)
    entries = _entries(root)
    if entries is None or report.problems():
        raise _by_hand()
    margin = " " * (entries[0][0].at.column - 1) if entries else "  "
    return f"{text.rstrip()}\n{new.text(margin)}"


def _entries(root: Node | None) -> tuple[tuple[Scalar, Node], ...] | None:
    """The segments of a text that holds nothing else, each in lines of its own."""
    if not isinstance(root, Table) or len(root.pairs) != 1 or root.braces:
        return None
    key, found = root.pairs[0]
    if f"{key.text}:" != HEAD:
        return None
    if isinstance(found, Scalar):
        return () if found.empty else None
    return found.pairs if isinstance(found, Table) and not found.braces else None


def _by_hand() -> Refusal:
    said = "segments.yaml is written in a way that nothing can be added to it here."
    return Refusal("not_editable", said, "Copy the lines below into it, and publish it.", "")
