"""Steps written as their grammar has them: for pages and programs that put a script together (N6)."""

from __future__ import annotations

import json
import re
from collections.abc import Iterable, Mapping
from typing import Any, Final

from lifecycle.core.model import Book
from lifecycle.core.refusal import Refusal
from lifecycle.definition.problems import Problem

from .reader import BadScript, read_script
from .script import Step

_PLAIN: Final = re.compile(r"[A-Za-z0-9_][\w.@+/-]*(?: [\w.@+/-]+)*")
_OTHERWISE: Final = frozenset({"yes", "no", "true", "false", "null", "none", "~"})


def written(when: str, what: Mapping[str, Any] | str) -> str:
    """A step on one line, without its dash: `in 12 days: {event: usage.reported, data: {active_users: 12}}`."""
    return f"{when}: {_flow(what)}"


def _flow(value: Any) -> str:
    if isinstance(value, Mapping):
        return "{" + ", ".join(f"{_flow(name)}: {_flow(one)}" for name, one in value.items()) + "}"
    if isinstance(value, list):
        return "[" + ", ".join(map(_flow, value)) + "]"
    if value is None:
        return "None"
    if isinstance(value, bool):
        return "yes" if value else "no"
    text = str(value)
    is_plain = _PLAIN.fullmatch(text) and text.casefold() not in _OTHERWISE
    return text if is_plain else json.dumps(text, ensure_ascii=False)


def steps_of(lines: Iterable[str], book: Book) -> list[Step]:
    """Steps of one line each. Raises `Refusal` with every problem and the number of its step."""
    text = "\n".join(f"- {' '.join(line.split())}" for line in lines)
    if not text:
        return []
    try:
        return read_script("steps", text, book)
    except BadScript as error:
        said = "\n".join(_said(one) for one in error.problems)
        raise Refusal("bad_script", said, "Mend it, or leave it out.", "steps") from None


def _said(problem: Problem) -> str:
    return f"Step {problem.line}: {problem.message} {problem.help}".rstrip()
