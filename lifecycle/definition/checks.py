"""What is wrong with definitions as a whole: clashes, stages nobody reaches or leaves, …"""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Mapping

from lifecycle.core.conditions import Changed, Completed, Condition, InStage, Within, leaves
from lifecycle.core.model import (
    After,
    AsSoonAs,
    At,
    Automation,
    Lifecycle,
    Place,
    Segment,
    SetStage,
    Stage,
)
from lifecycle.core.values import Kind

from .chases import check_chases
from .known import Known
from .lifecycles import Found
from .lines import Line
from .problems import Mark, Report
from .score_fields import WRITER
from .vocabulary import FILES

CHURN_NEEDS = {"type": ("Customer", "Churn"), "status": ("active", "cancelled")}


def check(
    found: dict[str, Found], known: Known, published: Mapping[str, Lifecycle], report: Report
) -> None:
    """Reports what can only be seen with every lifecycle at hand."""
    lines = [line for one in found.values() for line in one.lines]
    for one in found.values():
        _name(one, known, report)
        _churn(one, known, report)
        _ways(one, lines, report)
        _timers_at_the_end(one, known.segments, report)
    _disabled(found, lines, published, report)
    check_chases(found, known, report)


def _name(one: Found, known: Known, report: Report) -> None:
    if one.lifecycle.id in {*FILES.values(), WRITER}:
        message = f"`{one.lifecycle.id}` is the name of another part of the definitions."
        report.error(one.at, "reserved", message, "Choose another id.")
    if one.lifecycle.id in known.fields:
        message = f"`{one.lifecycle.id}` is a field of the account, too."
        remedy = "Fields and lifecycles share one set of names: rename one."
        report.error(one.at, "name_clash", message, remedy)


def _churn(one: Found, known: Known, report: Report) -> None:
    for stage in one.lifecycle.stages:
        for name, options in CHURN_NEEDS.items() if stage.churn else ():
            field = known.fields.get(name)
            if (
                field is None
                or field.kind is not Kind.PICKLIST
                or not {*options} <= {*field.options}
            ):
                message = (
                    f"`churn` sets the field `{name}`, which must offer {' and '.join(options)}."
                )
                remedy = f"Define `{name}` in account.yaml as a picklist with both."
                report.error(one.stages[stage.id], "churn_field", message, remedy)


# ── ways in and out


def _ways(one: Found, lines: list[Line], report: Report) -> None:
    lifecycle = one.lifecycle
    every = [line.automation for line in lines]
    live = [automation for automation in every if automation.published]
    written = _reached(lifecycle, every, one.in_doubt)
    running = _reached(lifecycle, live, one.in_doubt)
    for stage in lifecycle.stages:
        at = one.stages[stage.id]
        if stage.id in one.in_doubt:
            continue
        if stage.id not in written:
            message = f"No line leads into `{stage.id}`."
            remedy = "Add one with `to: " + stage.id + "`, or say `by hand: true`."
            report.error(at, "unreachable", message, remedy)
        elif stage.id not in running:
            message = f"Only lines that are not published lead into `{stage.id}`."
            report.warning(at, "unreachable", message, "Publish one, or move accounts by hand.")
        _way_out(stage, lifecycle, (every, live), (at, report))


def _way_out(
    stage: Stage,
    lifecycle: Lifecycle,
    lines: tuple[list[Automation], list[Automation]],
    told: tuple[Mark, Report],
) -> None:
    at, report = told
    every, live = lines
    if not _must_be_left(stage, lifecycle) or _leaves(stage, lifecycle, live):
        return
    if _leaves(stage, lifecycle, every):
        message = f"Only lines that are not published lead out of `{stage.id}`."
        report.warning(at, "dead_end", message, "Publish one, or move accounts by hand.")
        return
    message = f"No line leads out of `{stage.id}`."
    remedy = "Add one to its `move`, or say `end: true` or `by hand: true`."
    report.error(at, "dead_end", message, remedy)


def _must_be_left(stage: Stage, lifecycle: Lifecycle) -> bool:
    """Ends, the last stage and those by hand are places to stay; a later one by hand leads out."""
    later = lifecycle.stages[lifecycle.position(stage.id) + 1 :]
    by_hand = stage.by_hand or any(other.by_hand for other in later)
    return bool(later) and not stage.end and not by_hand


