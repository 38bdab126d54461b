"""Rows of an export as events, row by row (R16, R20, R21)."""

import csv
from datetime import UTC, datetime
from pathlib import Path

import pytest

from lifecycle.importing.gathering import Gathering
from lifecycle.importing.reader import read_mapping
from lifecycle.importing.report import Outcome, RowReport
from tests.importing.books import BOOK, EXPORT, NOW, Gathered, export

SHORT = """
import: deals
rows:
  - file: {file}
    account: company
    {more}
    events: [{{event: opportunity.created, id: "{{deal}}", time: {time}, data: {{amount: worth}}}}]
"""


@pytest.fixture(scope="module")
def deals() -> Gathered:
    return Gathered(EXPORT / "deals.yaml", EXPORT)


def test_r16_good_rows_come_through_and_bad_ones_with_line_column_and_value(
    deals: Gathered,
) -> None:
    assert deals.ids("Acme") == ["d1/created", "d2/created", "d1/closed", "d2/closed"]
    assert deals.ids("Dune") == ["d7/created", "d7/closed"]
    assert deals.said() == [
        ("companies.csv", 4, "staff", "many"),
        ("companies.csv", 5, "company", "Acme"),
        ("companies.csv", 6, "company", ""),
        ("deals.csv", 4, "closed", "2026-02-31"),
        ("deals.csv", 5, "worth", "a lot"),
        ("deals.csv", 6, "company", ""),
        ("deals.csv", 9, "", "d8,Dune,Won,2026-03-01,2026-03-02"),
        ("deals.csv", 10, "deal", ""),
        ("deals.csv", 11, "closed", "2036-03-02"),
    ]
    assert deals.report.rows == {Outcome.REFUSED: 9, Outcome.NOTHING: 1}


def test_r16_the_reasons_say_what_was_expected(deals: Gathered) -> None:
    said = {(one.file, one.line): one.reason for one in deals.remarks}
    assert said["companies.csv", 4] == "'many' is not a whole number."
    assert said["companies.csv", 5] == "The account stands in line 2 already."
    assert said["deals.csv", 4].startswith("'2026-02-31' is not a time.")
    assert said["deals.csv", 5] == "'a lot' is not an amount of money."
    assert said["deals.csv", 6] == "The row names no account."
    assert said["deals.csv", 9] == "The row has 5 cells, the header has 6."
    assert said["deals.csv", 10] == "The event has no id."
    assert "after the end of history" in said["deals.csv", 11]


def test_r16_an_empty_cell_changes_nothing(deals: Gathered) -> None:
    assert deals.histories["Acme"].fields == {"sector": "retail", "employees": "120"}
    assert deals.histories["Borg"].fields == {"sector": "health care"}
    assert deals.histories["Borg"].events == []


def test_r21_events_are_historic_and_keep_their_own_time(deals: Gathered) -> None:
    event = deals.histories["Acme"].events[0]
    assert (event.historic, event.source, event.type) == (True, "deals", "opportunity.created")
    assert event.time == datetime(2026, 1, 5, tzinfo=UTC)
    assert event.data == {"opportunity_id": "d1"}
    assert deals.mapping.until == datetime(2026, 6, 1, tzinfo=UTC)


def test_equal_times_keep_the_order_of_the_list_then_of_the_file(tmp_path: Path) -> None:
    mapping = """
import: x
rows:
  - file: a.csv
    account: a
    events:
      - {event: opportunity.created, id: "{n}/1", time: t}
      - {event: opportunity.closed_lost, id: "{n}/2", time: t}
"""
    rows = "a,n,t\nA,x,2026-01-02\nA,y,2026-01-02\nA,z,2026-01-01\n"
    found = Gathered(export(tmp_path, mapping, a_csv=rows), tmp_path)
    assert found.ids("A") == ["z/1", "z/2", "x/1", "y/1", "x/2", "y/2"]


