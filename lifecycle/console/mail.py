"""`mail`: the outbox. What was sent, what failed and why, what was skipped; a finished one can be sent again."""

from __future__ import annotations

from typing import Annotated, Final

import typer
from rich.text import Text

from lifecycle.core.model import Book
from lifecycle.resending import send_again
from lifecycle.store.definitions import current_book
from lifecycle.store.effects import WantedEffects, effect_row
from lifecycle.store.tables import EffectKind, EffectRow, EffectStatus
from lifecycle.telling.deliveries import deliveries, deliveries_data, delivery_data
from lifecycle.telling.effects import people
from lifecycle.telling.phrases import MISSING, capital, count

from . import completing
from . import options as o
from .desk import Desk, Look, work
from .screen import columns

app: Final = typer.Typer(help="The outbox: what was sent, failed or skipped; send again.")

STYLES: Final = {
    EffectStatus.SENT: "green",
    EffectStatus.FAILED: "red",
    EffectStatus.SKIPPED: "yellow",
    EffectStatus.CANCELLED: "dim",
}
Status = Annotated[
    EffectStatus | None,
    typer.Option("--status", help="Only these.", case_sensitive=False, show_default=False),
]
Template = Annotated[
    str | None,
    typer.Option(
        "--template",
        help="Only this template.",
        autocompletion=completing.templates,
        show_default=False,
    ),
]
OfAccount = Annotated[
    str | None,
    typer.Option(
        "--account",
        help="Only of this account.",
        autocompletion=completing.accounts,
        show_default=False,
    ),
]
Webhooks = Annotated[bool, typer.Option("--webhooks", help="Webhooks instead of e-mails.")]
Limit = Annotated[int, typer.Option(min=1, max=500, help="At most this many, the latest.")]
Before = Annotated[
    str | None, typer.Option(help="The next page: those before this id.", show_default=False)
]
Id = Annotated[
    str, typer.Argument(help="The delivery's id, as the list shows it.", show_default=False)
]


@app.command("list")
def list_(  # noqa: PLR0913, PLR0917 - one parameter per filter
    status: Status = None,
    template: Template = None,
    account: OfAccount = None,
    campaign: o.OfCampaign = None,
    webhooks: Webhooks = False,
    limit: Limit = 30,
    before: Before = None,
    as_json: o.AsJson = False,
    utc: o.InUtc = False,
) -> None:
    """List e-mails, the latest first: sent, failed (with the reason), due, skipped."""
    kind = EffectKind.WEBHOOK if webhooks else EffectKind.MAIL
    wanted = WantedEffects(account, status, kind, limit=limit, campaign=campaign)
    work(lambda desk: _list(desk, wanted, template, before), Look(as_json, utc))


@app.callback(invoke_without_command=True)
def outbox(  # noqa: PLR0913, PLR0917 - as `list`
    ctx: typer.Context,
    status: Status = None,
    template: Template = None,
    account: OfAccount = None,
    campaign: o.OfCampaign = None,
    webhooks: Webhooks = False,
    limit: Limit = 30,
    before: Before = None,
    as_json: o.AsJson = False,
    utc: o.InUtc = False,
) -> None:
    """The outbox: what was sent, failed or skipped; send again. Alone it lists."""
    if ctx.invoked_subcommand is None:
        list_(status, template, account, campaign, webhooks, limit, before, as_json, utc)


async def _list(desk: Desk, asked: WantedEffects, template: str | None, before: str | None) -> None:
    store = await desk.store()
    found = await deliveries(store, desk.settings, asked, template, before)
    if desk.look.as_json:
        desk.screen.data(deliveries_data(found))
        return
    book, _ = await current_book(store)
    _show_list(desk, found.rows, book)
    if found.before:
        desk.screen.say(Text(f"There is more: --before {found.before}", style="dim"))


def _show_list(desk: Desk, rows: list[EffectRow], book: Book) -> None:
    if not rows:
        desk.screen.say("None.")
        return
    for row in rows:
        _show_row(desk, row, book)
    desk.screen.say()
    desk.screen.say(Text(f"{count(len(rows), 'delivery', 'deliveries')}.", style="dim"))


def _show_row(desk: Desk, row: EffectRow, book: Book) -> None:
    """Two or three lines; the id has one of its own, so that it is whole and can be copied."""
    style = STYLES.get(EffectStatus(row.status), "")
    what = Text(f"{row.subject or row.name} → {_to(row, book)}")
    if row.last_error:
        what.append(f"\n{capital(row.last_error)}", style=style)
    table = columns("Due", "Status", "What", keep=["Due", "Status"], header=False)
    due = Text(f"{desk.moment(row.due_at):>18}", style="dim")
    table.add_row(due, Text(f"{row.status.value:<9}", style=style), what)
    desk.screen.table(table, by=0)
    desk.screen.indented(
        row.id, by=max(0, min(31, desk.screen.console.width - len(row.id))), style="dim"
    )


def _to(row: EffectRow, book: Book) -> str:
    if row.kind is EffectKind.WEBHOOK:
        target = row.roles[0] if row.roles else ""
        return book.directory.targets.get(target, target)
    return ", ".join(row.recipients) if row.recipients else people(row.roles, book)


# ── one


@app.command("show")
def show(effect: Id, as_json: o.AsJson = False, utc: o.InUtc = False) -> None:
    """Show one e-mail as it was sent, or why it was not."""
    work(lambda desk: _show(desk, effect), Look(as_json, utc))


async def _show(desk: Desk, effect: str) -> None:
    store = await desk.store()
    row = await effect_row(store, effect)
    if desk.look.as_json:
        desk.screen.data(row.model_dump())
        return
    book, _ = await current_book(store)
    table = columns("Name", "Value", keep=["Name"], header=False)
    for name, value in _facts(desk, row, book).items():
        table.add_row(Text(name, style="dim"), value)
    desk.screen.table(table, by=0)
    if row.text:
        desk.screen.say()
        desk.screen.say(row.text)


def _facts(desk: Desk, row: EffectRow, book: Book) -> dict[str, str]:
    attempts = count(row.attempts, "attempt")
    facts = {
        "Subject": row.subject or MISSING,
        "To": _to(row, book),
        "Status": f"{row.status.value} ({attempts})" if row.attempts else row.status.value,
        "Due": desk.moment(row.due_at),
        "Ended": desk.moment(row.finished_at),
        "Reason": capital(row.last_error or ""),
        "Account": row.account,
        "Template": row.name,
        "Automation": row.automation.rpartition(".")[2],
        "Campaign": row.campaign or "",
        "Message-ID": row.message_id or "",
        "Sent again by": row.resent_by or "",
    }
    return {name: value for name, value in facts.items() if value and value != MISSING}


@app.command("resend")
def resend_(effect: Id, who: o.As = None, as_json: o.AsJson = False) -> None:
    """Send a finished e-mail once more: it becomes due, and its account delivers it."""
    work(lambda desk: _resend(desk, effect), Look(as_json, actor=who))


async def _resend(desk: Desk, effect: str) -> None:
    store = await desk.store()
    row = await send_again(store, desk.client, effect, desk.actor, desk.now)
    if desk.look.as_json:
        desk.screen.data(delivery_data(row))
    else:
        desk.screen.say(
            f"Due again: {row.name} for {row.account}, the {_ordinal(row.generation)} time."
        )


def _ordinal(number: int) -> str:
    return {2: "second", 3: "third"}.get(number, f"{number}th")
