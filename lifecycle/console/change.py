"""`change`: one command to many accounts, as a change-set: a preview, a question, and it goes in its pace."""

from __future__ import annotations

import sys
from dataclasses import dataclass
from pathlib import Path
from typing import Annotated, Final

import typer

from lifecycle.core.refusal import Refusal
from lifecycle.telling.audience import Asked
from lifecycle.telling.bulk import Bulk, Kind, Whom, Wish, bulk_of
from lifecycle.telling.bulk_preview import Drawn, preview
from lifecycle.telling.changes import begin
from lifecycle.telling.phrases import count

from . import completing
from . import options as o
from .audience import OfSegment, Where
from .change_view import follow, say_preview
from .commands import Assignments, assignments
from .desk import Desk, Look, work
from .manners import Polite, Problems
from .progress import progress, step

app: Final = typer.Typer(
    cls=Polite,
    no_args_is_help=True,
    help="Change many accounts at once: looked at first, paced, to be paused and undone as one.",
)
Accounts = Annotated[
    Path | None,
    typer.Option(
        "--accounts",
        metavar="FILE",
        help="A file with an account's id on each line; - reads them from here.",
        show_default=False,
    ),
]
PerMinute = Annotated[
    int | None,
    typer.Option(
        "--per-minute",
        min=1,
        help="At most so many accounts a minute, evenly. Default: as fast as it goes.",
        show_default=False,
    ),
]
DryRun = Annotated[
    bool, typer.Option("--dry-run", help="Tell what would change, and change nothing.")
]
Anyway = Annotated[
    bool, typer.Option("--anyway", help="Even where the stage changed after it was looked at.")
]
Yes = Annotated[bool, typer.Option("--yes", help="Do not ask; begin.")]
Detach = Annotated[bool, typer.Option("--detach", help="Do not wait until it is through.")]
Until = Annotated[
    str,
    typer.Option(
        "--until", metavar="DATE|14d", help="When automation runs again.", show_default=False
    ),
]
Lifecycle = Annotated[
    str,
    typer.Argument(
        help="The lifecycle's id.", autocompletion=completing.lifecycles, show_default=False
    ),
]
Stage = Annotated[
    str,
    typer.Argument(
        help="The stage's id; None clears.", autocompletion=completing.stages, show_default=False
    ),
]


@dataclass(frozen=True, slots=True)
class Way:
    """Whom, how fast, and how it is answered."""

    segment: str | None
    where: list[str] | None
    accounts: Path | None
    per_minute: int | None
    dry_run: bool
    yes: bool
    detach: bool

    def whom(self) -> Whom:
        """Raises `BadParameter` where nobody is named, or the file cannot be read."""
        if self.accounts is not None:
            if self.segment or self.where:
                said = "A file names its accounts: leave --segment and --where out."
                raise typer.BadParameter(said, param_hint="--accounts")
            return Whom(ids=_ids(self.accounts))
        if not (self.segment or self.where):
            said = 'Say which accounts: --segment NAME, --where "SENTENCE" or --accounts FILE.'
            raise typer.BadParameter(said, param_hint="--segment")
        return Whom(Asked(self.segment, self.where or ()))


def _ids(file: Path) -> list[str]:
    try:
        text = sys.stdin.read() if str(file) == "-" else file.read_text(encoding="utf-8-sig")
    except (OSError, UnicodeDecodeError) as error:
        said = f"{file} cannot be read: {getattr(error, 'strerror', None) or error}."
        raise typer.BadParameter(said, param_hint="--accounts") from None
    return list(dict.fromkeys(line.strip() for line in text.splitlines() if line.strip()))


# ── what is done


@app.command()
def stage(  # noqa: PLR0913, PLR0917 - one parameter per option
    lifecycle: Lifecycle,
    to: Stage,
    reason: o.Reason,
    segment: OfSegment = None,
    where: Where = None,
    accounts: Accounts = None,
    per_minute: PerMinute = None,
    dry_run: DryRun = False,
    anyway: Anyway = False,
    yes: Yes = False,
    detach: Detach = False,
    who: o.As = None,
    as_json: o.AsJson = False,
    utc: o.InUtc = False,
) -> None:
    """Move accounts to a stage."""
    wish = Wish(Kind.STAGE, reason, lifecycle, to, anyway=anyway)
    way = Way(segment, where, accounts, per_minute, dry_run, yes, detach)
    _work(wish, way, Look(as_json, utc, who))


