"""Publications as data and in words: how far each is, what was promised and what happened (N7, R24)."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import datetime, tzinfo
from typing import Any, Final

from lifecycle.contract import PublicationProgress
from lifecycle.core.promise import KINDS, Step
from lifecycle.core.refusal import Refusal
from lifecycle.core.share import ALL
from lifecycle.definition import Problem
from lifecycle.handing_out import progress_of
from lifecycle.publication_orders import orders_for
from lifecycle.store import publications
from lifecycle.store.accounts import names_of
from lifecycle.store.change_sets import change_row
from lifecycle.store.definitions import current_book
from lifecycle.store.engine import Store
from lifecycle.store.publication_tables import (
    PublicationAccountRow,
    PublicationRow,
    PublicationStatus,
    Verdict,
)
from lifecycle.watching import steps_from

from .changes import untouched_words
from .pace import pace_lines
from .phrases import count, moment
from .viewer import Viewer

S = PublicationStatus
FIGURES: Final = {
    "moves": "Moves",
    "mails": "E-mails",
    "calls": "Calls",
    "ctas": "CTAs opened",
    "late": "Late",
    "stuck": "Stuck",
    "refusals": "Refused",
}
UNTOLD: Final = (S.STOPPED, S.ROLLING_BACK, S.ROLLED_BACK)
"""Where accounts that were not told stay as they are."""
VERDICTS: Final = {
    Verdict.AS_PROMISED: "As promised",
    Verdict.AS_FOLDED: "As promised, with what happened since",
    Verdict.PARTED: "Otherwise than promised",
    Verdict.FAILED: "Failed",
    Verdict.WAITING: "Not told yet",
}
PROOFS: Final = {
    "unreachable": "Every stage can be reached",
    "dead_end": "No stage is a dead end",
    "chase": "No two automations chase each other",
    "disabled_stage": "No automation leads into a disabled stage",
    "timer_at_end": "No timer stands in an end stage",
}
"""What is proven of a lifecycle before it is published, by the code of the problem."""


@dataclass(frozen=True, slots=True)
class Figure:
    """How often something was promised and how often it happened, in the accounts that took the version over."""

    kind: str
    name: str
    promised: int
    happened: int


@dataclass(frozen=True, slots=True)
class View:
    """A publication, and where it stands."""

    row: PublicationRow
    progress: PublicationProgress
    figures: list[Figure]
    orders: list[str]

    @property
    def tried(self) -> int:
        """How many accounts its share holds."""
        return sum(self.progress.verdicts.values())

    @property
    def counted(self) -> list[Figure]:
        """Its figures, without those of which nothing was promised and nothing happened."""
        return [one for one in self.figures if one.promised or one.happened]

    @property
    def waiting(self) -> int:
        """How many accounts are not told yet."""
        return self.progress.items.get("waiting", 0)

    @property
    def told(self) -> int:
        """How many accounts are through with its command."""
        return self.progress.total - self.waiting


async def publication_named(store: Store, name: str) -> View:
    """One publication. Raises `Refusal` `unknown_publication`."""
    return await _view(store, await publications.publication_row(store, name))


async def all_publications(store: Store, limit: int = 50, lifecycle: str = "") -> list[View]:
    """The latest first."""
    rows = await publications.list_publications(store, limit, lifecycle)
    return [await _view(store, row) for row in rows]


async def _view(store: Store, row: PublicationRow) -> View:
    progress = await progress_of(store, row)
    figures = [
        Figure(kind, FIGURES[kind], *progress.figures[kind])
        for kind in KINDS
        if kind in progress.figures
    ]
    return View(row, progress, figures, orders_for(row))


def data_of(view: View) -> dict[str, Any]:
    """A publication, for programs."""
    row, progress = view.row, view.progress
    kept = row.model_dump(exclude={"parts", "book", "figures", "watch"})
    return {
        **kept,
        "watch_hours": row.watch / 3600,
        "change_set": row.change_set,
        "parts": [
            {"kind": kind, "id": name, "version": version, "edition": edition}
            for kind, name, version, edition in row.parts
        ],
        "told": progress.total and view.told,
        "left": progress.left,
        "accounts": progress.total,
        "items": progress.items,
        "verdicts": progress.verdicts,
        "figures": {
            one.kind: {"promised": one.promised, "happened": one.happened} for one in view.figures
        },
        "orders": view.orders,
    }


# ── words


def standing_words(view: View, zone: tzinfo) -> str:
    """Where it stands, in a sentence."""
    row, progress = view.row, view.progress
    if row.status is S.TRYING:
        verb = "is" if view.tried == 1 else "are"
        return f"{_share_words(view)} {verb} taking it over."
    if row.status is S.WATCHING:
        return (
            f"{_share_words(view)} {'runs' if view.tried == 1 else 'run'} it. It is watched until"
            f" {moment(row.watch_until, zone)}, then all get it."
        )
    if row.status is S.STOPPED:
        return (
            "It has stopped. The accounts that run it keep it until somebody rolls it on or back."
        )
    if row.status is S.ROLLING_ON:
        return f"All accounts are being told: {progress.left:,} are left."
    if row.status is S.ROLLING_BACK:
        return f"Version {row.before} is being brought back: {progress.left:,} are left."
    if row.status is S.ROLLED_BACK:
        return f"Version {row.before} was brought back {_on(row.finished_at, zone)}."
    return f"All accounts were told {_on(row.finished_at, zone)}."


def _share_words(view: View) -> str:
    """Few accounts are seldom just so many percent: their ids decide, one by one."""
    total = view.progress.total
    chosen = (
        f"{view.tried:,} of {count(total, 'account')}" if total else count(view.tried, "account")
    )
    return f"{view.row.share} % are chosen by their ids: {chosen}"


def _on(at: datetime | None, zone: tzinfo) -> str:
    return f"on {moment(at, zone)}" if at else "already"


def outcome_words(view: View) -> str:
    """What came of the commands: `38 done, 1 kept, 1 failed`."""
    items = dict(view.progress.items)
    left = items.pop("waiting", 0)
    found = [f"{number:,} {status}" for status, number in items.items() if number]
    if left:
        is_left = view.row.status in UNTOLD
        found.append(f"{left:,} {untouched_words(left) if is_left else 'waiting'}")
    return ", ".join(found) or "no account"


def promise_words(view: View) -> str:
    """How the accounts of the share live, in a sentence; empty where none was promised anything."""
    verdicts = view.progress.verdicts
    if not verdicts or view.row.looked_at is None:
        return ""
    good = verdicts.get(Verdict.AS_PROMISED, 0) + verdicts.get(Verdict.AS_FOLDED, 0)
    bad = verdicts.get(Verdict.PARTED, 0) + verdicts.get(Verdict.FAILED, 0)
    told = good + bad
    if not told:
        return "How they live is looked at every hour, and when you ask."
    if not bad:
        whole = f"All {told:,} accounts of the share live as promised."
        return whole if told > 1 else "The account of the share lives as promised."
    return f"{good:,} of {told:,} accounts of the share live as promised; {bad:,} do not."


def proofs_words(problems: list[Problem], file: str = "") -> str:
    """`5 checks pass`, with what does not: static proof before publishing (N7)."""
    codes = {one.code for one in problems if not file or one.file == file}
    passed = [said for code, said in PROOFS.items() if code not in codes]
    return f"{count(len(passed), 'check')} {'passes' if len(passed) == 1 else 'pass'}"


# ── before an order


def what_roll_on_does(view: View) -> list[tuple[str, str]]:
    """A sign and a sentence for each thing that rolling on would do."""
    left = view.waiting
    told = f"{count(left, 'account')} more {'is' if left == 1 else 'are'} told."
    lines = [("play", told if left else "Every account was told already.")]
    if view.row.lifecycle:
        lines.append(("flag", f"New accounts begin with version {view.row.version}."))
        lines.append(("undo", f"Version {view.row.before} can still be brought back."))
    return lines


async def how_long(
    store: Store, row: PublicationRow, number: int, faster: str
) -> list[tuple[str, str]]:
    """How long telling so many accounts takes; `faster` gives its change-set another pace."""
    try:
        per_minute = (await change_row(store, row.change_set)).per_minute
    except Refusal:
        per_minute = row.per_minute
    return pace_lines(per_minute, number, faster)


# ── account by account


@dataclass(frozen=True, slots=True)
class Lived:
    """An account of the share: its verdict with the reason, and what happened to it."""

    account: str
    name: str
    verdict: Verdict
    why: str
    expected: list[str]
    happened: list[str]

    @property
    def words(self) -> str:
        """The verdict."""
        return VERDICTS[self.verdict]


async def lives(
    viewer: Viewer, name: str, verdict: Verdict | None = None, after: str = "", limit: int = 50
) -> list[Lived]:
    """Accounts of the share by id, from `after` on."""
    rows = await publications.accounts_of(viewer.store, name, verdict, after, limit)
    book, _ = await current_book(viewer.store)
    titles = {one.id: one.title for one in book.lifecycles.values()}
    labels = {
        (one.id, stage.id): stage.label for one in book.lifecycles.values() for stage in one.stages
    }

    def said(step: Step) -> str:
        return _step(step, titles, labels, viewer.zone)

    names = await names_of(viewer.store, [row.account for row in rows])
    return [_lived(row, names.get(row.account) or row.account, said) for row in rows]


def _lived(row: PublicationAccountRow, name: str, said: Any) -> Lived:
    """Before anything happened, what was promised is expected."""
    awaited = row.expected if row.adopted is not None else row.promised
    expected, happened = (
        [said(step) for step in steps_from(data)] for data in (awaited, row.happened)
    )
    return Lived(row.account, name, row.verdict, row.why, expected, happened)


def _step(
    step: Step, titles: dict[str, str], labels: dict[tuple[str, str], str], zone: tzinfo
) -> str:
    when = moment(step.at, zone)
    title = titles.get(step.lifecycle, step.lifecycle)
    if step.kind == "moves":
        ends = [labels.get((step.lifecycle, one), one) for one in (step.left, step.what)]
        return f"{title}: {' → '.join(ends)}, {when}"
    names = {"mails": "E-mail", "calls": "Call", "ctas": "CTA", "refusals": "Refused"}
    if step.kind in names:
        return f"{names[step.kind]} “{step.what}”, {when}"
    return f"{title}: {step.kind}, {when}"


async def accounts_in_shares(
    store: Store, lifecycle: str, version: int, shares: tuple[int, ...]
) -> dict[int, int]:
    """How many accounts each share of a version would hold."""
    everybody = await publications.all_accounts(store)
    return {
        share: sum(1 for _ in publications.among(everybody, lifecycle, version, share))
        if share < ALL
        else len(everybody)
        for share in shares
    }
