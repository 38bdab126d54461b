"""Whether conditions can hold together, as far as their sentences show.

Says no only where it is certain: the conditions are spread out into alternatives, and each
contradicts itself about one field or one lifecycle. Too many alternatives count as "can hold".
"""

from __future__ import annotations

from collections.abc import Sequence
from itertools import product

from lifecycle.core.conditions import (
    All,
    AnyOf,
    Compare,
    Condition,
    Const,
    Exists,
    InStage,
    Leaf,
    Not,
    OneOf,
    Op,
)
from lifecycle.core.values import Value

MAX_ALTERNATIVES = 256
Claim = tuple[Leaf, bool]
"""A sentence, and whether it is said to hold."""
_BELOW, _ABOVE = {Op.LT, Op.LE, Op.BEFORE}, {Op.GT, Op.GE, Op.AFTER}


def can_hold(conditions: Sequence[Condition]) -> bool:
    """Whether all of the conditions may hold of one account at one instant."""
    found = _alternatives(All(tuple(conditions)), True)
    return len(found) > MAX_ALTERNATIVES or any(not _contradicts(claims) for claims in found)


def _alternatives(condition: Condition, holds: bool) -> list[list[Claim]]:
    if isinstance(condition, Not):
        return _alternatives(condition.of, not holds)
    if not isinstance(condition, All | AnyOf):
        return [[(condition, holds)]]
    parts = [_alternatives(part, holds) for part in condition.of]
    if isinstance(condition, All) is not holds:
        return [claims for part in parts for claims in part][: MAX_ALTERNATIVES + 1]
    joined: list[list[Claim]] = [[]]
    for part in parts:
        joined = [left + right for left, right in product(joined, part)][: MAX_ALTERNATIVES + 1]
    return joined


def _contradicts(claims: list[Claim]) -> bool:
    subjects = {_subject(leaf) for leaf, _ in claims}
    return any(
        _impossible([claim for claim in claims if _subject(claim[0]) == subject])
        for subject in subjects
        if subject is not None
    )


def _subject(leaf: Leaf) -> object:
    if isinstance(leaf, InStage):
        return ("stage", leaf.lifecycle)
    if isinstance(leaf, Compare):
        return leaf.left if isinstance(leaf.right, Const) else None
    return leaf.left if isinstance(leaf, OneOf | Exists) else None


def _impossible(claims: list[Claim]) -> bool:
    allowed: set[Value] | None = None
    banned: set[Value] = set()
    present, absent = False, False
    for leaf, holds in claims:
        values, positive = _values(leaf, holds)
        if values is not None and positive:
            allowed = set(values) if allowed is None else allowed & set(values)
        banned |= set(values or ()) if not positive else set()
        here = _presence(leaf, holds)
        present, absent = present or here is True, absent or here is False
    if (allowed is not None and not allowed - banned) or (present and absent):
        return True
    return _empty_range(claims, allowed)


def _values(leaf: Leaf, holds: bool) -> tuple[tuple[Value, ...] | None, bool]:
    """The values a sentence names and whether it wants one of them; None when it names none."""
    if isinstance(leaf, InStage):
        timed = (leaf.more_than or leaf.less_than) is not None
        positive = holds is not leaf.negated
        return (None, True) if timed and not positive else (leaf.stages, positive)
    if isinstance(leaf, OneOf):
        return leaf.values, holds is not leaf.negated
    if (
        isinstance(leaf, Compare)
        and leaf.op in (Op.IS, Op.IS_NOT)
        and isinstance(leaf.right, Const)
    ):
        return (leaf.right.value,), holds is (leaf.op is Op.IS)
    return None, True


def _presence(leaf: Leaf, holds: bool) -> bool | None:
    """Whether a sentence says that there is a value (True), that there is none, or neither."""
    if isinstance(leaf, Exists):
        return holds is not leaf.negated
    if isinstance(leaf, OneOf):
        return True if holds is not leaf.negated else None
    if isinstance(leaf, Compare):
        return True if holds is not (leaf.op is Op.IS_NOT) else None
    return None


def _empty_range(claims: list[Claim], allowed: set[Value] | None) -> bool:
    bounds = [bound for leaf, holds in claims if (bound := _bound(leaf, holds)) is not None]
    if allowed is not None:
        return bool(bounds) and not any(
            all(_inside(one, bound) for bound in bounds) for one in allowed
        )
    lows = [value for op, value in bounds if op in _ABOVE]
    highs = [value for op, value in bounds if op in _BELOW]
    if not lows or not highs:
        return False
    low, high = max(lows), min(highs)  # type: ignore[type-var]
    if low == high:
        return not all(_inside(low, bound) for bound in bounds)
    return bool(low > high)  # type: ignore[operator]


def _bound(leaf: Leaf, holds: bool) -> tuple[Op, Value] | None:
    if not isinstance(leaf, Compare) or not isinstance(leaf.right, Const):
        return None
    if leaf.op not in _BELOW | _ABOVE:
        return None
    return (leaf.op, leaf.right.value) if holds else None


def _inside(value: Value, bound: tuple[Op, Value]) -> bool:
    op, limit = bound
    if op in (Op.LT, Op.BEFORE):
        return bool(value < limit)  # type: ignore[operator]
    if op in (Op.GT, Op.AFTER):
        return bool(value > limit)  # type: ignore[operator]
    return bool(value <= limit if op is Op.LE else value >= limit)  # type: ignore[operator]
