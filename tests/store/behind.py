"""Accounts that are behind after an outage, as the database knows them: rows and nothing else."""

from datetime import UTC, datetime, timedelta

from sqlalchemy import insert

from lifecycle.contract import AdmitRequest
from lifecycle.store.engine import Store
from lifecycle.store.tables import AccountRow, AheadRow, table_of
from lifecycle.store.turns import Policy, Turn, ask

ACCOUNT, AHEAD = table_of(AccountRow), table_of(AheadRow)
NOW = datetime(2026, 6, 1, 12, tzinfo=UTC)
HOUR = timedelta(hours=1)
USUAL = Policy(timedelta(minutes=15), timedelta(minutes=30), 600)
LIFECYCLES = ("escalation", "customer_journey")


def name(number: int) -> str:
    """The id of the one that is behind by that many seconds less than the first."""
    return f"a{number:04}"


async def late(store: Store, many: int, now: datetime = NOW) -> None:
    """Their deadlines were missed three hours ago; every other has something due in `customer_journey`."""
    rows = [
        AccountRow(
            id=name(number),
            name=f"Account {number}",
            created_at=now - timedelta(days=30),
            next_deadline=_due(number, now),
            state={},
            chain="",
        ).model_dump()
        for number in range(many)
    ]
    due = [
        {
            "account": row["id"],
            "position": 0,
            "at": row["next_deadline"],
            "kind": "move",
            "lifecycle": LIFECYCLES[number % 2],
            "stage": "launched" if number % 2 else "open",
        }
        for number, row in enumerate(rows)
    ]
    async with store.writing() as connection:
        await connection.execute(insert(ACCOUNT), rows)
        await connection.execute(insert(AHEAD), due)


async def asks(
    store: Store, number: int, policy: Policy = USUAL, now: datetime = NOW, since: datetime = NOW
) -> Turn:
    """As its workflow does; `since` is the `now` it was made with."""
    due = _due(number, since)
    wish = AdmitRequest(name(number), due, (now - due).total_seconds(), "two weeks passed")
    return await ask(store, wish, policy, now)


def _due(number: int, now: datetime) -> datetime:
    return now - 3 * HOUR + timedelta(seconds=number)
