"""Published definitions: every version is kept, and a book can be put together for what an account runs.

A lifecycle carries its version number; the shared parts (account, events, directory, playbooks, segments,
scorecards) exist once and are counted up. What may change in place under one version number makes a new *edition*
of it (R14).
"""

from __future__ import annotations

from collections.abc import Awaitable, Callable, Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime
from hashlib import sha256
from typing import Any, Final

from sqlalchemy import Row, and_, insert, tuple_, update
from sqlalchemy import select as select_core
from sqlalchemy.exc import IntegrityError
from sqlalchemy.ext.asyncio import AsyncConnection
from sqlmodel import col, select

from lifecycle.core.codec import decoder, encoder
from lifecycle.core.editions import content_hash, follows_in_place
from lifecycle.core.model import (
    AccountModel,
    Book,
    Directory,
    EventType,
    Lifecycle,
    Playbook,
    Segment,
)
from lifecycle.core.refusal import Refusal
from lifecycle.core.scorecard import Scorecard
from lifecycle.core.share import ALL, bucket_of, is_in_share

from .engine import Store
from .errors import VersionTaken
from .journal import canonical
from .tables import DefinitionRow, PartKind, table_of

DEFINITION: Final = table_of(DefinitionRow)
TYPES: Final[dict[PartKind, Any]] = {
    PartKind.LIFECYCLE: Lifecycle,
    PartKind.ACCOUNT: AccountModel,
    PartKind.EVENTS: dict[str, EventType],
    PartKind.DIRECTORY: Directory,
    PartKind.PLAYBOOKS: dict[str, Playbook],
    PartKind.SEGMENTS: dict[str, Segment],
    PartKind.SCORECARDS: dict[str, Scorecard],
}
SHARED: Final = tuple(kind for kind in PartKind if kind is not PartKind.LIFECYCLE)
KEPT_BOOKS: Final = 64
_KEY: Final = (DEFINITION.c.kind, DEFINITION.c.id, DEFINITION.c.version, DEFINITION.c.edition)

Key = tuple[PartKind, str, int, int]
"""kind, id, version, edition: names a row for ever."""
Also = Callable[[AsyncConnection, list["Published"]], Awaitable[None]]


@dataclass(frozen=True, slots=True)
class Part:
    """A part of a book to be published. `version` counts for lifecycles only."""

    kind: PartKind
    id: str
    version: int
    content: Any
    source: str
    policy: str = ""
    share: int = ALL


@dataclass(frozen=True, slots=True)
class Published:
    """A part that was published; parts that were there already are not named."""

    kind: PartKind
    id: str
    version: int
    edition: int


def parts_of(
    book: Book,
    sources: Mapping[str, str],
    policies: Mapping[str, str] | None = None,
    shares: Mapping[str, int] | None = None,
) -> list[Part]:
    """The parts of a book. `sources` is YAML by part id (a lifecycle's, or `account`, `events`, …).

    `shares` are those of new versions: how many percent of the accounts they hold for.
    """
    shared = [
        Part(kind, kind.value, 0, getattr(book, kind.value), sources.get(kind.value, ""))
        for kind in SHARED
    ]
    return shared + [
        Part(
            PartKind.LIFECYCLE,
            found.id,
            found.version,
            found,
            sources.get(found.id, ""),
            (policies or {}).get(found.id, ""),
            (shares or {}).get(found.id, ALL),
        )
        for found in book.lifecycles.values()
    ]


# ── publishing


async def publish(
    store: Store,
    parts: Iterable[Part],
    actor: str,
    now: datetime,
    door: str = "",
    also: Also | None = None,
) -> list[Published]:
    """Publish what is new among the parts, all or none. `door` says where, if not from a folder.

    `also` is done in the same transaction, when something is new.
    Raises `VersionTaken`, naming every lifecycle whose version number stands for other behaviour already.
    """
    try:
        async with store.writing() as connection:
            mark = {"published_at": now, "actor": actor, "door": door}
            found = await _publish(connection, list(parts), mark)
            if found and also is not None:
                await also(connection, found)
            return found
    except IntegrityError:
        raise VersionTaken("Somebody else published at the same moment. Publish again.") from None


