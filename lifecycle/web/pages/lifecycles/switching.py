"""Publishing and unpublishing one automation, in place: no new version, nothing else changes (V12, R14)."""

from __future__ import annotations

from typing import Annotated, Any

from fastapi import APIRouter, Form, Path, Request, Response
from pydantic import BaseModel, ConfigDict

from lifecycle.core.model import Automation
from lifecycle.core.refusal import Refusal
from lifecycle.definition.editing import unknown_automation, with_published
from lifecycle.definition.words import automation_words
from lifecycle.failure import Failure
from lifecycle.publication_plan import Plan
from lifecycle.store.adoption import stored_policies
from lifecycle.store.errors import StoreError
from lifecycle.telling.adopting import at_once
from lifecycle.telling.phrases import count
from lifecycle.telling.refusals import told

from ...door import Door
from ...problem import status_of
from ...publishing import Publisher
from ..commanding import Word
from ..words import quoted
from .editing import Admin, looked
from .looking import Id
from .parts import HOME, Part, part_named
from .publishing import outcome_words

PATH = HOME + "/{part}/automations/{automation}/switch"
Name = Annotated[str, Path(max_length=100)]


class Switched(BaseModel):
    """The form: whether it shall be published, and the version that was looked at."""

    model_config = ConfigDict(extra="forbid", frozen=True)

    published: bool
    version: Word = ""


def routes(door: Door, publisher: Publisher) -> APIRouter:
    """`/lifecycles/{part}/automations/{name}/switch`."""
    router = APIRouter()

    @router.get(PATH)
    async def ask(request: Request, caller: Admin, part: Id, automation: Name) -> Response:
        found = await part_named(door, part)
        line = line_of(found, automation)
        return await _form(door, publisher, request, (found, line), not line.published, None)

    @router.post(PATH)
    async def switch(
        request: Request,
        caller: Admin,
        part: Id,
        automation: Name,
        typed: Annotated[Switched, Form()],
    ) -> Response:
        found = await part_named(door, part)
        line = line_of(found, automation)
        try:
            if typed.version != found.version:
                said = f"{found.newest.actor} published version {found.version} since you looked."
                raise Refusal("changed_since", said, "Look again; then decide.")
            text = await _text(publisher, found, line, typed.published)
            checked = await publisher.check({found.file: text})
            outcome, view = await publisher.publish(checked, Plan(None), caller.name)
        except (Refusal, Failure, StoreError) as error:
            refusal = told(error)
            assert refusal is not None
            return await _form(door, publisher, request, (found, line), typed.published, refusal)
        on = "published" if typed.published else "unpublished"
        said = f"{line.name} is {on}. {outcome_words(found, outcome, view)}"
        return door.pages.done(request, found.path, said)

    return router


def line_of(part: Part, name: str) -> Automation:
    """The automation of that name. Raises `Refusal`."""
    lines = {line.name: line for line in part.lifecycle.automations} if part.lifecycle else {}
    if name not in lines:
        raise unknown_automation(name, list(lines))
    return lines[name]


async def _text(publisher: Publisher, part: Part, line: Automation, published: bool) -> str:
    """The published text with the switch turned. Raises `Refusal`."""
    marks = (await publisher.check({})).reading.marks
    return with_published(source_of(part), marks[line.key], published)


def source_of(part: Part) -> str:
    """The published text. Raises `Refusal`."""
    if not part.newest.source:
        said = f"The text of {part.title} was not kept when it was published."
        raise Refusal("no_source", said, "Publish its folder again.")
    return part.newest.source


async def _form(
    door: Door,
    publisher: Publisher,
    request: Request,
    of: tuple[Part, Automation],
    published: bool,
    refusal: Refusal | None,
) -> Response:
    part, line = of
    lines: list[tuple[str, str]] = []
    try:
        lines = await _foreseen(door, publisher, part, line, published)
    except (Refusal, Failure) as error:
        refusal = refusal or told(error)
    context: dict[str, Any] = {
        "of": part,
        "line": line,
        "words": automation_words(line, part.book),
        "published": published,
        "lines": lines,
        "refusal": refusal,
        "action": f"{part.path}/automations/{quoted(line.name)}/switch",
        "back": part.path,
    }
    status = status_of(refusal.code) if refusal else 200
    return door.pages.page(
        "lifecycles/switch.html", status, request=request, part="", said="", **context
    )


async def _foreseen(
    door: Door, publisher: Publisher, part: Part, line: Automation, published: bool
) -> list[tuple[str, str]]:
    """What it will do, with what accounts will do at once."""
    check = await looked(publisher, part, await _text(publisher, part, line, published))
    policies = await stored_policies(door.store)
    now = await at_once(door.store, check.checked.book, policies, part.id, door.now())
    if not published:
        said = [("x", "No account does it any more, from now on. What it did stays as it is.")]
    else:
        said = [
            ("flag", "Every account does it from now on, also those in which it is due already.")
        ]
    said += list(now.lines()) or [
        ("info", "Nothing else happens at once: no account moves, nothing is sent.")
    ]
    if now.is_part:
        said.append(
            (
                "info",
                f"Of {count(now.total, 'account')} the first {now.looked_at:,} were looked at.",
            )
        )
    return said
