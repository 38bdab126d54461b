"""What a published version forbids (R14, T23)."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import fields

from lifecycle.core.editions import acting, fixed_line, fixed_stage, follows_in_place
from lifecycle.core.model import Lifecycle, Stage
from lifecycle.core.refusal import did_you_mean

from .problems import Mark, Problem, Report
from .reading import Reading

Finding = tuple[str, str, str, str]
"""A key of `Reading.marks`, a code, a message and a remedy."""


def compare(
    published: Lifecycle, proposed: Lifecycle, reading: Reading | None = None
) -> list[Problem]:
    """What keeps `proposed` from following `published`; empty when it may be published.

    Under the same version number only labels, colours, descriptions, `disabled`, `published` and `shadow` may
    differ, and lines in shadow. A new number may change everything, and says where accounts of removed stages go
    (`migration`).
    `reading` gives the places of what is reported.
    """
    if proposed.version == published.version:
        found = _in_place(published, proposed)
    elif proposed.version < published.version:
        found = list(_older(published, proposed))
    else:
        found = list(_migration(published, proposed))
    report = Report(reading.sources if reading else {})
    marks = reading.marks if reading else {}
    home = marks.get(proposed.id, Mark(f"{proposed.id}.yaml"))
    for key, code, message, remedy in found:
        report.error(marks.get(key, home), code, message, remedy)
    return report.problems()


def _older(published: Lifecycle, proposed: Lifecycle) -> Iterator[Finding]:
    message = f"Version {published.version} is published already; this is {proposed.version}."
    yield proposed.id, "old_version", message, f"Write `version: {published.version + 1}`."


# ── a new version number


def _migration(published: Lifecycle, proposed: Lifecycle) -> Iterator[Finding]:
    before = [stage.id for stage in published.stages]
    for stage in before:
        if proposed.stage(stage) is None and stage not in proposed.migration:
            message = f"The stage `{stage}` of version {published.version} is gone."
            remedy = f"Say where its accounts go: `migration: {{{stage}: …}}` (a stage, or None)."
            yield f"{proposed.id}/{stage}", "no_migration", message, remedy
    for stage in proposed.migration:
        if stage not in before:
            message = f"`migration` names `{stage}`, no stage of version {published.version}."
            yield f"{proposed.id}/{stage}", "bad_migration", message, did_you_mean(stage, before)


# ── the same version number


def _in_place(published: Lifecycle, proposed: Lifecycle) -> list[Finding]:
    if follows_in_place(published, proposed):
        return []
    remedy = f"Write `version: {published.version + 1}`, or take the change back."
    told = [*_stages(published, proposed), *_automations(published, proposed)]
    if not told:
        message = f"Version {published.version} is published with other settings."
        told = [(proposed.id, "published_version", message)]
    return [(key, code, message, remedy) for key, code, message in told]


def _stages(published: Lifecycle, proposed: Lifecycle) -> Iterator[tuple[str, str, str]]:
    before, after = ([stage.id for stage in one.stages] for one in (published, proposed))
    version = f"version {published.version} is published"
    for gone in (name for name in before if name not in after):
        yield proposed.id, "stage_removed", f"The stage `{gone}` is gone, and {version}."
    for new in (name for name in after if name not in before):
        yield f"{proposed.id}/{new}", "stage_added", f"The stage `{new}` is new, and {version}."
    if [name for name in after if name in before] != [name for name in before if name in after]:
        message = f"The order of the stages changed, and {version}: {', '.join(before)}."
        yield proposed.id, "order_changed", message
    for stage in proposed.stages:
        old = published.stage(stage.id)
        if old is not None and fixed_stage(old) != fixed_stage(stage):
            yield from _stage_change(old, stage, f"{proposed.id}/{stage.id}", version)


def _stage_change(old: Stage, new: Stage, key: str, version: str) -> Iterator[tuple[str, str, str]]:
    if old.end != new.end:
        now = "an end" if new.end else "no end"
        yield key, "end_changed", f"The stage `{new.id}` is {now} now, and {version}."
        return
    changed = [
        one.name.replace("_", " ")
        for one in fields(Stage)
        if getattr(fixed_stage(old), one.name) != getattr(fixed_stage(new), one.name)
    ]
    message = f"`{'`, `'.join(changed)}` of the stage `{new.id}` changed, and {version}."
    yield key, "stage_changed", message


def _automations(published: Lifecycle, proposed: Lifecycle) -> Iterator[tuple[str, str, str]]:
    before, after = (
        {line.name: fixed_line(line) for line in one.automations}
        for one in acting(published, proposed)
    )
    version = f"version {published.version} is published"
    for name in before.keys() - after.keys():
        message = (
            f"The automation `{name}` is gone, and {version}; `published: no` switches it off."
        )
        yield proposed.id, "automation_removed", message
    for name, line in after.items():
        key = f"{proposed.id}.{name}"
        if name not in before:
            yield key, "automation_added", f"The automation `{name}` is new, and {version}."
        elif line != before[name]:
            yield key, "automation_changed", f"The automation `{name}` changed, and {version}."
    shared = [name for name in after if name in before]
    if shared != [name for name in before if name in after]:
        yield proposed.id, "lines_moved", f"The order of the lines changed, and {version}."
