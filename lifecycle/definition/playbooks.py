"""playbooks.yaml: lists of tasks that CTAs carry (G12)."""

from __future__ import annotations

from lifecycle.core.model import Playbook, TaskDef

from .known import Known, require
from .problems import Mark
from .records import Record, open_record, read_id


def read_playbooks(record: Record, known: Known) -> dict[str, Playbook]:
    """Every playbook that can be read, by id."""
    return {
        key.text: _playbook(key.text, open_record(node, "playbook", record.report), known)
        for key, node in record.entries("playbooks")
        if read_id(key, record.report)
    }


def _playbook(name: str, record: Record, known: Known) -> Playbook:
    seen: dict[str, Mark] = {}
    tasks = []
    for node in record.items("tasks"):
        inner = open_record(node, "task", record.report)
        task = _task(inner, known)
        if task.id in seen:
            message = f"The task `{task.id}` stands here twice; first in line {seen[task.id].line}."
            record.report.error(inner.mark("task"), "duplicate_name", message, "Rename one.")
        seen.setdefault(task.id, inner.mark("task"))
        tasks.append(task)
    title, goal = record.text("title") or name, record.text("goal") or ""
    return Playbook(name, title, goal, tuple(tasks))


def _task(record: Record, known: Known) -> TaskDef:
    owner = record.name("owner")
    return TaskDef(
        record.id("task") or "",
        record.text("title") or "",
        record.duration("due"),
        require(owner, "role or team", known.roles | known.teams, record.report) if owner else None,
        record.switch("optional"),
    )
