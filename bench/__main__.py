"""`python -m bench [NAME …] [--write]`: run the benchmarks, print the figures, write them to docs/performance.md."""

from __future__ import annotations

import argparse
import asyncio
import importlib
import inspect
import re
import sys
from pathlib import Path

from .report import Figure, table

NAMES = ("core", "burst", "change", "command", "memory", "replay", "scale")
PAGE = Path(__file__).parent.parent / "docs" / "performance.md"
BEGIN, END = "<!-- figures -->", "<!-- end of figures -->"


def run(name: str) -> list[Figure]:
    """One benchmark, by the name of its module."""
    module = importlib.import_module(f"bench.{name}")
    found = module.measure()
    return asyncio.run(found) if inspect.isawaitable(found) else found  # type: ignore[arg-type]


def write(figures: list[Figure]) -> None:
    """Replace the table in docs/performance.md."""
    text = PAGE.read_text()
    PAGE.write_text(
        re.sub(f"{BEGIN}.*{END}", f"{BEGIN}\n{table(figures)}\n{END}", text, flags=re.DOTALL)
    )


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
    figures: list[Figure] = []
    for name in asked.names or NAMES:
        print(f"{name} …", file=sys.stderr, flush=True)
        figures += run(name)
    print(table(figures))
    if asked.write:
        write(figures)
    return 1 if any(figure.reached is False for figure in figures) else 0


if __name__ == "__main__":
    sys.exit(main())
