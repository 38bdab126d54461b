"""Publishing a draft: what changes, how many accounts change over, what happens at once, by which policy (R14, R24)."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Annotated, Any

from fastapi import APIRouter, Form, Request, Response
from pydantic import BaseModel, ConfigDict, Field

from lifecycle.core.deciding.adoption import AT_ONCE, NEVER, NEXT_MOVE
from lifecycle.core.refusal import Refusal
from lifecycle.failure import Failure
from lifecycle.handing_over import Outcome, Plan
from lifecycle.store.adoption import accounts_by_version, stored_policies
from lifecycle.store.door_tables import DraftRow
from lifecycle.store.drafts import draft_of, drop_draft
from lifecycle.store.errors import StoreError
from lifecycle.telling.adopting import AtOnce, at_once
from lifecycle.telling.phrases import count
from lifecycle.telling.refusals import told

from ...door import Door
from ...problem import status_of
from ...publishing import Publisher
from ..commanding import Word
from .editing import Admin, Looked, looked
from .looking import Id
from .parts import HOME, Part, compared, part_named


class Chosen(BaseModel):
    """The form: the policy of a new version, and which text was looked at."""

    model_config = ConfigDict(extra="forbid", frozen=True)

    policy: Word = ""
    seen: Annotated[str, Field(max_length=64)] = ""


@dataclass(frozen=True, slots=True)
class Ahead:
    """What publishing would do. `policies` are the choices: word, name, what it means; none under the same version."""

    version: int
    is_new: bool
    inside: int
    policies: list[tuple[str, str, str]]
    now: AtOnce


def routes(door: Door, publisher: Publisher) -> APIRouter:
    """`/lifecycles/{part}/publish`."""
    router = APIRouter()

    @router.get(HOME + "/{part}/publish")
    async def ask(request: Request, caller: Admin, part: Id) -> Response:
        found = await part_named(door, part)
        draft = await draft_of(door.store, found.id, caller.name)
        if draft is None:
            said = "There is no draft to publish."
            return door.pages.done(request, f"{found.path}/edit", said, "note")
        return await _page(door, publisher, request, found, draft, "", None)

    @router.post(HOME + "/{part}/publish")
    async def publish(
        request: Request, caller: Admin, part: Id, chosen: Annotated[Chosen, Form()]
    ) -> Response:
        found = await part_named(door, part)
        draft = await draft_of(door.store, found.id, caller.name)
        if draft is None:
            raise Refusal("no_draft", "There is no draft to publish.", "Look at the page again.")
        try:
            _check_seen(found, draft, chosen)
            checked = await publisher.check({found.file: draft.text})
            plan = Plan(None, [(found.id, chosen.policy)] if chosen.policy else [])
            outcome, told_all = await publisher.publish(checked, plan, caller.name)
        except (Refusal, Failure, StoreError) as error:
            refusal = told(error)
            assert refusal is not None
            return await _page(door, publisher, request, found, draft, chosen.policy, refusal)
        await drop_draft(door.store, found.id, caller.name, draft.saved_at)
        return door.pages.done(request, found.path, outcome_words(found, outcome, told_all))

    @router.post(HOME + "/{part}/hand-over")
    async def again(request: Request, caller: Admin, part: Id) -> Response:
        """For accounts that did not run, and where a publication was broken off."""
        found = await part_named(door, part)
        checked = await publisher.check({})
        outcome, told_all = await publisher.publish(checked, Plan(None), caller.name)
        return door.pages.done(request, f"{found.path}/versions", handed_words(outcome, told_all))

    return router


def _check_seen(part: Part, draft: DraftRow, chosen: Chosen) -> None:
    """Raises `Refusal` when what would be published is not what was looked at, or follows something else."""
    newest = part.newest
    if (draft.version, draft.edition) != (newest.version, newest.edition):
        said = f"{newest.actor} published version {part.version} since you began."
        remedy = "Look at what it changed, take it over into your text, and say so there."
        raise Refusal("published_since", said, remedy)
    if chosen.seen != seen(draft):
        said = "The draft was changed since you looked at what publishing does."
        raise Refusal("changed_since", said, "Look again; then publish.")


def seen(draft: DraftRow) -> str:
    """Names the text that was looked at."""
    return draft.saved_at.isoformat()


def outcome_words(part: Part, outcome: Outcome, told_all: bool) -> str:
    """What came of it, in a sentence or two."""
    if not outcome.published:
        return f"{part.title} is published as it is already."
    row = next(one for one in outcome.published if one.id == part.id)
    name = f"{row.version}.{row.edition}" if row.edition > 1 else str(row.version)
    return f"Published {part.title}, version {name}. {handed_words(outcome, told_all)}"


def handed_words(outcome: Outcome, told_all: bool) -> str:
    """Who has been told."""
    if not told_all:
        return "Accounts are being told, some each second; this goes on by itself."
    was = "was" if outcome.handed_over == 1 else "were"
    said = f"{count(outcome.handed_over, 'account')} {was} told."
    if rest := len(outcome.not_running):
        who = count(rest, "account does", "accounts do")
        said += f" {who} not run, and will take it over when started."
    return said


async def _page(  # noqa: PLR0913, PLR0917 -- the question has these parts
    door: Door,
    publisher: Publisher,
    request: Request,
    part: Part,
    draft: DraftRow,
    policy: str,
    refusal: Refusal | None,
) -> Response:
    check = await looked(publisher, part, draft.text)
    context: dict[str, Any] = {
        "of": part,
        "draft": draft,
        "looked": check,
        "compared": compared(part.newest.source, draft.text),
        "ahead": None if check.has_errors else await _ahead(door, part, check),
        "policy": policy,
        "seen": seen(draft),
        "since": (draft.version, draft.edition) != (part.newest.version, part.newest.edition),
        "refusal": refusal,
        "home": HOME,
    }
    status = status_of(refusal.code) if refusal else 200
    return door.pages.page(
        "lifecycles/publish.html", status, request=request, part="", said="", **context
    )


async def _ahead(door: Door, part: Part, check: Looked) -> Ahead:
    """Folded on copies of accounts, by the policy that does most."""
    book = check.checked.book
    proposed = book.lifecycles.get(part.id) if part.lifecycle else None
    before = part.lifecycle
    is_new = proposed is not None and before is not None and proposed.version != before.version
    policies = await stored_policies(door.store)
    if is_new:
        policies[part.id] = AT_ONCE
    running = await accounts_by_version(door.store)
    inside = sum(
        number
        for (name, version), number in running.items()
        if proposed is not None and name == part.id and version != proposed.version
    )
    return Ahead(
        proposed.version if proposed else part.newest.version + 1,
        is_new,
        inside,
        _policies(inside, part, proposed.version) if is_new and proposed else [],
        await at_once(door.store, book, policies, part.id, door.now()),
    )


def _policies(inside: int, part: Part, version: int) -> list[tuple[str, str, str]]:
    who = count(inside, "account")
    old = part.newest.version
    change = "changes" if inside == 1 else "change"
    finish = "finishes its stage" if inside == 1 else "finish their stage"
    stay = "stays" if inside == 1 else "stay"
    return [
        (AT_ONCE, "At once", f"{who} {change} over now. What is due is worked out again."),
        (
            NEXT_MOVE,
            "At their next move",
            f"{who} {finish} under version {old}; new accounts start under version {version}.",
        ),
        (
            NEVER,
            "Never",
            f"{who} {stay} on version {old}. Only new accounts use version {version}.",
        ),
    ]
