"""Cells are safe in a spreadsheet and read back as they were written (R16)."""

from datetime import UTC, date, datetime
from decimal import Decimal

import pytest
from hypothesis import given
from hypothesis import strategies as st

from lifecycle.core.model import FieldDef
from lifecycle.core.values import Kind
from lifecycle.files.cells import Cell, Stage, cell_text, field_cell, json_cell, text_cell, written

HOSTILE = st.text(st.sampled_from("'=+-@\t\r\nNoe n\"None,;ü"), max_size=8) | st.text(max_size=12)


@given(HOSTILE | st.sampled_from(["None", "'None", "''None", "=1+1", "'=1", "-", "@x", "'", "''"]))
def test_a_text_reads_back_and_is_no_formula(text: str) -> None:
    cell = text_cell(text)
    assert cell_text(cell) == text
    assert not cell.startswith(("=", "+", "-", "@", "\t", "\r"))
    assert cell != "None"


@pytest.mark.parametrize("text", ["'tis", "O'Hara", "Nonesuch", "12 - 3", "a=b"])
def test_an_apostrophe_that_says_nothing_is_left_alone(text: str) -> None:
    assert text_cell(text) == cell_text(text) == text


@pytest.mark.parametrize(
    ("cell", "text", "data"),
    [
        (None, "", None),
        (Stage.NONE, "None", None),
        (True, "yes", True),
        (-3, "-3", -3),
        (Decimal("-1234.50"), "-1234.50", -1234.5),
        (0.1, "0.1", 0.1),
        (date(2026, 1, 31), "2026-01-31", "2026-01-31"),
        (datetime(2026, 1, 31, 9, 0, 0, 7, UTC), "2026-01-31T09:00:00Z", "2026-01-31T09:00:00Z"),
        ("=1", "'=1", "=1"),
    ],
)
def test_each_kind_has_one_spelling(cell: Cell, text: str, data: object) -> None:
    assert written(cell) == text
    assert json_cell(cell) == data


@given(st.integers(-(2**63) + 1, 2**63 - 1))
def test_money_keeps_every_cent(cents: int) -> None:
    spec = FieldDef("arr", "ARR", Kind.MONEY)
    text = written(field_cell(cents, spec))
    assert "e" not in text.lower()
    assert int(text.replace(".", "")) == cents
