"""Dates, distances and amounts as people read them; nothing that is recorded goes untold by accident."""

import re
from datetime import UTC, date, datetime, timedelta
from pathlib import Path
from typing import get_args
from zoneinfo import ZoneInfo

import pytest
import typer

from lifecycle.console.app import app
from lifecycle.core import changes as c
from lifecycle.core.inputs import Input
from lifecycle.core.model import FieldDef
from lifecycle.core.refusal import Refusal
from lifecycle.core.values import Kind, Value
from lifecycle.telling.phrases import count, days, distance, moment, money, value_words
from lifecycle.telling.spans import read_moment, read_span
from lifecycle.telling.story import _CHANGES, _INPUTS

NOW = datetime(2026, 3, 14, 9, tzinfo=UTC)
BERLIN = ZoneInfo("Europe/Berlin")
DOCS = Path(__file__).parents[2] / "docs/admin.md"
SILENT = {
    c.InputTaken,
    c.DuplicateSeen,
    c.MessageRefused,
    c.TurnTaken,
    c.LineWaits,
    c.LineRests,
    c.TurnedTrue,
    c.FactsDropped,
    c.Marked,
    c.UnitOpened,
}
"""Bookkeeping of the fold: where it matters to people, a note says it."""


@pytest.mark.parametrize(
    ("after", "said"),
    [
        (timedelta(seconds=30), "now"),
        (timedelta(minutes=45), "in 45 minutes"),
        (timedelta(hours=5), "in 5 hours"),
        (timedelta(days=1), "in 1 day"),
        (timedelta(days=3, hours=-1), "in 3 days"),
        (timedelta(days=-400), "400 days ago"),
    ],
)
def test_distances(after: timedelta, said: str) -> None:
    assert distance(NOW + after, NOW) == said


def test_r12_times_are_in_the_viewers_zone() -> None:
    assert moment(NOW, UTC) == "14 Mar 2026, 09:00"
    assert moment(NOW, BERLIN) == "14 Mar 2026, 10:00"
    assert moment(None, UTC) == "–"


@pytest.mark.parametrize(
    ("value", "kind", "said"),
    [
        (1_200_000, Kind.MONEY, "EUR 12,000"),
        (-1_250, Kind.MONEY, "EUR -12.50"),
        (1_200, Kind.WHOLE, "1,200"),
        (True, Kind.YES_NO, "yes"),
        (date(2026, 1, 5), Kind.DATE, "5 Jan 2026"),
        ("Pro", Kind.TEXT, "Pro"),
        (None, Kind.TEXT, "–"),
    ],
)
def test_values(value: Value, kind: Kind, said: str) -> None:
    assert value_words(value, FieldDef("x", "X", kind, currency="EUR")) == said


def test_counts() -> None:
    assert (count(1, "entry", "entries"), count(1200, "account")) == ("1 entry", "1,200 accounts")
    assert (days(1.9), days(None), money(5, None)) == ("1 day", "–", "0.05")


@pytest.mark.parametrize(
    ("text", "span"),
    [
        ("14d", {"days": 14}),
        ("36h", {"hours": 36}),
        ("2 weeks", {"weeks": 2}),
        ("5 min", {"minutes": 5}),
    ],
)
def test_spans(text: str, span: dict[str, int]) -> None:
    assert read_span(text) == timedelta(**span)
    assert read_moment(text, NOW, BERLIN) == NOW + timedelta(**span)


@pytest.mark.parametrize(
    ("text", "at"),
    [
        ("2026-07-01", datetime(2026, 6, 30, 22, tzinfo=UTC)),
        ("2026-07-01 09:00", datetime(2026, 7, 1, 7, tzinfo=UTC)),
        ("2026-07-01T09:00:00Z", datetime(2026, 7, 1, 9, tzinfo=UTC)),
    ],
)
def test_a_date_begins_in_the_viewers_zone(text: str, at: datetime) -> None:
    assert read_moment(text, NOW, BERLIN) == at


@pytest.mark.parametrize("text", ["", "d", "1 month", "-3d", "2026-13-01", "0x5d", "1.5d"])
def test_what_is_no_time_is_refused(text: str) -> None:
    with pytest.raises(Refusal) as refused:
        read_moment(text, NOW, UTC)
    assert refused.value.remedy


def test_n3_every_input_and_every_change_can_be_told() -> None:
    assert set(_INPUTS) == set(get_args(Input))
    assert set(_CHANGES) | SILENT == set(get_args(c.Change))
    assert not set(_CHANGES) & SILENT


def test_every_command_is_documented() -> None:

    text = DOCS.read_text()
    groups = typer.main.get_command(app).commands  # type: ignore[attr-defined]
    for name, command in groups.items():
        for words in [f"{name} {sub}" for sub in getattr(command, "commands", {})] or [name]:
            assert re.search(rf"`{words}[ `]", text), words
