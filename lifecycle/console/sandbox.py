"""`sandbox`: an account's next days in a second, on a copy, with a script and the mails it would get (N6)."""

from __future__ import annotations

import csv
import re
import sys
from pathlib import Path
from typing import Annotated, Final

import typer
from rich.text import Text

from lifecycle.core.model import Book
from lifecycle.core.refusal import Refusal
from lifecycle.core.values import Value
from lifecycle.failure import Failure
from lifecycle.sandbox.post import Fate, Mail
from lifecycle.sandbox.reader import read_script
from lifecycle.sandbox.script import Step
from lifecycle.sandbox.trying import Begun, Wish, new_account, tried
from lifecycle.store.definitions import current_book
from lifecycle.store.one_account import kept_state
from lifecycle.telling.phrases import MISSING, count, written_day
from lifecycle.telling.sandbox import ROW, Happening, Sandboxed, rows, sandboxed, sandboxed_data

from . import completing
from . import options as o
from .accounts import find
from .checking import check_folder
from .commands import assignments
from .desk import Desk, Look, work
from .screen import columns

Account = Annotated[
    str,
    typer.Argument(
        help="The account's id, or its name; with --new the id it is given.",
        autocompletion=completing.accounts,
    ),
]
Days = Annotated[int, typer.Option(min=1, max=3660, help="How many days are played.")]
Script = Annotated[
    Path | None,
    typer.Option(
        "--script",
        metavar="FILE.yaml",
        help="What comes in meanwhile: `- in 5 days: training.completed`. docs/foresight/sandbox.md.",
        exists=True,
        dir_okay=False,
        show_default=False,
    ),
]
Steps = Annotated[
    list[str] | None,
    typer.Option(
        "--step",
        metavar="STEP",
        help='One step of a script, as "in 5 days: training.completed"; may be given several times.',
        show_default=False,
    ),
]
Definitions = Annotated[
    Path | None,
    typer.Option(
        "--definitions",
        metavar="FOLDER",
        help="With the definitions of this folder, as if they were published at once.",
        exists=True,
        file_okay=False,
        show_default=False,
    ),
]
New = Annotated[bool, typer.Option("--new", help="An account from nothing, with --field for each.")]
Fields = Annotated[
    list[str] | None,
    typer.Option(
        "--field",
        metavar="NAME=VALUE",
        help="With --new: a field it begins with; may be given several times.",
        autocompletion=completing.fields,
        show_default=False,
    ),
]
Mails = Annotated[
    Path | None,
    typer.Option(
        "--mails",
        metavar="FOLDER",
        help="Write every mail it would get as .html and .txt.",
        file_okay=False,
        show_default=False,
    ),
]
AsCsv = Annotated[bool, typer.Option("--csv", help="Answer with CSV, a row for each change.")]
A_NEW_ONE: Final = "new-account"


def sandbox(  # noqa: PLR0913, PLR0917 - one parameter per option
    account: Account = A_NEW_ONE,
    days: Days = 90,
    script: Script = None,
    step: Steps = None,
    definitions: Definitions = None,
    new: New = False,
    field: Fields = None,
    mails: Mails = None,
    as_csv: AsCsv = False,
    as_json: o.AsJson = False,
    utc: o.InUtc = False,
    who: o.As = None,
) -> None:
    """Play an account's next days on a copy: moves, CTAs, webhooks and the mails it would get. Nothing is done."""
    if as_csv and as_json:
        raise typer.BadParameter("Choose one of --csv and --json.", param_hint="--csv")
    if field and not new:
        raise typer.BadParameter("It belongs to --new.", param_hint="--field")
    if account == A_NEW_ONE and not new:
        raise typer.BadParameter("Name an account, or begin one with --new.", param_hint="ACCOUNT")
    fields: dict[str, Value] = {**assignments(field or [])}

    async def play(desk: Desk) -> None:
        draft = (await check_folder(desk, definitions)).book if definitions else None
        begun = await _begun(desk, account, fields, draft) if new else await _known(desk, account)
        steps = _steps(script, step or [], draft or begun.book)
        wish = Wish(days, steps, desk.actor, None if new else draft)
        played = await tried(await desk.store(), desk.settings, begun, wish)
        told = sandboxed(played, desk.zone)
        if mails is not None:
            _write_mails(told, mails)
        if as_csv:
            _write_rows(told, played.book, desk)
        elif as_json:
            desk.screen.data(sandboxed_data(told))
        else:
            _Page(desk, told, mails).show()

    work(play, Look(as_json, utc, who))


async def _known(desk: Desk, account: str) -> Begun:
    found = await find(desk, account)
    return Begun(found.book, found.state, found.now)


async def _begun(desk: Desk, account: str, fields: dict[str, Value], draft: Book | None) -> Begun:
    store = await desk.store()
    if await kept_state(store, account):
        said = f"The account {account!r} exists already."
        raise Refusal("account_exists", said, "Leave --new out, or give another id.", "account")
    book = draft or (await current_book(store))[0]
    return new_account(book, account, fields, desk.now)


