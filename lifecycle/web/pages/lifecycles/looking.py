"""Looking: every lifecycle and part, one of them in plain words with its drawing, its text, its versions (G8)."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Annotated, Any, Final

from fastapi import APIRouter, Depends, Path, Request, Response

from lifecycle.core.index import OUTSIDE, is_parked, stages_of, targets_of
from lifecycle.core.model import Automation, Book, Lifecycle
from lifecycle.core.refusal import Refusal
from lifecycle.definition.condition_words import joined
from lifecycle.definition.words import automation_words
from lifecycle.fetching import version_words
from lifecycle.store.adoption import accounts_by_version
from lifecycle.store.definitions import SHARED, current_book, held_for_all
from lifecycle.store.drafts import draft_of, drafts_of
from lifecycle.store.firings import Fired, fired
from lifecycle.store.stage_counts import held_lines, stage_counts
from lifecycle.store.tables import DefinitionRow, PartKind
from lifecycle.telling.part_words import MEANINGS, TITLES, part_entries
from lifecycle.telling.phrases import count
from lifecycle.telling.published import Running, accounts_in
from lifecycle.telling.shadows import Beside, last_month

from ...door import Door
from ...who import Caller, Right, may
from .drawing import drawn
from .parts import HOME, Part, compared, differences, part_named

Reader = Annotated[Caller, Depends(may(Right.READ))]
Id = Annotated[str, Path(max_length=100)]
Counts = dict[str | None, int]
NEWEST: Final = 6


@dataclass(frozen=True, slots=True)
class Row:
    """An automation in the list. `parked` says into which disabled stage it leads, `standing` how many it would move;
    in `held` accounts on hold it is due; `beside`: how it did in shadow in the last 30 days."""

    number: int
    line: Automation
    words: str
    where: str
    fired: Fired
    parked: str
    standing: int
    held: int
    beside: Beside | None = None


@dataclass(frozen=True, slots=True)
class Version:
    """A published version with what it changed, in one line; `accounts` are those that run it."""

    row: DefinitionRow
    name: str
    accounts: int | None
    said: str


def routes(door: Door) -> APIRouter:
    """Reading only."""
    router = APIRouter()

    @router.get(HOME)
    async def everything(request: Request, caller: Reader) -> Response:
        async with door.store.one_picture():
            context = await _everything(door, caller)
        return door.pages.page("lifecycles.html", request=request, **context)

    @router.get(HOME + "/{part}")
    async def one(request: Request, caller: Reader, part: Id) -> Response:
        async with door.store.one_picture():
            found = await part_named(door, part)
            context = await _context(door, caller, found)
            context |= await (_lifecycle(door, found) if found.lifecycle else _shared(found))
        name = "lifecycle.html" if found.lifecycle else "definition_part.html"
        return door.pages.page(name, request=request, **context)

    @router.get(HOME + "/{part}/yaml")
    async def text(request: Request, caller: Reader, part: Id) -> Response:
        found = await part_named(door, part)
        context = await _context(door, caller, found)
        return door.pages.page("lifecycles/yaml.html", request=request, **context)

    @router.get(HOME + "/{part}/versions")
    async def versions(request: Request, caller: Reader, part: Id) -> Response:
        found = await part_named(door, part)
        context = await _context(door, caller, found)
        context["versions"] = _versions(found, await accounts_by_version(door.store))
        return door.pages.page("lifecycles/versions.html", request=request, **context)

    @router.get(HOME + "/{part}/versions/{version}")
    async def version(request: Request, caller: Reader, part: Id, version: Id) -> Response:
        found = await part_named(door, part)
        context = await _context(door, caller, found)
        row = found.row(version)
        before = found.before(row)
        context |= {
            "row": row,
            "version": version,
            "before": before,
            "differences": differences(found, before, row) if before else [],
            "compared": compared(before.source, row.source) if before else [],
        }
        return door.pages.page("lifecycles/version.html", request=request, **context)

    return router


async def _context(door: Door, caller: Caller, part: Part) -> dict[str, Any]:
    """What every page of a part knows."""
    draft = await draft_of(door.store, part.id, caller.name) if caller.may(Right.ADMIN) else None
    return {"of": part, "draft": draft, "home": HOME}


# ── all of them


async def _everything(door: Door, caller: Caller) -> dict[str, Any]:
    try:
        book, _ = await current_book(door.store)
    except Refusal as refusal:
        return {"nothing": refusal, "lifecycles": [], "shared": []}
    newest = {(row.kind, row.id): row for row in await held_for_all(door.store)}
    counts, total = await stage_counts(door.store)
    return {
        "nothing": None,
        "lifecycles": [
            (one, newest[PartKind.LIFECYCLE, one.id], counts.get(one.id, {None: total}))
            for one in book.lifecycles.values()
        ],
        "shared": [
            (kind, TITLES[kind], MEANINGS[kind], newest[kind, kind.value], _size(book, kind))
            for kind in SHARED
        ],
        "drafts": await drafts_of(door.store, caller.name) if caller.may(Right.ADMIN) else {},
        "total": total,
    }


def _size(book: Book, kind: PartKind) -> str:
    if kind is PartKind.ACCOUNT:
        return count(len(book.account.fields), "field")
    if kind is PartKind.DIRECTORY:
        return count(len(book.directory.teams), "team")
    nouns = {PartKind.EVENTS: "event", PartKind.PLAYBOOKS: "playbook"}
    noun = nouns.get(kind, kind.value.removesuffix("s"))
    return count(len(getattr(book, kind.value)), noun)


# ── one


async def _shared(part: Part) -> dict[str, Any]:
    return {"entries": part_entries(part.book, part.kind), "versions": _versions(part, {}, NEWEST)}


async def _lifecycle(door: Door, part: Part) -> dict[str, Any]:
    lifecycle = part.lifecycle
    assert lifecycle is not None
    counts, total = await stage_counts(door.store)
    mine = counts.get(lifecycle.id, {None: total})
    running = await accounts_by_version(door.store)
    return {
        "lifecycle": lifecycle,
        "drawing": drawn(lifecycle, part.book, mine),
        "rows": await _rows(door, part, lifecycle, mine),
        "inside": sum(number for stage, number in mine.items() if stage is not None),
        "outside": mine.get(None, 0),
        "versions": _versions(part, running, NEWEST),
        "behind": sum(
            number
            for (name, version), number in running.items()
            if name == lifecycle.id and version != lifecycle.version
        ),
    }


async def _rows(door: Door, part: Part, lifecycle: Lifecycle, counts: Counts) -> list[Row]:
    book = part.book
    beside = await last_month(door.store, book, lifecycle.id, door.now())
    often = await fired(door.store, [line.key for line in lifecycle.automations], door.now())
    held, _ = await held_lines(door.store)
    return [
        Row(
            number,
            line,
            automation_words(line, book),
            _where(lifecycle, line),
            often[line.key],
            _parked(book, line),
            _standing(lifecycle, line, counts),
            held.get(line.key, 0),
            beside.get(line.key),
        )
        for number, line in enumerate(lifecycle.automations, 1)
    ]


def _where(lifecycle: Lifecycle, line: Automation) -> str:
    stage = lifecycle.stage(line.stage)
    return stage.label if stage else ""


def _parked(book: Book, line: Automation) -> str:
    """The disabled stages it leads into (R15)."""
    if not line.published or not is_parked(book, line):
        return ""
    found = [(book.lifecycles[name].stage(stage)) for name, stage in targets_of(line)]
    return joined([stage.label for stage in found if stage is not None and stage.disabled])


def _standing(lifecycle: Lifecycle, line: Automation, counts: Counts) -> int:
    """How many accounts stand where it applies."""
    where = {*stages_of(lifecycle, line)} if line.to else {line.stage or OUTSIDE}
    return sum(number for stage, number in counts.items() if (stage or OUTSIDE) in where)


def _versions(part: Part, running: Running, most: int | None = None) -> list[Version]:
    """The newest first."""
    return [
        Version(row, version_words(row), _running(part, row, running), _said(part, row))
        for row in part.rows[::-1][:most]
    ]


def _running(part: Part, row: DefinitionRow, running: Running) -> int | None:
    """Editions of one version are run as the newest of them."""
    is_newest = all(one.version != row.version or one.edition <= row.edition for one in part.rows)
    return accounts_in(row, running) if is_newest else None


def _said(part: Part, row: DefinitionRow) -> str:
    before = part.before(row)
    if before is None:
        return "The first."
    said = "; ".join(str(one) for one in differences(part, before, row))
    return said or "The wording only: nothing behaves otherwise."
