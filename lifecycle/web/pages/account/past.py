"""What happened and why, as the page shows it: entries of the journal with signs, chips and the values that decided."""

from __future__ import annotations

import re
from collections.abc import Iterator, Mapping
from dataclasses import dataclass, field
from datetime import datetime
from typing import Final

from lifecycle.core import changes as c
from lifecycle.core import inputs as i
from lifecycle.core.model import Book
from lifecycle.telling.past import is_move
from lifecycle.telling.story import Said, Told

_DECIDED: Final = re.compile(r"(?P<asked>.*): (?P<answer>yes|no)(?: \((?P<values>.*)\))?")
_SIGNS: Final[Mapping[type, str]] = {
    i.Undo: "undo",
    i.Hold: "pause",
    i.Release: "play",
    i.SetStage: "user",
    i.SetFields: "edit",
    i.OpenCta: "plus",
    i.CloseCta: "check",
    i.SnoozeCta: "clock",
    i.AssignCta: "user",
    i.DoTask: "check",
    i.Erase: "user",
    i.Deadline: "clock",
    i.CreateAccount: "build",
    i.Adopt: "path",
    i.EndHistory: "hist",
}


@dataclass(frozen=True, slots=True)
class Spot:
    """A stage as a chip; `label` is None for no stage."""

    label: str | None
    colour: str = ""
    end: bool = False


@dataclass(frozen=True, slots=True)
class Move:
    """A change of stage. `by` is the automation, empty for a person; `turn` says what became of the counts."""

    lifecycle: str
    left: Spot
    entered: Spot
    by: str
    version: int
    turn: str = ""
    because: list[tuple[str, str, str]] = field(default_factory=list)


@dataclass(frozen=True, slots=True)
class Happening:
    """An entry. `undone` is when it was taken back; `undoes` that it is the newest that can be."""

    revision: int
    at: datetime
    headline: str
    code: str
    sign: str
    colour: str
    moves: list[Move]
    changes: list[Said]
    reasons: list[Said]
    refused: str
    by_person: bool
    undone: datetime | None
    undoes: bool
    late: bool
    historic: bool

    @property
    def is_still(self) -> bool:
        """Whether it changed nothing that is told."""
        return not (self.moves or self.changes)


def happening(
    entry: c.Entry, told: Told, book: Book, undone: Mapping[int, datetime], newest: int | None
) -> Happening:
    """An entry with its words. `newest` is the revision of the input that can be undone."""
    by_text = {said.text: said for said in told.changes}
    moves = list(_moves(entry, told, book))
    texts = {_arrow(move) for move in moves}
    others = [said for said in by_text.values() if not _is_among(said.text, texts)]
    return Happening(
        entry.revision,
        entry.at,
        told.headline,
        told.detail.partition(" · ")[0],
        _sign(entry, moves, told),
        moves[0].entered.colour if moves else "",
        moves,
        others,
        told.reasons,
        told.refused,
        _is_by_person(entry),
        undone.get(entry.root) if not isinstance(entry.input, i.Undo) else None,
        entry.revision == newest,
        isinstance(entry.input, i.Event) and entry.input.time < entry.at and not entry.historic,
        entry.historic,
    )


def _is_by_person(entry: c.Entry) -> bool:
    """A command; or a move of the past that the import door tells of (R21)."""
    moved = any(isinstance(one, c.StageEntered) and one.kind == "person" for one in entry.changes)
    return moved or isinstance(entry.input, i.Command)


def _arrow(move: Move) -> str:
    return f"{move.lifecycle}: {move.left.label or 'None'} → {move.entered.label or 'None'}"


def _is_among(text: str, arrows: set[str]) -> bool:
    return any(text.startswith(arrow) for arrow in arrows)


def _moves(entry: c.Entry, told: Told, book: Book) -> Iterator[Move]:
    reasons = {said.automation: said.because for said in told.changes if said.because}
    for change in entry.changes:
        if not isinstance(change, c.StageEntered) or not is_move(change):
            continue
        lifecycle = book.lifecycles.get(change.lifecycle)
        by = change.automation.rpartition(".")[2]
        yield Move(
            lifecycle.title if lifecycle else change.lifecycle,
            _spot(book, change.lifecycle, change.left),
            _spot(book, change.lifecycle, change.entered),
            by,
            change.version,
            _turn(change),
            [decided(text) for text in reasons.get(by, [])],
        )


def _spot(book: Book, lifecycle: str, stage_id: str | None) -> Spot:
    runs = book.lifecycles.get(lifecycle)
    stage = runs.stage(stage_id) if runs else None
    return Spot(stage.label, stage.colour, stage.end) if stage else Spot(stage_id)


def _turn(change: c.StageEntered) -> str:
    if change.ends:
        return f"cycle {change.cycle} ends"
    if change.restart and change.cycle > 1:
        return f"cycle {change.cycle} begins"
    return "back: its days begin again" if change.back else ""


def decided(text: str) -> tuple[str, str, str]:
    """A sentence that decided, its answer and the values: `("active_users >= 5", "yes", "active_users = 7")`."""
    found = _DECIDED.fullmatch(text)
    return (found["asked"], found["answer"], found["values"] or "") if found else (text, "", "")


def _sign(entry: c.Entry, moves: list[Move], told: Told) -> str:
    if told.refused or told.is_empty:
        return "skip"
    if moves and not moves[0].by:
        return "undo" if isinstance(entry.input, i.Undo) else "user"
    sign = _SIGNS.get(type(entry.input), "bolt" if moves else "pulse")
    if isinstance(entry.input, i.Deadline):
        late = any(isinstance(one, c.BecameLate | c.BecameStuck) for one in entry.changes)
        return "bolt" if moves else "flag" if late else sign
    return "skip" if not told.changes else sign
