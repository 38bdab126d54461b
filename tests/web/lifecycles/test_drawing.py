"""The drawing: every move from its stage to its stage, no arrow on another, whatever the lifecycle (G8)."""

import re
from itertools import combinations, pairwise

import pytest

from lifecycle.core.model import Lifecycle
from lifecycle.web.pages.lifecycles.drawing import BOX, LEFT, PORT, Drawing, drawn
from tests.admin.book import shipped

BOOK = shipped()
PATH = re.compile(r"M(\d+) (\d+)H(\d+)Q(\d+) .*V(-?\d+)Q.*? (\d+)H(\d+)$")


def ways(drawing: Drawing) -> list[tuple[int, int, int]]:
    """Each arrow's lane, where it leaves and where it arrives."""
    found = []
    for arrow in drawing.arrows:
        match = PATH.match(arrow.path)
        assert match, arrow.path
        found.append((int(match[4]), int(match[2]), int(match[6])))
    return found


@pytest.mark.parametrize("lifecycle", BOOK.lifecycles.values(), ids=lambda one: one.id)
def test_every_move_is_drawn_from_its_stage_to_its_stage(lifecycle: Lifecycle) -> None:
    drawing = drawn(lifecycle, BOOK, {})
    moves = [line for line in lifecycle.automations if line.to]
    assert sorted(one.number for one in drawing.arrows) == [
        lifecycle.automations.index(line) + 1 for line in moves
    ]
    boxes = {box.key: box for box in drawing.boxes}
    for arrow, (_, begin, end) in zip(drawing.arrows, ways(drawing), strict=True):
        line = lifecycle.automations[arrow.number - 1]
        origin = boxes[line.stage or ("" if line.place == "start" else "*")]
        assert origin.top < begin < origin.top + origin.height
        assert end == boxes[line.to or ""].top + PORT


@pytest.mark.parametrize("lifecycle", BOOK.lifecycles.values(), ids=lambda one: one.id)
def test_no_arrow_lies_on_another_and_none_on_words(lifecycle: Lifecycle) -> None:
    drawing = drawn(lifecycle, BOOK, {})
    for (lane, *one), (other_lane, *other) in combinations(ways(drawing), 2):
        apart = max(one) < min(other) or max(other) < min(one)
        assert lane != other_lane or apart
    lines = {arrow.y for arrow in drawing.arrows}
    arrivals = {end for _, _, end in ways(drawing)}
    assert all(abs(line - end) > 10 for line in lines for end in arrivals)
    assert len(lines) == len(drawing.arrows)
    assert all(LEFT + BOX < lane < drawing.width for lane, _, _ in ways(drawing))
    tops = [(box.top, box.top + box.height) for box in drawing.boxes]
    assert all(above[1] < below[0] for above, below in pairwise(tops))
    assert tops[-1][1] < drawing.height


def test_it_says_what_is_drawn() -> None:
    """The text alternative."""
    said = drawn(BOOK.lifecycles["sales"], BOOK, {}).says
    assert said.startswith("Stages of Sales in order: Lead, Prospect, Customer; 3 moves.")
