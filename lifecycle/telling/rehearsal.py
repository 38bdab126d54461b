"""A rehearsal told: what a draft would have done, in numbers and account by account. One answer for every door (N2)."""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from datetime import date, datetime, timedelta
from enum import StrEnum
from typing import Final

from lifecycle.core.codec import from_data
from lifecycle.core.model import Book
from lifecycle.core.parting import Compared, DateApart
from lifecycle.core.trail import Sort
from lifecycle.rehearsing.keeping import parts_kept
from lifecycle.rehearsing.proposing import with_parts
from lifecycle.rehearsing.totals import Load, Pair, Sums, WayGone
from lifecycle.store.rehearsal_tables import RehearsalAccountRow, RehearsalRow, RehearsalStatus
from lifecycle.store.rehearsals import is_going

from .effects import person
from .phrases import count, days, short_day
from .rehearsal_words import why_words
from .viewer import Viewer

MINUS = "−"


class Standing(StrEnum):
    """How it stands with a rehearsal."""

    RUNNING = "running"
    DONE = "done"
    FAILED = "failed"
    INTERRUPTED = "interrupted"


@dataclass(frozen=True, slots=True)
class OwnerLoad:
    """CTAs opened for somebody over the weeks looked at."""

    owner: str
    live: int
    draft: int


@dataclass(frozen=True, slots=True)
class TeamLoad:
    """CTAs for each person and week, over the last `weeks` whole weeks; `most` has the greatest change."""

    weeks: int
    live: float
    draft: float
    most: OwnerLoad | None
    owners: list[OwnerLoad]


@dataclass(frozen=True, slots=True)
class PartChanged:
    """A draft by its parts: what changes in which lifecycle or shared part, from which version to which."""

    kind: str
    id: str
    title: str
    live: int
    draft: int


@dataclass(frozen=True, slots=True)
class Told:
    """A rehearsal. `seconds` it took, or takes so far; `sums` only of one that is done."""

    id: str
    digest: str
    standing: Standing
    parts: list[PartChanged]
    actor: str
    door: str
    asked: str
    since: datetime | None
    began_at: datetime
    ended_at: datetime | None
    seconds: float
    done: int
    total: int
    said: str
    sums: Sums | None
    load: TeamLoad | None


@dataclass(frozen=True, slots=True)
class Apart:
    """An account that differs. `mails` and `ctas` are more (or fewer) by the draft; `why` the first point, in words."""

    account: str
    name: str
    csm: str
    stages: dict[str, tuple[str | None, str | None]]
    dates: list[DateApart]
    mails: int
    ctas: int
    why: str
    compared: Compared


@dataclass(frozen=True, slots=True)
class Books:
    """The two books of a rehearsal, for their words."""

    live: Book
    draft: Book

    def label(self, lifecycle: str, stage: str | None) -> str:
        """What people call a stage, in the draft or else in what is live."""
        for book in (self.draft, self.live):
            found = book.lifecycles.get(lifecycle)
            if found and (known := found.stage(stage)):
                return known.label
        return stage or "None"

    def colour(self, lifecycle: str, stage: str | None) -> str:
        """Its colour; grey where it is known no more."""
        for book in (self.draft, self.live):
            found = book.lifecycles.get(lifecycle)
            if found and (known := found.stage(stage)):
                return known.colour
        return "grey"


def books_of(row: RehearsalRow, live: Book) -> Books:
    """What is live now, and the draft as it was rehearsed."""
    return Books(live, with_parts(live, parts_kept(row)))


def told(row: RehearsalRow, live: Book, now: datetime) -> Told:
    """The rehearsal as data; `now` is the wall clock."""
    books = books_of(row, live)
    sums = from_data(Sums, row.totals) if row.totals is not None else None
    return Told(
        row.id,
        row.digest,
        standing_of(row, now),
        _parts(row, books),
        row.actor,
        row.door,
        row.asked,
        row.since,
        row.began_at,
        row.ended_at,
        ((row.ended_at or row.seen_at) - row.began_at).total_seconds(),
        row.done,
        row.total,
        row.said,
        sums,
        team_load(sums, row, books.live) if sums else None,
    )


