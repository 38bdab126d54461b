"""Finds what a mail program would fetch, run or send: none of it belongs into a mail."""

from __future__ import annotations

import re
from html.parser import HTMLParser

FORBIDDEN = {
    "applet",
    "audio",
    "base",
    "embed",
    "form",
    "frame",
    "iframe",
    "input",
    "link",
    "object",
    "script",
    "svg",
    "video",
}
FETCHING = {"src", "srcset", "background", "poster", "data", "lowsrc"}
_CSS_FETCH = re.compile(r"url\s*\(|@import", re.IGNORECASE)


def remote_parts(html: str) -> list[str]:
    """What `html` holds that reaches out of it, each once, in order of appearance."""
    finder = _Finder()
    finder.feed(html)
    finder.close()
    return list(dict.fromkeys(finder.found))


class _Finder(HTMLParser):
    def __init__(self) -> None:
        super().__init__()
        self.found: list[str] = []
        self._in_style = False

    def handle_starttag(self, tag: str, attrs: list[tuple[str, str | None]]) -> None:
        self._in_style = tag == "style"
        if tag in FORBIDDEN:
            self.found.append(f"<{tag}>")
        for name, value in attrs:
            self._look(name, (value or "").strip())

    def handle_endtag(self, tag: str) -> None:
        self._in_style = False

    def handle_data(self, data: str) -> None:
        if self._in_style and _CSS_FETCH.search(data):
            self.found.append("a style that loads a file")

    def _look(self, name: str, value: str) -> None:
        if name.startswith("on"):
            self.found.append(f"a script in {name}=")
        if name in FETCHING and not value.startswith(("cid:", "data:image/")):
            self.found.append(f"{name}={value!r}")
        if name == "style" and _CSS_FETCH.search(value):
            self.found.append("a style that loads a file")
        if name == "href" and not value.startswith(("https://", "http://", "mailto:", "#")):
            self.found.append(f"href={value!r}")
