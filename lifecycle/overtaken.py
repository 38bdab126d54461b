"""A folder that does not have what was published elsewhere since: publishing it would silently take that back.

What is published in the database is in force; pages and the API publish there. A folder that says again what was
so before such a publication is older than it, or was edited without it.
"""

from __future__ import annotations

from collections.abc import Iterator
from hashlib import sha256
from typing import Any

from lifecycle.core.codec import encoder
from lifecycle.core.refusal import Refusal
from lifecycle.definition.condition_words import joined
from lifecycle.store.definitions import TYPES, Part, held_for_all
from lifecycle.store.engine import Store
from lifecycle.store.journal import canonical
from lifecycle.store.tables import DefinitionRow
from lifecycle.telling.phrases import written_day

Values = dict[tuple[str, ...], Any]
MOST_NAMED = 5


async def check_not_overtaken(store: Store, parts: list[Part]) -> None:
    """Raises `Refusal` `published_since` for parts that would take back what was published in a page or by the API."""
    rows: dict[tuple[str, str], list[DefinitionRow]] = {}
    for row in await held_for_all(store):
        rows.setdefault((row.kind, row.id), []).append(row)
    said = [
        found for part in parts if (found := _overtaken(part, rows.get((part.kind, part.id), [])))
    ]
    if said:
        remedy = "Fetch it first: lifecycle admin definitions fetch. To take it back all the same: --take-back."
        raise Refusal("published_since", " ".join(said), remedy, "folder")


def _overtaken(part: Part, rows: list[DefinitionRow]) -> str:
    """What this part would take back, in a sentence; `rows` are what was published of it, oldest first."""
    if len(rows) < 2 or not rows[-1].door:
        return ""
    newest, before = rows[-1], rows[-2]
    data = encoder(TYPES[part.kind])(part.content)
    digest = sha256(canonical(data).encode()).hexdigest()
    if digest == newest.digest:
        return ""
    back = _taken_back(
        dict(_values(data)), dict(_values(before.content)), dict(_values(newest.content))
    )
    if not back and all(digest != row.digest for row in rows):
        return ""
    where = "a page" if newest.door == "page" else "the API"
    what = f" ({joined(back[:MOST_NAMED])})" if back else ""
    return (
        f"{part.id}: {newest.actor} published a change{what} in {where} on"
        f" {written_day(newest.published_at.date())}, and the folder does not have it."
    )


def _taken_back(proposed: Values, before: Values, newest: Values) -> list[str]:
    """The places that the last publication changed and that are again as before it."""
    changed = [path for path in {**before, **newest} if before.get(path) != newest.get(path)]
    back = [path for path in changed if proposed.get(path) == before.get(path)]
    return list(dict.fromkeys(_named(path) for path in back if path != ("version",)))


def _named(path: tuple[str, ...]) -> str:
    """`published of welcome`."""
    names = [word for word in path if not word.isdigit()]
    of = f" of {names[-2]}" if len(names) > 1 else ""
    return f"{names[-1].replace('_', ' ')}{of}"


def _values(data: Any, path: tuple[str, ...] = ()) -> Iterator[tuple[tuple[str, ...], Any]]:
    """Every value by the way to it; entries of lists by their names, where they have any."""
    if isinstance(data, dict):
        for key, value in data.items():
            yield from _values(value, (*path, str(key)))
    elif isinstance(data, list):
        for number, value in enumerate(data):
            name = value.get("name", value.get("id")) if isinstance(value, dict) else None
            yield from _values(value, (*path, str(name or number)))
    else:
        yield path, data