async def _publish(
    connection: AsyncConnection, parts: list[Part], mark: Mapping[str, Any]
) -> list[Published]:
    rows, problems = [], []
    for part in parts:
        found = await _versions(connection, part)
        data = encoder(TYPES[part.kind])(part.content)
        digest = _digest(data)
        behaviour = content_hash(part.content) if part.kind is PartKind.LIFECYCLE else digest
        as_before = await _in_place(connection, part, behaviour, found)
        if problem := _taken(part, as_before or behaviour, found):
            problems.append(problem)
        elif place := _place(part, digest, found):
            # A change in place holds for whom the version holds.
            share = next((row.share for row in found if row.version == part.version), part.share)
            share = share if part.kind is PartKind.LIFECYCLE else ALL
            rows.append({**_row(part, place, data, digest, behaviour), **mark, "share": share})
    if problems:
        raise VersionTaken("\n".join(problems))
    if rows:
        await connection.execute(insert(DEFINITION), rows)
    return [
        Published(*(row[name] for name in ("kind", "id", "version", "edition"))) for row in rows
    ]


async def _versions(connection: AsyncConnection, part: Part) -> list[Row[Any]]:
    """What is published of this part, newest first."""
    columns = (
        DEFINITION.c.version,
        DEFINITION.c.edition,
        DEFINITION.c.digest,
        DEFINITION.c.behaviour,
        DEFINITION.c.share,
    )
    query = (
        select_core(*columns)
        .where(DEFINITION.c.kind == part.kind, DEFINITION.c.id == part.id)
        .order_by(DEFINITION.c.version.desc(), DEFINITION.c.edition.desc())
    )
    return list(await connection.execute(query))


async def _in_place(
    connection: AsyncConnection, part: Part, behaviour: str, found: list[Row[Any]]
) -> str | None:
    """The published behaviour, where only lines in shadow differ from it (N11)."""
    same = next((row for row in found if row.version == part.version), None)
    if part.kind is not PartKind.LIFECYCLE or same is None or same.behaviour == behaviour:
        return None
    columns = zip(_KEY, (part.kind, part.id, same.version, same.edition), strict=True)
    query = select_core(DEFINITION.c.content).where(*(name == value for name, value in columns))
    before = decoder(Lifecycle)((await connection.execute(query)).scalar_one())
    behaves: str = same.behaviour
    return behaves if follows_in_place(before, part.content) else None


def _taken(part: Part, behaviour: str, found: list[Row[Any]]) -> str:
    if part.kind is not PartKind.LIFECYCLE or not found:
        return ""
    same = next((row for row in found if row.version == part.version), None)
    newest = found[0].version
    if same is not None and same.behaviour != behaviour:
        what = f"version {part.version} is published already and behaves differently"
    elif same is None and part.version < newest:
        what = f"version {part.version} is older than the published version {newest}"
    else:
        return ""
    return f"{part.id}: {what}. Publish the change as version {newest + 1}."


def _place(part: Part, digest: str, found: list[Row[Any]]) -> tuple[int, int] | None:
    """Version and edition of a new row; None if the newest one says the same."""
    if part.kind is not PartKind.LIFECYCLE:
        newest = found[0] if found else None
        if newest is not None and newest.digest == digest:
            return None
        return (newest.version + 1 if newest is not None else 1, 1)
    same = next((row for row in found if row.version == part.version), None)
    if same is None:
        return (part.version, 1)
    return None if same.digest == digest else (part.version, same.edition + 1)