def _leaves(stage: Stage, lifecycle: Lifecycle, lines: Iterable[Automation]) -> bool:
    here = lifecycle.position(stage.id)
    for line in lines:
        if line.lifecycle == lifecycle.id and line.to:
            own = line.place is Place.MOVE and line.stage == stage.id
            from_any = line.place in (Place.ANY_STAGE, Place.ANYWHERE)
            if own or (from_any and lifecycle.position(line.to) > here):
                return True
        if any(target != stage.id for target in _set_stages(line, lifecycle.id)):
            return True
    return False


def _set_stages(line: Automation, lifecycle: str) -> Iterator[str | None]:
    for action in line.actions:
        if isinstance(action, SetStage) and action.lifecycle == lifecycle:
            yield action.stage


def _reached(lifecycle: Lifecycle, lines: list[Automation], given: set[str]) -> set[str]:
    """The stages accounts can come to: those given, by hand, from None, and from there on."""
    reached = given | {stage.id for stage in lifecycle.stages if stage.by_hand}
    while True:
        new = {target for line in lines for target in _led(line, lifecycle, reached)} - reached
        if not new:
            return reached
        reached |= new


def _led(line: Automation, lifecycle: Lifecycle, reached: set[str]) -> Iterator[str]:
    yield from (stage for stage in _set_stages(line, lifecycle.id) if stage is not None)
    if line.lifecycle != lifecycle.id or line.to is None:
        return
    earlier = lifecycle.stages[: max(0, lifecycle.position(line.to))]
    forward = any(stage.id in reached and not stage.end for stage in earlier)
    if (
        line.place in (Place.START, Place.ANYWHERE)
        or (line.place is Place.MOVE and line.stage in reached)
        or (line.place is Place.ANY_STAGE and forward)
    ):
        yield line.to


# ── ends, disabled stages


def _timers_at_the_end(one: Found, segments: Mapping[str, Segment], report: Report) -> None:
    for line in one.lines:
        automation = line.automation
        stage = one.lifecycle.stage(automation.stage)
        if (
            automation.place is Place.MOVE
            and stage is not None
            and stage.end
            and _timed(automation, segments)
        ):
            message = (
                f"`{automation.name}` moves accounts out of the end stage `{stage.id}` by time."
            )
            remedy = "Leave an end stage by an event, by another lifecycle's move or by hand."
            report.error(line.at, "timer_at_end", message, remedy)


def _timed(automation: Automation, segments: Mapping[str, Segment]) -> bool:
    trigger = automation.trigger
    if isinstance(trigger, After | At):
        return True
    return isinstance(trigger, AsSoonAs) and by_time(trigger.condition, segments)


def by_time(condition: Condition, segments: Mapping[str, Segment]) -> bool:
    """Whether a condition can turn (true or false) because time passes."""
    return any(
        isinstance(leaf, Within | Changed)
        or (isinstance(leaf, InStage) and (leaf.more_than or leaf.less_than) is not None)
        or (isinstance(leaf, Completed) and leaf.window is not None)
        for leaf in leaves(condition, segments)
    )


def _disabled(
    found: dict[str, Found], lines: list[Line], published: Mapping[str, Lifecycle], report: Report
) -> None:
    for line in lines:
        automation = line.automation
        for lifecycle, stage_id in _targets(automation):
            stage = found[lifecycle].lifecycle.stage(stage_id) if lifecycle in found else None
            if stage is None or not stage.disabled or not automation.published:
                continue
            message = f"`{automation.name}` leads into `{stage.id}`, which is disabled."
            if _was_open(found[lifecycle].lifecycle, stage, published):
                report.warning(
                    line.at, "disabled_stage", message, "It waits until the stage is enabled."
                )
            else:
                remedy = "Unpublish the line, or enable the stage."
                report.error(line.at, "disabled_stage", message, remedy)


def _targets(automation: Automation) -> Iterator[tuple[str, str | None]]:
    if automation.to:
        yield automation.lifecycle, automation.to
    for action in automation.actions:
        if isinstance(action, SetStage):
            yield action.lifecycle, action.stage


def _was_open(lifecycle: Lifecycle, stage: Stage, published: Mapping[str, Lifecycle]) -> bool:
    """Whether the stage is disabled in place: the same version is in force already (R14, R15)."""
    before = published.get(lifecycle.id)
    return (
        before is not None and before.version == lifecycle.version and bool(before.stage(stage.id))
    )
