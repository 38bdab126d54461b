"""Bad mappings and what is said about them: golden pairs, re-recorded by LIFECYCLE_RECORD=1."""

import os
from pathlib import Path

import pytest

from lifecycle.failure import Failure
from lifecycle.importing.reader import BadMapping, read_mapping
from tests.importing.books import BOOK, EXPORT, HERE, NOW

CASES = sorted((HERE / "bad").glob("*.yaml"))


def told(case: Path) -> str:
    with pytest.raises(BadMapping) as caught:
        read_mapping(case, EXPORT, BOOK, NOW)
    return str(caught.value).replace(str(EXPORT), "EXPORT") + "\n"


@pytest.mark.parametrize("case", CASES, ids=lambda case: case.stem)
def test_every_problem_is_told_at_once(case: Path) -> None:
    golden, said = case.with_suffix(".txt"), told(case)
    if os.environ.get("LIFECYCLE_RECORD") == "1":
        golden.write_text(said, encoding="utf-8")
    assert said == golden.read_text(encoding="utf-8")


def test_a_missing_column_is_told_with_the_columns_there_are() -> None:
    said = told(HERE / "bad" / "everything_wrong.yaml")
    assert "companies.csv has no column `compny`." in said
    assert "Did you mean company? Its columns: company, industry, joined, staff." in said


def test_a_mapping_that_is_not_there_is_told(tmp_path: Path) -> None:
    with pytest.raises(Failure, match=r"none\.yaml cannot be read: No such file"):
        read_mapping(tmp_path / "none.yaml", tmp_path, BOOK, NOW)
