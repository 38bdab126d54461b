"""What people do with CTAs: open, close, snooze, assign, tick tasks off (G11, G12)."""

from __future__ import annotations

from datetime import datetime

from .. import changes as c
from ..inputs import AssignCta, CloseCta, CtaCommand, DoTask, OpenCta, SnoozeCta
from ..model import PRIORITIES, Book
from ..refusal import Refusal, did_you_mean
from ..state import AccountState, Cta
from .turn import Turn, cta_data

LONGEST_TITLE = 200
BY_HAND = "by_hand"
"""Stands for the automation in the id of a CTA that a person opened."""


def check_cta(book: Book, state: AccountState, command: CtaCommand) -> None:
    """Raise `Refusal` unless the CTA is open, or may be opened, and what is said of it makes sense."""
    now = max(command.at, state.clock or command.at)
    if isinstance(command, OpenCta):
        _check_new(book, state, command, now)
        return
    cta = _open(state, command.cta)
    if isinstance(command, DoTask):
        _check_task(book, cta, command.task)
    elif isinstance(command, AssignCta):
        _check_owner(book, command.owner)
    elif isinstance(command, SnoozeCta):
        _check_snooze(cta, command, now)


def work_on_cta(turn: Turn, command: CtaCommand) -> None:
    """Carry out a checked command."""
    if isinstance(command, OpenCta):
        _open_by_hand(turn, command)
        return
    cta = turn.state.ctas[command.cta]
    if isinstance(command, CloseCta):
        turn.close_cta(cta, command.outcome)
    elif isinstance(command, SnoozeCta):
        turn.emit(c.CtaSnoozed(cta.id, command.until, turn.at, command.actor))
    elif isinstance(command, AssignCta):
        _assign(turn, cta, command)
    elif command.task in cta.tasks:
        turn.note("already_there", f"The task {command.task} is done already.")
    else:
        _do_task(turn, cta, command)


# ── checks


def _open(state: AccountState, cta_id: str) -> Cta:
    cta = state.ctas.get(cta_id)
    if cta is None:
        remedy = did_you_mean(cta_id, state.ctas)
        raise Refusal("unknown_cta", f"The account has no open CTA {cta_id!r}.", remedy, "cta")
    return cta


def _check_new(book: Book, state: AccountState, command: OpenCta, now: datetime) -> None:
    if not command.title.strip():
        raise Refusal("no_title", "A CTA needs a title.", "Say what is to be done.", "title")
    if len(command.title) > LONGEST_TITLE:
        said = f"The title has {len(command.title)} characters; {LONGEST_TITLE} is the most."
        raise Refusal("long_title", said, "Say what is to be done in a few words.", "title")
    if command.priority not in PRIORITIES:
        remedy = did_you_mean(command.priority, PRIORITIES)
        raise Refusal(
            "unknown_priority", f"Unknown priority {command.priority!r}.", remedy, "priority"
        )
    if command.playbook is not None and command.playbook not in book.playbooks:
        remedy = did_you_mean(command.playbook, book.playbooks)
        raise Refusal(
            "unknown_playbook", f"Unknown playbook {command.playbook!r}.", remedy, "playbook"
        )
    if command.due is not None and command.due <= now:
        said = (
            f"A CTA falls due in the future; {command.due.isoformat(timespec='minutes')} is past."
        )
        raise Refusal("bad_time", said, "Give a later date.", "due")
    _check_owner(book, command.owner)
    if command.lifecycle:
        _check_visit(book, state, command.lifecycle)
    elif command.close_on_leaving:
        raise Refusal(
            "no_lifecycle", "It is not said which stage's leaving closes it.", "Name the lifecycle."
        )


def _check_visit(book: Book, state: AccountState, lifecycle: str) -> None:
    if lifecycle not in book.lifecycles:
        remedy = did_you_mean(lifecycle, book.lifecycles)
        raise Refusal("unknown_lifecycle", f"Unknown lifecycle {lifecycle!r}.", remedy, "lifecycle")
    track = state.tracks.get(lifecycle)
    if track is None or track.stage is None:
        said = f"The account is in no stage of {book.lifecycles[lifecycle].title}."
        raise Refusal("no_stage", said, "Leave the lifecycle out.", "lifecycle")


def _check_owner(book: Book, owner: str) -> None:
    """A role, a team, an address or a name; a word that is nearly a role's is taken for a slip."""
    if not owner.strip():
        raise Refusal(
            "no_owner", "A CTA needs an owner.", "Name a role, a team or a person.", "owner"
        )
    known = {*book.account.roles, *book.directory.teams}
    if owner in known or "@" in owner or " " in owner:
        return
    remedy = did_you_mean(owner, known)
    if remedy.startswith("Did you mean"):
        said = f"{owner!r} is no role and no team."
        raise Refusal("unknown_owner", said, f"{remedy} A person is named in full.", "owner")


def _check_task(book: Book, cta: Cta, task: str) -> None:
    tasks = tasks_of(book, cta)
    if task not in tasks:
        remedy = did_you_mean(task, tasks)
        said = f"The CTA {cta.title!r} has no task {task!r}."
        raise Refusal("unknown_task", said, remedy, "task")


def _check_snooze(cta: Cta, command: SnoozeCta, now: datetime) -> None:
    if command.until is None and cta.snoozed_until is None:
        raise Refusal("not_snoozed", f"The CTA {cta.title!r} is not snoozed.", where="cta")
    if command.until is not None and command.until <= now:
        said = (
            f"A snooze ends in the future; {command.until.isoformat(timespec='minutes')} is past."
        )
        raise Refusal("bad_time", said, "Give a later date.", "until")


# ── doing


def _open_by_hand(turn: Turn, command: OpenCta) -> None:
    track = turn.track(command.lifecycle) if command.lifecycle else None
    due = turn.due(command.within) if command.within else command.due
    turn.open_cta(
        Cta(
            f"{BY_HAND}:{turn.revision}",
            command.title.strip(),
            command.kind,
            command.owner,
            command.priority,
            turn.at,
            due,
            command.lifecycle,
            "",
            track.visit if track else 0,
            command.playbook,
            command.close_on_leaving,
            opened_by=command.actor,
        )
    )


def _assign(turn: Turn, cta: Cta, command: AssignCta) -> None:
    if cta.owner == command.owner:
        turn.note("already_there", f"The CTA {cta.title!r} belongs to {cta.owner} already.")
    else:
        turn.emit(c.CtaAssigned(cta.id, command.owner, cta.owner, turn.at, command.actor))


def tasks_of(book: Book, cta: Cta) -> dict[str, bool]:
    """The tasks of a CTA's playbook; whether each is optional."""
    playbook = book.playbooks.get(cta.playbook or "")
    return {task.id: task.optional for task in playbook.tasks} if playbook else {}


def _do_task(turn: Turn, cta: Cta, command: DoTask) -> None:
    """A playbook is finished with its last required task; one without any, with its last task."""
    turn.emit(c.TaskDone(cta.id, command.task, turn.at, command.actor))
    turn.raise_event("task.done", {**cta_data(cta), "task": command.task})
    tasks = tasks_of(turn.book, cta)
    needed = {task for task, optional in tasks.items() if not optional} or set(tasks)
    if command.task in needed and needed <= set(turn.state.ctas[cta.id].tasks):
        turn.raise_event("playbook.finished", cta_data(cta))
