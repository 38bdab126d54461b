"""Automations that chase each other: moves that set each other off without end.

Only what can be proven. The graph has an edge from one entered stage to another where a line leads
there at once: by `entered`, on entering, or `as soon as` a condition holds that nothing in the
circle changes; segments are written out. A circle whose conditions can all hold together is a
chase. Conditions that need time, or that speak of a lifecycle in the circle, prove nothing; nor does
leaving a segment, for which something has to change.
"""

from __future__ import annotations

from collections import deque
from collections.abc import Iterator, Mapping
from dataclasses import dataclass

from lifecycle.core.conditions import (
    All,
    Changed,
    Completed,
    Condition,
    HasOpenCta,
    InSegment,
    InStage,
    leaves,
)
from lifecycle.core.model import (
    AsSoonAs,
    Automation,
    Entered,
    Lifecycle,
    OnEntry,
    Place,
    Segment,
    SetFields,
    SetStage,
)

from .contradictions import can_hold
from .expansion import expanded
from .known import Known
from .lifecycles import Found
from .lines import Line
from .problems import Report
from .score_fields import WRITER

Node = tuple[str, str]
MAX_LENGTH = 12
MAX_WAYS = 5_000


@dataclass(frozen=True, slots=True)
class _Edge:
    start: Node
    goal: Node
    line: Line
    condition: Condition | None


def check_chases(found: dict[str, Found], known: Known, report: Report) -> None:
    """Reports the shortest circle through each stage, each circle once, at its line that stands first."""
    edges: dict[Node, list[_Edge]] = {}
    for edge in _edges(found, known.segments):
        edges.setdefault(edge.start, []).append(edge)
    search = _Search(edges, _fields_written(found) | _fields_scored(known))
    seen: set[frozenset[str]] = set()
    for start in sorted(edges):
        circle = search.shortest(start)
        names = frozenset(edge.line.automation.key for edge in circle)
        if circle and names not in seen:
            seen.add(names)
            _tell(circle, report)


def _tell(circle: tuple[_Edge, ...], report: Report) -> None:
    first, *others = sorted(circle, key=lambda edge: (edge.line.at.file, edge.line.at.line))
    names = " and ".join(f"`{edge.line.automation.key}`" for edge in others)
    way = " → ".join(f"{lifecycle}.{stage}" for lifecycle, stage in _path(circle))
    message = f"`{first.line.automation.key}` chases {names or 'itself'}: {way}."
    remedy = "Give them conditions that cannot hold together."
    report.error(first.line.at, "chase", message, remedy)


def _path(circle: tuple[_Edge, ...]) -> list[Node]:
    return [circle[0].start, *(edge.goal for edge in circle)]


# ── edges


def _edges(found: dict[str, Found], segments: Mapping[str, Segment]) -> Iterator[_Edge]:
    for one in found.values():
        for line in one.lines:
            if line.automation.published and not line.automation.shadow:
                yield from _of_line(line, found, segments)


def _of_line(
    line: Line, found: dict[str, Found], segments: Mapping[str, Segment]
) -> Iterator[_Edge]:
    automation = line.automation
    start, condition = _start(automation)
    if start is None or automation.at_most is not None:
        return
    lifecycle = found[automation.lifecycle].lifecycle
    for goal in _goals(automation):
        if goal != start and _possible(automation, start, goal, lifecycle):
            asked = _joined(condition, automation.guard)
            yield _Edge(start, goal, line, expanded(asked, segments) if asked else None)


def _start(automation: Automation) -> tuple[Node | None, Condition | None]:
    trigger = automation.trigger
    if isinstance(trigger, Entered):
        return (trigger.lifecycle, trigger.stage), None
    if automation.stage is None:
        return None, None
    here = (automation.lifecycle, automation.stage)
    if isinstance(trigger, AsSoonAs):
        return (None, None) if trigger.turns_false else (here, trigger.condition)
    return (here, None) if isinstance(trigger, OnEntry) else (None, None)


def _goals(automation: Automation) -> Iterator[Node]:
    if automation.to:
        yield automation.lifecycle, automation.to
    for action in automation.actions:
        if isinstance(action, SetStage) and action.stage is not None:
            yield action.lifecycle, action.stage


def _possible(automation: Automation, start: Node, goal: Node, lifecycle: Lifecycle) -> bool:
    """Lines of `from …` go forward only, those of a stage act there only (R3)."""
    if automation.stage is not None and start[0] == lifecycle.id:
        return start[1] == automation.stage
    if automation.place in (Place.ANY_STAGE, Place.ANYWHERE) and start[0] == goal[0]:
        return lifecycle.position(start[1]) < lifecycle.position(goal[1])
    return automation.place is not Place.START


def _joined(first: Condition | None, second: Condition | None) -> Condition | None:
    if first is not None and second is not None:
        return All((first, second))
    return first if first is not None else second


# ── circles


@dataclass(slots=True)
class _Search:
    """Looks for circles, breadth first; ways that prove nothing are given up at once.

    The number of ways is bounded: a definition whose lines all lead everywhere has more than can be tried.
    """

    edges: dict[Node, list[_Edge]]
    written: set[str]
    left: int = MAX_WAYS

    def shortest(self, start: Node) -> tuple[_Edge, ...]:
        """The shortest chase through `start` in which it is the least stage; empty for none."""
        ways: deque[tuple[_Edge, ...]] = deque([()])
        while ways:
            way = ways.popleft()
            for edge in self.edges.get(way[-1].goal if way else start, []):
                longer = (*way, edge)
                if not self._goes_on(start, longer):
                    continue
                if edge.goal != start:
                    ways.append(longer)
                elif _returns(longer):
                    return longer
        return ()

    def _goes_on(self, start: Node, way: tuple[_Edge, ...]) -> bool:
        goal = way[-1].goal
        if goal < start or len(way) > MAX_LENGTH or goal in {edge.goal for edge in way[:-1]}:
            return False
        self.left -= 1
        return self.left >= 0 and self._is_proven(way)

    def _is_proven(self, way: tuple[_Edge, ...]) -> bool:
        lifecycles = {edge.start[0] for edge in way} | {edge.goal[0] for edge in way}
        conditions = [edge.condition for edge in way if edge.condition is not None]
        free = not any(_depends(condition, lifecycles, self.written) for condition in conditions)
        return free and can_hold(conditions)


def _returns(circle: tuple[_Edge, ...]) -> bool:
    """Whether every lifecycle in the circle leaves its stage and comes back: one in its stage stays there."""
    stages = {edge.start for edge in circle}
    return all(sum(other[0] == one[0] for other in stages) > 1 for one in stages)


def _depends(condition: Condition, lifecycles: set[str], written: set[str]) -> bool:
    """Whether the circle itself may change the answer, so that nothing is proven."""
    for leaf in leaves(condition):
        if isinstance(leaf, HasOpenCta | InSegment):
            return True
        if isinstance(leaf, InStage | Changed | Completed):
            if leaf.lifecycle in lifecycles or isinstance(leaf, Changed | Completed):
                return True
        elif getattr(leaf.left, "name", "") in written:
            return True
    return False


def _fields_scored(known: Known) -> set[str]:
    """Fields of scorecards: a stage entered may be what a measure asks."""
    return {name for name, field in known.fields.items() if field.written_by == WRITER}


def _fields_written(found: dict[str, Found]) -> set[str]:
    """Fields that entering a stage may write."""
    return {
        name
        for one in found.values()
        for line in one.lines
        if isinstance(line.automation.trigger, Entered | OnEntry)
        for action in line.automation.actions
        if isinstance(action, SetFields)
        for name in action.values
    }
