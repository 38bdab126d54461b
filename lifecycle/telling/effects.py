"""What an automation will do, in the third person: `moves to Launched`, `opens the CTA “Call them”`."""

from __future__ import annotations

from lifecycle.core.conditions import All, Condition, Not
from lifecycle.core.model import (
    Action,
    Automation,
    Book,
    Email,
    OpenCta,
    SetFields,
    SetStage,
    Webhook,
)
from lifecycle.definition.condition_words import Labels, condition_words, joined


def effect_words(line: Automation, book: Book) -> str:
    """All that a line does; in shadow it is only recorded (N11)."""
    labels = Labels(book)
    if line.to is not None:
        said = f"moves to {labels.stage(line.lifecycle, line.to)}"
    else:
        said = joined([_action(action, labels) for action in line.actions])
    return f"{said}, in shadow: only recorded" if line.shadow else said


def guard_words(line: Automation, book: Book) -> str:
    """`, unless Training completed on is filled in`; empty without a guard."""
    return _guard(line.guard, Labels(book)) if line.guard is not None else ""


def _guard(guard: Condition, labels: Labels) -> str:
    if isinstance(guard, Not):
        return f", unless {condition_words(guard.of, labels)}"
    if isinstance(guard, All) and len(guard.of) == 2 and isinstance(guard.of[1], Not):
        return f", if {condition_words(guard.of[0], labels)}{_guard(guard.of[1], labels)}"
    return f", if {condition_words(guard, labels)}"


def _action(action: Action, labels: Labels) -> str:
    match action:
        case Email(template, to):
            return f"sends the e-mail “{template}” to {people(to, labels.book)}"
        case OpenCta(title):
            return f"opens the CTA “{title}”"
        case SetFields(values):
            return f"sets {joined([labels.field(name) for name in values])}"
        case Webhook(name, target):
            return f"calls “{name}” at {labels.book.directory.targets.get(target, target)}"
        case SetStage(lifecycle, stage):
            return f"sets {labels.lifecycle(lifecycle)} to {labels.stage(lifecycle, stage)}"


def people(roles: tuple[str, ...] | list[str], book: Book) -> str:
    """`the CSM and Customer Success`."""
    return joined([person(role, book) for role in roles])


def person(role: str, book: Book) -> str:
    """A role or a team as it is called; a person as named."""
    team = book.directory.teams.get(role)
    if team is not None and role not in book.account.roles:
        return team.label
    if role not in book.account.roles:
        return role  # a person, by name or address
    return f"the {role.upper() if len(role) <= 3 else role.replace('_', ' ')}"
