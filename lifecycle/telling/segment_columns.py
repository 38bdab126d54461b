"""The columns of a segment's table: fields, stages with the days in them, and what it is sorted by."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from dataclasses import dataclass
from datetime import datetime, timedelta
from typing import Any, Final

from lifecycle.core import conditions as c
from lifecycle.core.clock import days_in_stage, whole_days
from lifecycle.core.model import Book, FieldDef, Lifecycle
from lifecycle.core.refusal import Refusal, did_you_mean
from lifecycle.core.state import AccountState, Track
from lifecycle.core.values import Kind, Value
from lifecycle.files.cells import Cell, field_cell
from lifecycle.store.moment import AsOf, Moment, Now
from lifecycle.store.segments import Member, Sort

from .accounts import lifecycle_named
from .audience import Audience
from .phrases import MISSING, short_day, value_words
from .reports.report import Coloured, Quiet, Words
from .viewer import Viewer

USUAL: Final = ("csm", "arr", "health", "renewal_date")
NUMBERS: Final = frozenset({Kind.MONEY, Kind.WHOLE, Kind.NUMBER})
LIGHTS: Final = frozenset({"green", "yellow", "red"})
"""Values that are the colour they name: the bands of a score."""
MARKS: Final = {"late": "yellow", "stuck": "red"}
CANCELLED: Final = "cancelled"
DAYS, SINCE, MARK, NEXT = "days", "since", "mark", "next"
LATE, STUCK = "late", "stuck"


@dataclass(frozen=True, slots=True)
class Column:
    """A column: `value` for programs (money in whole cents), `words` for people; `wide` ones need room.

    `fields` and `lifecycles` are what it is made of, `spec` the field it shows; `ahead`: what happens next is asked.
    """

    name: str
    title: str
    value: Callable[[Member], Any]
    words: Callable[[Viewer, Member], Words]
    fields: tuple[str, ...] = ()
    lifecycles: tuple[str, ...] = ()
    right: bool = False
    wide: bool = False
    spec: FieldDef | None = None
    ahead: bool = False

    def filed(self, member: Member) -> Cell:
        """What a file has: as an export, money in currency units."""
        return field_cell(self.value(member), self.spec)


def _id(_: Viewer, member: Member) -> Quiet:
    return Quiet(member.account)


ID: Final = Column("account", "Id", lambda member: member.account, _id)

# ── which


def columns_of(meant: Audience, asked: str | None) -> list[Column]:
    """Those that were asked for, or what the condition speaks of and what a CSM looks at.

    Raises `Refusal` for a name that is neither a field nor a lifecycle.
    """
    if asked is not None:
        return [_named(meant, name.strip()) for name in asked.split(",") if name.strip()]
    lifecycles, fields = mentioned(meant)
    found = [_field(meant, "name")] if "name" in meant.book.account.fields else []
    for one in lifecycles:
        found += [_stage(one), _days(one, meant.moment)]
    usual = [name for name in USUAL if name in meant.book.account.fields]
    names = [*usual, *(name for name in fields if name not in (*usual, "name"))]
    return found + [_field(meant, name, wide=name not in usual) for name in names]


def mentioned(meant: Audience) -> tuple[list[Lifecycle], list[str]]:
    """The lifecycles and the fields that the condition speaks of, through its segments too."""
    book = meant.book
    leaves = list(c.leaves(meant.condition, book.segments))
    spoken = [
        one.lifecycle for one in leaves if isinstance(one, c.InStage | c.Changed | c.Completed)
    ]
    lifecycles = [
        book.lifecycles[name] for name in dict.fromkeys(spoken) if name in book.lifecycles
    ]
    fields = dict.fromkeys(name for leaf in leaves for name in _fields_in(leaf))
    return lifecycles, [name for name in fields if name in book.account.fields]


def _fields_in(leaf: c.Leaf) -> Iterator[str]:
    for operand in (getattr(leaf, "left", None), getattr(leaf, "right", None)):
        if isinstance(operand, c.Field):
            yield operand.name


def _named(meant: Audience, name: str) -> Column:
    word, colon, of = name.partition(":")
    if colon and word in (DAYS, SINCE, MARK):
        return _of_lifecycle(word, lifecycle_named(meant.book, of), meant.moment)
    if name == NEXT and NEXT not in meant.book.account.fields:
        return _next(meant.book, meant.moment)
    if name in meant.book.lifecycles:
        return _stage(meant.book.lifecycles[name])
    if name in meant.book.account.fields:
        return _field(meant, name)
    raise _unknown(meant, "column", name)


def _of_lifecycle(word: str, lifecycle: Lifecycle, moment: Moment) -> Column:
    if word == MARK:
        return _mark(lifecycle)
    return _days(lifecycle, moment) if word == DAYS else _since(lifecycle)


def _unknown(meant: Audience, what: str, name: str) -> Refusal:
    known = [*meant.book.account.fields, *meant.book.lifecycles]
    said = f"There is no field or lifecycle {name!r}."
    return Refusal(f"unknown_{what}", said, did_you_mean(name, known), what)


def sort_of(meant: Audience, asked: str | None) -> Sort:
    """What was asked, else by name. Raises `Refusal`."""
    text = asked or ("name" if "name" in meant.book.account.fields else "id")
    down, name = text.startswith("-"), text.removeprefix("-")
    word, _, of = name.partition(":")
    if word == DAYS:
        return Sort(name, down, _counted(meant, of).id)
    if name == "id":
        return Sort("id", down)
    if name not in meant.book.account.fields:
        raise _unknown(meant, "sort", name)
    return Sort(name, down, column=_COLUMN.get(meant.book.account.fields[name].kind, "folded"))


_COLUMN: Final = dict.fromkeys(NUMBERS, "number") | {Kind.DATE: "day"}
"""The column of `account_field` that orders values of a kind; texts are ordered in any case."""


def _counted(meant: Audience, named: str) -> Lifecycle:
    """The lifecycle whose days are meant: the one named, or the only one the condition speaks of."""
    if named:
        return lifecycle_named(meant.book, named)
    spoken, _ = mentioned(meant)
    if len(spoken) == 1:
        return spoken[0]
    said = "It is not clear in which lifecycle the days count."
    raise Refusal("unknown_sort", said, "Name it: --sort days:LIFECYCLE.", "sort")


# ── what stands in them


def _field(meant: Audience, name: str, wide: bool = False) -> Column:
    spec = meant.book.account.fields[name]

    def value(member: Member) -> Value:
        return _as_kind(member.fields.get(name), spec)

    def words(_: Viewer, member: Member) -> Words:
        shown = value_words(value(member), spec)
        return Coloured(shown, shown) if shown in LIGHTS else shown

    title = "Account" if name == "name" else spec.label
    right = spec.kind in NUMBERS
    return Column(name, title, value, words, (name,), right=right, wide=wide, spec=spec)


def _as_kind(value: Value, spec: FieldDef) -> Value:
    """A database keeps yes and no as numbers."""
    return bool(value) if value is not None and spec.kind is Kind.YES_NO else value


def _stage(lifecycle: Lifecycle) -> Column:
    def value(member: Member) -> Value:
        found = member.stages.get(lifecycle.id)
        return found.stage if found else None

    def words(_: Viewer, member: Member) -> Words:
        stage = lifecycle.stage(str(value(member)))
        if stage is None:
            return Quiet(str(value(member)))
        return Coloured(stage.label, stage.colour, stage.end)

    return Column(lifecycle.id, lifecycle.title, value, words, (), (lifecycle.id,))


def _days(lifecycle: Lifecycle, moment: Moment) -> Column:
    def value(member: Member) -> Value:
        return _days_of(member, lifecycle, moment)

    def words(_: Viewer, member: Member) -> str:
        days = value(member)
        return f"{days:,}" if isinstance(days, int) else MISSING

    name, of = f"{DAYS}:{lifecycle.id}", ("status",)
    return Column(name, "Days", value, words, of, (lifecycle.id,), right=True)


def _since(lifecycle: Lifecycle) -> Column:
    def value(member: Member) -> datetime | None:
        found = member.stages.get(lifecycle.id)
        return found.entered_at if found and found.stage else None

    def words(viewer: Viewer, member: Member) -> str:
        return viewer.moment(value(member))

    return Column(f"{SINCE}:{lifecycle.id}", "Since", value, words, (), (lifecycle.id,))


def _mark(lifecycle: Lifecycle) -> Column:
    def value(member: Member) -> str | None:
        """A cancelled account is neither (R25)."""
        found = member.stages.get(lifecycle.id)
        if found is None or member.fields.get("status") == CANCELLED:
            return None
        return STUCK if found.stuck else LATE if found.late else None

    def words(_: Viewer, member: Member) -> Words:
        mark = value(member)
        return Coloured(mark.capitalize(), MARKS[mark]) if mark else ""

    name = f"{MARK}:{lifecycle.id}"
    return Column(name, "Late or stuck", value, words, ("status",), (lifecycle.id,))


# ── what happens next


def _next(book: Book, moment: Moment) -> Column:
    def value(member: Member) -> datetime | None:
        if member.hold_until is not None:
            return member.hold_until
        return member.ahead.at if member.ahead else None

    def words(viewer: Viewer, member: Member) -> Words:
        at = value(member)
        if at is None:
            return MISSING
        then = moment.at if isinstance(moment, AsOf) else viewer.now
        today = then.astimezone(viewer.zone).date()
        day = short_day(at.astimezone(viewer.zone).date(), today)
        return f"{_what(book, member)} {day}"

    return Column(NEXT, "What happens next", value, words, wide=True, ahead=True)


def _what(book: Book, member: Member) -> str:
    """`Launched`, `Late`, `CTA due`; a hold stands before everything (R18)."""
    ahead = member.ahead
    if member.hold_until is not None or ahead is None:
        return "On hold to"
    if ahead.kind != "move":
        return {"cta": "CTA due"}.get(ahead.kind, ahead.kind.capitalize())
    lifecycle = book.lifecycles.get(ahead.lifecycle)
    stage = lifecycle.stage(ahead.stage) if lifecycle else None
    return stage.label if stage else str(ahead.stage)


def _days_of(member: Member, lifecycle: Lifecycle, moment: Moment) -> int | None:
    """Days in the present stage, as the core counts them: none while cancelled (T28), 0 on an end stage (R10)."""
    found = member.stages.get(lifecycle.id)
    if found is None:
        return None
    state = AccountState(member.account, fields={"status": member.fields.get("status")})
    ended = found.counting_since if found.ends else None
    track = Track(lifecycle.id, found.stage, counting_since=found.counting_since, ended_at=ended)
    return whole_days(days_in_stage(state, track, _own_now(member, moment)))


def _own_now(member: Member, moment: Moment) -> datetime:
    if isinstance(moment, Now):
        return moment.now + timedelta(seconds=member.lead)
    return moment.at
