"""`definitions publish`: check, store, and hand over to running accounts in paced batches (R14, R24).

Every step may be repeated: what is stored already is not stored again, and accounts whose journal says that
they took the definitions over are skipped.
"""

from __future__ import annotations

import asyncio
from collections.abc import AsyncIterator, Mapping
from dataclasses import dataclass, field
from pathlib import Path
from typing import TYPE_CHECKING, Annotated, Final

import typer
from rich.progress import BarColumn, MofNCompleteColumn, Progress, TextColumn, TimeRemainingColumn
from rich.text import Text

from lifecycle.core.deciding.adoption import AT_ONCE, NEXT_MOVE, POLICIES
from lifecycle.core.model import Book
from lifecycle.core.refusal import Refusal, did_you_mean
from lifecycle.definition import render
from lifecycle.store.accounts import Wanted
from lifecycle.store.adoption import Waiting, not_adopted, stored_policies
from lifecycle.store.counts import count_accounts
from lifecycle.store.definitions import Published, current_book, parts_of
from lifecycle.store.definitions import publish as store_parts
from lifecycle.store.engine import Store
from lifecycle.store.tables import PartKind
from lifecycle.telling.differences import described_differences, told_differences
from lifecycle.telling.phrases import count

from . import completing
from . import options as o
from .checking import Checked, book_of, check_against
from .desk import Desk, Look, work
from .manners import Problems
from .screen import make_console

if TYPE_CHECKING:
    from lifecycle.client import Lifecycles

WORDS: Final = {word.replace(" ", "-"): word for word in POLICIES}
Folder = Annotated[
    Path | None,
    typer.Argument(
        help="The folder. Default: ./definitions, else the shipped ones (LIFECYCLE_DEFINITIONS_DIR).",
        file_okay=False,
        exists=True,
        show_default=False,
    ),
]
Policy = Annotated[
    str | None,
    typer.Option(
        "--policy",
        metavar='"at once"|"at the next move"|never',
        help="When running accounts take a new version over.",
        autocompletion=completing.policies,
        show_default=False,
    ),
]
Overrides = Annotated[
    list[str] | None,
    typer.Option(
        "--for",
        metavar="LIFECYCLE=POLICY",
        help="Another policy for one lifecycle; may be given several times.",
        show_default=False,
    ),
]
Pace = Annotated[int, typer.Option(min=1, max=1000, help="At most this many accounts a second.")]


@dataclass(slots=True)
class Outcome:
    """What publishing did. `not_running` accounts take the definitions over when they are started again."""

    folder: str
    published: list[Published]
    policies: dict[str, str]
    book: str = ""
    handed_over: int = 0
    already_there: int = 0
    not_running: list[str] = field(default_factory=list)


def publish(
    folder: Folder = None,
    policy: Policy = None,
    overrides: Overrides = None,
    pace: Pace = 50,
    who: o.As = None,
    as_json: o.AsJson = False,
) -> None:
    """Publish a folder: check it, keep its versions, hand them over to running accounts. May be repeated."""

    async def go(desk: Desk) -> None:
        await _publish(desk, folder, _Plan(policy, overrides or [], pace))

    work(go, Look(as_json, actor=who))


class _Plan:
    """What the publisher wants."""

    def __init__(self, policy: str | None, overrides: list[str], pace: int) -> None:
        self.policy = _policy(policy) if policy else None
        self.overrides = dict(_override(text) for text in overrides)
        self.pace = pace

    def policies(
        self, before: Book | None, book: Book, stored: Mapping[str, str]
    ) -> dict[str, str]:
        """The policy of each lifecycle that ever had a newer version. Raises `Refusal` where none was said.

        `stored` are those of earlier publications: one that was broken off goes on by them.
        """
        if unknown := sorted(self.overrides.keys() - book.lifecycles.keys()):
            remedy = did_you_mean(unknown[0], book.lifecycles)
            raise Refusal(
                "unknown_lifecycle", f"Unknown lifecycle {unknown[0]!r}.", remedy, "--for"
            )
        said = {name: self.overrides.get(name, self.policy) for name in book.lifecycles}
        new = _new_versions(before, book)
        said = {
            name: policy or (None if name in new else stored.get(name))
            for name, policy in said.items()
            if name in new or name in stored
        }
        if missing := [book.lifecycles[name].title for name in new if said[name] is None]:
            raise Refusal(
                "no_policy",
                f"There is a new version of {', '.join(missing)}, and accounts run the one before.",
                f'Say when they take it over: --policy "{AT_ONCE}", "{NEXT_MOVE}" or never.',
                "--policy",
            )
        return {name: policy for name, policy in said.items() if policy is not None}


def _new_versions(before: Book | None, book: Book) -> list[str]:
    known = before.lifecycles if before else {}
    return [
        one.id
        for one in book.lifecycles.values()
        if one.id in known and one.version != known[one.id].version
    ]


def _policy(text: str) -> str:
    word = WORDS.get(text.strip().lower().replace(" ", "-"))
    if word is None:
        raise Refusal(
            "unknown_policy", f"{text!r} is no policy.", did_you_mean(text, POLICIES), "--policy"
        )
    return word


