"""What accounts said to commands that were sent without waiting, read from the journal of both databases (R16)."""

from lifecycle.contract import RecordRequest
from lifecycle.core.fold import Fold
from lifecycle.core.inputs import CreateAccount, SetFields, SetStage, Undo
from lifecycle.core.state import AccountState
from lifecycle.messages import unreadable
from lifecycle.store import arrivals
from lifecycle.store.engine import Store, make_engine
from lifecycle.store.migrate import migrate_database
from lifecycle.store.record import record
from tests.admin.book import NOW, shipped


async def lived(store: Store, account: str) -> None:
    """An account that was started, took a command, refused one, and could not read another."""
    fold = Fold(shipped(), AccountState(account))
    wrong = {"id": "d:2:1:9", "command": "set_stage"}
    entries = fold.take_all(
        [
            CreateAccount(NOW, {"name": "Acme"}, actor="ann"),
            SetFields(NOW, "ann", {"arr": "5"}, "why", id="d:2:1:0"),
            SetStage(NOW, "ann", "why", "sales", "gone", id="d:2:1:1"),
            unreadable(NOW, "carry_out", "`lifecycle` is missing.", wrong),
            Undo(NOW, "ann", "no", id="other"),
        ]
    )
    await record(store, RecordRequest(account, entries), NOW)


async def test_r16_each_command_is_found_with_what_became_of_it(database_url: str) -> None:
    await migrate_database(database_url)
    store = Store(make_engine(database_url))
    for account in ("acme", "globex"):
        await lived(store, account)
    found = await arrivals.commands(store, {"acme": 0, "globex": 2})
    told = [(one.account, one.kind, one.refused.code if one.refused else "") for one in found]
    assert told == [
        ("acme", "CreateAccount", ""),
        ("acme", "SetFields", ""),
        ("acme", "SetStage", "unknown_stage"),
        ("acme", "Unreadable", "unreadable"),
        ("globex", "SetStage", "unknown_stage"),
        ("globex", "Unreadable", "unreadable"),
    ]
    made, taken, refused, lost = found[:4]
    assert made.is_about(f"d:2:0:{arrivals.START}")
    assert taken.is_about("d:2:1:0")
    assert refused.is_about("d:2:1:1")
    assert lost.is_about("d:2:1:9")
    assert not any(one.is_about("d:2:1:5") for one in found)
    assert await arrivals.commands(store, {}) == []
    assert await arrivals.commands(store, {"nobody": 0}) == []
    await store.close()
