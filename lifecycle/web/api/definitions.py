"""Definitions: what is published, in plain words, drawn, and as YAML; checked and published (R14, R24, V12)."""

from __future__ import annotations

from enum import StrEnum
from http import HTTPStatus
from typing import Annotated, Final

from fastapi import APIRouter, Path, Query, Response
from fastapi.responses import JSONResponse, PlainTextResponse
from pydantic import Field

from lifecycle.checking import Checked
from lifecycle.core.refusal import Refusal, did_you_mean
from lifecycle.definition import diagram
from lifecycle.publication_plan import LONGEST_SENTENCE, TOLERANCE, Plan, Trial, read_watch
from lifecycle.store.definitions import current_book, held_for_all, published
from lifecycle.store.tables import DefinitionRow
from lifecycle.telling.accounts import lifecycle_named
from lifecycle.telling.book_parts import described
from lifecycle.telling.data import plain
from lifecycle.telling.published import published_data

from ..door import Door
from ..problem import problem
from ..publishing import TELLING, Publisher
from .answering import answer, gives, refusals
from .shapes import LARGEST, Filters, Shape, Word, example
from .strict import StrictRoute
from .viewing import Admin, Reader

MOST_FILES: Final = 50
Named = Annotated[
    str,
    Path(
        description="A lifecycle, a segment or a scorecard; or account, events, …", max_length=200
    ),
]
File = Annotated[str, Field(max_length=1_000_000)]


class Form(StrEnum):
    """How a part is wanted."""

    WORDS = "words"
    YAML = "yaml"
    JSON = "json"
    MERMAID = "mermaid"


class PartAsked(Filters):
    """Which form of a part, and of which version."""

    form: Annotated[
        Form,
        Field(
            alias="format", description="Plain words, the YAML as published, JSON, or a drawing."
        ),
    ] = Form.WORDS
    version: Annotated[
        int | None, Field(ge=1, le=LARGEST, description="For yaml and json. Default: the newest.")
    ] = None


class Files(Shape):
    """Files of definitions by name, in place of what is published; all others are as they were published."""

    model_config = example(files={"segments.yaml": "segments:\n  big: arr > 100000\n"})

    files: Annotated[dict[Word, File], Field(max_length=MOST_FILES)]


class NewDefinitions(Files):
    """Files to be published, and when running accounts take new versions over.

    A policy is `at once`, `at the next move` or `never`; `policies` has one for single lifecycles.
    """

    model_config = example(files={}, policy="at the next move", policies={"sales": "at once"})

    policy: Word | None = None
    policies: Annotated[dict[Word, Word], Field(max_length=MOST_FILES, default_factory=dict)]
    share: Annotated[
        int, Field(ge=1, le=100, description="Percent of the accounts a new version is tried with.")
    ] = 100
    watch: Annotated[Word, Field(description="How long they are watched, like 3 days.")] = "3 days"
    tolerance: Annotated[
        float, Field(ge=0, le=100, description="Percent of them that may live otherwise.")
    ] = TOLERANCE
    stops: Annotated[bool, Field(description="Whether it stops by itself.")] = True
    said: Annotated[
        str, Field(max_length=LONGEST_SENTENCE, description="What changes, in one sentence.")
    ] = ""
    per_minute: Annotated[
        int | None, Field(ge=1, le=100_000, description="Accounts told in a minute, at most.")
    ] = None


TEXTS: Final = {"text/plain": {"schema": {"type": "string"}}}
PART: Final = {**gives(), **refusals(404, 409)}
PART[200]["content"] |= TEXTS
CHECKED: Final = {
    **gives(example={"errors": 0, "problems": []}, said="Every problem at its place."),
    **refusals(409, 413),
}
PUBLISHED: Final = {
    **gives(said="Published, and all accounts have been told."),
    **gives(said="Published; the rest of the accounts is being told.", status=202),
    **refusals(409, 413),
}


def routes(door: Door) -> APIRouter:
    """What is read of definitions, checked, and published."""
    router = APIRouter(route_class=StrictRoute, prefix="/definitions", tags=["definitions"])
    _reading(router, door)
    _writing(router, door)
    return router


def _reading(router: APIRouter, door: Door) -> None:
    @router.get("", responses={**gives(), **refusals(409)}, response_model=None)
    async def definitions(_: Reader) -> JSONResponse:
        """Every published version, and how many accounts run it."""
        return answer(await published_data(door.store))

    @router.get("/{part}", responses=PART, response_model=None)
    async def part_(part: Named, _: Reader, asked: Annotated[PartAsked, Query()]) -> Response:
        """A part in plain words as a team reads it, as YAML, as JSON, or as Mermaid text."""
        book, _book_id = await current_book(door.store)
        if asked.form is Form.WORDS:
            told = described(book, part)
            return answer({**told.head, "words": told.words})
        if asked.form is Form.MERMAID:
            return PlainTextResponse(diagram(lifecycle_named(book, part), book))
        row = await _row(door, part, asked.version)
        if asked.form is Form.YAML:
            return PlainTextResponse(_source(row))
        return answer(row.model_dump(exclude={"source"}))


def _writing(router: APIRouter, door: Door) -> None:
    publisher = Publisher(door, "api")

    @router.post("/check", responses=CHECKED, response_model=None)
    async def check(new: Files, _: Reader) -> JSONResponse:
        """Check files as they would be published. Nothing is changed."""
        checked = await publisher.check(new.files)
        errors = sum(one.is_error for one in checked.problems)
        return answer({"errors": errors, "problems": checked.problems})

    @router.post("/publish", responses=PUBLISHED, response_model=None)
    async def publish(new: NewDefinitions, caller: Admin) -> JSONResponse:
        """Check, keep, and hand over to running accounts; may be repeated, and goes on where it was broken off.

        How far that is: `publication`, and /v1/publications.
        """
        checked = await publisher.check(new.files)
        if checked.has_errors:
            return _problems(checked)
        trial = Trial(new.share, read_watch(new.watch), new.tolerance, new.stops)
        plan = Plan(new.policy, list(new.policies.items()), trial, new.said, new.per_minute)
        outcome, view = await publisher.publish(checked, plan, caller.name)
        done = view is None or view.row.status not in TELLING
        return answer(outcome, HTTPStatus.OK if done else HTTPStatus.ACCEPTED)


def _problems(checked: Checked) -> JSONResponse:
    errors = [one for one in checked.problems if one.is_error]
    first = errors[0]
    where = f"{first.file}:{first.line}:{first.column}"
    refusal = Refusal("bad_definitions", f"{where}: {first.message}", first.help, "files")
    status = HTTPStatus.UNPROCESSABLE_ENTITY
    return problem(refusal, status, None, problems=plain(checked.problems))


async def _row(door: Door, part: str, version: int | None) -> DefinitionRow:
    """The newest edition of a part, or of one of its versions. Raises `Refusal`."""
    find = held_for_all if version is None else published
    rows = list(await find(door.store))
    mine = [one for one in rows if one.id == part and version in (None, one.version)]
    if mine:
        return max(mine, key=lambda one: (one.version, one.edition))
    of = f", version {version}" if version is not None else ""
    said = f"Nothing of that name was published: {part!r}{of}."
    raise Refusal("unknown_part", said, did_you_mean(part, {one.id for one in rows}), "part")


def _source(row: DefinitionRow) -> str:
    if not row.source:
        said = f"The text of {row.id} was not kept when it was published."
        raise Refusal("no_source", said, "Ask for json.", "format")
    return row.source
