"""A bar for what takes a while: on a terminal only, and never among the answer."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from contextlib import contextmanager

from rich.progress import (
    BarColumn,
    MofNCompleteColumn,
    Progress,
    ProgressColumn,
    Task,
    TextColumn,
    TimeElapsedColumn,
)
from rich.text import Text

from .screen import make_console


class _Speed(ProgressColumn):
    """How many a second."""

    def render(self, task: Task) -> Text:
        """Empty until something has moved."""
        speed = task.finished_speed or task.speed
        return Text(f"{speed:,.0f}/s" if speed else "", style="dim")


@contextmanager
def progress(shown: bool) -> Iterator[Progress]:
    """Bars on stderr while the block runs; nothing where stderr is no terminal or it is not wanted."""
    console = make_console(stderr=True)
    parts = (
        TextColumn("{task.description:<22}"),
        BarColumn(),
        MofNCompleteColumn(),
        TextColumn("{task.fields[unit]}"),
        _Speed(),
        TimeElapsedColumn(),
    )
    with Progress(
        *parts, console=console, transient=True, disable=not shown or not console.is_terminal
    ) as bar:
        yield bar


def step(bar: Progress, what: str, total: int | None, unit: str) -> Callable[[int], None]:
    """A new bar; what is given back moves it on by so many."""
    task = bar.add_task(what, total=total, unit=unit)
    return lambda number: bar.update(task, advance=number)
