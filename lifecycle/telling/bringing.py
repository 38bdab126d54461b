"""What a sheet came to, in numbers and words."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass, field
from typing import Any

from lifecycle.files.bringing import Bringing
from lifecycle.files.wanted import Change

from .phrases import count


@dataclass(frozen=True, slots=True)
class Tally:
    """Accounts that change, of them those that are started; rows as they are already, and refused.

    `by_column` counts the accounts that change in each field and lifecycle.
    """

    changed: int = 0
    started: int = 0
    unchanged: int = 0
    refused: int = 0
    by_column: dict[str, int] = field(default_factory=dict)


def tally_of(bringing: Bringing) -> Tally:
    """Of a sheet that was checked, or sent."""
    plan = bringing.plan
    return Tally(
        len(plan.changes), plan.created, plan.unchanged, bringing.refused, plan.by_column()
    )


def tally_words(tally: Tally, ahead: bool) -> str:
    """`12 accounts were changed, 2 of them started; 3 are as the file says.` `ahead`: they would be."""
    if not tally.changed:
        return _nothing(tally)
    verb = "would be" if ahead else "was" if tally.changed == 1 else "were"
    said = f"{count(tally.changed, 'account')} {verb} changed"
    said += f", {tally.started:,} of them started" if tally.started else ""
    same = f"{tally.unchanged:,} {'is' if tally.unchanged == 1 else 'are'} as the file says"
    return said + (f"; {same}." if tally.unchanged else ".")


def _nothing(tally: Tally) -> str:
    if tally.unchanged:
        same = count(tally.unchanged, "account is", "accounts are")
        return f"Nothing changes: {same} as the file says."
    return "Nothing changes." if tally.refused else "Nothing changes: the file has no rows."


def changes_data(changes: Sequence[Change]) -> list[dict[str, Any]]:
    """What rows change, cell by cell, as an export would write it."""
    return [_change(one) for one in changes]


def _change(change: Change) -> dict[str, Any]:
    return {
        "line": change.asked.line,
        "account": change.asked.account,
        "starts": change.creates,
        "columns": {
            one.column.header: {"now": one.before, "then": one.after} for one in change.differences
        },
    }