def standing_of(row: RehearsalRow, now: datetime) -> Standing:
    """Running is who was seen just now; who was not, has been interrupted."""
    if row.status is RehearsalStatus.RUNNING:
        return Standing.RUNNING if is_going(row, now) else Standing.INTERRUPTED
    return Standing(row.status.value)


def _parts(row: RehearsalRow, books: Books) -> list[PartChanged]:
    found = []
    for part in parts_kept(row):
        live, draft = (book.lifecycles.get(part.id) for book in (books.live, books.draft))
        title = (draft or live).title if draft or live else part.id.capitalize()  # type: ignore[union-attr]
        found.append(
            PartChanged(part.kind.value, part.id, title, live.version if live else 0, part.version)
        )
    return found


def team_load(sums: Sums, row: RehearsalRow, book: Book) -> TeamLoad:
    """The load over the weeks that were looked at: for each person and week in which anybody had a CTA at all."""
    weeks = _weeks(sums.load, row)
    live, draft = (Counter[str]() for _ in range(2))
    for one in sums.load:
        live[one.owner] += one.live
        draft[one.owner] += one.draft
    names = sorted({*live, *draft})
    owners = [OwnerLoad(person(name, book), live[name], draft[name]) for name in names]
    changed = [one for one in owners if one.live != one.draft]
    most = max(changed, key=lambda one: (abs(one.draft - one.live), one.owner), default=None)
    shares = max(1, len(owners) * weeks)
    return TeamLoad(weeks, live.total() / shares, draft.total() / shares, most, owners)


