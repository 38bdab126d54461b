"""`verify`: what is stored counted again from what was recorded (N9, N10)."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from enum import StrEnum
from pathlib import Path
from typing import Annotated, Any, Final
from uuid import uuid4

import typer
from rich.text import Text

from lifecycle.core.refusal import Refusal
from lifecycle.store import verifications
from lifecycle.store.verifications import Asked
from lifecycle.telling.phrases import count
from lifecycle.telling.verifying import (
    TO_DO,
    Verification,
    data_of,
    difference_of,
    planned_data,
    planned_words,
    summary,
    tellings,
    verification_of,
)
from lifecycle.verifying.difference import Difference, Kind
from lifecycle.verifying.drift import drifted
from lifecycle.verifying.heads import compare_heads, note_heads
from lifecycle.verifying.keeping import keep, looked
from lifecycle.verifying.mending import mend
from lifecycle.verifying.page import Verified, here
from lifecycle.verifying.repairing import Repaired
from lifecycle.verifying.whole import how_many, pages, verify_all

from . import completing
from . import options as o
from .accounts import find
from .desk import Desk, Look, wall_clock, work
from .manners import Polite, Problems
from .progress import progress, step
from .screen import columns
from .verify_crm import CrmSide

SHOWN: Final = 20


class Trust(StrEnum):
    """Whose values hold."""

    CRM = "crm"
    US = "us"


@dataclass(frozen=True, slots=True)
class Wanted:
    """What was asked for."""

    repair: bool = False
    workflows: bool = False
    heads: Path | None = None
    processes: int | None = None
    against: Path | None = None
    trust: Trust | None = None
    tell: Path | None = None
    yes: bool = False

    def check(self) -> None:
        """Raises `BadParameter` for options that do not go together."""
        if self.against is None and (self.trust or self.tell):
            raise typer.BadParameter("It is of use with --against FILE.", param_hint="--trust")
        if self.against is not None and self.repair and self.trust is None:
            raise typer.BadParameter(
                "Who is right? Say --trust crm or --trust us.", param_hint="--repair"
            )
        if self.yes and not (self.repair and self.trust is Trust.CRM):
            raise typer.BadParameter("It is of use with --repair --trust crm.", param_hint="--yes")


class OrAccounts(Polite):
    """`verify A1` is `verify accounts A1`: what is no command of its own is an account."""

    def parse_args(self, ctx: Any, args: list[str]) -> list[str]:
        """Name the command that was meant."""
        if args[:1] != ["--help"] and (not args or args[0] not in self.commands):
            args = ["accounts", *args]
        return super().parse_args(ctx, args)


app: Final = typer.Typer(
    name="verify",
    cls=OrAccounts,
    help="Count what is stored again from what was recorded: states, decisions, the hash chain."
    " Without a command: `verify accounts`.",
)

Accounts = Annotated[
    list[str] | None,
    typer.Argument(
        metavar="[ACCOUNT]...",
        help="Their ids or names. Default: all.",
        autocompletion=completing.accounts,
        show_default=False,
    ),
]
Repair = Annotated[
    bool, typer.Option("--repair", help="Put right what differs, where the journal holds.")
]
Workflows = Annotated[
    bool, typer.Option("--workflows", help="Compare what runs with what is stored, too.")
]
Heads = Annotated[
    Path | None,
    typer.Option(
        "--heads",
        metavar="FILE",
        help="Compare the journals with the heads noted in this file; where nothing differs, note the present ones.",
        dir_okay=False,
        show_default=False,
    ),
]
Sheet = Annotated[
    Path | None,
    typer.Option(
        "--against",
        metavar="FILE.csv|.xlsx",
        help="Compare with the CRM's values: columns named as for `import accounts`.",
        exists=True,
        dir_okay=False,
        show_default=False,
    ),
]
Trusted = Annotated[
    Trust | None,
    typer.Option(
        "--trust",
        help="Who is right, with --against and --repair: crm sets our fields and stages as one change that can be"
        " undone; us writes a sheet of what the CRM is to be told.",
        show_default=False,
    ),
]
Tell = Annotated[
    Path | None,
    typer.Option(
        "--tell",
        metavar="FILE.csv",
        help="Where that sheet goes. Default: beside the CRM's, ending in .ours.csv.",
        dir_okay=False,
        show_default=False,
    ),
]
Yes = Annotated[bool, typer.Option("--yes", help="Do not ask; set the CRM's values.")]
Processes = Annotated[
    int | None,
    typer.Option(min=1, help="At most so many at once. Default: one a core.", show_default=False),
]


@app.callback()
def _options() -> None:
    """Count what is stored again from what was recorded."""


@app.command("accounts")
def accounts(  # noqa: PLR0913, PLR0917 - one parameter per option
    named: Accounts = None,
    repair: Repair = False,
    workflows: Workflows = False,
    heads: Heads = None,
    against: Sheet = None,
    trust: Trusted = None,
    tell: Tell = None,
    yes: Yes = False,
    processes: Processes = None,
    who: o.As = None,
    as_json: o.AsJson = False,
    utc: o.InUtc = False,
) -> None:
    """Verify accounts; without names all. Exit status 1 where something differs."""
    wanted = Wanted(repair, workflows, heads, processes, against, trust, tell, yes)
    wanted.check()
    work(lambda desk: _Verify(desk, wanted).run(named), Look(as_json, utc, who))


class _Verify:
    """One verification at a desk."""

    def __init__(self, desk: Desk, wanted: Wanted) -> None:
        self.desk, self.wanted = desk, wanted
        self.more: list[Difference] = []
        self.repaired: list[Repaired] = []
        self.refused: list[Refusal] = []
        self.crm: CrmSide | None = None

    async def run(self, texts: list[str] | None) -> None:
        """Look, repair where that is wanted, keep it, tell it."""
        store, wanted, begun = await self.desk.store(), self.wanted, wall_clock()
        named = [(await find(self.desk, text)).account for text in texts] if texts else None
        found = await self._verified(named)
        if wanted.workflows:
            await self._drift(named)
        if wanted.heads is not None and wanted.heads.exists():
            self.more += await compare_heads(store, wanted.heads)
        if wanted.against is not None:
            self.crm = CrmSide(self.desk, wanted.against, wanted.workflows)
            self.more += await self.crm.compare(named)
            if wanted.repair and wanted.trust is Trust.CRM:
                self.crm.confirm(wanted.yes)
        if wanted.repair:
            await self._mend(found)
        sheet = wanted.against.name if wanted.against else ""
        asked = Asked(f"command/{uuid4()}", self.desk.actor, named, wanted.workflows, sheet)
        kept = looked(found, "all", self.more, self.repaired)
        verification = verification_of(await keep(store, asked, begun, wall_clock(), kept))
        noted = None
        if wanted.heads is not None and not verification.count:
            noted = await note_heads(store, wanted.heads)
        self._show(verification, noted, found.never_began)

    async def _verified(self, named: list[str] | None) -> Verified:
        store = await self.desk.store()
        total = len(named) if named is not None else await how_many(store)
        with progress(not self.desk.look.as_json) as bar:
            on = step(bar, "Verifying", total, "accounts")
            return await verify_all(store, named, on, self.wanted.processes)

    async def _drift(self, named: Sequence[str] | None) -> None:
        store, client = await self.desk.store(), await self.desk.client()
        with progress(not self.desk.look.as_json) as bar:
            on = step(bar, "Comparing what runs", None, "accounts")
            async for page in pages(store, named):
                self.more += await drifted(store, client, page)
                on(len(page))

    # ── repair

    async def _mend(self, found: Verified) -> None:
        """Account by account; what cannot be repaired is told, and the others are."""
        drift = {one.account for one in self.more if one.kind is Kind.WORKFLOW}
        for account in dict.fromkeys([*found.wrong, *sorted(drift)]):
            client = self.desk.client if self.wanted.workflows else None
            store, now = await self.desk.store(), wall_clock()
            try:
                row = await mend(store, client, account, self.desk.actor, now, here)
            except Refusal as refusal:
                self.refused.append(refusal)
            else:
                self.repaired.append(
                    Repaired(account, [difference_of(one) for one in row.repaired])
                )
        mended = {one.account for one in self.repaired}
        found.count -= sum(one.account in mended for one in found.differences)
        found.differences = [one for one in found.differences if one.account not in mended]
        right = {Kind.WORKFLOW, Kind.HEAD}
        self.more = [o for o in self.more if o.account not in mended or o.kind not in right]
        if self.crm is not None:
            await self._settle(self.crm)

    async def _settle(self, crm: CrmSide) -> None:
        if self.wanted.trust is Trust.US:
            crm.tell(self.wanted.tell)
        elif await crm.bring_in():
            self.more = [one for one in self.more if one.kind is not Kind.CRM]
            self.more += crm.left

    # ── the answer

    def _show(self, verification: Verification, noted: int | None, never_began: int) -> None:
        if self.desk.look.as_json:
            told = [{"code": one.code, "what": one.what} for one in self.refused]
            crm = self.crm.data() if self.crm else None
            more = {"not_repaired": told, "heads_noted": noted, "crm": crm}
            more["never_began"] = never_began
            self.desk.screen.data({**data_of(verification), **more})
        else:
            if never_began:
                self.desk.screen.say(_refused_only(never_began))
            show(self.desk, verification, self.wanted.trust is not None)
            for refusal in self.refused:
                self.desk.screen.say(Text(str(refusal), style="red"))
            if noted is not None:
                self.desk.screen.say(f"{count(noted, 'head')} noted in {self.wanted.heads}.")
            if self.crm is not None:
                self.crm.show()
            if self.wanted.trust and not self.wanted.repair:
                self.desk.screen.say("Nothing was changed. Give --repair, too.")
        if verification.count:
            raise Problems


def _refused_only(number: int) -> str:
    ids = count(number, "id was only refused", "ids were only refused")
    return f"{ids} and never began as an account; what was recorded of that is verified, too."


def show(desk: Desk, verification: Verification, is_settled: bool = False) -> None:
    """A verification in words: how many, and the first differences with their places.

    With `is_settled` it was said who is right, the CRM or we.
    """
    style = "red" if verification.count else "green"
    desk.screen.say(Text(summary(verification), style=style))
    if verification.differences:
        table = columns("Account", "Where", "Stored", "Should be", keep=["Account"])
        for one in tellings(verification.differences[:SHOWN]):
            found = one.difference
            table.add_row(found.account, one.where, found.stored, found.recomputed)
        desk.screen.table(table)
        if (more := verification.count - SHOWN) > 0:
            desk.screen.indented(f"and {count(more, 'difference')} more")
        for said in dict.fromkeys(one.to_do for one in tellings(verification.differences)):
            if not (is_settled and said == TO_DO[Kind.CRM]):
                desk.screen.say(said)
    if verification.repaired:
        _show_repaired(desk, verification.repaired)


def _show_repaired(desk: Desk, repaired: Sequence[Difference]) -> None:
    """Which accounts, and each value before and now."""
    number = len({one.account for one in repaired})
    desk.screen.say(f"{count(number, 'account was', 'accounts were')} repaired:")
    table = columns("Account", "Where", "Before", "Now", keep=["Account"])
    for one in tellings(repaired[:SHOWN]):
        found = one.difference
        table.add_row(found.account, one.where, found.stored, found.recomputed)
    desk.screen.table(table)
    if (more := len(repaired) - SHOWN) > 0:
        desk.screen.indented(f"and {count(more, 'value')} more")


@app.command("last")
def last(
    limit: Annotated[int, typer.Option(min=1, max=100, help="At most this many.")] = 10,
    as_json: o.AsJson = False,
    utc: o.InUtc = False,
) -> None:
    """The last verifications, by command, by button and by schedule; the newest with its differences."""
    work(lambda desk: _last(desk, limit), Look(as_json, utc))


async def _last(desk: Desk, limit: int) -> None:
    rows = await verifications.verifications(await desk.store(), limit)
    found = [verification_of(row) for row in rows]
    if desk.look.as_json:
        desk.screen.data({"verifications": [data_of(one) for one in found]})
        return
    if not found:
        desk.screen.say("Nothing was verified yet.")
        return
    right = ["Accounts", "Differences"]
    table = columns("When", "Who", "What", *right, "", right=right)
    for one in found:
        numbers = f"{one.accounts:,}", f"{one.count:,}"
        table.add_row(desk.moment(one.started_at), one.actor, one.what, *numbers, one.status)
    desk.screen.table(table, by=0)
    if found[0].count:
        desk.screen.say()
        show(desk, found[0])


class Switch(StrEnum):
    """What may be done with the schedule."""

    SHOW = "show"
    ON = "on"
    OFF = "off"


@app.command("schedule")
def schedule(
    switch: Annotated[
        Switch, typer.Argument(help="Pause it, let it go on, or look.")
    ] = Switch.SHOW,
    who: o.As = None,
    as_json: o.AsJson = False,
    utc: o.InUtc = False,
) -> None:
    """The schedule of verifications: how often, when next, and whether it is on."""
    work(lambda desk: _schedule(desk, switch), Look(as_json, utc, who))


async def _schedule(desk: Desk, switch: Switch) -> None:
    from lifecycle.connection import connect
    from lifecycle.scheduling import NOT_SET, Verifications

    door = Verifications(await connect(desk.settings), desk.settings)
    if switch is Switch.SHOW:
        found = await door.schedule()
    else:
        found = await door.switch(switch is Switch.ON, desk.actor)
    if found is None:
        raise NOT_SET
    if desk.look.as_json:
        desk.screen.data(planned_data(found))
    else:
        desk.screen.say(planned_words(found, desk.zone))
