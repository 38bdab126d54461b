"""What lines in shadow would have done beside what was done: the same, something else, nothing; and moves missed (N11).

Pure: rows in, pairs out. Each thing that was done answers one of what a line would have done.
"""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass, field
from datetime import datetime, timedelta
from enum import StrEnum
from typing import Any, Final

from lifecycle.core.index import stages_of, targets_of
from lifecycle.core.model import Automation, Book

NEAR: Final = timedelta(days=1)
MOVE: Final = "move"


class Verdict(StrEnum):
    """Beside what a line would have done: the same was done, something else, or nothing; or it missed a move."""

    SAME = "same"
    OTHER = "other"
    NOTHING = "nothing"
    MISSED = "missed"


@dataclass(frozen=True, slots=True)
class Deed:
    """What was done, or would have been (`by` a line in shadow), in the visit `visit` of `lifecycle` (0: in none).

    `key` is what makes two the same: the stage entered, the template, the CTA's kind, the webhook's name, the field;
    `value` the field's, the CTA's title, the webhook's target. `left` is the stage a move left. `place` orders the
    deeds of an account: revision and position. `automatic`: `by` is an automation, not a person.
    """

    account: str
    place: tuple[int, int]
    at: datetime
    kind: str
    lifecycle: str
    key: str | None
    value: Any = field(hash=False)
    visit: int
    by: str
    left: str | None = None
    automatic: bool = True


@dataclass(frozen=True, slots=True)
class Pair:
    """One of what a line would have done with what was done beside it; of a missed move only that."""

    automation: str
    verdict: Verdict
    would: Deed | None = None
    done: Deed | None = None

    @property
    def first(self) -> Deed:
        """What it is listed by."""
        found = self.would or self.done
        assert found is not None
        return found

    @property
    def later(self) -> timedelta | None:
        """How much later it was done than it would have been; below zero: earlier."""
        return self.done.at - self.would.at if self.would and self.done else None


@dataclass(frozen=True, slots=True)
class Watched:
    """A line in shadow, and since when its version in force has it so."""

    line: Automation
    since: datetime


def paired(
    would: Iterable[Deed],
    done: Mapping[str, Sequence[Deed]],
    watched: Iterable[Watched],
    book: Book,
) -> list[Pair]:
    """All pairs in order of time. `done` are the deeds of each account, in order."""
    answered: set[tuple[str, Deed]] = set()
    found = [_answer(one, done.get(one.account, ()), answered) for one in would]
    found += [pair for one in watched for pair in _missed(one, done, answered, book)]
    return sorted(found, key=lambda pair: (pair.first.at, pair.first.account, pair.first.place))


def _answer(one: Deed, done: Sequence[Deed], answered: set[tuple[str, Deed]]) -> Pair:
    free = [deed for deed in done if deed.kind == one.kind and (one.by, deed) not in answered]
    verdict, deed = _move(one, free) if one.kind == MOVE else _act(one, free)
    if deed is not None and verdict is Verdict.SAME:
        answered.add((one.by, deed))
    return Pair(one.by, verdict, one, deed)


# ── moves


def _move(one: Deed, done: Iterable[Deed]) -> tuple[Verdict, Deed | None]:
    """The next move of the lifecycle ends the visit the line would have ended."""
    mine = (deed for deed in done if deed.lifecycle == one.lifecycle and deed.place > one.place)
    following = min(mine, key=lambda deed: deed.place, default=None)
    if following is None:
        return Verdict.NOTHING, None
    return (Verdict.SAME if following.key == one.key else Verdict.OTHER), following


def _missed(
    watched: Watched,
    done: Mapping[str, Sequence[Deed]],
    answered: set[tuple[str, Deed]],
    book: Book,
) -> Iterator[Pair]:
    """Moves that live lines made where this one leads, and it would not have."""
    line = watched.line
    targets = set(targets_of(line))
    lifecycle = book.lifecycles[line.lifecycle]
    where = {stage or None for stage in stages_of(lifecycle, line)} if line.to is not None else None
    for deeds in done.values():
        for deed in deeds:
            led = deed.kind == MOVE and (deed.lifecycle, deed.key) in targets
            meant = led and deed.automatic and (where is None or deed.left in where)
            if meant and deed.at >= watched.since and (line.key, deed) not in answered:
                yield Pair(line.key, Verdict.MISSED, None, deed)


# ── everything else


def _act(one: Deed, done: Sequence[Deed]) -> tuple[Verdict, Deed | None]:
    """The same within a day or in the same visit; else whatever of the kind its lifecycle did within a day."""
    alike = [deed for deed in done if _alike(one, deed) and _goes_with(one, deed)]
    if alike:
        return Verdict.SAME, min(alike, key=lambda deed: abs(deed.at - one.at))
    others = [deed for deed in done if _compares(one, deed) and abs(deed.at - one.at) <= NEAR]
    nearest = min(others, key=lambda deed: abs(deed.at - one.at), default=None)
    return (Verdict.OTHER if nearest else Verdict.NOTHING), nearest


def _alike(one: Deed, deed: Deed) -> bool:
    return deed.key == one.key and (one.kind != "field" or deed.value == one.value)


def _compares(one: Deed, deed: Deed) -> bool:
    """Of a field another value of it; of all else, what the same lifecycle did of the kind."""
    return deed.key == one.key if one.kind == "field" else deed.lifecycle == one.lifecycle


def _goes_with(one: Deed, deed: Deed) -> bool:
    in_visit = one.visit > 0 and (deed.lifecycle, deed.visit) == (one.lifecycle, one.visit)
    return in_visit or abs(deed.at - one.at) <= NEAR
