"""Drafts of definitions: one per part and person."""

from dataclasses import dataclass
from datetime import timedelta

from lifecycle.store.door_tables import DraftRow
from lifecycle.store.drafts import draft_of, drafts_of, drop_draft, keep_draft
from lifecycle.store.engine import Store
from tests.store.lives import NOW


@dataclass
class Writer:
    """Somebody who writes at the lifecycle sales."""

    store: Store
    name: str

    async def keep(self, text: str, minutes: int = 0) -> None:
        at = NOW + timedelta(minutes=minutes)
        row = DraftRow(part="sales", person=self.name, text=text, version=1, edition=1, saved_at=at)
        await keep_draft(self.store, row)

    async def text(self) -> str | None:
        row = await draft_of(self.store, "sales", self.name)
        return row.text if row else None


async def test_each_person_has_one(store: Store) -> None:
    ann, ben = Writer(store, "Ann"), Writer(store, "Ben")
    await ann.keep("first")
    await ben.keep("his")
    await ann.keep("second", 1)
    assert (await ann.text(), await ben.text()) == ("second", "his")
    assert await drafts_of(store, "Ann") == {"sales": NOW + timedelta(minutes=1)}


async def test_what_was_written_since_is_not_thrown_away(store: Store) -> None:
    """Published was what was looked at; a later text stays."""
    ann = Writer(store, "Ann")
    await ann.keep("looked at")
    await ann.keep("written since", 1)
    await drop_draft(store, "sales", "Ann", NOW)
    assert await ann.text() == "written since"
    await drop_draft(store, "sales", "Ann")
    assert await ann.text() is None
