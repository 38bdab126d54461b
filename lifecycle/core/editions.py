"""What may change in place under a published version (R14), and a hash of everything else.

Labels, colours, descriptions, `disabled`, `published` and `shadow` may; the wording of a condition is no behaviour,
and neither is what lines in shadow say: those may come, change and go.
"""

from __future__ import annotations

import json
from dataclasses import fields, is_dataclass, replace
from hashlib import sha256
from typing import Any

from .codec import to_data
from .model import Automation, Lifecycle, Stage


def content_hash(lifecycle: Lifecycle) -> str:
    """64 hex digits that stay the same while only what may change in place changes (R14)."""
    return sha256(json.dumps(to_data(_fixed(lifecycle)), sort_keys=True).encode()).hexdigest()


def follows_in_place(before: Lifecycle, after: Lifecycle) -> bool:
    """Whether one may take the other's place under the same version: nothing that is done changes (R14, N11)."""
    own, new = acting(before, after)
    return content_hash(own) == content_hash(new)


def acting(before: Lifecycle, after: Lifecycle) -> tuple[Lifecycle, Lifecycle]:
    """Both but for lines in shadow that the other has not, or has in shadow and otherwise."""
    return _without_tried(before, after), _without_tried(after, before)


def _without_tried(one: Lifecycle, other: Lifecycle) -> Lifecycle:
    there = {line.name: line for line in other.automations}
    left = (line for line in one.automations if not _only_tried(line, there.get(line.name)))
    return replace(one, automations=tuple(left))


def _only_tried(line: Automation, other: Automation | None) -> bool:
    if not line.shadow:
        return False
    return other is None or (other.shadow and fixed_line(line) != fixed_line(other))


def _fixed(lifecycle: Lifecycle) -> Lifecycle:
    return replace(
        lifecycle,
        title="",
        description="",
        stages=tuple(fixed_stage(stage) for stage in lifecycle.stages),
        automations=tuple(fixed_line(line) for line in lifecycle.automations),
    )


def fixed_stage(stage: Stage) -> Stage:
    """The stage without what may change in place."""
    return replace(stage, label="", colour="", description="", disabled=False)


def fixed_line(line: Automation) -> Automation:
    """The automation without what may change in place."""
    made: Automation = _unsaid(replace(line, published=True, shadow=False))
    return made


def same_line(one: Automation, other: Automation) -> bool:
    """Whether two versions' lines do the same, but for the wording."""
    return bool(_unsaid(one) == _unsaid(other))


def _unsaid(value: Any) -> Any:
    """The same without the sentences conditions were read from."""
    if isinstance(value, tuple):
        return tuple(_unsaid(part) for part in value)
    if not is_dataclass(value) or isinstance(value, type):
        return value
    found = {one.name: _unsaid(getattr(value, one.name)) for one in fields(value) if one.init}
    return type(value)(**{name: "" if name == "said" else part for name, part in found.items()})
