"""Sentences asked at a door: read as one condition, or refused all at once, each with its caret."""

from __future__ import annotations

from collections.abc import Sequence

from lifecycle.core.conditions import All, Condition
from lifecycle.core.model import Book
from lifecycle.core.refusal import Refusal

from .known import Scope, scope_of
from .outline import condition_of, read_outline
from .sentences import parse_condition


def condition_asked(sentences: Sequence[str], book: Book) -> Condition:
    """The condition that all of the sentences hold; a single sentence is its own condition.

    A sentence may be a text of several lines, with groups (`outline`).

    Raises one `Refusal` that shows every wrong sentence with a caret under the place; its code is that of
    the first. There is no event at hand, so `event.…` is refused.
    """
    scope = scope_of(book)
    read = [_read(sentence, scope) for sentence in sentences]
    wrong = [refusal for _, refusals in read for refusal in refusals]
    if len(wrong) == 1:
        raise wrong[0]
    if wrong:
        told = [f"{one.what}\n  {one.remedy}" if one.remedy else one.what for one in wrong]
        raise Refusal(wrong[0].code, "\n".join(told))
    parts = tuple(condition for condition, _ in read if condition is not None)
    return parts[0] if len(parts) == 1 else All(parts)


def _read(text: str, scope: Scope) -> tuple[Condition | None, list[Refusal]]:
    try:
        outline = read_outline(text)
        return condition_of(outline, scope) if outline.parts else (parse_condition(text, scope), [])
    except Refusal as refusal:
        return None, [refusal]