def _row(
    part: Part, place: tuple[int, int], data: Any, digest: str, behaviour: str
) -> dict[str, Any]:
    return {
        "kind": part.kind,
        "id": part.id,
        "version": place[0],
        "edition": place[1],
        "content": data,
        "source": part.source,
        "digest": digest,
        "behaviour": behaviour,
        "policy": part.policy,
    }


def _digest(data: Any) -> str:
    return sha256(canonical(data).encode()).hexdigest()


# ── books


async def current_book(store: Store) -> tuple[Book, str]:
    """The newest of everything that holds for all, and the digest that names it.

    Raises `Refusal` `nothing_published`.
    """
    return await _book(store, newest_keys(await _live_keys(store)), ())


async def book_live_for(store: Store, account: str) -> tuple[Book, str]:
    """The same with the versions that hold for a share, where this account is among them (R24)."""
    return await _book(store, newest_keys(await _live_keys(store, account)), ())


async def _live_keys(store: Store, account: str | None = None) -> list[Key]:
    query = select_core(*_KEY, DEFINITION.c.share).order_by(*_KEY)
    async with store.connected() as connection:
        rows = await connection.execute(query)
        return [(row[0], row[1], row[2], row[3]) for row in rows if _is_live(row, account)]


def _is_live(row: Any, account: str | None) -> bool:
    if row.kind is not PartKind.LIFECYCLE or row.share >= ALL:
        return True
    return account is not None and is_in_share(bucket_of(row.id, row.version, account), row.share)


async def shares(store: Store) -> dict[tuple[str, int], int]:
    """How many percent of the accounts each version of each lifecycle holds for."""
    query = select_core(DEFINITION.c.id, DEFINITION.c.version, DEFINITION.c.share)
    async with store.connected() as connection:
        rows = await connection.execute(query.where(DEFINITION.c.kind == PartKind.LIFECYCLE))
        return {(row.id, row.version): row.share for row in rows}


async def set_share(store: Store, lifecycle: str, version: int, share: int) -> None:
    """From now on the version holds for so many percent; 0 takes it back."""
    mine = and_(
        DEFINITION.c.kind == PartKind.LIFECYCLE,
        DEFINITION.c.id == lifecycle,
        DEFINITION.c.version == version,
    )
    async with store.writing() as connection:
        await connection.execute(update(DEFINITION).where(mine).values(share=share))


async def book_for(
    store: Store,
    versions: Mapping[str, int],
    pending: Mapping[str, int] | None = None,
    known: datetime | None = None,
) -> tuple[Book, str]:
    """The book of an account that runs these versions of lifecycles, and no others; shared parts are the newest.

    Of each version the newest edition counts. With `known` the newest that was published by then; the first,
    for what was published later: an import tells of a time before there were definitions (R21).
    Raises `Refusal` `unknown_version`, `nothing_published`.
    """
    return await _book(store, *book_keys(await _keys(store, known), versions, pending or {}))


def book_keys(
    keys: list[Key], versions: Mapping[str, int], pending: Mapping[str, int]
) -> tuple[list[Key], list[Key]]:
    """The rows of a book, and those of what waits in it, out of all that count. Raises `Refusal` as `book_for`."""
    shared = [key for key in newest_keys(keys) if key[0] is not PartKind.LIFECYCLE]
    editions = {key[1:3]: key[3] for key in keys if key[0] is PartKind.LIFECYCLE}
    running = [_key_of(editions, lifecycle, version) for lifecycle, version in versions.items()]
    waiting = [_key_of(editions, lifecycle, version) for lifecycle, version in pending.items()]
    return [*shared, *running], waiting


def _key_of(editions: Mapping[tuple[str, int], int], lifecycle: str, version: int) -> Key:
    edition = editions.get((lifecycle, version))
    if edition is None:
        raise Refusal(
            "unknown_version",
            f"Version {version} of {lifecycle} was never published here.",
            "Publish it, or point the engine at the database that has it.",
        )
    return (PartKind.LIFECYCLE, lifecycle, version, edition)


