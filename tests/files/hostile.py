"""Accounts whose names, texts and stages make trouble in files."""

from datetime import date, timedelta
from typing import Any

from hypothesis import strategies as st

from lifecycle.core.fold import Fold
from lifecycle.core.inputs import CreateAccount, SetFields, SetStage
from lifecycle.core.model import FieldDef
from lifecycle.core.state import AccountState
from lifecycle.core.values import Kind
from tests.admin.book import NOW, Life, ago, shipped

BOOK = shipped()
NASTY = [
    "None",
    "'None",
    "none",
    "=1+1",
    "+1",
    "-1",
    "@x",
    "'=x",
    "''",
    '"',
    'a"b',
    "a,b;c\td",
    "a\nb",
    "a\r\nb",
    "a\rb",
    "Straße 日本 🚀",
    "\u200b",
    "x" * 2000,
    "1,5",
    "yes",
    "2026-01-01",
    "-",
    "sep=,",
]
some_text = st.sampled_from(NASTY) | st.text(
    st.characters(exclude_categories=["Cs"], exclude_characters="\x00"), max_size=20
)
VALUES: dict[Kind, st.SearchStrategy[Any]] = {
    Kind.TEXT: some_text,
    Kind.EMAIL: st.sampled_from(["=a@b.example", "+x@y.example", "-@b.example", "a'b@c.example"]),
    Kind.MONEY: st.integers(-(10**12), 10**12).map(lambda cents: f"{cents / 100:.2f}"),
    Kind.WHOLE: st.integers(-(2**62), 2**62),
    Kind.NUMBER: st.floats(-1e15, 1e15),
    Kind.DATE: st.dates(min_value=date(1900, 1, 1)).map(lambda day: day.isoformat()),
    Kind.TIME_ZONE: st.sampled_from(["UTC", "Europe/Berlin", "America/New_York"]),
    Kind.YES_NO: st.booleans(),
}
IDS = st.sampled_from(
    ["acme", "=1", "'=1", "None", "'x", "-5", "a,b", 'q"q', "Straße", "@me", "001"]
)


def value_for(spec: FieldDef) -> st.SearchStrategy[Any]:
    """A raw value that the field takes."""
    if spec.kind is Kind.PICKLIST:
        return st.sampled_from(spec.options)
    return VALUES[spec.kind]


FIELDS = st.fixed_dictionaries(
    {},
    optional={
        spec.id: value_for(spec)
        for spec in BOOK.account.fields.values()
        if not spec.written_by and spec.id != "status"
    },
)
MOVES = st.dictionaries(st.sampled_from(sorted(BOOK.lifecycles)), st.integers(-1, 6), max_size=5)


@st.composite
def accounts(draw: st.DrawFn, account: str = "") -> Life:
    """An account that was given fields and stages by hand, and lived on for a while."""
    account = account or draw(IDS)
    life = Life(Fold(BOOK, AccountState(account)))
    life.take(CreateAccount(ago(40)))
    if fields := draw(FIELDS):
        life.take(SetFields(ago(30), "ann", fields))
    for lifecycle, place in draw(MOVES).items():
        stages = [stage.id for stage in BOOK.lifecycles[lifecycle].stages]
        stage = None if place < 0 else stages[place % len(stages)]
        at = NOW - timedelta(days=draw(st.integers(0, 20)), seconds=draw(st.integers(0, 9)) / 7)
        life.take(SetStage(at, "ann", "as agreed", lifecycle, stage))
    return life
