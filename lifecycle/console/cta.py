"""`cta`: one call to action. Look at it, open one by hand, close, snooze, wake and assign it (G11, G12)."""

from __future__ import annotations

from typing import Annotated, Final

import typer

from lifecycle.commanding import NewCta
from lifecycle.telling.cta_named import find_cta

from . import completing
from . import options as o
from .accounts import find
from .commands import commanding, show_done
from .cta_page import show_cta
from .desk import Desk, Look, work

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
        cta = NewCta(title, kind, owner, priority, due, playbook, lifecycle, close_on_leaving)
        await show_done(desk, await (await commanding(desk)).open_cta(account, cta))

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
        await show_done(desk, await (await commanding(desk)).close_cta(account, cta, outcome))

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
        await show_done(desk, await (await commanding(desk)).snooze_cta(account, cta, until))

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
        await show_done(desk, await (await commanding(desk)).snooze_cta(account, cta, None))

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
        await show_done(desk, await (await commanding(desk)).assign_cta(account, cta, to))

    work(give, Look(as_json, utc, who))
