"""What a form tells before its button is pressed: what the command will do, and what happened since one looked."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime
from typing import Final

from lifecycle.core.inputs import Command
from lifecycle.core.refusal import Refusal
from lifecycle.store.accounts import history
from lifecycle.telling.accounts import Found
from lifecycle.telling.consequences import consequences, foresee
from lifecycle.telling.story import Teller

from ..door import Door
from .commanding import signed

MOST: Final = 5


@dataclass(frozen=True, slots=True)
class Since:
    """Something that happened after the page was made."""

    at: datetime
    headline: str
    changes: list[str]


def foreseen(door: Door, of: Found, command: Command) -> tuple[list[tuple[str, str]], bool]:
    """Sentences with their signs, none when it would be refused; and whether one cannot be taken back."""
    seen = foresee(of, command)
    if seen.refused is not None:
        return [], False
    lines = consequences(seen, door.zone)
    return signed(lines), any(line.final for line in lines)


async def happened_since(
    door: Door, of: Found, revision: int | None, refusal: Refusal | None
) -> Sequence[Since]:
    """For a command that comes too late (R18): the newest entries behind what its giver had seen, oldest first."""
    if revision is None or refusal is None or refusal.code != "changed_since":
        return ()
    newest = await history(door.store, of.account, MOST)
    entries = [entry for entry in reversed(newest) if entry.revision > revision]
    teller = Teller(of.book, door.zone, of.ctas)
    told = [(entry, teller.tell(entry)) for entry in entries]
    return [
        Since(entry.at, words.headline, [said.text for said in words.changes if not said.is_field])
        for entry, words in told
        if not words.is_empty
    ]
