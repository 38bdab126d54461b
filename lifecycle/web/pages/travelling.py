"""Pages as of a date: the control in the top bar, what it says, and the ways on, which keep the date (N5).

The address carries it (`as_of`, `known`). Of the past nothing can be changed: such a page knows no right but to read.
"""

from __future__ import annotations

from dataclasses import dataclass
from datetime import date
from typing import Any, Final
from urllib.parse import urlencode, urlsplit, urlunsplit

from fastapi import Request

from lifecycle.core.refusal import Refusal
from lifecycle.store.moment import AsOf, Now
from lifecycle.telling.audience import Asked, moment_asked
from lifecycle.telling.phrases import written_day
from lifecycle.telling.then import moment_words
from lifecycle.telling.viewer import Viewer

from ..door import Door
from ..who import Right

DROPPED: Final = frozenset({"as_of", "known", "after", "before"})
"""What belongs to the moment that is shown, or to a page of its list."""


@dataclass(frozen=True, slots=True)
class Travel:
    """Where a page stands in time. `said` is empty of the present; `kept` is what else the address says.

    `wrong` is why there is no such moment, in which case there is nothing but the way back.
    """

    path: str
    as_of: str = ""
    known: str = ""
    kept: tuple[tuple[str, str], ...] = ()
    said: str = ""
    wrong: Refusal | None = None

    @property
    def is_past(self) -> bool:
        """Whether it is not of now."""
        return bool(self.as_of)

    @property
    def day(self) -> str:
        """What stands in the control for a date."""
        try:
            return str(date.fromisoformat(self.as_of.strip()[:10]))
        except ValueError:
            return ""

    @property
    def label(self) -> str:
        """What the control says: the day, or that it is now."""
        if not self.is_past:
            return "now"
        return written_day(date.fromisoformat(self.day)) if self.day else self.as_of

    @property
    def refused(self) -> str:
        """Why nothing is shown, in words; empty where there is such a moment."""
        if self.wrong is None:
            return ""
        what = self.wrong.what.replace(repr(self.as_of), self.label)
        return f"{what} {self.wrong.remedy}".strip()

    @property
    def now(self) -> str:
        """The same page of now."""
        return self._address()

    @property
    def other(self) -> tuple[str, str]:
        """The same moment from the other knowledge: words, address."""
        if self.known:
            return "As recorded then", self._address(("as_of", self.as_of))
        return "As known today", self._address(("as_of", self.as_of), ("known", "now"))

    def at(self, address: str) -> str:
        """An address that keeps the moment."""
        if not self.is_past:
            return address
        parts = urlsplit(address)
        pairs = [("as_of", self.as_of), *([("known", self.known)] if self.known else [])]
        query = "&".join(one for one in (parts.query, urlencode(pairs)) if one)
        return urlunsplit(parts._replace(query=query))

    def _address(self, *when: tuple[str, str]) -> str:
        pairs = [*self.kept, *when]
        return f"{self.path}?{urlencode(pairs)}" if pairs else self.path


def asked_of(request: Request) -> Asked:
    """The moment that an address asks for."""
    as_of, known = (request.query_params.get(name, "")[:100] for name in ("as_of", "known"))
    return Asked(as_of=as_of or None, known=(known or None) if as_of else None)


def travelling(door: Door, request: Request, *present: str) -> dict[str, Any]:
    """What a page that can be told as of a date gives its template. `present` is asked of the present only."""
    asked = asked_of(request)
    pairs = request.query_params.multi_items()
    kept = tuple(pair for pair in pairs if pair[0] not in {*DROPPED, *present} and pair[1])
    as_of, known = asked.as_of or "", asked.known or ""
    said, wrong = _said(door, asked)
    travel = Travel(request.url.path, as_of, known, kept, said, wrong)
    return {"travel": travel, **({"rights": frozenset({Right.READ.value})} if as_of else {})}


def _said(door: Door, asked: Asked) -> tuple[str, Refusal | None]:
    if asked.as_of is None:
        return "", None
    viewer = Viewer(door.store, door.now(), door.zone)
    try:
        moment = moment_asked(asked, Now(viewer.now), viewer)
    except Refusal as refusal:
        return f"As of {asked.as_of}.", refusal
    return (moment_words(moment, viewer) if isinstance(moment, AsOf) else ""), None
