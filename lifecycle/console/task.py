"""`task`: the tasks of a call to action's playbook (G7, G12)."""

from __future__ import annotations

from typing import Annotated, Final

import typer
from rich.text import Text

from lifecycle.telling.accounts import running
from lifecycle.telling.cta_named import find_cta, find_task

from . import completing
from . import options as o
from .accounts import find
from .commands import show_answer
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
        found = await find(desk, account)
        view = await find_cta(await desk.store(), found, cta, desk.zone)
        chosen = find_task(view, task)
        client = await desk.client()
        with running(found.name, found.account):
            answer = await client.do_task(found.account, view.cta, chosen.task, actor=desk.actor)
        await show_answer(desk, found.name, answer)

    work(tick, Look(as_json, utc, who))
