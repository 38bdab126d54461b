"""Figures and how they are shown."""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass


@dataclass(frozen=True, slots=True)
class Figure:
    """One measured figure, its goal in words, and whether it is reached (None: no goal)."""

    name: str
    value: float
    goal: str = ""
    reached: bool | None = None
    shown: str = "{:.2f}"

    @property
    def text(self) -> str:
        """The value as people read it."""
        return self.shown.format(self.value)


def table(figures: Iterable[Figure]) -> str:
    """A Markdown table of figures."""
    return "\n".join(["| figure | measured | goal | |", "|---|---:|---:|---|", *map(row, figures)])


def row(figure: Figure) -> str:
    """A figure's row of the table."""
    mark = {True: "reached", False: "**not reached**", None: ""}[figure.reached]
    return f"| {figure.name} | {figure.text} | {figure.goal} | {mark} |"
