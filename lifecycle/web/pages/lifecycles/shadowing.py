"""Lines in shadow from the page: a draft's lines tried, and one that was tried made live, both in place (N11, R14)."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from typing import Annotated, Any, Final

from fastapi import APIRouter, Form, Request, Response
from pydantic import BaseModel, ConfigDict

from lifecycle.checking import Checked
from lifecycle.core.model import Automation, Lifecycle
from lifecycle.core.refusal import Refusal
from lifecycle.definition.editing import place_named, with_switch
from lifecycle.definition.problems import Mark
from lifecycle.definition.trying import Text, Tried, stands_for, tried
from lifecycle.definition.words import automation_words
from lifecycle.failure import Failure
from lifecycle.publication_plan import Plan
from lifecycle.store.adoption import stored_policies
from lifecycle.store.door_tables import DraftRow
from lifecycle.store.drafts import draft_of, keep_draft
from lifecycle.store.errors import StoreError
from lifecycle.telling.adopting import AtOnce, at_once
from lifecycle.telling.phrases import count
from lifecycle.telling.refusals import told
from lifecycle.telling.shadows import last_month

from ...door import Door
from ...problem import status_of
from ...publishing import Publisher
from ..commanding import Word
from ..words import quoted
from .editing import Admin
from .looking import Id
from .parts import HOME, Part, part_named
from .publishing import outcome_words
from .switching import Name, line_of, source_of

LIVE: Final = HOME + "/{part}/automations/{automation}/live"
TRY: Final = HOME + "/{part}/shadow"
Lines = list[tuple[str, str]]


class Seen(BaseModel):
    """Both forms: the version, and for a draft the text, that was looked at."""

    model_config = ConfigDict(extra="forbid", frozen=True)

    version: Word = ""
    seen: Word = ""


@dataclass(frozen=True, slots=True)
class Asked:
    """A dialog: what it is called, what is in it, where it posts to."""

    template: str
    action: str
    context: Mapping[str, Any]


def routes(door: Door, publisher: Publisher) -> APIRouter:
    """`/lifecycles/{part}/shadow` and `/lifecycles/{part}/automations/{name}/live`."""
    router = APIRouter()
    _make_live(router, door, publisher)
    _try(router, door, publisher)
    return router


# ── made live


def _make_live(router: APIRouter, door: Door, publisher: Publisher) -> None:
    @router.get(LIVE)
    async def ask(request: Request, caller: Admin, part: Id, automation: Name) -> Response:
        found = await part_named(door, part)
        return await _live_form(door, publisher, request, found, line_of(found, automation))

    @router.post(LIVE)
    async def make_live(
        request: Request,
        caller: Admin,
        part: Id,
        automation: Name,
        typed: Annotated[Seen, Form()],
    ) -> Response:
        found = await part_named(door, part)
        line = line_of(found, automation)
        try:
            _check_version(found, typed)
            checked = await publisher.check({found.file: await _live(publisher, found, line)})
            outcome, view = await publisher.publish(checked, Plan(None), caller.name)
        except (Refusal, Failure, StoreError) as error:
            return await _live_form(door, publisher, request, found, line, told(error))
        said = f"{line.name} is live. {outcome_words(found, outcome, view)}"
        return door.pages.done(request, found.path, said)


async def _live(publisher: Publisher, part: Part, line: Automation) -> str:
    """The published text with the line out of shadow, and the one it was tried for unpublished. Raises `Refusal`."""
    if not line.shadow:
        raise Refusal("is_live", f"{line.name} is not in shadow.", "Look at the page again.")
    instead = stands_for(line, _lifecycle(part))
    wanted = [(line, "shadow"), *([(instead, "published")] if instead else [])]
    text = source_of(part)
    switches = [(await _stands(publisher, part, one), key) for one, key in wanted]
    for mark, key in sorted(switches, key=lambda one: one[0].line, reverse=True):
        text = with_switch(text, mark, key, False)
    return text


async def _stands(publisher: Publisher, part: Part, line: Automation) -> Mark:
    """By its name; one without is found by reading everything, which takes a while."""
    found = place_named(source_of(part), line.name)
    return found or (await publisher.check({})).reading.marks[line.key]


async def _live_form(
    door: Door,
    publisher: Publisher,
    request: Request,
    part: Part,
    line: Automation,
    refusal: Refusal | None = None,
) -> Response:
    instead = stands_for(line, _lifecycle(part))
    lines: Lines = []
    try:
        checked = await publisher.check({part.file: await _live(publisher, part, line)})
        lines = [
            (
                "flag",
                "Every account does it from now on. What it would have done already, it does not make up for.",
            )
        ]
        if instead:
            said = f"{instead.name} is unpublished: this takes its place."
            lines.append(("x", said))
        if beside := (await last_month(door.store, part.book, part.id, door.now())).get(line.key):
            lines.append(("chart", f"In the last 30 days: {beside.said}"))
        lines += await _at_once(door, part, checked)
    except (Refusal, Failure) as error:
        refusal = refusal or told(error)
    context = {"line": line, "words": automation_words(line, part.book), "lines": lines}
    action = f"{part.path}/automations/{quoted(line.name)}/live"
    return _dialog(door, request, part, Asked("lifecycles/live.html", action, context), refusal)


# ── a draft tried


def _try(router: APIRouter, door: Door, publisher: Publisher) -> None:
    @router.get(TRY)
    async def ask(request: Request, caller: Admin, part: Id) -> Response:
        found = await part_named(door, part)
        draft = await _draft(door, found, caller.name)
        return await _try_form(door, publisher, request, found, draft)

    @router.post(TRY)
    async def run_in_shadow(
        request: Request, caller: Admin, part: Id, typed: Annotated[Seen, Form()]
    ) -> Response:
        found = await part_named(door, part)
        draft = await _draft(door, found, caller.name)
        try:
            _check_version(found, typed)
            if typed.seen != draft.saved_at.isoformat():
                said = "The draft was changed since you looked at it."
                raise Refusal("changed_since", said, "Look again; then decide.")
            trial = await _tried(publisher, found, draft)
            checked = await publisher.check({found.file: trial.text})
            outcome, view = await publisher.publish(checked, Plan(None), caller.name)
        except (Refusal, Failure, StoreError) as error:
            return await _try_form(door, publisher, request, found, draft, told(error))
        await _follow(door, found, draft)
        lines = count(len(trial.new) + len(trial.changed), "automation")
        runs = f"{lines} in shadow. {outcome_words(found, outcome, view)} Your draft is kept."
        return door.pages.done(request, found.path, runs)


async def _draft(door: Door, part: Part, name: str) -> DraftRow:
    draft = await draft_of(door.store, part.id, name)
    if draft is None:
        raise Refusal("no_draft", "There is no draft to try.", "Edit the YAML first.")
    return draft


async def _tried(publisher: Publisher, part: Part, draft: DraftRow) -> Tried:
    """Raises `Refusal` for a draft with errors, and for one that cannot be tried."""
    then = await publisher.check({part.file: draft.text})
    after = then.reading.book.lifecycles.get(part.id) if then.reading.book else None
    if after is None:
        raise Refusal("has_errors", "The draft has errors.", "Mend them, then try it.")
    marks, source = then.reading.marks, source_of(part)
    before = Text(source, _lifecycle(part), lambda name: _named(source, name))
    return tried(before, Text(draft.text, after, lambda name: marks[f"{part.id}.{name}"]))


def _named(text: str, name: str) -> Mark:
    found = place_named(text, name)
    if found is None:
        said = f"The automation `{name}` has no `name:` of its own in the published text."
        raise Refusal("not_editable", said, "Publish a new version with one.")
    return found


async def _follow(door: Door, part: Part, draft: DraftRow) -> None:
    """The draft goes on from what was just published."""
    newest = (await part_named(door, part.id)).newest
    draft.version, draft.edition = newest.version, newest.edition
    await keep_draft(door.store, draft)


async def _try_form(
    door: Door,
    publisher: Publisher,
    request: Request,
    part: Part,
    draft: DraftRow,
    refusal: Refusal | None = None,
) -> Response:
    lines: Lines = []
    shown: list[tuple[str, str]] = []
    try:
        trial = await _tried(publisher, part, draft)
        checked = await publisher.check({part.file: trial.text})
        shown = _shown(checked, part)
        lines = [
            (
                "eye",
                "They run on whatever happens from now on; what they would do is only recorded.",
            )
        ]
        if trial.changed:
            said = f"{', '.join(trial.changed)} as published: goes on as before."
            lines.append(("check", said))
        lines += await _at_once(door, part, checked)
    except (Refusal, Failure) as error:
        refusal = refusal or told(error)
    context = {"shown": shown, "lines": lines, "seen": draft.saved_at.isoformat()}
    asked = Asked("lifecycles/shadow.html", f"{part.path}/shadow", context)
    return _dialog(door, request, part, asked, refusal)


def _shown(checked: Checked, part: Part) -> list[tuple[str, str]]:
    """Each line that would come into shadow, in words."""
    book = checked.book
    known = {line.name for line in _lifecycle(part).automations if line.shadow}
    return [
        (line.name, automation_words(line, book))
        for line in book.lifecycles[part.id].automations
        if line.shadow and line.name not in known
    ]


# ── both


def _lifecycle(part: Part) -> Lifecycle:
    if part.lifecycle is None:
        said = f"{part.title} has no automations."
        raise Refusal("unknown_part", said, "Only lifecycles have them.", "part")
    return part.lifecycle


def _check_version(part: Part, typed: Seen) -> None:
    if typed.version != part.version:
        said = f"{part.newest.actor} published version {part.version} since you looked."
        raise Refusal("changed_since", said, "Look again; then decide.")


async def _at_once(door: Door, part: Part, checked: Checked) -> Lines:
    """What accounts would do at once, folded on copies."""
    policies = await stored_policies(door.store)
    now: AtOnce = await at_once(door.store, checked.book, policies, part.id, door.now())
    said = list(now.lines())
    if now.is_part:
        part_of = f"Of {count(now.total, 'account')} the first {now.looked_at:,} were looked at."
        said.append(("info", part_of))
    return said or [("info", "Nothing happens at once: no account moves, nothing is sent.")]


def _dialog(
    door: Door, request: Request, part: Part, asked: Asked, refusal: Refusal | None
) -> Response:
    status = status_of(refusal.code) if refusal else 200
    context = {"of": part, "action": asked.action, "back": part.path, "refusal": refusal}
    return door.pages.page(
        asked.template, status, request=request, part="", said="", **context, **asked.context
    )
