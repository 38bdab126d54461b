"""Sentences asked on a command line: read as one condition, or refused all at once, each with its caret."""

from __future__ import annotations

from collections.abc import Sequence

from lifecycle.core.conditions import All, Condition
from lifecycle.core.model import Book
from lifecycle.core.refusal import Refusal

from .known import Scope, scope_of
from .sentences import parse_condition


def condition_asked(sentences: Sequence[str], book: Book) -> Condition:
    """The condition that all of the sentences hold; a single sentence is its own condition.

    Raises one `Refusal` that shows every wrong sentence with a caret under the place; its code is that of
    the first. There is no event at hand, so `event.…` is refused.
    """
    scope = scope_of(book)
    read = [_read(sentence, scope) for sentence in sentences]
    wrong = [one for one in read if isinstance(one, Refusal)]
    if len(wrong) == 1:
        raise wrong[0]
    if wrong:
        told = [f"{one.what}\n  {one.remedy}" if one.remedy else one.what for one in wrong]
        raise Refusal(wrong[0].code, "\n".join(told))
    parts = tuple(one for one in read if not isinstance(one, Refusal))
    return parts[0] if len(parts) == 1 else All(parts)


def _read(sentence: str, scope: Scope) -> Condition | Refusal:
    try:
        return parse_condition(sentence, scope)
    except Refusal as refusal:
        return refusal
