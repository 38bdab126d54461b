"""`python -m bench [NAME …] [--write]`: run the benchmarks, print the figures, write them to docs/performance.md."""

from __future__ import annotations

import argparse
import asyncio
import importlib
import inspect
import re
import sys
from functools import partial
from pathlib import Path

from .report import Figure, row, table

ENGINE = ("core", "burst", "change", "command", "memory", "replay")
NAMES = (*ENGINE, "scale", "streams", "pages", "intake", "rehearse", "verify", "outage")
PAGE = Path(__file__).parent.parent / "docs" / "performance.md"
TABLES = {
    "figures": ENGINE,
    "scale": ("scale",),
    "streams": ("streams",),
    "pages": ("pages",),
    "intake": ("intake",),
    "rehearse": ("rehearse",),
    "verify": ("verify",),
    "outage": ("outage",),
}
"""Tables of the page by their mark, with the benchmarks whose figures they hold."""


def run(name: str) -> list[Figure]:
    """One benchmark, by the name of its module."""
    module = importlib.import_module(f"bench.{name}")
    found = module.measure()
    return asyncio.run(found) if inspect.isawaitable(found) else found  # type: ignore[arg-type]


def write(found: dict[str, list[Figure]], text: str) -> str:
    """The page with its tables brought up to date: rows of benchmarks that did not run stay as they are."""
    for mark, names in TABLES.items():
        ran = [name for name in names if name in found]
        if ran:
            between = re.compile(f"(<!-- {mark} -->\n)(.*?)(<!-- end of {mark} -->)", re.DOTALL)
            text = between.sub(partial(_replaced, found, ran, len(ran) == len(names)), text)
    return text


def _replaced(
    found: dict[str, list[Figure]], ran: list[str], is_all: bool, part: re.Match[str]
) -> str:
    """One table between its marks. A figure has its row under its own name; a new one comes last."""
    figures = [figure for name in ran for figure in found[name]]
    if is_all:
        return f"{part[1]}{table(figures)}\n{part[3]}"
    lines = dict.fromkeys(part[2].splitlines())
    rows = {f"| {figure.name} |": row(figure) for figure in figures}
    kept = [rows.pop(_first_cell(line), line) for line in lines]
    return "\n".join([part[1].rstrip("\n"), *kept, *rows.values(), part[3]])


def _first_cell(line: str) -> str:
    return line[: line.index("|", 1) + 1] if line.startswith("|") else line


def main() -> int:
    """Measure what was asked for; exit 1 when a goal is missed."""
    reader = argparse.ArgumentParser(prog="python -m bench", description=__doc__)
    reader.add_argument(
        "names", nargs="*", choices=[*NAMES, []], help="which benchmarks (default: all)"
    )
    reader.add_argument(
        "--write", action="store_true", help="write the table to docs/performance.md"
    )
    asked = reader.parse_args()
    found: dict[str, list[Figure]] = {}
    for name in asked.names or NAMES:
        print(f"{name} …", file=sys.stderr, flush=True)
        found[name] = run(name)
    figures = [figure for some in found.values() for figure in some]
    print(table(figures))
    if asked.write:
        PAGE.write_text(write(found, PAGE.read_text()))
    return 1 if any(figure.reached is False for figure in figures) else 0


if __name__ == "__main__":
    sys.exit(main())
