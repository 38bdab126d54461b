"""Problems that only follow from a file which cannot be read: its names are missing everywhere else."""

from __future__ import annotations

from collections.abc import Collection, Iterable

from .problems import Problem

_NAMES = {
    "account.yaml": {"unknown_field", "unknown_date_field", "unknown_role", "churn_field"},
    "events.yaml": {"unknown_event", "unknown_event_field", "no_event"},
    "directory.yaml": {"unknown_team", "unknown_role", "unknown_target"},
    "playbooks.yaml": {"unknown_playbook"},
    "segments.yaml": {"unknown_segment"},
}
"""The codes of problems that a file's names would solve."""


def without_follow_ups(problems: Iterable[Problem], unread: Collection[str]) -> list[Problem]:
    """The problems but those that may come from the files that could not be read."""
    doubtful = {code for file in unread for code in _NAMES.get(file, ())}
    return [one for one in problems if one.code not in doubtful]
