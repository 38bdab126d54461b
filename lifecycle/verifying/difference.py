"""Differences as data: where, what is stored, and what it should be."""

from __future__ import annotations

import json
from dataclasses import dataclass
from datetime import date, datetime
from enum import StrEnum
from typing import Any, Final

MOST_TEXT: Final = 160
MISSING: Final = "(no row)"
"""Stands for the whole row where one side has none."""


class Kind(StrEnum):
    """What does not hold."""

    CHAIN = "chain"
    """An entry of the journal is not as it was written."""
    DECISION = "decision"
    """The same input gives something else."""
    PROJECTION = "projection"
    """A table says something else than the journal."""
    UNREADABLE = "unreadable"
    """An entry cannot be read or folded."""
    HEAD = "head"
    """The journal is not the one whose head was noted outside."""
    WORKFLOW = "workflow"
    """The running account knows something else than the database."""
    CRM = "crm"
    """The CRM has another value."""


@dataclass(frozen=True, slots=True)
class Difference:
    """`stored` is what was found, `recomputed` what it should be, both as short text; `key` names the row of a table.

    `revision` is the entry that made the value, None where no entry did.
    """

    kind: Kind
    account: str
    revision: int | None
    table: str
    key: str
    column: str
    stored: str
    recomputed: str


@dataclass(frozen=True, slots=True)
class Where:
    """The place of a value, within one account; see `Difference`."""

    revision: int | None
    table: str
    column: str
    key: str = ""


def told(value: object) -> str:
    """A value as short text: NULL for nothing, instants in UTC, what has parts as JSON."""
    if value is None:
        return "NULL"
    if isinstance(value, datetime | date):
        return value.isoformat()
    has_parts = isinstance(value, dict | list)
    text = json.dumps(value, ensure_ascii=False, default=told) if has_parts else str(value)
    return text if len(text) <= MOST_TEXT else f"{text[: MOST_TEXT - 1]}…"


Differs = tuple[str, Any, Any]
"""A path into two values, and what each has there."""


def first_differing(stored: Any, recomputed: Any, path: str = "") -> Differs | None:
    """The first place at which two JSON values differ; None if nowhere."""
    if isinstance(stored, dict) and isinstance(recomputed, dict):
        return _in_dicts(stored, recomputed, path)
    if isinstance(stored, list) and isinstance(recomputed, list):
        return _in_lists(stored, recomputed, path)
    return None if _same(stored, recomputed) else (path, stored, recomputed)


def _in_dicts(stored: dict[str, Any], recomputed: dict[str, Any], path: str) -> Differs | None:
    for key in sorted(stored.keys() | recomputed.keys()):
        place = f"{path}.{key}" if path else str(key)
        if (key in stored) is not (key in recomputed):
            return place, stored.get(key), recomputed.get(key)
        if found := first_differing(stored[key], recomputed[key], place):
            return found
    return None


def _in_lists(stored: list[Any], recomputed: list[Any], path: str) -> Differs | None:
    for index, pair in enumerate(zip(stored, recomputed, strict=False)):
        if found := first_differing(*pair, f"{path}[{index}]"):
            return found
    if len(stored) == len(recomputed):
        return None
    at = min(len(stored), len(recomputed))
    one, other = (side[at] if at < len(side) else None for side in (stored, recomputed))
    return f"{path}[{at}]", one, other


def _same(one: object, other: object) -> bool:
    """1 is not true; 1.0 is 1."""
    return one == other and isinstance(one, bool) is isinstance(other, bool)
