"""A CRM export moved in time, so that its busiest weeks lie just behind today."""

import csv
import shutil
from datetime import date, datetime, timedelta
from pathlib import Path

from lifecycle.importing.gathering import Gathering, History
from lifecycle.importing.reader import read_mapping
from lifecycle.importing.report import RowReport
from tests.definitions.sources import SHIPPED
from tests.importing.books import BOOK, HERE

CRM = HERE.parents[1] / "imports" / "maven_crm.yaml"

LAST = date(2017, 3, 17)
"""What the CRM tells of later days has not happened yet."""
JOURNEY = "customer_journey"
DAYS = "after: 14 days"


def export(origin: Path, folder: Path, now: datetime) -> Path:
    """The export as it would have been written today, `LAST` being yesterday."""
    ahead = now.date() - timedelta(days=1) - LAST
    folder.mkdir()
    shutil.copy(origin / "accounts.csv", folder)
    with (
        (origin / "sales_pipeline.csv").open(newline="") as source,
        (folder / "sales_pipeline.csv").open("w", newline="") as target,
    ):
        rows = csv.DictReader(source)
        writer = csv.DictWriter(target, rows.fieldnames or ())
        writer.writeheader()
        writer.writerows(moved for row in rows if (moved := _moved(row, ahead)) is not None)
    return folder


def _moved(row: dict[str, str], ahead: timedelta) -> dict[str, str] | None:
    """The row, with what had happened by then; None for a deal nobody spoke of yet."""
    if not row["account"] or not row["engage_date"] or _day(row["engage_date"]) > LAST:
        return None
    is_open = not row["close_date"] or _day(row["close_date"]) > LAST
    closed = "" if is_open else (_day(row["close_date"]) + ahead).isoformat()
    return {
        **row,
        "engage_date": (_day(row["engage_date"]) + ahead).isoformat(),
        "close_date": closed,
        "deal_stage": "Engaging" if is_open else row["deal_stage"],
        "close_value": "" if is_open else row["close_value"],
    }


def _day(text: str) -> date:
    return date.fromisoformat(text)


def histories(folder: Path, now: datetime) -> dict[str, History]:
    """What the shipped mapping makes of it, by account."""
    with Gathering(read_mapping(CRM, folder, BOOK, now), folder, BOOK, now) as gathering:
        gathering.read(RowReport(keep=0))
        return {one.account: one for one in gathering.histories()}


def definitions(folder: Path, version: int, days: int) -> Path:
    """The shipped definitions with another time until Launched; contacts may be written to at any hour."""
    folder.mkdir()
    before, _, after = SHIPPED["directory.yaml"].partition("mail to contacts:")
    files = {**SHIPPED, "directory.yaml": before + after[after.index("day begins at:") :]}
    journey = files[f"{JOURNEY}.yaml"]
    assert journey.count(DAYS) == 1
    journey = journey.replace("version: 1\n", f"version: {version}\n", 1)
    files[f"{JOURNEY}.yaml"] = journey.replace(DAYS, f"after: {days} days")
    for name, text in files.items():
        (folder / name).write_text(text, encoding="utf-8")
    return folder
