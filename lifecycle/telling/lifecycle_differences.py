"""What another version or edition of a lifecycle changes, in plain words (R14, G8)."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass, replace
from enum import StrEnum

from lifecycle.core.model import Automation, Book, Lifecycle, Stage
from lifecycle.definition.condition_words import joined
from lifecycle.definition.words import automation_words


class Sort(StrEnum):
    """What kind of difference it is."""

    NEW = "new"
    GONE = "gone"
    CHANGED = "changed"
    ON = "on"
    OFF = "off"


@dataclass(frozen=True, slots=True)
class Difference:
    """`what` names it; `before` and `after` say it, each empty where there is nothing to say."""

    sort: Sort
    what: str
    before: str = ""
    after: str = ""

    def __str__(self) -> str:
        """As a line of text."""
        if self.sort is Sort.ON or self.sort is Sort.OFF:
            return f"{self.what}: switched {self.sort}"
        if self.before and self.after:
            return f"{self.what}: {self.before} → {self.after}"
        said = self.after or self.before
        return f"{self.what}: {self.sort}" + (f": {said}" if said else "")


def lifecycle_differences(before: Lifecycle, after: Lifecycle, book: Book) -> list[Difference]:
    """All of them, the lifecycle's own first, then stages, then automations. `book` has the words for the rest."""
    old, new = _with(book, before), _with(book, after)
    return [
        *_own(before, after),
        *_stages(before, after),
        *_automations(before, after, old, new),
    ]


def _with(book: Book, lifecycle: Lifecycle) -> Book:
    return replace(book, lifecycles={**book.lifecycles, lifecycle.id: lifecycle})


def _own(before: Lifecycle, after: Lifecycle) -> Iterator[Difference]:
    for name in ("version", "title", "description", "kind", "flow", "owner"):
        old, new = getattr(before, name), getattr(after, name)
        if old != new:
            yield Difference(Sort.CHANGED, name.capitalize(), str(old or "–"), str(new or "–"))
    moved = [
        f"{_label(before, old)} → {_label(after, new) if new else 'None'}"
        for old, new in after.migration.items()
    ]
    if after.version != before.version and moved:
        yield Difference(Sort.CHANGED, "Accounts of stages that are gone", after=joined(moved))


def _label(lifecycle: Lifecycle, stage: str) -> str:
    found = lifecycle.stage(stage)
    return found.label if found else stage


# ── stages


def _stages(before: Lifecycle, after: Lifecycle) -> Iterator[Difference]:
    for stage in after.stages:
        old = before.stage(stage.id)
        if old is None:
            yield Difference(Sort.NEW, f"Stage {stage.label}")
        elif old != stage:
            yield from _settings(old, stage)
    for gone in (stage for stage in before.stages if after.stage(stage.id) is None):
        yield Difference(Sort.GONE, f"Stage {gone.label}")
    orders = [
        [stage.label for stage in one.stages if before.stage(stage.id) and after.stage(stage.id)]
        for one in (before, after)
    ]
    if _ids(before, after) != _ids(after, before):
        yield Difference(
            Sort.CHANGED, "Order of the stages", ", ".join(orders[0]), ", ".join(orders[1])
        )


def _ids(of: Lifecycle, other: Lifecycle) -> list[str]:
    return [stage.id for stage in of.stages if other.stage(stage.id)]


def _settings(old: Stage, new: Stage) -> Iterator[Difference]:
    if old.disabled != new.disabled:
        yield Difference(Sort.OFF if new.disabled else Sort.ON, f"Stage {new.label}")
    for name in (
        "label",
        "colour",
        "description",
        "expected",
        "stuck_after",
        "end",
        "churn",
        "by_hand",
    ):
        was, now = getattr(old, name), getattr(new, name)
        if was != now:
            what = f"{new.label}, {name.replace('_', ' ')}"
            yield Difference(Sort.CHANGED, what, _said(was), _said(now))


def _said(value: object) -> str:
    if isinstance(value, bool):
        return "yes" if value else "no"
    return str(value) if value else "–"


# ── automations


def _automations(
    before: Lifecycle, after: Lifecycle, old_book: Book, new_book: Book
) -> Iterator[Difference]:
    old = {line.name: line for line in before.automations}
    new = {line.name: line for line in after.automations}
    for name, line in new.items():
        if name not in old:
            yield Difference(Sort.NEW, name, after=automation_words(line, new_book))
        elif old[name] != line:
            yield from _line(old[name], line, old_book, new_book)
    for name in old.keys() - new.keys():
        yield Difference(Sort.GONE, name, before=automation_words(old[name], old_book))
    shared = [name for name in new if name in old]
    if shared != [name for name in old if name in new]:
        yield Difference(
            Sort.CHANGED, "Order of the automations", after="the first that applies wins"
        )


def _line(old: Automation, new: Automation, old_book: Book, new_book: Book) -> Iterator[Difference]:
    if old.published != new.published:
        yield Difference(Sort.ON if new.published else Sort.OFF, new.name)
    if old.shadow != new.shadow:
        said = ("only recorded (shadow)", "done")
        yield Difference(Sort.CHANGED, new.name, said[not old.shadow], said[not new.shadow])
    plain = [replace(one, published=True, shadow=False) for one in (old, new)]
    if plain[0] != plain[1]:
        was, now = automation_words(plain[0], old_book), automation_words(plain[1], new_book)
        place = _place(old, new, old_book, new_book)
        yield Difference(Sort.CHANGED, new.name, was + place[0], now + place[1])


def _place(old: Automation, new: Automation, old_book: Book, new_book: Book) -> tuple[str, str]:
    """The same sentence may stand elsewhere."""
    if (old.stage, old.place) == (new.stage, new.place):
        return "", ""
    return tuple(  # type: ignore[return-value]
        f" ({_label(book.lifecycles[line.lifecycle], line.stage) if line.stage else line.place})"
        for line, book in ((old, old_book), (new, new_book))
    )
