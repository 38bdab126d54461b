"""What a header may say, and everything wrong with it at once."""

import pytest

from lifecycle.files.columns import (
    BadColumns,
    Derived,
    OfField,
    OfStage,
    account_columns,
    read_columns,
)
from tests.admin.book import shipped

BOOK = shipped()


def test_columns_are_named_by_id_or_label() -> None:
    headers = ("account", "arr", "csm name", "", "Customer journey", "since Sales", "days in sales")
    found = read_columns("x.csv", headers, BOOK)
    assert [type(one) for one in found[1:]] == [OfField, OfField, OfStage, Derived, Derived]
    assert [one.header for one in found] == [name for name in headers if name]


def test_the_columns_of_an_export_are_read_back() -> None:
    columns = account_columns(BOOK)
    assert read_columns("x.csv", tuple(one.header for one in columns), BOOK) == columns


@pytest.mark.parametrize(
    ("headers", "said"),
    [
        (("name",), "There is no column 'account'."),
        (("account", "nme"), "Unknown column 'nme'. Did you mean name?"),
        (("account", "Custmer journey"), "Did you mean Customer journey?"),
        (("account", "ARR", "arr"), "The columns 'ARR' and 'arr' mean the same."),
        (("account", "sales", "Sales"), "The columns 'sales' and 'Sales' mean the same."),
        (("account", "qqqq"), "Known: account, active_users"),
    ],
)
def test_a_wrong_header_is_told(headers: tuple[str, ...], said: str) -> None:
    with pytest.raises(BadColumns, match=r"x\.csv: line 1 cannot be used") as raised:
        read_columns("x.csv", headers, BOOK)
    assert said in str(raised.value)


def test_everything_wrong_is_told_at_once() -> None:
    with pytest.raises(BadColumns) as raised:
        read_columns("x.csv", ("nme", "plam", "arr", "ARR"), BOOK)
    first, *told, last = str(raised.value).splitlines()
    assert first == "x.csv: line 1 cannot be used."
    assert last.startswith("Name columns as")
    expected = ("'nme'", "'plam'", "mean the same", "no column 'account'")
    assert all(said in line for said, line in zip(expected, told, strict=True)), told
