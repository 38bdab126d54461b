"""The demo book as it had been lived: every entry recorded at its own time, on a day that stands still."""

from datetime import UTC, datetime
from itertools import groupby

from lifecycle.contract import RecordRequest
from lifecycle.embedded.demo import journeys
from lifecycle.store.definitions import parts_of, publish
from lifecycle.store.engine import Store, make_engine
from lifecycle.store.migrate import migrate_database
from lifecycle.store.record import record
from tests.definitions.sources import book
from tests.demo.lives import live

NOW = datetime(2026, 6, 1, 9, tzinfo=UTC)
BEGAN = datetime(2023, 1, 1, tzinfo=UTC)


async def fill(url: str) -> None:
    """A migrated database with the shipped definitions and the demo book in it."""
    await migrate_database(url)
    store = Store(make_engine(url))
    await publish(store, parts_of(book(), {}), "ann", BEGAN)
    versions = {one.id: one.version for one in book().lifecycles.values()}
    for account, journey in journeys(NOW).items():
        _, entries = live(book(), journey, NOW)
        # What is historic counts at its own time, whenever it was recorded.
        for _, batch in groupby(entries, lambda entry: None if entry.historic else entry.at):
            some = list(batch)
            await record(store, RecordRequest(account, some, versions=versions), some[-1].at)
    await store.close()
