"""What operators can list accounts by in Temporal: search attributes, upserted only when something changed.

Nothing personal: the CSM stands as a handle, without address.
"""

from __future__ import annotations

import re
import unicodedata
from datetime import UTC, datetime, timedelta
from typing import Any

from temporalio import workflow
from temporalio.common import SearchAttributeKey, SearchAttributeUpdate

from lifecycle.core.state import AccountState

STAGE = SearchAttributeKey.for_keyword_list("LifecycleStage")
TYPE = SearchAttributeKey.for_keyword("AccountType")
CSM = SearchAttributeKey.for_keyword("Csm")
NEXT_DEADLINE = SearchAttributeKey.for_datetime("NextDeadline")
LATE = SearchAttributeKey.for_bool("Late")
ON_HOLD = SearchAttributeKey.for_bool("OnHold")

LONGEST = 255
"""A longer Keyword loses the whole row on PostgreSQL."""
HOUR = timedelta(hours=1)


def upsert(state: AccountState, next_deadline: datetime | None) -> None:
    """Bring the search attributes up to the state; one command at most."""
    present = workflow.info().typed_search_attributes
    wanted = _wanted(state, next_deadline)
    changed = [
        _update(key, value) for key, value in wanted.items() if not _same(present.get(key), value)
    ]
    if changed:
        workflow.upsert_search_attributes(changed)


def _same(present: Any, wanted: Any) -> bool:
    # Nothing set, an empty list and "no" look alike in a list of accounts.
    return bool(present == wanted or (not present and not wanted))


def _wanted(
    state: AccountState, next_deadline: datetime | None
) -> dict[SearchAttributeKey[Any], Any]:
    type_ = state.fields.get("type")
    return {
        STAGE: stages(state),
        TYPE: str(type_)[:LONGEST] if type_ else None,
        CSM: handle(state.fields.get("csm")),
        NEXT_DEADLINE: rounded_up(next_deadline) if next_deadline else None,
        LATE: any(track.late for track in state.tracks.values()),
        ON_HOLD: state.hold is not None,
    }


def _update(key: SearchAttributeKey[Any], value: Any) -> SearchAttributeUpdate[Any]:
    return key.value_unset() if value in (None, []) else key.value_set(value)


def stages(state: AccountState) -> list[str]:
    """`customer_journey:launched`, one per lifecycle; where the account is in no stage there is none."""
    tracks = sorted(state.tracks.items())
    return [f"{lifecycle}:{track.stage}"[:LONGEST] for lifecycle, track in tracks if track.stage]


def handle(csm: object) -> str | None:
    """`Ana Tórres <ana@…>` → `ana_torres`: a handle, never an address."""
    name = re.sub(r"<.*|\S*@\S*", " ", str(csm or ""))
    plain = unicodedata.normalize("NFKD", name).encode("ascii", "ignore").decode()
    return "_".join(re.findall(r"[a-z0-9]+", plain.lower()))[:LONGEST] or None


def rounded_up(moment: datetime) -> datetime:
    """To the full hour, so that a list does not change by the minute."""
    hour = moment.astimezone(UTC).replace(minute=0, second=0, microsecond=0)
    return hour if hour == moment else hour + HOUR