def _steps(script: Path | None, typed: list[str], book: Book) -> list[Step]:
    """Those of the file, then those typed. Raises `BadScript`, and `Failure` for a file that cannot be read."""
    found: list[Step] = []
    if script is not None:
        try:
            text = script.read_text(encoding="utf-8-sig")
        except (OSError, UnicodeDecodeError) as error:
            said = "it is not UTF-8" if isinstance(error, UnicodeDecodeError) else error.strerror
            raise Failure(f"The script {script} cannot be read: {said}.") from None
        found += read_script(script.name, text, book)
    if typed:
        found += read_script("--step", "\n".join(f"- {one}" for one in typed), book)
    return found


# ── files


def _write_rows(told: Sandboxed, book: Book, desk: Desk) -> None:
    writer = csv.DictWriter(sys.stdout, ROW, restval="", lineterminator="\n")
    writer.writeheader()
    writer.writerows(rows(told, book, desk.zone))


def _write_mails(told: Sandboxed, folder: Path) -> None:
    """`012-welcome-ann.example.com.html` and `.txt`; what would not go says so in its text alone."""
    folder.mkdir(parents=True, exist_ok=True)
    for number, mail in enumerate(told.mails, start=1):
        stem = folder / file_name(number, mail)
        head = [
            f"To: {mail.to or mail.role}",
            f"Subject: {mail.subject}",
            f"Due: {mail.at:%Y-%m-%d %H:%M} UTC",
        ]
        head += [f"{mail.fate.value.capitalize()}: {mail.why}"] if mail.why else []
        stem.with_suffix(".txt").write_text("\n".join(head) + f"\n\n{mail.text}", encoding="utf-8")
        if mail.html:
            stem.with_suffix(".html").write_text(mail.html, encoding="utf-8")


def file_name(number: int, mail: Mail) -> str:
    """The name of a mail's files, without an ending."""
    words = re.sub(r"[^a-z0-9@_-]+", "_", f"{mail.template}-{mail.to or mail.role}".lower())
    return f"{number:03}-{words[:80]}"


# ── the page


class _Page:
    """The play on a terminal."""

    def __init__(self, desk: Desk, told: Sandboxed, folder: Path | None) -> None:
        self.desk, self.told, self.folder = desk, told, folder

    def show(self) -> None:
        told, screen = self.told, self.desk.screen
        title = f"{told.name}: the next {count(told.days, 'day')} in the sandbox"
        screen.say(Text(title, style="bold"))
        screen.say(Text(f"{told.summary}. Nothing of it is done.", style="dim"))
        screen.say()
        if told.timeline:
            self._timeline()
        else:
            screen.say("Nothing: no deadline falls into this time, and nothing comes in.")
        self._mails()
        self._ends()
        if told.is_cut:
            screen.say()
            screen.say(Text(f"Cut after {count(len(told.timeline), 'step')}.", style="yellow"))

    def _timeline(self) -> None:
        table = columns("Day", "At", "Because", "What happens", right=["Day"], keep=["Day", "At"])
        for one in self.told.timeline:
            because = Text(one.told.headline, style="bold" if one.cause == "script" else "")
            day = str(one.day) if one.day >= 0 else "was due"
            table.add_row(day, self.desk.moment(one.at), because, _what(one))
        self.desk.screen.table(table, by=0)

    def _mails(self) -> None:
        if not self.told.mails:
            return
        self.desk.screen.heading(f"E-mails ({len(self.told.mails)})")
        table = columns("Goes", "To", "Subject", "Note", keep=["Goes"])
        for mail in self.told.mails:
            goes = self.desk.moment(mail.goes_at) if mail.goes_at else mail.fate.value
            style = "" if mail.fate is Fate.SENT else "yellow"
            subject = mail.subject or mail.template
            table.add_row(Text(goes, style=style), mail.to or mail.role, subject, mail.why)
        self.desk.screen.table(table)
        if self.folder is not None:
            self.desk.screen.indented(f"Written to {self.folder}.", style="dim")
        else:
            self.desk.screen.indented("--mails FOLDER writes them as they would look.", style="dim")

    def _ends(self) -> None:
        on = written_day(self.told.until.astimezone(self.desk.zone).date())
        self.desk.screen.heading(f"Where it stands on {on}")
        table = columns("Lifecycle", "Stage", "Days", right=["Days"], header=False)
        for one in self.told.ends:
            days = MISSING if one.days is None else count(one.days, "day")
            late = " (stuck)" if one.stuck else " (late)" if one.late else ""
            table.add_row(one.title, f"{one.label}{late}", days)
        self.desk.screen.table(table)


def _what(one: Happening) -> Text:
    told = one.told
    if told.refused:
        return Text(f"Refused: {told.refused}", style="red")
    if told.changes:
        return Text("\n".join(said.text for said in told.changes))
    return Text("; ".join(said.text for said in told.reasons) or "Nothing changed.", style="dim")
