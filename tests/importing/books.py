"""The book and the small export that these tests read."""

from datetime import UTC, datetime
from pathlib import Path

from lifecycle.core.model import Book
from lifecycle.importing.gathering import Gathering, History
from lifecycle.importing.reader import read_mapping
from lifecycle.importing.report import Remark, RowReport
from tests.definitions.sources import book

HERE = Path(__file__).parent
EXPORT = HERE / "export"
NOW = datetime(2026, 11, 1, tzinfo=UTC)
BOOK: Book = book()


class Gathered:
    """An export read through: what was found, and what was said about it."""

    def __init__(self, mapping: Path, folder: Path, known: tuple[str, ...] = ()) -> None:
        self.mapping = read_mapping(mapping, folder, BOOK, NOW)
        self.report = RowReport(keep=10_000)
        with Gathering(self.mapping, folder, BOOK, NOW) as gathering:
            gathering.read(self.report)
            gathering.drop(self.report, set(gathering.unborn()) - set(known))
            self.histories: dict[str, History] = {one.account: one for one in gathering.histories()}
        self.remarks: list[Remark] = self.report.first

    def ids(self, account: str) -> list[str]:
        """The ids of an account's events, in order."""
        return [event.id for event in self.histories[account].events]

    def said(self) -> list[tuple[str, int, str, str]]:
        """File, line, column and value of everything refused."""
        return [(one.file, one.line, one.column, one.value) for one in self.remarks]


def export(folder: Path, mapping: str, **files: str) -> Path:
    """Writes a mapping and files (`deals_csv` is deals.csv) into a folder; gives the mapping's path."""
    for name, text in files.items():
        (folder / name.replace("_", ".")).write_text(text, encoding="utf-8")
    path = folder / "mapping.yaml"
    path.write_text(mapping, encoding="utf-8")
    return path
