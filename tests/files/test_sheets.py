"""Sheets as programs really write them: Excel's cells, CSV with `;` and tabs, marks, other encodings (R16)."""

from datetime import date, datetime, time
from pathlib import Path
from typing import Any

import pytest
from openpyxl import Workbook

from lifecycle.files.reading import Reader, open_sheet
from lifecycle.files.wanted import Asked
from lifecycle.importing.report import Remark
from lifecycle.importing.sheets import BadSheet
from tests.admin.book import shipped

BOOK = shipped()


def workbook(path: Path, *rows: list[Any], more: bool = False) -> Path:
    book = Workbook()
    assert book.active is not None
    book.active.title = "Accounts"
    for row in rows:
        book.active.append(row)
    if more:
        other = book.create_sheet("Others")
        other.append(["account", "name"])
        other.append(["b", "Beta"])
    book.save(path)
    return path


def read(
    path: Path, sheet: str | None = None, encoding: str = "utf-8"
) -> tuple[list[Asked], list[Remark]]:
    rows = list(Reader(open_sheet(path, sheet, encoding), BOOK).rows(lambda _: None))
    return [one for one in rows if isinstance(one, Asked)], [
        one for one in rows if isinstance(one, Remark)
    ]


def test_excels_cells_are_read_as_excel_has_them(tmp_path: Path) -> None:
    path = workbook(
        tmp_path / "a.xlsx",
        ["account", "arr", "seats", "renewal_date", "name", "sector", "plan", None],
        [
            1001,
            0.1 + 0.2,
            5.0,
            datetime.fromisoformat("2027-01-31"),
            True,
            datetime.fromisoformat("2026-05-01T09:30"),
            None,
        ],
        [None],
        ["b", 1234.5, 12, date(2027, 2, 1), "Zoë\nLtd", time(9, 30), " Pro "],
        [None, None, None],
    )
    rows, report = read(path)
    assert report == []
    assert [(row.line, row.account) for row in rows] == [(2, "1001"), (4, "b")]
    assert rows[0].cells == {
        "account": "1001",
        "arr": "0.3",
        "seats": "5",
        "renewal_date": "2027-01-31",
        "name": "yes",
        "sector": "2026-05-01T09:30:00",
    }
    assert rows[1].cells["name"] == "Zoë\nLtd"
    assert (rows[1].cells["plan"], rows[1].cells["sector"]) == ("Pro", "09:30:00")


def test_a_sheet_is_chosen_by_name(tmp_path: Path) -> None:
    path = workbook(tmp_path / "a.xlsx", ["account", "name"], ["a", "Alpha"], more=True)
    assert [row.account for row in read(path)[0]] == ["a"]
    assert [row.account for row in read(path, "Others")[0]] == ["b"]
    with pytest.raises(BadSheet, match=r"no sheet 'Other'(.|\n)*Did you mean Others\?"):
        read(path, "Other")


def test_what_excel_never_calculated_is_refused(tmp_path: Path) -> None:
    path = workbook(
        tmp_path / "a.xlsx", ["account", "name"], ["a", "=1+1"], ["b", "#REF!"], ["c", "fine"]
    )
    rows, report = read(path)
    assert [row.account for row in rows] == ["c"]
    said = [(one.line, one.reason) for one in report]
    assert said == [
        (
            2,
            "The cell of 'name' holds a formula without a value: open the file in Excel and save it.",
        ),
        (3, "The cell of 'name' holds an error of Excel."),
    ]


def test_a_cell_without_a_column_is_refused(tmp_path: Path) -> None:
    sheet = workbook(tmp_path / "a.xlsx", ["account"], ["a", "stray"], ["b", None])
    comma = tmp_path / "a.csv"
    comma.write_text("account,\na,stray\nb,\n")
    for path in (sheet, comma):
        rows, report = read(path)
        assert [row.account for row in rows] == ["b"]
        said = "'stray' stands in a column without a name. Name the column, or empty it."
        assert [one.reason for one in report] == [said]


def test_what_is_no_workbook_is_told(tmp_path: Path) -> None:
    path = tmp_path / "a.xlsx"
    path.write_text("account,name\n")
    with pytest.raises(BadSheet, match="is no Excel workbook"):
        open_sheet(path)
    with pytest.raises(BadSheet, match="cannot be read: No such file"):
        open_sheet(tmp_path / "none.xlsx")
    with pytest.raises(BadSheet, match="cannot be read: No such file"):
        open_sheet(tmp_path / "none.csv")
    (tmp_path / "a.csv").write_text("account\n")
    with pytest.raises(BadSheet, match="only those have sheets"):
        open_sheet(tmp_path / "a.csv", "Accounts")


@pytest.mark.parametrize("delimiter", [",", ";", "\t"])
@pytest.mark.parametrize("encoding", ["utf-8", "utf-8-sig", "utf-16"])
def test_csv_is_read_whatever_divides_it(tmp_path: Path, delimiter: str, encoding: str) -> None:
    path = tmp_path / "a.csv"
    text = 'name;account;csm\n"Zoë, ""Z"" &\nCo";a;"x;y"\n;;\n"";b;\n'
    path.write_text(text.replace(";", delimiter), encoding=encoding, newline="")
    rows, report = read(path)
    assert report == []
    assert [(row.line, row.account) for row in rows] == [(2, "a"), (5, "b")]
    assert rows[0].cells["name"] == 'Zoë, "Z" &\nCo'
    assert rows[0].cells["csm"] == f"x{delimiter}y"
    assert rows[1].cells == {"account": "b"}


def test_windows_1252_is_refused_row_by_row_or_read_when_said(tmp_path: Path) -> None:
    path = tmp_path / "a.csv"
    path.write_text("account,name\na,Zoë\nb,Bo\n", encoding="cp1252")
    rows, report = read(path)
    assert [row.account for row in rows] == ["b"]
    assert "not written in utf-8" in report[0].reason
    rows, report = read(path, encoding="windows-1252")
    assert [row.cells["name"] for row in rows] == ["Zoë", "Bo"]
    path.write_text("account,Größe\na,1\n", encoding="cp1252")
    with pytest.raises(BadSheet, match=r"line 1 is not written in utf-8\.\n.*--encoding"):
        open_sheet(path)
    with pytest.raises(BadSheet, match="There is no encoding 'klingon'"):
        open_sheet(path, encoding="klingon")


def test_rows_that_say_nothing_of_an_account_come_back(tmp_path: Path) -> None:
    path = tmp_path / "a.csv"
    path.write_text('account,name\n,Nobody\n"a\tb",Tab\na,One,More\na,Alpha\na,Again\n"x"y,z\n')
    rows, report = read(path)
    assert [(row.line, row.account) for row in rows] == [(5, "a")]
    said = [(one.line, one.column, one.reason.split(".")[0]) for one in report]
    assert said == [
        (2, "account", "The row names no account"),
        (3, "account", "'a\\tb' is no account id"),
        (4, "", "The row has 3 cells, the header has 2"),
        (6, "account", "The account stands in line 5 already"),
        (7, "", "The row is no CSV: ',' expected after '\"'"),
    ]
