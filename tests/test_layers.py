"""Imports run one way, and what is replayed has neither a clock nor dice."""

import ast
import subprocess
import sys
from collections.abc import Iterator
from pathlib import Path

import pytest

ROOT = Path(__file__).parent.parent
ENTRY_POINTS = ("worker", "starter", "admin")
CONTRACT = ("contract", "change_messages", "contract_verification")
"""What workflows and clients tell each other, in parts."""
PURE = sorted(
    [*ROOT.glob("lifecycle/core/**/*.py"), *(ROOT / f"lifecycle/{name}.py" for name in CONTRACT)]
)
REPLAYED = sorted(ROOT.glob("workflows/**/*.py"))
ALL = sorted(
    path for top in ("lifecycle", "workflows", "activities") for path in ROOT.glob(f"{top}/**/*.py")
)
# What answers differently each time it is asked. Their names may be used for one's own values.
CALLS = {"now", "utcnow", "today", "random", "uuid4", "urandom", "getenv", "monotonic"}
NAMES = {"environ"}
MODULES = {"random", "secrets", "time", "os", "socket", "subprocess", "threading"}


def imported(path: Path) -> Iterator[str]:
    """Every module a file imports, wherever in it the import stands."""
    for node in ast.walk(ast.parse(path.read_text())):
        if isinstance(node, ast.Import):
            yield from (alias.name for alias in node.names)
        elif isinstance(node, ast.ImportFrom):
            folders = path.relative_to(ROOT).parent.parts
            start = folders[: len(folders) - node.level + 1] if node.level else ()
            yield ".".join([*start, *filter(None, [node.module])])


def tops(path: Path) -> set[str]:
    return {module.partition(".")[0] for module in imported(path)}


def unsteady(source: str) -> Iterator[str]:
    """Uses of clock, dice and environment; `workflow.now()` and its like are replayed."""
    for node in ast.walk(ast.parse(source)):
        if isinstance(node, ast.Call) and called(node.func) in CALLS:
            yield f"{node.lineno}: {ast.unparse(node.func)}()"
        elif isinstance(node, ast.Attribute) and node.attr in NAMES:
            yield f"{node.lineno}: {ast.unparse(node)}"


def called(function: ast.expr) -> str:
    match function:
        case ast.Attribute(value=ast.Name(id="workflow")):
            return ""
        case ast.Attribute(attr=name) | ast.Name(id=name):
            return name
    return ""


def name_of(path: Path) -> str:
    return str(path.relative_to(ROOT))


def test_the_import_contracts_hold() -> None:
    command = [str(Path(sys.executable).parent / "lint-imports"), "--no-cache"]
    ran = subprocess.run(command, cwd=ROOT, capture_output=True, text=True, check=False)
    assert ran.returncode == 0, ran.stdout + ran.stderr


@pytest.mark.parametrize("path", PURE, ids=name_of)
def test_the_core_stands_on_the_standard_library_only(path: Path) -> None:
    ours = {module for module in imported(path) if module.startswith("lifecycle")}
    pure = ("lifecycle.core", *(f"lifecycle.{name}" for name in CONTRACT))
    assert {module for module in ours if not module.startswith(pure)} == set()
    assert tops(path) - {"lifecycle"} <= sys.stdlib_module_names
    assert tops(path) & MODULES == set()


@pytest.mark.parametrize("path", [*PURE, *REPLAYED], ids=name_of)
def test_what_is_replayed_has_no_clock_and_no_dice(path: Path) -> None:
    assert list(unsteady(path.read_text())) == []


@pytest.mark.parametrize(
    ("source", "found"),
    [
        ("datetime.now(UTC)", ["1: datetime.now()"]),
        ("x = uuid4()", ["1: uuid4()"]),
        ("os.environ['A']", ["1: os.environ"]),
        ("facts.now + day", []),
        ("workflow.now()", []),
    ],
)
def test_the_search_for_clocks_finds_them(source: str, found: list[str]) -> None:
    assert list(unsteady(source)) == found


def test_only_the_worker_wires_workflows_and_activities() -> None:
    for name in ("starter", "admin"):
        assert tops(ROOT / f"{name}.py") & {"workflows", "activities", "worker"} == set(), name
    assert {"workflows", "activities"} <= tops(ROOT / "worker.py")


@pytest.mark.parametrize("path", ALL, ids=name_of)
def test_nothing_imports_an_entry_point(path: Path) -> None:
    assert tops(path) & set(ENTRY_POINTS) == set()
