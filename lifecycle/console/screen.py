"""The terminal: tables that fit, plain text when piped, colour on a terminal only, JSON when asked."""

from __future__ import annotations

import json
import os
import sys
from collections.abc import Iterable, Iterator, Mapping
from typing import Any, Final

from rich.console import Console, ConsoleOptions, RenderableType
from rich.padding import Padding
from rich.segment import Segment
from rich.table import Table
from rich.text import Text

from lifecycle.telling.data import plain

PIPED_WIDTH: Final = 160
"""What is piped is not wrapped at the width of a terminal nobody looks at; COLUMNS overrules."""

COLOURS: Final = {
    "grey": "bright_black",
    "blue": "blue",
    "teal": "cyan",
    "green": "green",
    "dark green": "green4",
    "yellow": "yellow",
    "orange": "dark_orange",
    "red": "red",
    "purple": "magenta",
    "pink": "hot_pink",
}
"""The colours of definitions, as a terminal has them."""


SILENT: Final = dict.fromkeys([*range(32), *range(127, 160)]) | {ord("\n"): "\n"}
"""Characters that would speak to the terminal instead of being read."""


class PlainConsole(Console):
    """Text is taken as it is: brackets are no markup, `:words:` no emoji, and no value steers the terminal."""

    def render(
        self, renderable: RenderableType, options: ConsoleOptions | None = None
    ) -> Iterator[Segment]:
        """Rich leaves the escape character in what it is given."""
        for part in super().render(renderable, options):
            yield part if part.control else Segment(part.text.translate(SILENT), part.style)


class Screen:
    """Where a command writes its answer."""

    def __init__(self, as_json: bool = False) -> None:
        self.as_json = as_json
        self.console = make_console()

    @property
    def is_wide(self) -> bool:
        """Whether there is room for more than the essential columns."""
        return self.console.width >= 110

    def say(self, text: RenderableType = "", style: str | None = None) -> None:
        """One paragraph. Text is taken as it is: brackets are no markup."""
        self._print(_as_text(text), style or "")

    def flowing(self, parts: Iterable[str], style: str = "") -> None:
        """Facts side by side, broken between them and not within."""
        lines: list[str] = []
        for part in parts:
            longer = f"{lines[-1]} · {part}" if lines else part
            if lines and len(longer) <= self.console.width:
                lines[-1] = longer
            else:
                lines.append(part)
        for line in lines:
            self.say(line, style)

    def heading(self, text: str) -> None:
        """The title of a part, with an empty line before it."""
        self.say()
        self.say(Text(text, style="bold"))

    def indented(self, text: RenderableType, by: int = 2, style: str = "") -> None:
        """A paragraph set in from the left, wrapped lines too."""
        shown = Text(text, style=style) if isinstance(text, str) else text
        self._print(Padding(shown, (0, 0, 0, by)))

    def outline(self, text: str) -> None:
        """An outline, line by line."""
        for line in text.splitlines():
            self.outlined(line)

    def outlined(self, line: str) -> None:
        """A line of an outline: wrapped under its own beginning, behind `- ` where it has one."""
        text = line.lstrip()
        margin = len(line) - len(text)
        if not text.startswith("- "):
            self.indented(text, by=margin)
            return
        grid = Table.grid()
        grid.add_column(no_wrap=True)
        grid.add_column()
        grid.add_row(" " * margin + "- ", Text(text.removeprefix("- ")))
        self._print(grid)

    def table(self, table: Table, by: int = 2) -> None:
        """A table, set in a little."""
        # Not `expand=False`: that measures multi-line headers too narrow.
        self._print(Padding(table, (0, 0, 0, by)) if by else table)

    def facts(self, facts: Mapping[str, str]) -> None:
        """Names and values, one a line, without those that are empty."""
        table = columns("Name", "Value", keep=["Name"], header=False)
        for name, value in facts.items():
            if value:
                table.add_row(Text(name, style="dim"), value)
        self.table(table, by=0)

    def _print(self, shown: RenderableType, style: str = "") -> None:
        """Piped lines end where their text ends: columns are padded for terminals only."""
        if self.console.is_terminal:
            self.console.print(shown, style=style)
            return
        with self.console.capture() as captured:
            self.console.print(shown)
        for line in captured.get().splitlines():
            self.console.file.write(line.rstrip() + "\n")

    def data(self, data: Any) -> None:
        """The answer for programs: one JSON document."""
        sys.stdout.write(json.dumps(plain(data), indent=2, ensure_ascii=False) + "\n")


def make_console(stderr: bool = False) -> Console:
    """A console as wide as the terminal; piped output is plain and wide."""
    stream = sys.stderr if stderr else sys.stdout
    width = None if stream.isatty() or "COLUMNS" in os.environ else PIPED_WIDTH
    return PlainConsole(
        file=stream, width=width, highlight=False, soft_wrap=False, markup=False, emoji=False
    )


def _as_text(text: RenderableType) -> RenderableType:
    return Text(text) if isinstance(text, str) else text


def columns(
    *names: str, right: Iterable[str] = (), keep: Iterable[str] = (), header: bool = True
) -> Table:
    """A table with these columns; `right` are set to the right, `keep` are never wrapped."""
    table = Table(
        box=None, pad_edge=False, padding=(0, 2, 0, 0), header_style="dim", show_header=header
    )
    for name in names:
        justify = "right" if name in right else "left"
        wraps = name not in keep and name not in right
        table.add_column(Text(name), justify=justify, no_wrap=not wraps, overflow="fold")  # type: ignore[arg-type]
    return table