def test_r20_an_event_given_twice_is_taken_once(tmp_path: Path) -> None:
    mapping = SHORT.format(file="d.csv", time="opened", more="")
    row = "d1,Acme,2026-01-05,5\n"
    found = Gathered(
        export(tmp_path, mapping, d_csv="deal,company,opened,worth\n" + row + row), tmp_path
    )
    assert found.ids("Acme") == ["d1"]
    assert found.report.rows == {Outcome.NOTHING: 1}


def test_r2_an_account_begins_with_an_event_that_creates_it(tmp_path: Path) -> None:
    mapping = """
import: x
rows:
  - file: a.csv
    account: a
    events: [{event: {column: e}, id: "{e}", time: t}]
"""
    rows = (
        "a,e,t\nA,kickoff.held,2026-01-01\nA,opportunity.created,2026-01-02\n"
        "A,product.went_live,2026-01-03\nB,kickoff.held,2026-01-01\nA,kickof.held,2026-01-04\n"
    )
    path = export(tmp_path, mapping, a_csv=rows)
    found = Gathered(path, tmp_path)
    assert found.ids("A") == ["opportunity.created", "product.went_live"]
    assert list(found.histories) == ["A"]
    reasons = [(one.line, one.reason) for one in found.remarks]
    assert reasons == [
        (6, "Unknown event 'kickof.held'. Did you mean kickoff.held?"),
        (2, "There is no account 'A' yet, and kickoff.held does not create one."),
        (5, "There is no account 'B' yet, and kickoff.held does not create one."),
    ]
    assert Gathered(path, tmp_path, known=("B",)).ids("B") == ["kickoff.held"]


@pytest.mark.parametrize(
    ("more", "text", "moment"),
    [
        (
            'columns: {opened: {format: "%d.%m.%Y %H:%M", zone: Europe/Berlin}}',
            "05.01.2026 09:30",
            "08:30",
        ),
        ("columns: {opened: {format: milliseconds}}", "1767601800000", "08:30"),
        ("columns: {opened: {zone: Europe/Berlin}}", "2026-01-05T09:30", "08:30"),
        ("columns: {}", "2026-01-05T09:30+02:00", "07:30"),
    ],
)
def test_times_are_read_as_the_mapping_says(
    tmp_path: Path, more: str, text: str, moment: str
) -> None:
    mapping = SHORT.format(file="d.csv", time="opened", more=more)
    rows = f"deal,company,opened,worth\n1,A,{text},\n"
    found = Gathered(export(tmp_path, mapping, d_csv=rows), tmp_path)
    assert found.histories["A"].events[0].time.isoformat() == f"2026-01-05T{moment}:00+00:00"


def test_unwieldy_columns_get_a_name_and_a_kind(tmp_path: Path) -> None:
    mapping = """
import: x
rows:
  - file: a.csv
    delimiter: ";"
    encoding: cp1252
    account: {column: Konto Nr., replace: {A-1: Acme}}
    columns:
      worth: {column: Deal amount (EUR), is: money}
      sold: {column: Sold on, is: date, format: "%d.%m.%Y"}
    events:
      - event: opportunity.closed_won
        id: "{Konto Nr.}/{sold}"
        time: sold
        if: [worth >= 1000, sold is after 2026-01-31]
        data: {amount: worth, csm: {value: Zoë}, owner: {text: "{First} {Last}"}}
"""
    path = export(tmp_path, mapping)
    rows = (
        "Konto Nr.;Deal amount (EUR);Sold on;First;Last\n"
        "A-1;1000;01.02.2026;Jörg;Müller\nA-1;999.99;01.02.2026;a;b\nA-1;5000;31.01.2026;a;b\n"
        "A-1;viel;01.02.2026;a;b\n"
    )
    (tmp_path / "a.csv").write_bytes(rows.encode("cp1252"))
    found = Gathered(path, tmp_path)
    (event,) = found.histories["Acme"].events
    assert event.id == "A-1/2026-02-01T00:00:00+00:00"
    assert event.data == {"amount": "1000", "csm": "Zoë", "owner": "Jörg Müller"}
    assert found.said() == [("a.csv", 5, "Deal amount (EUR)", "viel")]


