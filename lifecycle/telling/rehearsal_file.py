"""The accounts in which a rehearsal differs, as a file: the same columns at every door."""

from __future__ import annotations

from typing import Any, Final

from lifecycle.core.trail import Sort

from .rehearsal import Apart

HEADER: Final = (
    *("account", "name", "csm", "lifecycle", "stage_live", "stage_draft", "parted_at", "parted_by"),
    *("why", "automation", "version", "emails_live", "emails_draft", "ctas_live", "ctas_draft"),
    "dates_that_differ",
)


def cells(one: Apart) -> list[Any]:
    """An account as a row; of several lifecycles the first that differs."""
    lifecycle, (live, draft) = next(iter(one.stages.items()), ("", (None, None)))
    parting, counts = one.compared.parting, one.compared.counts
    mails, ctas = (counts.get(sort, (0, 0)) for sort in (Sort.MAIL, Sort.CTA))
    parted = ["", "", "", "", ""]
    if parting is not None:
        by = "draft" if parting.by_draft else "live"
        parted = [parting.at.isoformat(), by, one.why, parting.automation, str(parting.version)]
        lifecycle = lifecycle or parting.lifecycle
    head = [one.account, one.name, one.csm, lifecycle, live or "", draft or ""]
    return [*head, *parted, *mails, *ctas, len(one.dates)]
