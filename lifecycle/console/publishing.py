"""`definitions publish`: check, store, and hand over to running accounts, with what came of it (R14, R24)."""

from __future__ import annotations

from pathlib import Path
from typing import Annotated

import typer

from lifecycle.checking import Checked, book_of, check_against
from lifecycle.core.model import Book
from lifecycle.core.refusal import Refusal
from lifecycle.definition import render
from lifecycle.overtaken import check_not_overtaken
from lifecycle.publication_plan import (
    Outcome,
    Plan,
    Trial,
    read_policy,
    read_watch,
    store_definitions,
)
from lifecycle.publications import to_hand_over
from lifecycle.store.definitions import Published, parts_of
from lifecycle.store.engine import Store
from lifecycle.store.tables import PartKind
from lifecycle.telling.differences import described_differences, told_differences
from lifecycle.telling.lifecycle_differences import lifecycle_differences
from lifecycle.telling.publication import proofs_words

from . import completing
from . import options as o
from .desk import Desk, Look, work
from .manners import Problems
from .publications import follow, quietly
from .screen import make_console

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
TakeBack = Annotated[
    bool,
    typer.Option(
        "--take-back", help="Even where the folder lacks what was published in a page since."
    ),
]
PerMinute = Annotated[
    int | None,
    typer.Option(
        "--per-minute", min=1, help="At most so many accounts a minute.", show_default=False
    ),
]
Share = Annotated[
    int,
    typer.Option(min=1, max=100, help="Try a new version with so many percent of the accounts."),
]
Watch = Annotated[
    str,
    typer.Option(metavar="3d", help="How long the share is watched; then all get it."),
]
Tolerance = Annotated[
    float,
    typer.Option(
        min=0, max=100, help="It stops when more percent of them live otherwise than promised."
    ),
]
NoStop = Annotated[
    bool, typer.Option("--no-stop", help="Do not stop by itself, whatever the accounts do.")
]
Say = Annotated[str, typer.Option("--say", metavar="TEXT", help="What changes, in one sentence.")]
Detach = Annotated[bool, typer.Option("--detach", help="Do not wait until the accounts are told.")]


def publish(  # noqa: PLR0913, PLR0917 - one parameter per option
    folder: Folder = None,
    policy: Policy = None,
    overrides: Overrides = None,
    share: Share = 100,
    watch: Watch = "3d",
    tolerance: Tolerance = 5.0,
    no_stop: NoStop = False,
    say: Say = "",
    per_minute: PerMinute = None,
    take_back: TakeBack = False,
    detach: Detach = False,
    who: o.As = None,
    as_json: o.AsJson = False,
) -> None:
    """Publish a folder: check it, keep its versions, hand them over to running accounts. May be repeated."""

    async def go(desk: Desk) -> None:
        trial = Trial(share, read_watch(watch), tolerance, not no_stop)
        named = [_override(text) for text in overrides or []]
        await _publish(desk, folder, Plan(policy, named, trial, say, per_minute), take_back, detach)

    work(go, Look(as_json, actor=who))


def _override(text: str) -> tuple[str, str]:
    name, found, policy = text.partition("=")
    if not found:
        raise Refusal(
            "bad_override", f"{text!r} is not LIFECYCLE=POLICY.", "Like: --for sales=never", "--for"
        )
    return name.strip(), read_policy(policy)


# ── the way


async def _publish(
    desk: Desk, folder: Path | None, plan: Plan, take_back: bool, detach: bool
) -> None:
    store = await desk.store()
    before = await book_of(store)
    checked = check_against(desk.settings, folder, before)
    _refuse_problems(desk, checked)
    if not take_back:
        await check_not_overtaken(store, parts_of(checked.book, {}))
    outcome = await store_definitions(store, checked, plan, desk.actor, desk.now)
    if not desk.look.as_json:
        _tell(desk, outcome, before, checked)
    names = await _hand_over(desk, store, outcome)
    if desk.look.as_json:
        desk.screen.data(outcome)
    for name in names if not desk.look.as_json or not detach else ():
        await _follow(desk, name, detach)


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
        if any(problem.code == "old_version" for problem in checked.problems):
            desk.screen.say(
                "What is published is newer: `definitions fetch` writes it into the folder."
            )
    raise Problems


async def _hand_over(desk: Desk, store: Store, outcome: Outcome) -> list[str]:
    """Temporal is asked for when there is somebody to tell."""
    names = await to_hand_over(store, outcome, desk.now)
    if names:
        going = await desk.publications()
        for name in names:
            await going.set_going(name)
    return names


async def _follow(desk: Desk, name: str, detach: bool) -> None:
    if desk.look.as_json:
        await quietly(desk, name)
    else:
        await follow(desk, name, detach)


# ── what came of it


def _tell(desk: Desk, outcome: Outcome, before: Book | None, checked: Checked) -> None:
    book = checked.book
    if not outcome.published:
        desk.screen.say("Nothing new: everything in the folder is published already.")
    else:
        desk.screen.say(f"{proofs_words(checked.problems)}.")
    for part in outcome.published:
        differences = (
            told_differences(before, book, part.kind) if before and _is_shared(part) else ""
        )
        desk.screen.say(f"Published {_name(part, book)}{differences and f': {differences}'}.")
        if before and part.id in before.lifecycles:
            for one in lifecycle_differences(
                before.lifecycles[part.id], book.lifecycles[part.id], book
            ):
                desk.screen.indented(str(one))
        for words in described_differences(before, book, part.kind) if before else ():
            desk.screen.say()
            desk.screen.outline(words)


def _is_shared(part: Published) -> bool:
    return part.kind is not PartKind.LIFECYCLE


def _name(part: Published, book: Book) -> str:
    if _is_shared(part):
        return f"{part.id} (number {part.version})"
    edition = f", edition {part.edition}" if part.edition > 1 else ""
    return f"{book.lifecycles[part.id].title}, version {part.version}{edition}"
