"""`hooks map`: which account their ids belong to, as learnt from messages or set by a person."""

from __future__ import annotations

from typing import Annotated, Any

import typer
from rich.text import Text

from lifecycle.core.refusal import Refusal, did_you_mean
from lifecycle.hooks.shelf import Shelf
from lifecycle.importing.rows import account_id
from lifecycle.store import hook_arrivals
from lifecycle.store.accounts import find_account
from lifecycle.store.definitions import current_book
from lifecycle.store.hook_map import WantedIds, forget, known_ids, set_account
from lifecycle.store.hook_tables import HookMapRow
from lifecycle.telling.phrases import count

from . import completing
from . import options as o
from .desk import Desk, Look, work
from .screen import columns

Hook = Annotated[
    str,
    typer.Argument(
        metavar="SOURCE", help="The hook.", autocompletion=completing.hooks, show_default=False
    ),
]
TheirId = Annotated[
    str | None, typer.Argument(metavar="THEIR_ID", help="Their id.", show_default=False)
]
Whose = Annotated[
    str | None,
    typer.Argument(
        metavar="ACCOUNT",
        help="The account it belongs to, by its id or name.",
        autocompletion=completing.accounts,
        show_default=False,
    ),
]
Of = Annotated[
    str | None,
    typer.Option("--of", help="What the id is one of: `customer`; needed where there are several."),
]
New = Annotated[
    bool, typer.Option("--new", help="The account is not there yet: take its id as it is.")
]
Forget = Annotated[bool, typer.Option("--forget", help="Let the id be learnt anew.")]
Search = Annotated[
    str | None,
    typer.Option("--search", help="Only with this in id or account.", show_default=False),
]
Limit = Annotated[int, typer.Option(min=1, max=500, help="At most this many.")]
After = Annotated[
    str | None, typer.Option(help="The next page: those after this KIND/ID.", show_default=False)
]


def map_(  # noqa: PLR0913, PLR0917 - one parameter per filter
    source: Hook,
    their_id: TheirId = None,
    account: Whose = None,
    of: Of = None,
    new: New = False,
    forgotten: Forget = False,
    search: Search = None,
    limit: Limit = 50,
    after: After = None,
    who: o.As = None,
    as_json: o.AsJson = False,
    utc: o.InUtc = False,
) -> None:
    """Say which account one of their ids belongs to; with SOURCE alone, list what is known."""
    look = Look(as_json, utc, who)
    if their_id is None:
        kind, _, last = (after or "").partition("/")
        place = (kind, last) if after else None
        work(lambda desk: _list(desk, WantedIds(source, search or "", place, limit + 1)), look)
    elif forgotten:
        work(lambda desk: _forget(desk, source, their_id, of), look)
    else:
        work(lambda desk: _set(desk, source, their_id, (account or "", new), of), look)


async def _list(desk: Desk, wanted: WantedIds) -> None:
    found = await known_ids(await desk.store(), wanted)
    rows, more = found[: wanted.limit - 1], len(found) == wanted.limit
    after = f"{rows[-1].kind}/{rows[-1].their_id}" if more else None
    if desk.look.as_json:
        desk.screen.data({"ids": [row.model_dump() for row in rows], "after": after})
        return
    if not rows:
        desk.screen.say("None.")
        return
    table = columns("Of", "Their id", "Account", "Since", "By", keep=["Of", "Since"])
    for row in rows:
        table.add_row(*_cells(desk, row))
    desk.screen.table(table, by=0)
    if after:
        desk.screen.say(Text(f"There is more: --after {after}", style="dim"))


def _cells(desk: Desk, row: HookMapRow) -> tuple[str | Text, ...]:
    by = row.actor or "a message"
    return row.kind, Text(row.their_id), Text(row.account), desk.moment(row.at), Text(by)


async def _set(
    desk: Desk, source: str, their_id: str, named: tuple[str, bool], of: str | None
) -> None:
    store, kind = await desk.store(), await _kind(desk, source, of)
    whose, theirs = await _account(desk, *named), (kind, account_id(their_id))
    await set_account(store, source, theirs, whose, desk.actor, desk.now)
    waiting = await hook_arrivals.waiting_for(store, source, ["/".join(theirs)], 500)
    if desk.look.as_json:
        numbers = [row.id for row in waiting]
        data: dict[str, Any] = {"of": kind, "their_id": theirs[1], "account": whose}
        desk.screen.data({"source": source, **data, "waiting": numbers})
        return
    desk.screen.say(f"The {kind} {theirs[1]} belongs to {whose}.")
    if waiting:
        said = f"{count(len(waiting), 'message')} waited for it. Send them: lifecycle admin hooks retry --all"
        desk.screen.say(Text(f"{said} --source {source}", style="dim"))


async def _account(desk: Desk, account: str, new: bool) -> str:
    if not account:
        raise Refusal("missing", "Which account is it?", "Name it behind the id.", "account")
    if new:
        return account_id(account)
    try:
        return (await find_account(await desk.store(), account)).id
    except Refusal as refusal:
        if refusal.code == "unknown_account":
            refusal.remedy = f"{refusal.remedy} If it is still to begin: --new.".strip()
        raise


async def _forget(desk: Desk, source: str, their_id: str, of: str | None) -> None:
    kind = await _kind(desk, source, of)
    if not await forget(await desk.store(), source, (kind, their_id)):
        said = f"It is not known whose the {kind} {their_id} is."
        raise Refusal("unknown_id", said, f"lifecycle admin hooks map {source} lists what is.")
    if desk.look.as_json:
        desk.screen.data({"source": source, "of": kind, "their_id": their_id, "forgotten": True})
    else:
        desk.screen.say(f"Forgotten: whose the {kind} {their_id} is.")


async def _kind(desk: Desk, source: str, of: str | None) -> str:
    """What their ids can be one of, as the hook says."""
    book, digest = await current_book(await desk.store())
    hook = Shelf(desk.settings).hook(source, book, digest, desk.now)
    kinds = sorted({lesson.of for lesson in hook.lessons})
    if of in kinds or (of is None and len(kinds) == 1):
        return of or kinds[0]
    if not kinds:
        raise Refusal("no_ids", f"The hook {source} learns no ids.", "Add `learn` to it.", "source")
    if of is None:
        said = f"What is it one of? The hook {source} knows {', '.join(kinds)}."
        raise Refusal("missing", said, f"Say it with --of {kinds[0]}.", "of")
    raise Refusal(
        "unknown_kind", f"The hook {source} knows no {of!r}.", did_you_mean(of, kinds), "of"
    )
