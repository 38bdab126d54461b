"""The floors: a bare workflow that only counts, and the pattern most samples show."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import timedelta

from temporalio import activity, workflow

with workflow.unsafe.imports_passed_through():
    from sqlalchemy import text
    from sqlalchemy.ext.asyncio import AsyncEngine


@workflow.defn
class BareCounter:
    """Counts signals and updates, and nothing else."""

    def __init__(self) -> None:
        self.count = 0

    @workflow.run
    async def run(self, until: int) -> int:
        """Wait for that many messages."""
        await workflow.wait_condition(lambda: self.count >= until)
        return self.count

    @workflow.signal
    def hit(self, _event: dict[str, object]) -> None:
        """One event."""
        self.count += 1

    @workflow.update
    def bump(self, _command: dict[str, object]) -> int:
        """One command."""
        self.count += 1
        return self.count


@dataclass
class Row:
    """What the usual pattern saves per event."""

    account: str
    number: int
    body: str


@workflow.defn
class ActivityPerEvent:
    """The usual pattern: one activity per event, the timer armed anew by every event."""

    def __init__(self) -> None:
        self.waiting: list[dict[str, object]] = []
        self.count = 0

    @workflow.run
    async def run(self, until: int) -> int:
        """Save each event as it comes; a timer of 14 days starts again with each."""
        while self.count < until:
            try:
                await workflow.wait_condition(
                    lambda: bool(self.waiting), timeout=timedelta(days=14)
                )
            except TimeoutError:
                continue
            event = self.waiting.pop(0)
            row = Row(workflow.info().workflow_id, self.count, str(event))
            await workflow.execute_activity(
                "save_row", row, start_to_close_timeout=timedelta(seconds=30)
            )
            self.count += 1
        return self.count

    @workflow.signal
    def hit(self, event: dict[str, object]) -> None:
        """One event."""
        self.waiting.append(event)


class SaveRows:
    """The usual pattern's activity: one row and one counter in one transaction."""

    def __init__(self, engine: AsyncEngine) -> None:
        self.engine = engine

    async def prepare(self) -> None:
        """Make the tables."""
        async with self.engine.begin() as connection:
            await connection.execute(
                text("CREATE TABLE row (account TEXT, number INTEGER, body TEXT)")
            )
            await connection.execute(
                text("CREATE TABLE stage (account TEXT PRIMARY KEY, number INTEGER)")
            )

    @activity.defn(name="save_row")
    async def save_row(self, row: Row) -> None:
        """Insert the event and keep the account's row current."""
        async with self.engine.begin() as connection:
            values = {"account": row.account, "number": row.number, "body": row.body}
            await connection.execute(
                text("INSERT INTO row VALUES (:account, :number, :body)"), values
            )
            await connection.execute(
                text(
                    "INSERT INTO stage VALUES (:account, :number)"
                    " ON CONFLICT (account) DO UPDATE SET number = :number"
                ),
                values,
            )
