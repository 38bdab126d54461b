"""A draft tried in shadow (N11): the published text with the lines that are new or changed in the draft, in shadow.

The draft's own text is taken, and what it changes of lines that act is put back: a line that is new is put in shadow
where it stands, one that is changed stands as published, followed by the draft's in shadow under a name of its own.
"""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass

from lifecycle.core.editions import fixed_line
from lifecycle.core.model import Automation, Lifecycle
from lifecycle.core.refusal import Refusal

from .editing import end_of, line_at, with_switch, with_version
from .nodes import Scalar
from .problems import Mark

SUFFIX = "_shadow"
Place = Callable[[str], Mark]
"""Where a line stands, by its name."""


@dataclass(frozen=True, slots=True)
class Text:
    """A lifecycle as it is written: its text, what it means, and where its lines stand."""

    text: str
    means: Lifecycle
    place: Place


@dataclass(frozen=True, slots=True)
class Tried:
    """The text to publish under the published version. `new` and `changed` are the lines it tries, by name."""

    text: str
    new: list[str]
    changed: list[str]


def tried(published: Text, draft: Text) -> Tried:
    """The draft in shadow. Raises `Refusal` where nothing can be tried, or more than lines changed."""
    before = {line.name: line for line in published.means.automations}
    after = {line.name: line for line in draft.means.automations}
    _check_gone(before, after)
    new = [name for name in after if name not in before]
    changed = [
        name for name in after if name in before and _acts_otherwise(before[name], after[name])
    ]
    text = draft.text
    for name in sorted([*new, *changed], key=lambda one: draft.place(one).line, reverse=True):
        stands = draft.place(name)
        if name in changed and not before[name].shadow:
            text = _both(text, stands, published, name)
        else:
            text = with_switch(text, stands, "shadow", True)
    if not new and not changed:
        said = "The draft has no automation that is new or changed."
        raise Refusal("nothing_to_try", said, "Only lines run in shadow: publish it as it is.")
    return Tried(with_version(text, published.means.version), new, changed)


def stands_for(line: Automation, lifecycle: Lifecycle) -> Automation | None:
    """The published line in whose place one in shadow is tried: live, it would act instead of it."""
    name = line.name.removesuffix(SUFFIX)
    found = next((one for one in lifecycle.automations if one.name == name), None)
    acts = found is not None and found.name != line.name and found.published and not found.shadow
    return found if acts else None


def _check_gone(before: dict[str, Automation], after: dict[str, Automation]) -> None:
    gone = [name for name, line in before.items() if name not in after and not line.shadow]
    if gone:
        said = f"{', '.join(gone)} is gone in the draft: what is not there cannot run in shadow."
        raise Refusal("line_gone", said, "Put it back to try the rest, or publish a new version.")


def _acts_otherwise(old: Automation, new: Automation) -> bool:
    return fixed_line(old) != fixed_line(new)


def _both(text: str, stands: Mark, published: Text, name: str) -> str:
    """The published line, and below it the draft's in shadow under a name of its own."""
    wanted = f"name: {name}{SUFFIX}"
    own = _segment(text, stands, wanted)
    old = _segment(published.text, published.place(name), wanted)
    new = with_switch(_renamed(text, stands, name, wanted), stands, "shadow", True)
    grown = new.count("\n") - text.count("\n")
    lines = new.split("\n")
    first, last = own[0], own[1] + grown
    kept = _moved(published.text.split("\n")[old[0] : old[1]], lines[first])
    return "\n".join([*lines[:first], *kept, *lines[first:last], *lines[last:]])


def _segment(text: str, stands: Mark, wanted: str) -> tuple[int, int]:
    """The lines of the text an automation has for itself: first, and the one behind its last, counted from 0."""
    _, line = line_at(text, stands, wanted)
    lines = text.split("\n")
    first, last = line.at.line - 1, end_of(line)
    alone = (
        lines[first].lstrip().startswith("- ") and lines[first].index("-") + 2 == line.at.column - 1
    )
    if not alone or (line.braces and not lines[last - 1].split("#")[0].rstrip().endswith("}")):
        said = f"The automation `{wanted.removeprefix('name: ').removesuffix(SUFFIX)}` shares its lines with others."
        raise Refusal("not_editable", said, "Write each on lines of its own.")
    return first, last


def _renamed(text: str, stands: Mark, name: str, wanted: str) -> str:
    _, line = line_at(text, stands, wanted)
    found = line.get("name")
    if not isinstance(found, Scalar) or not found.plain or found.text != name:
        said = f"The automation `{name}` has no `name:` that can be changed by itself."
        raise Refusal("not_editable", said, f"Write `name: {name}` into it.")
    lines = text.split("\n")
    row, begin = lines[found.at.line - 1], found.at.column - 1
    lines[found.at.line - 1] = f"{row[:begin]}{name}{SUFFIX}{row[begin + len(name) :]}"
    return "\n".join(lines)


def _moved(lines: list[str], beside: str) -> list[str]:
    """Lines with the indent of another."""
    by = _indent(beside) - _indent(lines[0])
    return [" " * by + line if by >= 0 else line[min(-by, _indent(line)) :] for line in lines]


def _indent(line: str) -> int:
    return len(line) - len(line.lstrip())
