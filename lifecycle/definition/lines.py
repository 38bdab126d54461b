"""Lines: one line, one automation."""

from __future__ import annotations

from dataclasses import dataclass

from lifecycle.core.conditions import Condition
from lifecycle.core.model import Automation, Place

from . import amounts
from .actions import read_actions
from .conditions import read_guard
from .known import Datum
from .names import derived, target
from .nodes import Node
from .problems import Mark
from .records import Record, open_record
from .site import Site
from .triggers import event_data, read_trigger
from .vocabulary import ACTIONS


@dataclass(frozen=True, slots=True)
class Line:
    """An automation with its place in the source; `named`: its name was written, not derived."""

    automation: Automation
    at: Mark
    named: bool


def read_line(node: Node, site: Site) -> Line | None:
    """The automation a line stands for; None when its heart cannot be read."""
    record = open_record(node, "line", site.report)
    if not record.found:
        return None
    trigger = read_trigger(record, site)
    event = event_data(trigger, site)
    guard = _guard(record, site, event)
    to = _move(record, site) if site.moves else None
    actions = () if site.moves else read_actions(record, site, event)
    limit = record.parsed("at most", amounts.at_most, "a limit")
    published, shadow = record.switch("published", True), record.switch("shadow")
    name = record.id("name")
    if limit and limit.every is None and not site.in_stage:
        message = "`once a visit` needs a stage to visit."
        site.report.error(record.mark("at most"), "bad_limit", message, "Write `once a day`.")
    if trigger is None or not (to or actions):
        return None
    found = name or derived(site.place, site.stage, trigger, target(to, actions))
    automation = Automation(
        found, site.lifecycle, site.place, trigger, site.stage, guard, limit, to, actions,
        published, shadow,
    )  # fmt: skip
    at = record.found["name"][1].at if "name" in record else record.at
    return Line(automation, at, "name" in record)


def _guard(record: Record, site: Site, event: dict[str, Datum] | None) -> Condition | None:
    scope = site.known.scope()
    return read_guard(record, scope if event is None else scope.with_event(event))


def _move(record: Record, site: Site) -> str | None:
    for key in (*ACTIONS, "do"):
        if key in record:
            message = f"A line in {site.here()} moves; it cannot act, too."
            remedy = (
                "Write the action as a line of its own, in `do` of the stage entered or in `also`."
            )
            site.report.error(record.mark(key), "move_with_action", message, remedy)
    name = record.name("to")
    if "to" not in record:
        message = f"A line in {site.here()} needs `to: stage`."
        remedy = "Actions stand in a stage's `do` or in `also`."
        site.report.error(record.at, "missing_key", message, remedy)
    if name is None:
        return None
    if name.text == "None":
        message = "A move leads to a stage."
        remedy = f"To clear it write `set stage: {site.lifecycle}.None` in `do` or `also`."
        site.report.error(name.at, "move_to_none", message, remedy)
        return None
    to = site.own_stage(name)
    if to is not None and to == site.stage and site.place is Place.MOVE:
        message = f"The line moves accounts in `{to}` to `{to}`."
        site.report.error(name.at, "move_to_itself", message, "Name another stage.")
    return to
