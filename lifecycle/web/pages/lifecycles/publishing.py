"""Publishing a draft: what changes, how many accounts change over, what happens at once, by which policy (R14, R24)."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Annotated, Any, Final

from fastapi import APIRouter, Form, Request, Response
from pydantic import BaseModel, ConfigDict, Field

from lifecycle.core.deciding.adoption import AT_ONCE, NEVER, NEXT_MOVE
from lifecycle.core.model import Book
from lifecycle.core.refusal import Refusal
from lifecycle.core.share import ALL
from lifecycle.failure import Failure
from lifecycle.publication_plan import LONGEST_SENTENCE, TOLERANCE, Outcome, Plan, Trial, read_watch
from lifecycle.rehearsing.proposing import digest_of, parts_apart
from lifecycle.store import rehearsals
from lifecycle.store.adoption import accounts_by_version, stored_policies
from lifecycle.store.definitions import current_book
from lifecycle.store.door_tables import DraftRow
from lifecycle.store.drafts import draft_of, drop_draft
from lifecycle.store.errors import StoreError
from lifecycle.store.publication_tables import PublicationStatus
from lifecycle.telling.adopting import AtOnce, at_once
from lifecycle.telling.phrases import count
from lifecycle.telling.publication import View, accounts_in_shares, proofs_words
from lifecycle.telling.refusals import told
from lifecycle.telling.rehearsal import brief
from lifecycle.telling.rehearsal import told as rehearsal_told
from lifecycle.telling.viewer import Viewer

from ...door import Door
from ...problem import status_of
from ...publishing import Publisher
from ..commanding import Word
from .editing import Admin, Looked, looked
from .looking import Id
from .parts import HOME, Part, compared, part_named
from .publications import page_of

SHARES: Final = (1, 5, 10, 25, 50)
WATCHES: Final = (
    ("1 day", "1 day"),
    ("3 days", "3 days"),
    ("7 days", "a week"),
    ("14 days", "two weeks"),
)


class Chosen(BaseModel):
    """The form: the policy of a new version, with how many it is tried, and which text was looked at."""

    model_config = ConfigDict(extra="forbid", frozen=True)

    policy: Word = ""
    share: Annotated[int, Field(ge=1, le=100)] = ALL
    watch: Word = "3 days"
    stops: Word = ""
    tolerance: Annotated[float, Field(ge=0, le=100)] = TOLERANCE
    said: Annotated[str, Field(max_length=LONGEST_SENTENCE)] = ""
    seen: Annotated[str, Field(max_length=64)] = ""

    def plan(self, part: str) -> Plan:
        """What the publisher wants. Raises `Refusal`."""
        trial = Trial(self.share, read_watch(self.watch), self.tolerance, bool(self.stops))
        policies = [(part, self.policy)] if self.policy else []
        return Plan(None, policies, trial if self.policy else None, self.said)


FIRST: Final = Chosen(policy=NEXT_MOVE, share=5, stops="yes")
"""What the form proposes: a few accounts, watched."""


@dataclass(frozen=True, slots=True)
class Ahead:
    """What publishing would do. `policies` are the choices: word, name, what it means; none under the same version."""

    version: int
    is_new: bool
    inside: int
    policies: list[tuple[str, str, str]]
    now: AtOnce
    shares: dict[int, int]
    proofs: str
    rehearsed: str


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
        return await _page(door, publisher, request, found, draft, FIRST, None)

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
            outcome, view = await publisher.publish(checked, chosen.plan(found.id), caller.name)
        except (Refusal, Failure, StoreError) as error:
            refusal = told(error)
            assert refusal is not None
            return await _page(door, publisher, request, found, draft, chosen, refusal)
        await drop_draft(door.store, found.id, caller.name, draft.saved_at)
        to = page_of(view) if view is not None and view.row.lifecycle else found.path
        return door.pages.done(request, to, outcome_words(found, outcome, view))

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


def outcome_words(part: Part, outcome: Outcome, view: View | None) -> str:
    """What came of it, in a sentence or two."""
    if not outcome.published:
        return f"{part.title} is published as it is already."
    row = next(one for one in outcome.published if one.id == part.id)
    name = f"{row.version}.{row.edition}" if row.edition > 1 else str(row.version)
    return f"Published {part.title}, version {name}. {handed_words(view)}"


def handed_words(view: View | None) -> str:
    """Who has been told."""
    if view is None:
        return "No account is there to be told."
    if view.row.status in {PublicationStatus.TRYING, PublicationStatus.ROLLING_ON}:
        return "Accounts are being told; this goes on by itself."
    told = sum(view.progress.items.get(one, 0) for one in ("done", "unchanged"))
    was = "was" if told == 1 else "were"
    said = f"{count(told, 'account')} {was} told."
    if rest := view.progress.items.get("failed", 0):
        who = count(rest, "account does not run", "accounts do not run")
        said += f" {who}, and can be told again."
    return said


async def _page(  # noqa: PLR0913, PLR0917 -- the question has these parts
    door: Door,
    publisher: Publisher,
    request: Request,
    part: Part,
    draft: DraftRow,
    chosen: Chosen,
    refusal: Refusal | None,
) -> Response:
    check = await looked(publisher, part, draft.text)
    context: dict[str, Any] = {
        "of": part,
        "draft": draft,
        "looked": check,
        "compared": compared(part.newest.source, draft.text),
        "ahead": None if check.has_errors else await _ahead(door, part, check),
        "chosen": chosen,
        "watches": WATCHES,
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
    now = await at_once(door.store, book, policies, part.id, door.now())
    version = proposed.version if proposed else part.next_version
    shares = await accounts_in_shares(door.store, part.id, version, SHARES) if is_new else {}
    return Ahead(
        version,
        is_new,
        inside,
        _policies(inside, part, version, now) if is_new else [],
        now,
        shares,
        proofs_words(check.checked.problems, part.file) if proposed else "",
        await _rehearsed(door, book),
    )


async def _rehearsed(door: Door, book: Book) -> str:
    """What the last rehearsal of this very draft said, in a line."""
    live, _ = await current_book(door.store)
    digest = digest_of(parts_apart(live, book))
    row = await rehearsals.latest(door.store, digest=digest, done=True)
    viewer = Viewer(door.store, door.now(), door.zone)
    return brief(rehearsal_told(row, live, door.now()), viewer) if row is not None else ""


def _moved_words(now: AtOnce) -> str:
    """How many move and how many timers shift at once, of those looked at."""
    moved = now.moves.total()
    moves = (
        f"{count(moved, 'account')} {'moves' if moved == 1 else 'move'}"
        if moved
        else "Nobody moves"
    )
    shift = "shifts" if now.shifted == 1 else "shift"
    timers = f"; timers of {count(now.shifted, 'account')} {shift}" if now.shifted else ""
    of = f" (of the first {now.looked_at:,})" if now.is_part else ""
    return f"{moves} at once{timers}{of}."


def _policies(inside: int, part: Part, version: int, now: AtOnce) -> list[tuple[str, str, str]]:
    who = count(inside, "account")
    old = part.newest.version
    change = "changes" if inside == 1 else "change"
    finish = "finishes its stage" if inside == 1 else "finish their stage"
    stay = "stays" if inside == 1 else "stay"
    return [
        (
            AT_ONCE,
            "At once",
            f"{who} {change} over now. What is due is worked out again. {_moved_words(now)}",
        ),
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
