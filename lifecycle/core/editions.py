"""What may change in place under a published version (R14), and a hash of everything else.

Labels, colours, descriptions, `disabled`, `published` and `shadow` may; the wording of a condition is no behaviour.
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