def _weeks(load: Sequence[Load], row: RehearsalRow) -> int:
    """From the first week with a CTA to the last whole one."""
    if not load:
        return 1
    today = row.began_at.date()
    first = min(one.week for one in load)
    return max(1, (today - timedelta(days=today.weekday()) - first).days // 7)


# ── accounts


def apart(row: RehearsalAccountRow, books: Books, viewer: Viewer) -> Apart:
    """One account that differs."""
    compared = from_data(Compared, row.compared)
    return Apart(
        row.account,
        row.name,
        row.csm,
        compared.stages,
        list(compared.dates),
        more(compared, Sort.MAIL),
        more(compared, Sort.CTA),
        why_words(compared, books.live, books.draft, viewer),
        compared,
    )


def more(compared: Compared, sort: Sort) -> int:
    """How many more the draft has; below 0: fewer."""
    live, draft = compared.counts.get(sort, (0, 0))
    return draft - live


# ── words


@dataclass(frozen=True, slots=True)
class Figure:
    """A number of the summary, what it is of, and what stands beside it. `number` is without a sign."""

    number: int
    what: str
    beside: str


def figures(told: Told) -> list[Figure]:
    """The summary strip of one that is done."""
    sums = told.sums
    assert sums is not None
    stage = sums.differing.get("stage", 0)
    return [
        Figure(
            stage,
            f"{'account' if stage == 1 else 'accounts'} in another stage today",
            f"of {sums.accounts:,}",
        ),
        _changed(sums, Sort.MAIL, "e-mail", "e-mails"),
        _ctas(sums),
        Figure(sums.dates, "date differs" if sums.dates == 1 else "dates differ", _furthest(sums)),
        Figure(
            sums.same,
            "account the same" if sums.same == 1 else "accounts the same",
            "stage, dates, e-mails, CTAs",
        ),
    ]


def pair_of(sums: Sums, sort: Sort) -> Pair:
    """How many of a sort, live and by the draft."""
    return sums.counts.get(sort.value, (0, 0))


def _changed(sums: Sums, sort: Sort, one: str, many: str) -> Figure:
    live, draft = pair_of(sums, sort)
    apart_by = abs(draft - live)
    if not apart_by:
        return Figure(0, f"{many} more or fewer", f"{live:,} as before")
    way = "fewer" if draft < live else "more"
    what = f"{way} {one if apart_by == 1 else many}"
    return Figure(apart_by, what, f"{draft:,} instead of {live:,}")


def _ctas(sums: Sums) -> Figure:
    found = _changed(sums, Sort.CTA, "CTA", "CTAs")
    live, draft = sums.recent_ctas
    if not found.number or live == draft:
        return found
    recent = abs(draft - live)
    way = "fewer" if draft < live else "more"
    return Figure(found.number, found.what, f"{recent:,} {way} in the last 30 days")


def _furthest(sums: Sums) -> str:
    """`by 5 days at most`, and how many only one life has."""
    alone = f"{sums.dates_alone:,} in one of them only" if sums.dates_alone else ""
    by = f"by {_apart_words(sums.furthest)} at most" if sums.furthest else ""
    return "; ".join(said for said in (by, alone) if said) or "none"


def _apart_words(seconds: float) -> str:
    whole = round(seconds / 86_400)
    return days(whole) if whole else count(max(1, round(seconds / 3_600)), "hour")


def headline(told: Told, title: str) -> str:
    """What was run, over what, and that nothing came of it."""
    sums = told.sums
    assert sums is not None
    since = f" since {short_day(told.since.date(), date.min)}" if told.since else ""
    over = f"every recorded input of {count(sums.accounts, 'account')}{since}"
    took = f"{count(sums.inputs, 'input')}, {seconds_words(told.seconds)}"
    return f"{title} was run over {over}: {took}. Nothing was sent or moved."


def seconds_words(seconds: float) -> str:
    """`41 seconds`, `3 minutes`."""
    whole = max(1, round(seconds))
    return count(whole, "second") if whole < 120 else count(round(whole / 60), "minute")


def draft_words(told: Told) -> str:
    """`Draft 8`; of a change in place `The draft`."""
    lifecycles = [part for part in told.parts if part.kind == "lifecycle"]
    if len(told.parts) == 1 and lifecycles and lifecycles[0].draft != lifecycles[0].live:
        return f"Draft {lifecycles[0].draft}"
    return "The draft"


def notes(told: Told) -> Iterator[str]:
    """What else is to be known."""
    sums = told.sums
    assert sums is not None
    if sums.elsewhere:
        who = count(sums.elsewhere, "account stands", "accounts stand")
        yield (
            f"{who} elsewhere today than what is live alone would have put them: they ran older versions."
            " Here both sides are what is live, and the draft, from the beginning."
        )
    names = {Sort.CALL: "webhook", Sort.LATE: "time late", Sort.STUCK: "time stuck"}
    for sort, noun in {**names, Sort.REFUSED: "refusal"}.items():
        live, draft = pair_of(sums, sort)
        if live != draft:
            plural = noun.replace("time", "times", 1) if noun.startswith("time") else f"{noun}s"
            yield f"{count(draft, noun, plural)} instead of {live:,}."


SHOWN: Final = 0.1
"""Less of a CTA for each person and week is told as less than that: two in a quarter are not 0.0."""


def load_words(load: TeamLoad) -> str:
    """CTAs for each person and week, and who feels it most."""
    if not load.live and not load.draft:
        return "No CTA opened in the whole weeks looked at."
    if load.live == load.draft and load.most is None:
        stay = f"at {load.live:.1f}" if load.live >= SHOWN else f"below {SHOWN}"
        return f"CTAs per person and week stay {stay}."
    said = f"CTAs per person and week go from {load.live:.1f} to {load.draft:.1f}."
    if load.most is not None:
        said += f" The most for one person: {load.most.owner}, {signed(load.most.draft - load.most.live)}."
    return said


def signed(number: int) -> str:
    """`+2`, `−1`, `0`."""
    return f"+{number:,}" if number > 0 else f"{MINUS}{-number:,}" if number else "0"


def way_words(way: WayGone, books: Books) -> tuple[str, str]:
    """The stages it leads from and to."""
    return books.label(way.lifecycle, way.live), books.label(way.lifecycle, way.draft)


def brief(told: Told, viewer: Viewer) -> str:
    """One line, for the one who is about to publish: `Rehearsed today at 09:26: 12 accounts in another stage, …`."""
    sums, at = told.sums, told.began_at.astimezone(viewer.zone)
    assert sums is not None
    today = viewer.now.astimezone(viewer.zone).date()
    day = "today" if at.date() == today else f"on {short_day(at.date(), today)}"
    stage, mails, ctas, dates, _ = figures(told)
    said = [
        f"{count(stage.number, 'account')} in another stage",
        *(f"{one.number:,} {one.what}" for one in (mails, ctas) if one.number),
        *([f"{dates.number:,} {dates.what}"] if dates.number else []),
    ]
    return f"Rehearsed {day} at {at:%H:%M}: {', '.join(said)}."
