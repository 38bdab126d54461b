"""What a campaign's template may say: it has an account and a reader, but no event, stage or automation."""

from __future__ import annotations

from collections.abc import Collection
from pathlib import Path

from lifecycle.core.model import FieldDef

from .check import check, try_out
from .context import Occasion, known_names
from .problems import TemplateProblem
from .samples import empty_context, sample_context, sample_fields

NO_OCCASION = Occasion(("", ""), None, "")
LACKING = frozenset({"event", "lifecycle", "stage", "automation"})


def check_campaign(
    template: str, fields: Collection[FieldDef], templates: Path
) -> list[TemplateProblem]:
    """All problems of `template` before anything is sent: names a campaign cannot fill, and what breaks
    when it is rendered with every field full or with every field empty."""
    names = known_names((one.id for one in fields), ())
    known = {name for name in names if name.partition(".")[0] not in LACKING}
    if problems := check(template, known, templates):
        return problems
    full = sample_context(fields, sample_fields(fields), None, NO_OCCASION)
    return try_out(template, [full, empty_context(fields, None, NO_OCCASION)], templates)