async def _keys(store: Store, known: datetime | None = None) -> list[Key]:
    """Every row's key, oldest first; with `known`, of each part those published by then, and its first."""
    order = (DEFINITION.c.kind, DEFINITION.c.id, DEFINITION.c.version, DEFINITION.c.edition)
    query = select_core(*order, DEFINITION.c.published_at).order_by(*order)
    async with store.connected() as connection:
        return known_keys(list(await connection.execute(query)), known)


def known_keys(rows: Iterable[Sequence[Any]], known: datetime | None) -> list[Key]:
    """Of rows (kind, id, version, edition, when published) in that order, the keys that `_keys` speaks of."""
    parts: set[tuple[Any, ...]] = set()
    keys: list[Key] = []
    for *key, published_at in rows:
        part = tuple(key[:3] if key[0] is PartKind.LIFECYCLE else key[:2])
        if known is None or published_at <= known or part not in parts:
            keys.append((key[0], key[1], key[2], key[3]))
        parts.add(part)
    return keys


def newest_keys(keys: list[Key]) -> list[Key]:
    """The newest of every part. Raises `Refusal` `nothing_published`."""
    newest = {(kind, name): (kind, name, *rest) for kind, name, *rest in keys}
    if missing := [kind.value for kind in SHARED if (kind, kind.value) not in newest]:
        raise Refusal(
            "nothing_published",
            f"Not published yet: {', '.join(missing)}.",
            "Run: lifecycle admin definitions publish",
        )
    return list(newest.values())  # type: ignore[arg-type]


async def _book(store: Store, keys: Iterable[Key], pending: Iterable[Key]) -> tuple[Book, str]:
    """Put together once per process: rows never change, so their keys name the book."""
    running, waiting = tuple(sorted(keys)), tuple(sorted(pending))
    found = store.books.get((running, waiting))
    if found is None:
        contents = await _contents(store, {*running, *waiting})
        found = assembled(
            {key: contents[key] for key in running}, [contents[key] for key in waiting]
        )
        while len(store.books) >= KEPT_BOOKS:
            store.books.pop(next(iter(store.books)))
        store.books[running, waiting] = found
    return found


async def _contents(store: Store, keys: set[Key]) -> dict[Key, Any]:
    order = (DEFINITION.c.kind, DEFINITION.c.id, DEFINITION.c.version, DEFINITION.c.edition)
    query = select_core(*order, DEFINITION.c.content).where(
        tuple_(*order[1:]).in_([key[1:] for key in keys])
    )
    async with store.connected() as connection:
        rows = await connection.execute(query)
        return {tuple(row[:4]): decoder(TYPES[row.kind])(row.content) for row in rows}


def assembled(running: dict[Key, Any], waiting: list[Lifecycle]) -> tuple[Book, str]:
    """A book of its parts, and the digest that names it."""
    shared = {
        key[0].value: part for key, part in running.items() if key[0] is not PartKind.LIFECYCLE
    }
    lifecycles = {key[1]: part for key, part in running.items() if key[0] is PartKind.LIFECYCLE}
    book = Book(**shared, lifecycles=lifecycles, pending={found.id: found for found in waiting})
    return book, _digest(encoder(Book)(book))


# ── reading


async def published(store: Store, part: str | None = None) -> Iterator[DefinitionRow]:
    """All that was ever published (of one part), by kind and id, oldest first."""
    query = select(DefinitionRow).order_by(
        col(DefinitionRow.kind),
        col(DefinitionRow.id),
        col(DefinitionRow.version),
        col(DefinitionRow.edition),
    )
    if part is not None:
        query = query.where(col(DefinitionRow.id) == part)
    async with store.reading() as session:
        return iter((await session.exec(query)).all())


async def held_for_all(store: Store, part: str | None = None) -> list[DefinitionRow]:
    """The same without versions that were taken back or are tried with a share: what edits begin from."""
    return [row for row in await published(store, part) if row.share >= ALL]
