"""The house style that a linter cannot hold: short functions, small files, telling names."""

import ast
from collections.abc import Iterator
from pathlib import Path
from statistics import median, quantiles

import pytest

ROOT = Path(__file__).parent.parent
FOLDERS = ("lifecycle", "workflows", "activities", "tests", "bench")
FILES = sorted(
    [*ROOT.glob("*.py"), *(path for top in FOLDERS for path in ROOT.glob(f"{top}/**/*.py"))]
)
DRAWERS = {"utils", "util", "helpers", "common", "misc", "types"}


def lengths(path: Path) -> Iterator[tuple[str, int]]:
    """Every function of a file with its lines, signature and docstring included."""
    for node in ast.walk(ast.parse(path.read_text())):
        if isinstance(node, ast.FunctionDef | ast.AsyncFunctionDef):
            yield node.name, (node.end_lineno or node.lineno) - node.lineno + 1


def name_of(path: Path) -> str:
    return str(path.relative_to(ROOT))


@pytest.mark.parametrize("path", FILES, ids=name_of)
def test_a_file_has_one_idea(path: Path) -> None:
    assert path.stem not in DRAWERS
    assert len(path.read_text().splitlines()) < 500
    assert [name for name, lines in lengths(path) if lines > 50] == []


def test_functions_are_short() -> None:
    engine = [path for path in FILES if not path.is_relative_to(ROOT / "tests")]
    lines = [length for path in engine for _, length in lengths(path)]
    assert median(lines) <= 8
    assert quantiles(lines, n=10)[-1] <= 25