@app.command()
def fields(  # noqa: PLR0913, PLR0917 - one parameter per option
    values: Assignments,
    reason: o.Reason,
    segment: OfSegment = None,
    where: Where = None,
    accounts: Accounts = None,
    per_minute: PerMinute = None,
    dry_run: DryRun = False,
    yes: Yes = False,
    detach: Detach = False,
    who: o.As = None,
    as_json: o.AsJson = False,
    utc: o.InUtc = False,
) -> None:
    """Set fields of accounts; NAME=None clears one."""
    wish = Wish(Kind.FIELDS, reason, fields=assignments(values))
    way = Way(segment, where, accounts, per_minute, dry_run, yes, detach)
    _work(wish, way, Look(as_json, utc, who))


@app.command()
def hold(  # noqa: PLR0913, PLR0917 - one parameter per option
    until: Until,
    reason: o.Reason,
    segment: OfSegment = None,
    where: Where = None,
    accounts: Accounts = None,
    per_minute: PerMinute = None,
    dry_run: DryRun = False,
    yes: Yes = False,
    detach: Detach = False,
    who: o.As = None,
    as_json: o.AsJson = False,
    utc: o.InUtc = False,
) -> None:
    """Pause automation of accounts until a date."""
    wish = Wish(Kind.HOLD, reason, until=until)
    way = Way(segment, where, accounts, per_minute, dry_run, yes, detach)
    _work(wish, way, Look(as_json, utc, who))


@app.command()
def release(  # noqa: PLR0913, PLR0917 - one parameter per option
    reason: o.Reason,
    segment: OfSegment = None,
    where: Where = None,
    accounts: Accounts = None,
    per_minute: PerMinute = None,
    dry_run: DryRun = False,
    yes: Yes = False,
    detach: Detach = False,
    who: o.As = None,
    as_json: o.AsJson = False,
    utc: o.InUtc = False,
) -> None:
    """End the holds of accounts now."""
    way = Way(segment, where, accounts, per_minute, dry_run, yes, detach)
    _work(Wish(Kind.RELEASE, reason), way, Look(as_json, utc, who))


# ── the way


def _work(wish: Wish, way: Way, look: Look) -> None:
    whom = way.whom()
    work(lambda desk: _change(desk, wish, whom, way), look)


async def _change(desk: Desk, wish: Wish, whom: Whom, way: Way) -> None:
    viewer = await desk.viewer()
    bulk = await bulk_of(viewer, wish)
    drawn = await _asked(desk, bulk, whom)
    if way.dry_run:
        _show(desk, drawn)
        if desk.look.as_json:
            desk.screen.data({"dry_run": True, **drawn.preview.data()})
        return
    if drawn.preview.changes:
        _confirm(desk, drawn, way.yes)
    actor, changes = desk.actor, await desk.changes()
    made = await begin(viewer, changes, bulk, drawn, actor, way.per_minute)
    if not desk.look.as_json:
        desk.screen.say(f"{made.name} is on its way: lifecycle admin changes show {made.name}")
    if await follow(desk, made.name, way.detach):
        raise Problems


async def _asked(desk: Desk, bulk: Bulk, whom: Whom) -> Drawn:
    with progress(not desk.look.as_json) as bar:
        return await preview(
            await desk.viewer(), bulk, whom, step(bar, "Asking the accounts", None, "accounts")
        )


def _show(desk: Desk, drawn: Drawn) -> None:
    if not desk.look.as_json:
        say_preview(desk, drawn.preview)


def _confirm(desk: Desk, drawn: Drawn, yes: bool) -> None:
    """The preview first; a person at a terminal types the number, a program says --yes."""
    _show(desk, drawn)
    number = drawn.preview.changes
    if yes:
        return
    if desk.look.as_json or not sys.stdin.isatty():
        said = f"{count(number, 'account')} would change."
        raise Refusal("not_confirmed", said, "Give --yes to change them, --dry-run to look only.")
    desk.screen.say()
    typed = typer.prompt(
        f"Type {number} to change {count(number, 'account')}", default="", show_default=False
    )
    if typed.strip().replace(",", "") != str(number):
        desk.screen.say("Nothing was changed.")
        raise typer.Exit(1)
