"""A lifecycle in plain words: every stage and every automation as sentences that a CS team reads (G5, G6, G8)."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import replace

from lifecycle.core.conditions import All, Condition, InSegment, Not
from lifecycle.core.model import (
    Action,
    After,
    AsSoonAs,
    At,
    Automation,
    Book,
    Email,
    Entered,
    EventMatch,
    FieldChanged,
    FromEvent,
    Left,
    Lifecycle,
    OnAll,
    OnEvent,
    OpenCta,
    Place,
    SetFields,
    SetStage,
    Stage,
    Trigger,
    Webhook,
)
from lifecycle.core.values import Value

from .condition_words import Labels, condition_words, joined

_SCOPE = {
    Place.START: "from no stage",
    Place.ANY_STAGE: "from any stage that is no end; forward only",
    Place.ANYWHERE: "from any stage that is no end, or none; forward only",
}
_HEADINGS = {
    Place.START: "Into the first stage, for accounts in none:",
    Place.ANY_STAGE: "From any stage that is no end, forward only:",
    Place.ANYWHERE: "From any stage that is no end, or none, forward only:",
    Place.ALSO: "Also, in any stage or none:",
}


def describe(lifecycle: Lifecycle, book: Book) -> str:
    """The whole lifecycle as text: its stages in order with their lines, then the lines of no stage."""
    lines = [f"{lifecycle.title} (version {lifecycle.version})"]
    lines += [lifecycle.description] if lifecycle.description else []
    lines += _section(lifecycle, book, Place.START)
    for number, stage in enumerate(lifecycle.stages, 1):
        lines += ["", f"{number}. {stage.label}{_marks(stage)}"]
        lines += [f"   {stage.description}"] if stage.description else []
        lines += [_item(one, book) for one in lifecycle.automations if one.stage == stage.id]
    for place in (Place.ANY_STAGE, Place.ANYWHERE, Place.ALSO):
        lines += _section(lifecycle, book, place)
    return "\n".join(lines) + "\n"


def _section(lifecycle: Lifecycle, book: Book, place: Place) -> list[str]:
    found = [_item(one, book) for one in lifecycle.automations if one.place is place]
    return ["", _HEADINGS[place], *found] if found else []


def _item(automation: Automation, book: Book) -> str:
    return f"   - {_sentence(automation, book)} [{automation.name}]"


def _marks(stage: Stage) -> str:
    found = [f"usually {stage.expected}"] if stage.expected else []
    found += [f"stuck after {stage.stuck_after}"] if stage.stuck_after else []
    found += ["an end"] if stage.end else []
    found += ["the account is cancelled"] if stage.churn else []
    found += ["people move accounts in and out"] if stage.by_hand else []
    found += ["disabled: nobody can newly enter it"] if stage.disabled else []
    return f" – {'; '.join(found)}" if found else ""


def automation_words(automation: Automation, book: Book) -> str:
    """One automation as a sentence by itself, with where it applies, its limits and switches."""
    scope = f" ({_SCOPE[automation.place]})" if automation.place in _SCOPE else ""
    return _sentence(automation, book, scope)


def _sentence(automation: Automation, book: Book, scope: str = "") -> str:
    labels = Labels(book)
    cause = _upper(_trigger(automation.trigger, automation, labels))
    guard = f", {_guard(automation, labels)}" if automation.guard is not None else ""
    effect = _effect(automation, labels)
    return f"{cause}{guard}, {effect}{scope}{_limit(automation)}.{_switches(automation)}"


def cause_words(automation: Automation, book: Book) -> str:
    """What sets an automation off, as a clause: `90 days before Renewal date`."""
    return _trigger(automation.trigger, automation, Labels(book)).removeprefix("when ")


def _upper(text: str) -> str:
    return text[:1].upper() + text[1:]


def _guard(automation: Automation, labels: Labels) -> str:
    guard = automation.guard
    if isinstance(guard, Not):
        return f"unless {condition_words(guard.of, labels)}"
    if isinstance(guard, All) and len(guard.of) == 2 and isinstance(guard.of[1], Not):
        wanted = condition_words(guard.of[0], labels)
        return f"if {wanted}, unless {condition_words(guard.of[1].of, labels)}"
    return f"if {condition_words(guard, labels)}" if guard is not None else ""


def _limit(automation: Automation) -> str:
    if automation.at_most is None:
        return ""
    every = automation.at_most.every
    if every is None:
        return "; at most once a visit"
    often = f"a {every.unit.value[:-1]}" if every.amount == 1 else f"in {every}"
    return f"; at most once {often}"


def _switches(automation: Automation) -> str:
    off = "" if automation.published else " (Switched off.)"
    return off + (" (In shadow: only recorded, not done.)" if automation.shadow else "")


# ── causes


def _trigger(trigger: Trigger, automation: Automation, labels: Labels) -> str:
    match trigger:
        case OnEvent(matches):
            return f"when {joined([_match(one, labels) for one in matches], 'or')}"
        case OnAll(matches, same, within):
            together = f" with the same {same.replace('_', ' ')}" if same else ""
            limit = f" within {within}" if within else ""
            events = joined([_match(one, labels) for one in matches])
            return f"when {events}{together}{limit}, in whichever order"
        case After(duration):
            return f"{duration} after entering {_own_stage(automation, labels)}"
        case At(field, offset):
            return (
                f"on the day of {labels.field(field)}" if not offset else _offset(trigger, labels)
            )
        case AsSoonAs(condition, turns_false):
            return f"as soon as {_turning(condition, turns_false, labels)}"
        case FieldChanged(field):
            return f"when {labels.field(field)} changes"
    return _stage_trigger(trigger, automation, labels)


def _turning(condition: Condition, turns_false: bool, labels: Labels) -> str:
    if isinstance(condition, InSegment):
        does = "leaves" if turns_false else "enters"
        return f"the account {does} the segment {labels.segment(condition.segment)}"
    words = condition_words(condition, labels)
    return f"it is no longer so that {words}" if turns_false else words


def _match(match: EventMatch, labels: Labels) -> str:
    happened = labels.event(match.event)
    if match.when is None:
        return happened
    return f"{happened} (if {condition_words(match.when, labels)})"


def _offset(trigger: At, labels: Labels) -> str:
    offset = trigger.offset
    if offset is None:
        return ""
    word = "before" if offset.amount < 0 else "after"
    return f"{replace(offset, amount=abs(offset.amount))} {word} {labels.field(trigger.field)}"


def _stage_trigger(trigger: Trigger, automation: Automation, labels: Labels) -> str:
    if isinstance(trigger, Entered):
        origin = f" from {labels.stage(trigger.lifecycle, trigger.left)}" if trigger.left else ""
        return f"when {_stage(trigger, automation, labels)} is entered{origin}"
    if isinstance(trigger, Left):
        goal = trigger.towards
        towards = f" towards {labels.stage(trigger.lifecycle, goal)}" if goal else ""
        return f"when {_stage(trigger, automation, labels)} is left{towards}"
    return f"on entering {_own_stage(automation, labels)}"


def _stage(trigger: Entered | Left, automation: Automation, labels: Labels) -> str:
    stage = labels.stage(trigger.lifecycle, trigger.stage)
    if trigger.lifecycle == automation.lifecycle:
        return stage
    return f"{stage} of {labels.lifecycle(trigger.lifecycle)}"


def _own_stage(automation: Automation, labels: Labels) -> str:
    return labels.stage(automation.lifecycle, automation.stage)


# ── effects


def _effect(automation: Automation, labels: Labels) -> str:
    if automation.to:
        return f"move to {labels.stage(automation.lifecycle, automation.to)}"
    return joined([_action(action, labels) for action in automation.actions])


def _action(action: Action, labels: Labels) -> str:
    match action:
        case Email(template, to):
            return f"send the mail “{template}” to {joined([_person(one, labels) for one in to])}"
        case OpenCta(title):
            return f"open the CTA “{title}” ({', '.join(_cta(action, labels))})"
        case SetFields(values):
            return joined([_set(name, value, labels) for name, value in values.items()])
        case Webhook(name, target, data):
            called = f"call “{name}” at {labels.book.directory.targets.get(target, target)}"
            carried = [f"{key} {_source(value, labels)}" for key, value in data.items()]
            return f"{called} with {joined(carried)}" if carried else called
        case SetStage(lifecycle, None):
            return f"clear {labels.lifecycle(lifecycle)}"
        case SetStage(lifecycle, stage):
            return f"set {labels.lifecycle(lifecycle)} to {labels.stage(lifecycle, stage)}"


def _cta(action: OpenCta, labels: Labels) -> Iterator[str]:
    yield f"kind {action.kind}"
    yield f"for {_person(action.owner, labels)}"
    if action.priority != "normal":
        yield f"{action.priority} priority"
    if action.due:
        yield f"due in {action.due}"
    playbook = labels.book.playbooks.get(action.playbook or "")
    if playbook:
        yield f"playbook “{playbook.title}”"
    if action.close_on_leaving:
        yield "closed on leaving the stage"


def _person(name: str, labels: Labels) -> str:
    team = labels.book.directory.teams.get(name)
    if team and name not in labels.book.account.roles:
        return team.label
    return f"the {name.upper() if len(name) <= 3 else name.replace('_', ' ')}"


def _set(name: str, value: FromEvent | Value, labels: Labels) -> str:
    if value is None:
        return f"empty {labels.field(name)}"
    return f"set {labels.field(name)} to {_source(value, labels)}"


def _source(value: FromEvent | Value, labels: Labels) -> str:
    if isinstance(value, FromEvent):
        return f"the event's {value.name.replace('_', ' ')}"
    return labels.value(value)
