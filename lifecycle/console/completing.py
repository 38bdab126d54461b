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
_CHANGES: Final = (
    "SELECT name, title FROM change_set WHERE name LIKE {0} ESCAPE '\\' ORDER BY at DESC LIMIT 50"
)
_PUBLICATIONS: Final = (
    "SELECT name, status FROM publication WHERE name LIKE {0} ESCAPE '\\' ORDER BY at DESC LIMIT 50"
)
_QUERY: Final = "SELECT id, name FROM account WHERE id LIKE {0} ESCAPE '\\' ORDER BY id LIMIT 50"
_SUPPRESSED: Final = (
    "SELECT DISTINCT address, why FROM suppressed WHERE lifted_at IS NULL"
    " AND address LIKE {0} ESCAPE '\\' ORDER BY address LIMIT 50"
)
_KEYS: Final = (
    "SELECT name, role FROM api_key WHERE revoked_at IS NULL AND name LIKE {0} ESCAPE '\\'"
    " ORDER BY name LIMIT 50"
)
_PEOPLE: Final = (
    "SELECT DISTINCT name, role FROM session WHERE ended_at IS NULL AND name LIKE {0} ESCAPE '\\'"
    " ORDER BY name LIMIT 50"
)
_CTAS: Final = (
    "SELECT title, id, status, playbook FROM cta WHERE account = {0} OR account IN"
    " (SELECT account FROM account_field WHERE name = 'name' AND folded = lower({0}))"
    " ORDER BY account, revision, id"
)

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


def changes(incomplete: str) -> Iterable[Hint]:
    """Names of change-sets from the database, the latest first, with what they do."""
    with suppress(Exception):  # as for accounts
        return list(_asked(_CHANGES, f"{_escaped(incomplete)}%"))
    return []


def publications(incomplete: str) -> Iterable[Hint]:
    """Names of publications from the database, the latest first, with where they stand."""
    with suppress(Exception):  # as for accounts
        return list(_asked(_PUBLICATIONS, f"{_escaped(incomplete)}%"))
    return []


def suppressed(incomplete: str) -> Iterable[Hint]:
    """Addresses that are suppressed, with the reason."""
    with suppress(Exception):  # as for accounts
        found = _asked(_SUPPRESSED, f"{_escaped(incomplete.casefold())}%")
        return [(address, why) for address, why in found]
    return []


def api_keys(incomplete: str) -> Iterable[Hint]:
    """Names of valid API keys, with their roles."""
    with suppress(Exception):  # as for accounts
        return list(_asked(_KEYS, f"{_escaped(incomplete)}%"))
    return []


def people(incomplete: str) -> Iterable[Hint]:
    """People who are signed in, with their roles."""
    with suppress(Exception):  # as for accounts
        return list(_asked(_PEOPLE, f"{_escaped(incomplete)}%"))
    return []


def open_ctas(ctx: typer.Context, incomplete: str) -> Iterable[Hint]:
    """Numbers of the open CTAs of the account that was typed before, with their titles."""
    return [
        (str(number), str(row[0]))
        for number, row in enumerate(_ctas(ctx), start=1)
        if row[2] == "open" and str(number).startswith(incomplete)
    ]


def cta_tasks(ctx: typer.Context, incomplete: str) -> Iterator[Hint]:
    """Tasks of the CTA that was typed before, by its number, id or title."""
    wanted, book = str(ctx.params.get("cta") or "").casefold(), _book()
    for number, (title, cta, _, playbook) in enumerate(_ctas(ctx), start=1):
        if book and wanted in (str(number), str(cta), str(title).casefold()):
            found = book.playbooks.get(playbook)
            yield from (
                (task.id, task.title)
                for task in (found.tasks if found else ())
                if task.id.startswith(incomplete)
            )


def _ctas(ctx: typer.Context) -> list[tuple[Any, ...]]:
    with suppress(Exception):  # as for accounts
        return _asked(_CTAS, str(ctx.params.get("account") or ""))
    return []


def _accounts(pattern: str) -> list[tuple[Any, ...]]:
    return _asked(_QUERY, pattern)


