"""Bad definitions and what is said about them: golden pairs, re-recorded by LIFECYCLE_RECORD=1."""

import os
from pathlib import Path

import pytest

from lifecycle.definition import read_sources, render
from tests.definitions.sources import SHIPPED, TEMPLATES

BAD = Path(__file__).parent / "bad"
CASES = sorted([*BAD.glob("*.yaml"), *(path for path in BAD.iterdir() if path.is_dir())])


def problems_of(case: Path) -> str:
    """A file is read beside the shipped definitions, a folder by itself."""
    if case.is_dir():
        sources = {path.name: path.read_text() for path in case.glob("*.yaml")}
    else:
        sources = SHIPPED | {case.name: case.read_text()}
    return render(read_sources(sources, TEMPLATES).problems)


@pytest.mark.parametrize("case", CASES, ids=lambda case: case.stem)
def test_every_problem_is_told_at_once(case: Path) -> None:
    golden, told = case.with_suffix(".txt"), problems_of(case)
    if os.environ.get("LIFECYCLE_RECORD") == "1":
        golden.write_text(told)
    assert told == golden.read_text()
    assert told
