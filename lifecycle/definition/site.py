"""Where a line stands, and how the stages it names are found from there."""

from __future__ import annotations

from dataclasses import dataclass

from lifecycle.core.conditions import NONE
from lifecycle.core.model import Place
from lifecycle.core.refusal import did_you_mean

from .known import Known, require
from .nodes import Scalar
from .problems import Mark, Report


@dataclass(frozen=True, slots=True)
class Site:
    """The place of a line: its lifecycle, its list, and the stage the list belongs to, if any."""

    lifecycle: str
    place: Place
    stage: str | None
    known: Known
    report: Report

    @property
    def moves(self) -> bool:
        """Whether lines here move accounts."""
        return self.place not in (Place.DO, Place.ALSO)

    @property
    def in_stage(self) -> bool:
        """Whether lines here belong to a stage."""
        return self.stage is not None

    def here(self) -> str:
        """The place in words."""
        return f"`{self.place}` of a stage" if self.in_stage else f"`{self.place}`"

    def own_stage(self, name: Scalar) -> str | None:
        """A stage of this lifecycle."""
        return self.stage_of(self.lifecycle, name.text.strip(), name.at)

    def stage_of(self, lifecycle: str, stage: str, at: Mark, none: bool = False) -> str | None:
        """A stage (with `none` the word `None`, too); None and a problem if unknown."""
        known = [*self.known.stages.get(lifecycle, ()), *([NONE] if none else [])]
        if stage in known:
            return stage
        message = f"`{lifecycle}` has no stage `{stage}`."
        self.report.error(at, "unknown_stage", message, did_you_mean(stage, set(known)))
        return None

    def any_stage(self, name: Scalar, none: bool = False) -> tuple[str, str] | None:
        """`stage` or `lifecycle.stage` as lifecycle and stage."""
        before, dot, after = name.text.strip().rpartition(".")
        if not dot:
            found = self.stage_of(self.lifecycle, after, name.at, none)
            return (self.lifecycle, found) if found else None
        where = Scalar(before, Mark(name.at.file, name.at.line, name.at.column, len(before)))
        lifecycle = require(where, "lifecycle", self.known.stages, self.report)
        if lifecycle is None:
            return None
        at = Mark(name.at.file, name.at.line, name.at.column + len(before) + 1, len(after))
        found = self.stage_of(lifecycle, after, at if name.plain else name.at, none)
        return (lifecycle, found) if found else None