def test_json_lines_are_read_with_their_nested_keys(tmp_path: Path) -> None:
    mapping = SHORT.format(file="d.jsonl", time="at.created", more="")
    rows = (
        '{"deal": 7, "company": "A", "worth": 12.5, "at": {"created": "2026-01-05T10:00:00Z"}}\n'
        '\n{"deal": 8\n[1]\n{"deal": 9, "company": null, "at": {"created": "2026-01-05"}}\n'
    )
    found = Gathered(export(tmp_path, mapping, d_jsonl=rows), tmp_path)
    (event,) = found.histories["A"].events
    assert (event.id, event.data) == ("7", {"amount": 12.5})
    assert [(line, column) for _, line, column, _ in found.said()] == [
        (3, ""),
        (4, ""),
        (5, "company"),
    ]


@pytest.mark.parametrize(
    ("row", "reason"),
    [
        (b'd1,A,2026-01-05,"5\n', "The row is no CSV"),
        (b"d1,\xff,2026-01-05,5\n", "The row is not written in utf-8"),
        (b"d1,A\x00,2026-01-05,5\n", "is no account id"),
        (b"d1," + b"A" * 300 + b",2026-01-05,5\n", "is no account id"),
        (b"d1,A,0001-01-01,5\n", "lies outside the years"),
        (b"d1,A,2026-01-05,1e30\n", "is not an amount of money"),
    ],
)
def test_r16_a_row_that_cannot_be_is_refused_alone(tmp_path: Path, row: bytes, reason: str) -> None:
    path = export(tmp_path, SHORT.format(file="d.csv", time="opened", more=""))
    good = b"d0,A,2026-01-05,5\n"
    (tmp_path / "d.csv").write_bytes(b"deal,company,opened,worth\n" + good + row)
    found = Gathered(path, tmp_path)
    assert found.ids("A") == ["d0"]
    (remark,) = found.remarks
    assert (remark.line, reason in remark.reason) == (3, True), remark.reason


def test_r16_the_report_is_a_csv_that_no_spreadsheet_runs(tmp_path: Path) -> None:
    path = export(tmp_path, SHORT.format(file="d.csv", time="opened", more=""))
    (tmp_path / "d.csv").write_text("deal,company,opened,worth\nd1,A,2026-01-05,=1+1\n")
    mapping = read_mapping(path, tmp_path, BOOK, NOW)
    report = RowReport(tmp_path / "report.csv")
    with Gathering(mapping, tmp_path, BOOK, NOW) as gathering:
        gathering.read(report)
        assert gathering.counts() == (0, 0)
    report.close()
    with (tmp_path / "report.csv").open(newline="") as file:
        (row,) = csv.DictReader(file)
    assert row == {
        "file": "d.csv",
        "line": "2",
        "column": "worth",
        "value": "'=1+1",
        "reason": "'=1+1' is not an amount of money.",
        "outcome": "refused",
    }


CRM_MAPPING = """
import: crm
rows:
  - file: deals.csv
    account: {column: Account, format: salesforce id}
    events:
      - event: opportunity.closed_won
        id: "{Deal}/won"
        time: Closed
        data: {amount: {column: Cents, format: minor units, currency: Currency}}
"""
CRM_ROWS = """Account,Deal,Closed,Cents,Currency
0010S00000C1t1v,1,2026-01-01,120050,EUR
0010S00000C1t1vQAB,2,2026-01-02,1200,JPY
0010S00000C1t1,3,2026-01-03,1,EUR
0010S00000C1t1v,4,2026-01-04,much,EUR
"""


def test_ids_of_a_crm_and_amounts_in_minor_units(tmp_path: Path) -> None:
    """Both spellings of an id are one account; a yen has no cents; what is neither is refused."""
    found = Gathered(export(tmp_path, CRM_MAPPING, deals_csv=CRM_ROWS), tmp_path)
    (history,) = found.histories.values()
    assert history.account == "0010S00000C1t1vQAB"
    assert [event.data["amount"] for event in history.events] == ["1200.50", "1200"]
    assert found.said() == [
        ("deals.csv", 4, "Account", "0010S00000C1t1"),
        ("deals.csv", 5, "Cents", "much"),
    ]
