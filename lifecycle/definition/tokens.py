"""A sentence cut into words, with the place of each."""

from __future__ import annotations

import re
from dataclasses import dataclass

_TOKEN = re.compile(r'"(?:[^"]|"")*"|\'(?:[^\']|\'\')*\'|<=|>=|<|>|,|[^\s,<>"\'][^\s,<>]*|\S')


class SentenceError(Exception):
    """What is wrong in a sentence: `start` and `width` in characters, `help` says what to do."""

    def __init__(
        self, start: int, width: int, message: str, remedy: str = "", code: str = "bad_condition"
    ) -> None:
        super().__init__(message)
        self.start, self.width, self.message = start, width, message
        self.help, self.code = remedy, code


@dataclass(frozen=True, slots=True)
class Token:
    """A word of a sentence; `start` and `end` are positions in it."""

    text: str
    start: int
    end: int

    @property
    def quoted(self) -> bool:
        """Whether it stands in quotes, so that it is a literal."""
        return self.text[0] in "\"'"

    @property
    def word(self) -> str:
        """The word for comparing with keywords; empty for a literal in quotes."""
        return "" if self.quoted else self.text.lower()

    @property
    def value(self) -> str:
        """The text without its quotes."""
        if not self.quoted:
            return self.text
        return self.text[1:-1].replace(self.text[0] * 2, self.text[0])


def tokens(sentence: str) -> list[Token]:
    """The words of a sentence. Raises `SentenceError` for a quote that is not closed."""
    found = [Token(one.group(), one.start(), one.end()) for one in _TOKEN.finditer(sentence)]
    for token in found:
        if token.text in ('"', "'"):
            raise SentenceError(token.start, 1, "The quote is not closed.", "Close it.")
    return found
