"""Refusals: what an input may be answered with instead of a change.

A refusal is for a person. It says what was wrong, where, and what to do; every door shows the same one
because every door asks the core (R16).
"""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass
from difflib import get_close_matches


# Not frozen: a context manager that an exception passes through sets its traceback anew.
@dataclass(slots=True, unsafe_hash=True)
class Refusal(Exception):
    """An input that is not carried out, and why.

    `code` is stable and for programs (`unknown_stage`), `what` and `remedy` are sentences for people,
    `where` names the field or argument concerned, when there is one.
    """

    code: str
    what: str
    remedy: str = ""
    where: str = ""

    def __str__(self) -> str:
        return f"{self.what} {self.remedy}".strip()


def did_you_mean(word: str, known: Iterable[str]) -> str:
    """A remedy for a misspelt name: the nearest known one whatever its capitals, else the list of them."""
    names = sorted(known)
    lower = {name.lower(): name for name in names}
    near = get_close_matches(word.lower(), lower, n=1)
    if near:
        return f"Did you mean {lower[near[0]]}?"
    return f"Known: {', '.join(names)}." if names else "There are none."