def _override(text: str) -> tuple[str, str]:
    name, found, policy = text.partition("=")
    if not found:
        raise Refusal(
            "bad_override", f"{text!r} is not LIFECYCLE=POLICY.", "Like: --for sales=never", "--for"
        )
    return name.strip(), _policy(policy)


# ── the way


async def _publish(desk: Desk, folder: Path | None, plan: _Plan) -> None:
    store = await desk.store()
    before = await book_of(store)
    checked = check_against(desk.settings, folder, before)
    _refuse_problems(desk, checked)
    policies = plan.policies(before, checked.book, await stored_policies(store))
    parts = parts_of(checked.book, checked.sources(), policies)
    outcome = Outcome(
        str(checked.folder), await store_parts(store, parts, desk.actor, desk.now), policies
    )
    _, outcome.book = await current_book(store)
    if before is not None:
        await _hand_over(desk, store, plan, outcome)
    if desk.look.as_json:
        desk.screen.data(outcome)
    else:
        _tell(desk, outcome, before, checked.book)


def _refuse_problems(desk: Desk, checked: Checked) -> None:
    """Errors end it, warnings are shown."""
    if checked.problems and not desk.look.as_json:
        make_console(stderr=True).file.write(render(checked.problems) + "\n")
    if not checked.has_errors:
        return
    if desk.look.as_json:
        desk.screen.data({"folder": str(checked.folder), "problems": checked.problems})
    else:
        desk.screen.say("Nothing was published.", "red")
    raise Problems


async def _hand_over(desk: Desk, store: Store, plan: _Plan, outcome: Outcome) -> None:
    """Tell every account that has not taken these definitions over, at most so many a second."""
    total = await count_accounts(store, Wanted())
    client = None
    with _progress(desk) as progress:
        bar = progress.add_task("Handing over", total=total)
        async for page in _pages(store, outcome, plan.pace):
            outcome.already_there += page.looked_at - len(page.accounts)
            if page.accounts:
                client = client or await desk.client()
                await _tell_batch(client, page.accounts, desk.actor, outcome)
            progress.advance(bar, page.looked_at)


async def _pages(store: Store, outcome: Outcome, pace: int) -> AsyncIterator[Waiting]:
    """Pages of accounts, one a second where somebody is told something."""
    loop = asyncio.get_running_loop()
    after: str | None = ""
    while after is not None:
        begun = loop.time()
        page = await not_adopted(store, outcome.book, outcome.policies, after, pace)
        yield page
        after = page.after
        if page.accounts and after is not None:
            await asyncio.sleep(max(0.0, begun + 1 - loop.time()))


async def _tell_batch(client: Lifecycles, batch: list[str], actor: str, outcome: Outcome) -> None:
    told = await asyncio.gather(*(_tell_one(client, account, actor, outcome) for account in batch))
    outcome.handed_over += sum(told)


async def _tell_one(client: Lifecycles, account: str, actor: str, outcome: Outcome) -> bool:
    from lifecycle.client import UnknownAccount

    try:
        await client.adopt(account, actor=actor, book=outcome.book, policies=outcome.policies)
    except UnknownAccount:
        outcome.not_running.append(account)
        return False
    return True


def _progress(desk: Desk) -> Progress:
    console = make_console(stderr=True)
    bars = (
        TextColumn("{task.description}"),
        BarColumn(),
        MofNCompleteColumn(),
        TimeRemainingColumn(),
    )
    return Progress(
        *bars, console=console, transient=True, disable=desk.look.as_json or not console.is_terminal
    )


# ── what came of it


def _tell(desk: Desk, outcome: Outcome, before: Book | None, book: Book) -> None:
    if not outcome.published:
        desk.screen.say("Nothing new: everything in the folder is published already.")
    for part in outcome.published:
        differences = (
            told_differences(before, book, part.kind) if before and _is_shared(part) else ""
        )
        desk.screen.say(f"Published {_name(part, book)}{differences and f': {differences}'}.")
        for words in described_differences(before, book, part.kind) if before else ():
            desk.screen.say()
            desk.screen.outline(words)
    handed: Mapping[str, int] = {
        "handed over to {}": outcome.handed_over,
        "{} had them already": outcome.already_there,
    }
    said = [text.format(count(number, "account")) for text, number in handed.items() if number]
    if said:
        desk.screen.say(Text(f"{'; '.join(said)}.".capitalize()))
    if outcome.not_running:
        many = count(
            len(outcome.not_running),
            "account does not run and keeps what it ran",
            "accounts do not run and keep what they ran",
        )
        some = ", ".join(outcome.not_running[:5])
        desk.screen.say(Text(f"{many}: {some}", style="yellow"))


def _is_shared(part: Published) -> bool:
    return part.kind is not PartKind.LIFECYCLE


def _name(part: Published, book: Book) -> str:
    if _is_shared(part):
        return f"{part.id} (number {part.version})"
    edition = f", edition {part.edition}" if part.edition > 1 else ""
    return f"{book.lifecycles[part.id].title}, version {part.version}{edition}"
