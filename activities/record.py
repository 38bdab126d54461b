"""Recording: one folded batch into the database."""

from __future__ import annotations

from datetime import UTC, datetime

from temporalio import activity

from lifecycle import contract
from lifecycle.core.codec import Data, from_data, to_data
from lifecycle.store.engine import Store
from lifecycle.store.errors import Conflict, DataRefused
from lifecycle.store.record import record

from .failing import for_good


class Recording:
    """Writes the database."""

    def __init__(self, store: Store) -> None:
        self.store = store

    @activity.defn(name=contract.RECORD)
    async def record(self, data: Data) -> Data:
        """A `contract.RecordRequest` as data; answers with `contract.RecordAnswer` as data."""
        request: contract.RecordRequest = from_data(contract.RecordRequest, data)
        try:
            answer = await record(self.store, request, datetime.now(UTC))
        except DataRefused as error:
            raise for_good(str(error), contract.DATA_REFUSED) from error
        except Conflict as error:
            raise for_good(str(error), contract.CONFLICT) from error
        return to_data(answer)
