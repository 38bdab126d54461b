"""What stands in a page: its tables as text, and the data of its charts."""

import json
from dataclasses import dataclass, field
from html.parser import HTMLParser
from typing import Any


@dataclass
class Table:
    """A table as it is read: heading, heads, lines of cells."""

    caption: str = ""
    heads: list[str] = field(default_factory=list)
    lines: list[list[str]] = field(default_factory=list)

    def column(self, head: str) -> list[str]:
        """The cells under a head."""
        place = self.heads.index(head)
        return [line[place] for line in self.lines]


class _Reader(HTMLParser):
    def __init__(self) -> None:
        super().__init__()
        self.tables: list[Table] = []
        self.charts: list[dict[str, Any]] = []
        self.text: list[str] | None = None

    def handle_starttag(self, tag: str, attrs: list[tuple[str, str | None]]) -> None:
        if tag == "table":
            self.tables.append(Table())
        elif tag == "tr" and self.tables[-1].heads:
            self.tables[-1].lines.append([])
        elif tag in {"td", "th", "caption"} or dict(attrs).get("type") == "application/json":
            self.text = []
        elif tag == "br":
            self.handle_data("\n")

    def handle_data(self, data: str) -> None:
        if self.text is not None:
            self.text.append(data)

    def handle_endtag(self, tag: str) -> None:
        if self.text is None or tag not in {"td", "th", "caption", "script"}:
            return
        text, self.text = "".join(self.text).strip(), None
        match tag:
            case "td":
                self.tables[-1].lines[-1].append(text)
            case "th":
                self.tables[-1].heads.append(text)
            case "caption":
                self.tables[-1].caption = text
            case _:
                self.charts.append(json.loads(text))


def tables(html: str) -> list[Table]:
    """The tables of a page, in order."""
    reader = _Reader()
    reader.feed(html)
    return reader.tables


def charts(html: str) -> list[dict[str, Any]]:
    """What its charts are drawn from."""
    reader = _Reader()
    reader.feed(html)
    return reader.charts
