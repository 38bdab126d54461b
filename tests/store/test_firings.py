"""How often each automation fired, from four tables, each entry of an account once (issue 4 B6)."""

from dataclasses import replace
from datetime import timedelta

from sqlalchemy import text

from lifecycle.core.changes import CtaOpened, FieldSet
from lifecycle.store.engine import Store
from lifecycle.store.firings import Fired, fired
from lifecycle.store.record import record
from tests.store.lives import NOW, Life, cta, day, mail, webhook

ALL = "journey.all"


async def test_what_an_automation_did_in_one_entry_counts_once(store: Store) -> None:
    """A mail, a CTA, a field and a move by one automation; the same by another account is another."""
    for name in ("acme", "beta"):
        life = Life(name).create()
        moved = replace(life.entering(1, "journey", "start"), automation=ALL, kind="automation")
        life.event(
            1,
            "e",
            replace(mail(f"m-{name}"), automation=ALL),
            FieldSet("x", "1", None, ALL),
            moved,
        )
        await record(store, life.batch(), day(1))
    found = await fired(store, [ALL, "journey.never"], day(2))
    assert found == {ALL: Fired(2, 2, day(1)), "journey.never": Fired()}


async def test_every_kind_counts_in_its_period(store: Store) -> None:
    """30 and 90 days, and the last one however long ago."""
    life = Life().create()
    life.event(0.5, "e0", FieldSet("x", "1", None, "journey.field"))
    life.event(100, "e1", opened("c1", 100))
    life.event(130, "e2", opened("c2", 130))
    await record(store, life.batch(), NOW)
    life.event(140, "e3", mail("m1"), webhook("w1"))
    await record(store, life.batch(), day(140))
    keys = ["journey.field", "journey.cta", "journey.hello", "journey.call"]
    found = await fired(store, keys, day(140) + timedelta(hours=1))
    assert found["journey.field"] == Fired(0, 0, day(0.5))
    assert found["journey.cta"] == Fired(1, 2, day(130))
    assert found["journey.hello"] == Fired(1, 1, day(140))
    assert found["journey.call"] == Fired(1, 1, day(140))


def opened(name: str, number: float) -> CtaOpened:
    """A CTA that `journey.cta` opens on that day."""
    return CtaOpened(cta(name, number))


async def test_indexes_answer(store: Store) -> None:
    """Both databases seek: nobody reads all that ever happened."""
    is_postgres = store.engine.dialect.name == "postgresql"
    explain = "EXPLAIN" if is_postgres else "EXPLAIN QUERY PLAN"
    async with store.connected() as connection:
        if is_postgres:  # empty tables are read whole otherwise
            await connection.execute(text("SET LOCAL enable_seqscan = off"))
        for table, at in (("visit", "entered_at"), ("effect", "recorded_at"), ("cta", "opened_at")):
            asked = (
                f"{explain} SELECT max({at}) FROM {table} WHERE automation = 'a.b'"
                " AND automation <> ''"
            )
            plan = " ".join(str(row) for row in await connection.execute(text(asked)))
            assert f"ix_{table}_automation" in plan
