"""Names derived for lines that have none: of place, trigger word, event and target.

Never of what may be tuned: a duration, a guard, the position, a title.
"""

from __future__ import annotations

import re
from hashlib import sha256

from lifecycle.core.conditions import InSegment
from lifecycle.core.model import (
    Action,
    After,
    AsSoonAs,
    At,
    Email,
    Entered,
    FieldChanged,
    Left,
    OnAll,
    OnEvent,
    OpenCta,
    Place,
    SetFields,
    SetStage,
    Trigger,
    Webhook,
)

MAX = 60


def derived(place: Place, stage: str | None, trigger: Trigger, goal: str) -> str:
    """`lead_when_opportunity_created_to_prospect`; `goal` is what `target` says of the line."""
    where = stage or place.value.replace("from ", "")
    return _short(_slug(" ".join([where, _cause(trigger), goal])))


def target(to: str | None, actions: tuple[Action, ...]) -> str:
    """What a line leads to: its stage, or what its actions aim at (never a CTA's title)."""
    return f"to {to}" if to else " ".join(_aim(action) for action in actions)


def _cause(trigger: Trigger) -> str:
    match trigger:
        case OnEvent(matches) | OnAll(matches):
            return f"when {' '.join(sorted(match.event for match in matches))}"
        case After():
            return "after"
        case At(field):
            return f"at {field}"
        case Entered(lifecycle, stage):
            return f"entered {lifecycle} {stage}"
        case Left(lifecycle, stage):
            return f"left {lifecycle} {stage}"
        case FieldChanged(field):
            return f"changed {field}"
        case AsSoonAs():
            return _turn(trigger)
    return "entering"


def _turn(trigger: AsSoonAs) -> str:
    if not isinstance(trigger.condition, InSegment):
        return "as soon as"
    return f"{'leaves' if trigger.turns_false else 'enters'} segment {trigger.condition.segment}"


def _aim(action: Action) -> str:
    match action:
        case Email(template):
            return f"email {template}"
        case OpenCta():
            return f"cta {action.kind}"
        case SetFields(values):
            return f"set {' '.join(sorted(values))}"
        case Webhook(name):
            return f"webhook {name}"
        case SetStage(lifecycle, stage):
            return f"set stage {lifecycle} {stage or 'none'}"


def _slug(words: str) -> str:
    return re.sub(r"[^a-z0-9]+", "_", words.lower()).strip("_")


def _short(name: str) -> str:
    if len(name) <= MAX:
        return name
    return f"{name[: MAX - 9].rstrip('_')}_{sha256(name.encode()).hexdigest()[:8]}"
