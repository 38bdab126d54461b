"""The sections of account.yaml as lines: a name, and a value with the mark that goes with it (L15–L17, R7)."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass
from datetime import date, datetime

from lifecycle.core.conditions import Facts
from lifecycle.core.model import Book, Lifecycle
from lifecycle.core.values import Kind, Value
from lifecycle.telling.accounts import Found
from lifecycle.telling.criteria import Criteria, criteria
from lifecycle.telling.phrases import MISSING, capital, days, value_words
from lifecycle.telling.standing import AccountView, PageSection, Standing


@dataclass(frozen=True, slots=True)
class Line:
    """`kind` says how it is drawn: stage, health, day, instant, person, mail or text. `text` is its words."""

    name: str
    kind: str
    text: str
    value: object = None
    colour: str = ""
    end: bool = False


@dataclass(frozen=True, slots=True)
class SectionLines:
    """A section with its lines; `needs` is what must hold for it to be seen, None where nothing must."""

    title: str
    is_visible: bool
    needs: Criteria | None
    lines: list[Line]
    empty: list[str]
    has_fields: bool


PEOPLE = ("csm", "owner")


def sections(of: Found, view: AccountView) -> list[SectionLines]:
    """In the order of account.yaml, hidden ones too."""
    facts = Facts(of.state, of.now, segments=of.book.segments)
    rules = {one.title: one.show_when for one in of.book.account.page if one.show_when}
    needs = {title: criteria(rule, facts, of.book) for title, rule in rules.items()}
    return [_section(of.book, view, one, needs.get(one.title)) for one in view.sections]


def _section(
    book: Book, view: AccountView, section: PageSection, needs: Criteria | None
) -> SectionLines:
    lines = [*_fields(book, view, section), *_times(book, section), *_days(book, section)]
    return SectionLines(
        section.title,
        section.is_visible,
        needs,
        [line for line in lines if line.text != MISSING or line.kind == "instant"],
        [line.name for line in lines if line.text == MISSING and line.kind != "instant"],
        any(name in book.account.fields for name in section.fields),
    )


def _fields(book: Book, view: AccountView, section: PageSection) -> Iterator[Line]:
    standings = {one.lifecycle: one for one in view.standings}
    for name in section.fields:
        if name in standings:
            yield _standing(book.lifecycles[name], standings[name])
        else:
            yield field_line(book, view, name)


def _standing(lifecycle: Lifecycle, standing: Standing) -> Line:
    stage = lifecycle.stage(standing.stage)
    is_end = stage is not None and stage.end
    return Line(standing.title, "stage", standing.label, standing.stage, standing.colour, is_end)


def field_line(book: Book, view: AccountView, name: str) -> Line:
    """One field of the account as it is drawn wherever it stands."""
    spec, value = book.account.fields[name], view.fields.get(name)
    kind = "text"
    if spec.kind is Kind.DATE and isinstance(value, date):
        kind = "day"
    elif spec.kind is Kind.EMAIL:
        kind = "mail"
    elif name in PEOPLE:
        kind = "person"
    elif name == "health_score" and isinstance(value, int):
        return Line(spec.label, "health", value_words(value, spec), value, _band(view))
    return Line(spec.label, kind, value_words(value, spec), value)


def _band(view: AccountView) -> str:
    band: Value = view.fields.get("health")
    return capital(str(band)) if band else ""


def _times(book: Book, section: PageSection) -> Iterator[Line]:
    labels = _labels(book)
    for stage, at in section.timestamps.items():
        yield Line(labels[stage], "instant", _reached(at), at)


def _reached(at: datetime | None) -> str:
    return "Not reached" if at is None else ""


def _days(book: Book, section: PageSection) -> Iterator[Line]:
    labels = _labels(book)
    for name, number in section.days_in.items():
        overall = book.lifecycles.get(name)
        yield Line(f"Days in {overall.title if overall else labels[name]}", "text", days(number))


def _labels(book: Book) -> dict[str, str]:
    return {stage.id: stage.label for one in book.lifecycles.values() for stage in one.stages}
