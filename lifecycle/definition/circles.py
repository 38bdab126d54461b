"""Names that ask each other in a circle."""

from __future__ import annotations

from collections import deque
from collections.abc import Collection, Iterator, Mapping


def circles(asks: Mapping[str, Collection[str]]) -> Iterator[tuple[str, ...]]:
    """The shortest circle through each name, each circle once: `a`, `b` for a → b → a; `a` for a → a."""
    seen: set[frozenset[str]] = set()
    for start in asks:
        circle = _shortest(start, asks)
        if circle and frozenset(circle) not in seen:
            seen.add(frozenset(circle))
            yield circle


def _shortest(start: str, asks: Mapping[str, Collection[str]]) -> tuple[str, ...]:
    came: dict[str, str] = {}
    waiting = deque([start])
    while waiting:
        name = waiting.popleft()
        for other in asks.get(name, ()):
            if other == start:
                return _way(start, name, came)
            if other not in came:
                came[other] = name
                waiting.append(other)
    return ()


def _way(start: str, end: str, came: Mapping[str, str]) -> tuple[str, ...]:
    way = [end]
    while way[-1] != start:
        way.append(came[way[-1]])
    return tuple(reversed(way))


def drawn(circle: tuple[str, ...]) -> str:
    """`a → b → a`."""
    return " → ".join([*circle, circle[0]])
