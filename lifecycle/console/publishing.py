"""`definitions publish`: check, store, and hand over to running accounts, with what came of it (R14, R24)."""

from __future__ import annotations

from collections.abc import Mapping
from pathlib import Path
from typing import Annotated

import typer
from rich.progress import BarColumn, MofNCompleteColumn, Progress, TextColumn, TimeRemainingColumn
from rich.text import Text

from lifecycle.checking import Checked, book_of, check_against
from lifecycle.core.model import Book
from lifecycle.core.refusal import Refusal
from lifecycle.definition import render
from lifecycle.handing_over import Outcome, Plan, hand_over, read_policy, store_definitions
from lifecycle.overtaken import check_not_overtaken
from lifecycle.store.accounts import Wanted
from lifecycle.store.counts import count_accounts
from lifecycle.store.definitions import Published, parts_of
from lifecycle.store.engine import Store
from lifecycle.store.tables import PartKind
from lifecycle.telling.differences import described_differences, told_differences
from lifecycle.telling.phrases import count

from . import completing
from . import options as o
from .desk import Desk, Look, work
from .manners import Problems
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
Pace = Annotated[int, typer.Option(min=1, max=1000, help="At most this many accounts a second.")]


def publish(  # noqa: PLR0913, PLR0917 - one parameter per option
    folder: Folder = None,
    policy: Policy = None,
    overrides: Overrides = None,
    pace: Pace = 50,
    take_back: TakeBack = False,
    who: o.As = None,
    as_json: o.AsJson = False,
) -> None:
    """Publish a folder: check it, keep its versions, hand them over to running accounts. May be repeated."""

    async def go(desk: Desk) -> None:
        plan = Plan(policy, [_override(text) for text in overrides or []])
        await _publish(desk, folder, plan, pace, take_back)

    work(go, Look(as_json, actor=who))


def _override(text: str) -> tuple[str, str]:
    name, found, policy = text.partition("=")
    if not found:
        raise Refusal(
            "bad_override", f"{text!r} is not LIFECYCLE=POLICY.", "Like: --for sales=never", "--for"
        )
    return name.strip(), read_policy(policy)


# ── the way


async def _publish(desk: Desk, folder: Path | None, plan: Plan, pace: int, take_back: bool) -> None:
    store = await desk.store()
    before = await book_of(store)
    checked = check_against(desk.settings, folder, before)
    _refuse_problems(desk, checked)
    if not take_back:
        await check_not_overtaken(store, parts_of(checked.book, {}))
    outcome = await store_definitions(store, checked, plan, desk.actor, desk.now)
    if before is not None:
        await _hand_over(desk, store, outcome, pace)
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
        if any(problem.code == "old_version" for problem in checked.problems):
            desk.screen.say(
                "What is published is newer: `definitions fetch` writes it into the folder."
            )
    raise Problems


async def _hand_over(desk: Desk, store: Store, outcome: Outcome, pace: int) -> None:
    total = await count_accounts(store, Wanted())
    with _progress(desk) as progress:
        bar = progress.add_task("Handing over", total=total)

        def step(more: int) -> None:
            progress.advance(bar, more)

        await hand_over(store, desk.client, outcome, desk.actor, pace, step)


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
