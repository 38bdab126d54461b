"""A lifecycle as a drawing: its stages from the top down, every move an arrow that carries its cause in words.

Only places are reckoned here, in pixels; colours and strokes are classes of lifecycles.css. Each move is a line from
its stage through its words to a lane on the right, and from there to the stage it leads to. Lanes are given out so
that no two arrows lie on each other; words never lie on an arrow of somebody else.
"""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from dataclasses import dataclass, field
from typing import Final

from lifecycle.core.model import Automation, Book, Lifecycle, Place, Stage
from lifecycle.definition.words import cause_words

LEFT, BOX, TOP = 4, 196, 6
HEAD, LINE, GAP, LEAST = 24, 22, 14, 50
PORT: Final = 12
"""How far below the top of a box arrows come in."""
LETTER: Final = 6.1
LONGEST: Final = 96
LANE: Final = 14
BEND: Final = 6
NOWHERE, ANYWHERE = "", "*"
"""What stands for no stage and for any stage among the boxes."""


@dataclass(frozen=True, slots=True)
class Box:
    """A stage, or what stands for none or any. `state` is `end`, `disabled`, `none`, `any` or empty."""

    key: str
    label: str
    below: str
    top: int
    height: int
    state: str = ""
    colour: str = ""
    accounts: int | None = None


@dataclass(frozen=True, slots=True)
class Arrow:
    """A move. `label` may be cut off, `words` are whole; `number` is its row in the list of automations."""

    number: int
    label: str
    words: str
    path: str
    x: int
    y: int
    off: str = ""


@dataclass(frozen=True, slots=True)
class Drawing:
    """Boxes and arrows within `width` and `height`; `says` is the drawing as a sentence."""

    width: int
    height: int
    boxes: list[Box]
    arrows: list[Arrow]
    says: str


@dataclass(slots=True)
class _Node:
    key: str
    moves: list[tuple[int, Automation]] = field(default_factory=list)
    top: int = 0

    @property
    def height(self) -> int:
        return max(LEAST, HEAD + LINE * len(self.moves) + 4)


def drawn(lifecycle: Lifecycle, book: Book, counts: Mapping[str | None, int]) -> Drawing:
    """The drawing, with how many accounts are in each stage (None: in no stage)."""
    nodes = _nodes(lifecycle)
    labels = [_label(move, book) for node in nodes.values() for _, move in node.moves]
    lanes_at = LEFT + BOX + 34 + round(LETTER * max(map(len, labels), default=0))
    arrows, lanes = _arrows(nodes, book, lanes_at)
    boxes = [_box(node, lifecycle, counts) for node in nodes.values()]
    last = boxes[-1]
    return Drawing(
        lanes_at + lanes * LANE + 8,
        last.top + last.height + TOP,
        boxes,
        arrows,
        _says(lifecycle, len(arrows)),
    )


def _says(lifecycle: Lifecycle, moves: int) -> str:
    names = ", ".join(stage.label for stage in lifecycle.stages)
    many = "1 move" if moves == 1 else f"{moves} moves"
    return f"Stages of {lifecycle.title} in order: {names}; {many}. The list below says each move."


def _nodes(lifecycle: Lifecycle) -> dict[str, _Node]:
    """The boxes from the top down, each with the moves that begin there."""
    keys = [NOWHERE, *(stage.id for stage in lifecycle.stages), ANYWHERE]
    nodes = {key: _Node(key) for key in keys}
    for number, line in enumerate(lifecycle.automations, 1):
        if line.to is not None:
            for origin in _origins(line):
                nodes[origin].moves.append((number, line))
    nodes = {
        key: node for key, node in nodes.items() if node.moves or key not in (NOWHERE, ANYWHERE)
    }
    top = TOP
    for node in nodes.values():
        node.top = top
        top += node.height + GAP
    return nodes


def _origins(line: Automation) -> tuple[str, ...]:
    if line.place is Place.MOVE:
        return (line.stage or NOWHERE,)
    return {Place.START: (NOWHERE,), Place.ANY_STAGE: (ANYWHERE,)}.get(line.place, (ANYWHERE,))


def _label(line: Automation, book: Book) -> str:
    words = cause_words(line, book)
    return words if len(words) <= LONGEST else words[: LONGEST - 1].rstrip() + "…"


def _box(node: _Node, lifecycle: Lifecycle, counts: Mapping[str | None, int]) -> Box:
    if node.key == NOWHERE:
        return Box("", "None", "no stage", node.top, node.height, "none", "", counts.get(None))
    if node.key == ANYWHERE:
        none = any(line.place is Place.ANYWHERE for _, line in node.moves)
        below = "or none; that is no end" if none else "that is no end"
        return Box("*", "Any stage", below, node.top, node.height, "any")
    stage = lifecycle.stage(node.key)
    assert stage is not None
    number = counts.get(stage.id, 0)
    return Box(
        stage.id,
        stage.label,
        _below(stage),
        node.top,
        node.height,
        _state(stage),
        stage.colour,
        number,
    )


def _state(stage: Stage) -> str:
    if stage.disabled:
        return "disabled"
    return "end" if stage.end else ""


def _below(stage: Stage) -> str:
    said = ["disabled"] if stage.disabled else []
    said += ["end stage"] if stage.end else []
    said += [f"expected {stage.expected}"] if stage.expected else []
    said += ["by hand"] if stage.by_hand else []
    return ", ".join(said)


# ── arrows


def _arrows(nodes: Mapping[str, _Node], book: Book, lanes_at: int) -> tuple[list[Arrow], int]:
    """The arrows, and how many lanes they need."""
    ways = list(_ways(nodes))
    lanes = _lanes([(begin, end) for _, _, begin, end in ways])
    arrows = [
        _arrow(number, line, book, (begin, end, lanes_at + lane * LANE))
        for (number, line, begin, end), lane in zip(ways, lanes, strict=True)
    ]
    return arrows, max(lanes, default=-1) + 1


def _ways(nodes: Mapping[str, _Node]) -> Iterator[tuple[int, Automation, int, int]]:
    """Each move with the heights at which it leaves and arrives."""
    for node in nodes.values():
        for place, (number, line) in enumerate(node.moves):
            begin = node.top + HEAD + LINE * place + LINE // 2
            yield number, line, begin, nodes[line.to or NOWHERE].top + PORT


def _lanes(ways: list[tuple[int, int]]) -> list[int]:
    """The lane of each: short ways inside, and none over another."""
    taken: list[list[tuple[int, int]]] = []
    found = [0] * len(ways)
    for number in sorted(range(len(ways)), key=lambda one: abs(ways[one][0] - ways[one][1])):
        low, high = sorted(ways[number])
        free = (
            lane
            for lane, there in enumerate(taken)
            if all(
                high + BEND < other_low or other_high + BEND < low
                for other_low, other_high in there
            )
        )
        lane = next(free, len(taken))
        if lane == len(taken):
            taken.append([])
        taken[lane].append((low, high))
        found[number] = lane
    return found


def _arrow(number: int, line: Automation, book: Book, way: tuple[int, int, int]) -> Arrow:
    begin, end, lane = way
    right = LEFT + BOX
    turn = BEND if end > begin else -BEND
    path = (
        f"M{right} {begin}H{lane - BEND}Q{lane} {begin} {lane} {begin + turn}V{end - turn}"
        f"Q{lane} {end} {lane - BEND} {end}H{right + 3}"
    )
    off = "" if line.published and not line.shadow else "shadow" if line.published else "off"
    return Arrow(number, _label(line, book), cause_words(line, book), path, right + 14, begin, off)
