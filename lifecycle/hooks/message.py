"""One thing that another system told us, whatever the form it came in."""

from __future__ import annotations

import json
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass, field
from datetime import datetime
from hashlib import sha256
from typing import Any, Final

from lifecycle.core.values import Value
from lifecycle.importing.mapping import Cells

MAX_ID: Final = 200
MAX_DEPTH: Final = 40
OF_MESSAGE: Final = "message"
"""What every message has under a name of ours: `message.id`, `message.type`, `message.time`, …"""


class Unreadable(Exception):
    """A delivery that is not what its sender promised; the words are for its logs."""


@dataclass(frozen=True, slots=True)
class Message:
    """`id` is theirs, and the same when it is told again; `type` is the word by which people know its kind.

    `content` is JSON as it was sent, `more` what its form says besides (`change`, `record`).
    """

    id: str
    type: str
    time: datetime
    content: Mapping[str, Any]
    more: Mapping[str, str] = field(default_factory=dict)

    def cells(self, paths: Mapping[str, Sequence[str]]) -> Cells:
        """Each name with the first value that stands at one of its paths; ours by their names."""
        ours = {"id": self.id, "type": self.type, "time": self.time.isoformat(), **self.more}
        cells: Cells = {f"{OF_MESSAGE}.{name}": value for name, value in ours.items()}
        found = {name: first(self.content, cells, places) for name, places in paths.items()}
        return {**cells, **found}

    def text(self) -> str:
        """All of it as JSON that every database takes, to be read again by `from_text`."""
        parts = {"id": self.id, "type": self.type, "time": self.time.isoformat()}
        return json.dumps({**parts, "content": self.content, "more": self.more})


def from_text(text: str) -> Message:
    """A message that was kept."""
    parts = json.loads(text)
    time = datetime.fromisoformat(parts["time"])
    return Message(parts["id"], parts["type"], time, parts["content"], parts["more"])


def first(content: Mapping[str, Any], ours: Cells, places: Iterable[str]) -> Value:
    """The first value at one of the places; None when there is none."""
    for place in places:
        value = ours.get(place) if place in ours else at(content, place)
        if value is not None:
            return value
    return None


def at(content: Any, path: str) -> Value:
    """What stands at `items.data.0.price`; a list, an object and an empty text are nothing."""
    found = content
    for word in path.split("."):
        found = _inside(found, word)
    if isinstance(found, str):
        return found.strip() or None
    return found if isinstance(found, int | float) else None


def _inside(found: Any, word: str) -> Any:
    if isinstance(found, dict):
        return found.get(word)
    if isinstance(found, list) and word.isdecimal() and int(word[:6]) < len(found):
        return found[int(word[:6])]
    return None


def name_of(*parts: object) -> str:
    """An id out of several; one that is too long, or that no database takes, by its digest."""
    text = "/".join(str(part) for part in parts)
    if text.isprintable() and len(text) <= MAX_ID:
        return text
    return sha256(text.encode("utf-8", "surrogatepass")).hexdigest()


def parsed(body: bytes) -> Any:
    """JSON, strictly: UTF-8, no NaN, not nested without end. Raises `Unreadable`."""
    try:
        found = json.loads(body.decode("utf-8"), parse_constant=_refuse)
    except (ValueError, RecursionError) as error:
        said = "nested too deep" if isinstance(error, RecursionError) else str(error)
        raise Unreadable(f"The body is no JSON: {said}.") from None
    if _is_deep(found):
        raise Unreadable(f"The body is nested deeper than {MAX_DEPTH} levels.")
    return found


def _refuse(word: str) -> None:
    raise ValueError(f"{word} is no number of JSON")


def _is_deep(found: Any) -> bool:
    level = [found]
    for _ in range(MAX_DEPTH):
        level = [inner for one in level for inner in _below(one)]
        if not level:
            return False
    return True


def _below(one: Any) -> Iterable[Any]:
    if isinstance(one, dict):
        return one.values()
    return one if isinstance(one, list) else ()


def objects(found: Any, what: str) -> list[dict[str, Any]]:
    """One object or a list of them. Raises `Unreadable`."""
    listed = found if isinstance(found, list) else [found]
    if not listed or not all(isinstance(one, dict) for one in listed):
        raise Unreadable(f"Expected {what}: a JSON object, or a list of them.")
    return listed


def word(found: Mapping[str, Any], name: str) -> str:
    """What must be there. Raises `Unreadable`."""
    value = found.get(name)
    if not isinstance(value, str | int) or isinstance(value, bool) or str(value).strip() == "":
        raise Unreadable(f"`{name}` is missing.")
    return str(value).strip()
