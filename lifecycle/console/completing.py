"""Completion for shells: what stands in the definitions, and account ids straight from the database.

Quick by being modest: no ORM, no Temporal, and no word when something is not there.
"""

from __future__ import annotations

import asyncio
import re
import sqlite3
from collections.abc import Iterable, Iterator
from contextlib import closing, suppress
from typing import Any, Final

import typer

MOST: Final = 50
_CAMPAIGNS: Final = (
    "SELECT name, status FROM campaign WHERE name LIKE {0} ESCAPE '\\' ORDER BY name LIMIT 50"
)
_QUERY: Final = "SELECT id, name FROM account WHERE id LIKE {0} ESCAPE '\\' ORDER BY id LIMIT 50"

Hint = tuple[str, str]
"""A completion and what the shell says about it."""


def accounts(incomplete: str) -> Iterable[Hint]:
    """Account ids from the database."""
    with suppress(Exception):  # a shell's question is answered or not; it is never an error
        return [(account, name or "") for account, name in _accounts(f"{_escaped(incomplete)}%")]
    return []


def _escaped(text: str) -> str:
    return re.sub(r"([\\%_])", r"\\\1", text)


def campaigns(incomplete: str) -> Iterable[Hint]:
    """Names of campaigns from the database, with where they stand."""
    with suppress(Exception):  # as for accounts
        found = _asked(_CAMPAIGNS, f"{_escaped(incomplete)}%")
        return [(name, status or "") for name, status in found]
    return []


def _accounts(pattern: str) -> list[tuple[str, str | None]]:
    return _asked(_QUERY, pattern)


def _asked(query: str, pattern: str) -> list[tuple[str, str | None]]:
    from lifecycle.settings import load

    url = load().database
    scheme, _, rest = url.partition(":///")
    if scheme.startswith("sqlite"):
        with closing(sqlite3.connect(f"file:{rest}?mode=ro", uri=True, timeout=1)) as connection:
            return connection.execute(query.format("?"), (pattern,)).fetchall()
    return asyncio.run(_from_postgresql(url.replace("+asyncpg", ""), query, pattern))


async def _from_postgresql(url: str, query: str, pattern: str) -> list[tuple[str, str | None]]:
    import asyncpg

    connection = await asyncpg.connect(url, timeout=1)
    try:
        return [tuple(row) for row in await connection.fetch(query.format("$1"), pattern)]
    finally:
        await connection.close()


# ── from the definitions


def lifecycles(incomplete: str) -> Iterator[Hint]:
    """Lifecycle ids with their titles."""
    for lifecycle in _book().lifecycles.values() if _book() else ():
        if lifecycle.id.startswith(incomplete):
            yield lifecycle.id, lifecycle.title


def stages(ctx: typer.Context, incomplete: str) -> Iterator[Hint]:
    """Stage ids of the lifecycle that was typed before."""
    book = _book()
    found = book.lifecycles.get(ctx.params.get("lifecycle") or "") if book else None
    for stage in found.stages if found else ():
        if stage.id.startswith(incomplete) and not stage.disabled:
            yield stage.id, stage.label
    if "None".startswith(incomplete):
        yield "None", "in no stage"


def segments(incomplete: str) -> Iterator[Hint]:
    """Saved segments with their titles."""
    book = _book()
    for segment in book.segments.values() if book else ():
        if segment.id.startswith(incomplete):
            yield segment.id, segment.title


def fields(incomplete: str) -> Iterator[Hint]:
    """`name=` of the account's fields; the choices of a picklist behind it."""
    name, found, typed = incomplete.partition("=")
    book = _book()
    for spec in book.account.fields.values() if book else ():
        if spec.written_by:
            continue
        if not found and spec.id.startswith(name):
            yield f"{spec.id}=", spec.label
        elif found and spec.id == name:
            yield from (
                (f"{name}={option}", "") for option in spec.options if option.startswith(typed)
            )


def event_types(incomplete: str) -> Iterator[Hint]:
    """Event types that services may report."""
    book = _book()
    for event in book.events.values() if book else ():
        if event.id.startswith(incomplete):
            yield event.id, event.label


def event_data(ctx: typer.Context, incomplete: str) -> Iterator[Hint]:
    """`name=` of what the event carries."""
    book = _book()
    event = book.events.get(ctx.params.get("event_type") or "") if book else None
    for name, kind in (event.data if event else {}).items():
        if name.startswith(incomplete):
            yield f"{name}=", str(kind)


def templates(incomplete: str) -> Iterator[Hint]:
    """Names of mail templates."""
    from lifecycle.settings import load

    with suppress(Exception):
        folder = load().templates.path / "email"
        for path in sorted(folder.glob("*/subject.txt")):
            if path.parent.name.startswith(incomplete):
                yield path.parent.name, ""


def _book() -> Any:
    from lifecycle.definition import read_folder
    from lifecycle.settings import load

    with suppress(Exception):
        return read_folder(load().definitions.path, None).book
    return None


def policies(incomplete: str) -> Iterator[Hint]:
    """When running accounts take a new version over (R24)."""
    from lifecycle.core.deciding.adoption import POLICIES

    yield from ((word, "") for word in POLICIES if word.startswith(incomplete))


def schema_places(incomplete: str) -> Iterator[Hint]:
    """Kinds of definition file."""
    from lifecycle.definition.schema import PLACES

    yield from ((place, "") for place in PLACES if place.startswith(incomplete))
