"""`task`: the tasks of a call to action's playbook (G7, G12)."""

from __future__ import annotations

from typing import Annotated, Final

import typer
from rich.text import Text

from lifecycle.telling.cta_named import find_cta

from . import completing
from . import options as o
from .accounts import find
from .commands import commanding, show_done
from .cta import Cta
from .cta_page import show_tasks
from .desk import Desk, Look, work

app: Final = typer.Typer(
    no_args_is_help=True, help="Tasks of a call to action: list them, tick one off."
)
Task = Annotated[
    str,
    typer.Argument(
        help="Its number as `task list` shows it, its id or its title.",
        autocompletion=completing.cta_tasks,
        show_default=False,
    ),
]


@app.command("list")
def list_(account: o.Account, cta: Cta, as_json: o.AsJson = False, utc: o.InUtc = False) -> None:
    """List the tasks of a CTA: what is done, what is due when."""

    async def look(desk: Desk) -> None:
        found = await find(desk, account)
        view = await find_cta(await desk.store(), found, cta, desk.zone, closed=True)
        if desk.look.as_json:
            desk.screen.data({"account": view.account, "cta": view.cta, "tasks": view.tasks})
            return
        desk.screen.say(Text(view.title, style="bold"))
        show_tasks(desk, view, found.now)

    work(look, Look(as_json, utc))


@app.command()
def done(
    account: o.Account,
    cta: Cta,
    task: Task,
    who: o.As = None,
    as_json: o.AsJson = False,
    utc: o.InUtc = False,
) -> None:
    """Tick a task off, and tell what follows from it."""

    async def tick(desk: Desk) -> None:
        await show_done(desk, await (await commanding(desk)).do_task(account, cta, task))

    work(tick, Look(as_json, utc, who))
