"""`cta`: one call to action. Look at it, open one by hand, close, snooze, wake and assign it (G11, G12)."""

from __future__ import annotations

from collections.abc import Awaitable, Callable
from typing import TYPE_CHECKING, Annotated, Final

import typer

from lifecycle.contract import Answer
from lifecycle.core.refusal import Refusal
from lifecycle.telling.accounts import Found, lifecycle_named, running
from lifecycle.telling.cta_named import find_cta
from lifecycle.telling.ctas import CtaView
from lifecycle.telling.owners import owner_asked
from lifecycle.telling.spans import due_asked, read_moment

from . import completing
from . import options as o
from .accounts import find
from .commands import show_answer
from .cta_page import show_cta
from .desk import Desk, Look, work

if TYPE_CHECKING:
    from lifecycle.client import Lifecycles

app: Final = typer.Typer(
    no_args_is_help=True, help="One call to action: look at it, open, close, snooze, assign."
)
Cta = Annotated[
    str,
    typer.Argument(
        help="Its number as `ctas` shows it, its automation's name, its title or its id.",
        autocompletion=completing.open_ctas,
        show_default=False,
    ),
]
Title = Annotated[str, typer.Argument(help="What is to be done.", show_default=False)]
Kind = Annotated[
    str, typer.Option(help="A word to find it by.", autocompletion=completing.cta_kinds)
]
Owner = Annotated[
    str,
    typer.Option(
        help="A role on the account, a team, or a person by name or address.",
        autocompletion=completing.owners,
    ),
]
Priority = Annotated[
    str, typer.Option(help="low, normal or high.", autocompletion=completing.priorities)
]
Due = Annotated[
    str | None,
    typer.Option(
        metavar="TIME|DATE",
        help='From now, like "5 business days" or 14d; or a date, which means its end.',
        show_default=False,
    ),
]
Playbook = Annotated[
    str | None,
    typer.Option(
        help="The tasks it carries.", autocompletion=completing.playbooks, show_default=False
    ),
]
OfLifecycle = Annotated[
    str | None,
    typer.Option(
        "--lifecycle",
        "-l",
        help="It belongs to the stay in the present stage of this lifecycle.",
        autocompletion=completing.lifecycles,
        show_default=False,
    ),
]
CloseOnLeaving = Annotated[
    bool, typer.Option("--close-on-leaving", help="Close it when that stay ends.")
]
Outcome = Annotated[str, typer.Option(help="What came of it, in a word or a sentence.")]
Until = Annotated[
    str, typer.Option("--until", metavar="DATE|7d", help="When it wakes.", show_default=False)
]
To = Annotated[
    str,
    typer.Option(
        "--to",
        help="A role on the account, a team, or a person by name or address.",
        autocompletion=completing.owners,
        show_default=False,
    ),
]
Command = Callable[["Lifecycles", Found, CtaView], Awaitable[Answer]]


@app.command()
def show(account: o.Account, cta: Cta, as_json: o.AsJson = False, utc: o.InUtc = False) -> None:
    """Show one: why it was opened, for whom, its tasks, and what happened to it."""

    async def look(desk: Desk) -> None:
        found = await find(desk, account)
        await show_cta(
            desk, found, await find_cta(await desk.store(), found, cta, desk.zone, closed=True)
        )

    work(look, Look(as_json, utc))


@app.command("open")
def open_(  # noqa: PLR0913, PLR0917 - what a CTA consists of, and how to answer
    account: o.Account,
    title: Title,
    kind: Kind = "task",
    owner: Owner = "csm",
    priority: Priority = "normal",
    due: Due = None,
    playbook: Playbook = None,
    lifecycle: OfLifecycle = None,
    close_on_leaving: CloseOnLeaving = False,
    who: o.As = None,
    as_json: o.AsJson = False,
    utc: o.InUtc = False,
) -> None:
    """Open one by hand."""

    async def add(desk: Desk) -> None:
        if not title.strip():
            raise Refusal("no_title", "A CTA needs a title.", "Say what is to be done.", "title")
        found = await find(desk, account)
        client = await desk.client()
        with running(found.name, found.account):
            answer = await client.open_cta(
                found.account,
                title,
                actor=desk.actor,
                kind=kind,
                owner=owner_asked(owner, found.book),
                priority=priority,
                due=due_asked(due, found.now, desk.zone) if due is not None else None,
                playbook=playbook,
                lifecycle=lifecycle_named(found.book, lifecycle).id if lifecycle else None,
                close_on_leaving=close_on_leaving,
            )
        await show_answer(desk, found.name, answer)

    work(add, Look(as_json, utc, who))


@app.command()
def close(
    account: o.Account,
    cta: Cta,
    outcome: Outcome = "done",
    who: o.As = None,
    as_json: o.AsJson = False,
    utc: o.InUtc = False,
) -> None:
    """Close one with what came of it."""

    async def finish(desk: Desk) -> None:
        async def send(client: Lifecycles, _: Found, view: CtaView) -> Answer:
            return await client.close_cta(view.account, view.cta, actor=desk.actor, outcome=outcome)

        await carry_out(desk, account, cta, send)

    work(finish, Look(as_json, utc, who))


@app.command()
def snooze(
    account: o.Account,
    cta: Cta,
    until: Until,
    who: o.As = None,
    as_json: o.AsJson = False,
    utc: o.InUtc = False,
) -> None:
    """Put one aside until a date; until then it does not become overdue."""

    async def put_aside(desk: Desk) -> None:
        async def send(client: Lifecycles, found: Found, view: CtaView) -> Answer:
            end = read_moment(until, found.now, desk.zone)
            return await client.snooze_cta(view.account, view.cta, end, actor=desk.actor)

        await carry_out(desk, account, cta, send)

    work(put_aside, Look(as_json, utc, who))


@app.command()
def wake(
    account: o.Account,
    cta: Cta,
    who: o.As = None,
    as_json: o.AsJson = False,
    utc: o.InUtc = False,
) -> None:
    """End a snooze now."""

    async def end_snooze(desk: Desk) -> None:
        async def send(client: Lifecycles, _: Found, view: CtaView) -> Answer:
            return await client.snooze_cta(view.account, view.cta, None, actor=desk.actor)

        await carry_out(desk, account, cta, send)

    work(end_snooze, Look(as_json, utc, who))


@app.command()
def assign(
    account: o.Account,
    cta: Cta,
    to: To,
    who: o.As = None,
    as_json: o.AsJson = False,
    utc: o.InUtc = False,
) -> None:
    """Give one to another owner."""

    async def give(desk: Desk) -> None:
        async def send(client: Lifecycles, found: Found, view: CtaView) -> Answer:
            owner = owner_asked(to, found.book)
            return await client.assign_cta(view.account, view.cta, owner, actor=desk.actor)

        await carry_out(desk, account, cta, send)

    work(give, Look(as_json, utc, who))


async def carry_out(desk: Desk, account: str, cta: str, command: Command) -> None:
    """A command to an open CTA, and what came of it."""
    found = await find(desk, account)
    view = await find_cta(await desk.store(), found, cta, desk.zone)
    client = await desk.client()
    with running(found.name, found.account):
        answer = await command(client, found, view)
    await show_answer(desk, found.name, answer)
