"""Failpoints: real activities that break once, just before or just after they have done their work."""

from collections.abc import Callable, Sequence
from typing import Any

from temporalio import activity

BEFORE, AFTER = "before", "after"


class Crash(RuntimeError):
    """As if the worker had died there: Temporal tries again."""


def breaking(
    activities: Sequence[Callable[..., Any]], name: str, when: str, times: int = 1
) -> list[Callable[..., Any]]:
    """The activities, of which `name` breaks `times` times."""
    left = [times]
    return [_breaking(one, name, when, left) if _name(one) == name else one for one in activities]


def _breaking(
    real: Callable[..., Any], name: str, when: str, left: list[int]
) -> Callable[..., Any]:
    @activity.defn(name=name)
    async def broken(argument: Any) -> Any:
        if when == BEFORE:
            _break(left)
        answer = await real(argument)
        if when == AFTER:
            _break(left)
        return answer

    return broken


def _break(left: list[int]) -> None:
    if left[0] > 0:
        left[0] -= 1
        raise Crash("a failpoint")


def _name(one: Callable[..., Any]) -> str:
    definition = activity._Definition.from_callable(one)
    assert definition is not None
    return str(definition.name)
