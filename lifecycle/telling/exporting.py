"""What can be exported: accounts, stages, days, visits, CTAs, journal and values of fields."""

from __future__ import annotations

from collections.abc import Callable
from datetime import UTC
from enum import StrEnum
from typing import Final

from lifecycle.core.changes import Entry
from lifecycle.files import exports, records
from lifecycle.files.scope import Scope

from .story import Teller


class What(StrEnum):
    """What can be exported."""

    ACCOUNTS = "accounts"
    STAGES = "stages"
    DAYS = "days"
    VISITS = "visits"
    CTAS = "ctas"
    JOURNAL = "journal"
    FIELDS = "fields"


def export_of(what: What, scope: Scope) -> exports.Export:
    """The export; its rows are read while they are written."""
    return _EXPORTS[what](scope)


def _journal(scope: Scope) -> exports.Export:
    teller = Teller(scope.book, UTC)

    def tell(entry: Entry) -> records.Words:
        told = teller.tell(entry)
        changes, reasons = (
            "\n".join(said.text for said in part) for part in (told.changes, told.reasons)
        )
        return records.Words(told.headline, changes, reasons)

    return records.journal(scope, tell)


_EXPORTS: Final[dict[What, Callable[[Scope], exports.Export]]] = {
    What.ACCOUNTS: exports.accounts,
    What.STAGES: exports.stages,
    What.DAYS: exports.days,
    What.VISITS: records.visits,
    What.CTAS: records.ctas,
    What.JOURNAL: _journal,
    What.FIELDS: records.fields,
}