def _asked(query: str, pattern: str) -> list[tuple[Any, ...]]:
    from lifecycle.settings import load

    url = load().database
    scheme, _, rest = url.partition(":///")
    if scheme.startswith("sqlite"):
        with closing(sqlite3.connect(f"file:{rest}?mode=ro", uri=True, timeout=1)) as connection:
            return connection.execute(query.format("?1"), (pattern,)).fetchall()
    return asyncio.run(_from_postgresql(url.replace("+asyncpg", ""), query, pattern))


async def _from_postgresql(url: str, query: str, pattern: str) -> list[tuple[Any, ...]]:
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


def definition_parts(incomplete: str) -> Iterator[Hint]:
    """Lifecycles, segments and scorecards, by id with their titles."""
    book = _book()
    if book is None:
        return
    titles = {one.id: one.title for one in (*book.scorecards.values(), *book.segments.values())}
    titles |= {one.id: one.title for one in book.lifecycles.values()}
    every = {"segments": "all saved segments", "scorecards": "all scorecards", **titles}
    yield from ((name, title) for name, title in every.items() if name.startswith(incomplete))


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


def scorecards(incomplete: str) -> Iterator[Hint]:
    """Scorecards with their titles."""
    book = _book()
    for card in book.scorecards.values() if book else ():
        if card.id.startswith(incomplete):
            yield card.id, card.title


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


def owners(incomplete: str) -> Iterator[Hint]:
    """Roles and teams a CTA may be for."""
    book = _book()
    for role in book.account.roles if book else ():
        if role.startswith(incomplete):
            yield role, "whoever has this role on the account"
    for team in book.directory.teams.values() if book else ():
        if team.id.startswith(incomplete):
            yield team.id, team.label


def cta_kinds(incomplete: str) -> Iterator[Hint]:
    """Kinds of CTA that automations open."""
    from lifecycle.core.model import OpenCta

    lifecycles = _book().lifecycles.values() if _book() else ()
    lines = (line for lifecycle in lifecycles for line in lifecycle.automations)
    actions = (action for line in lines for action in line.actions)
    kinds = {action.kind for action in actions if isinstance(action, OpenCta)}
    yield from ((kind, "") for kind in sorted(kinds) if kind.startswith(incomplete))


def playbooks(incomplete: str) -> Iterator[Hint]:
    """Playbooks with their titles."""
    book = _book()
    for playbook in book.playbooks.values() if book else ():
        if playbook.id.startswith(incomplete):
            yield playbook.id, playbook.title


def priorities(incomplete: str) -> Iterator[Hint]:
    """How urgent a CTA may be."""
    from lifecycle.core.model import PRIORITIES

    yield from ((word, "") for word in PRIORITIES if word.startswith(incomplete))


def templates(incomplete: str) -> Iterator[Hint]:
    """Names of mail templates."""
    from lifecycle.settings import load

    with suppress(Exception):
        folder = load().templates.path / "email"
        for path in sorted(folder.glob("*/subject.txt")):
            if path.parent.name.startswith(incomplete):
                yield path.parent.name, ""


def hooks(incomplete: str) -> Iterator[Hint]:
    """Names of webhooks in."""
    from lifecycle.settings import load

    with suppress(Exception):
        for path in sorted(load().hooks_folder.path.glob("*.yaml")):
            if path.stem.startswith(incomplete):
                yield path.stem, ""


def _book() -> Any:
    from lifecycle.definition import read_folder
    from lifecycle.settings import load

    with suppress(Exception):
        return read_folder(load().definitions.path, None).book
    return None


def roles(incomplete: str) -> Iterator[Hint]:
    """Roles on the account that mail may go to."""
    book = _book()
    for role in book.account.roles if book else ():
        if role.startswith(incomplete):
            yield role, ""


def policies(incomplete: str) -> Iterator[Hint]:
    """When running accounts take a new version over (R24)."""
    from lifecycle.core.deciding.adoption import POLICIES

    yield from ((word, "") for word in POLICIES if word.startswith(incomplete))


def schema_places(incomplete: str) -> Iterator[Hint]:
    """Kinds of definition file."""
    from lifecycle.definition.schema import PLACES

    yield from ((place, "") for place in PLACES if place.startswith(incomplete))
