"""A sentence in parts that controls can show and change: of what it speaks, what is said of it, and with which values.

The sentence stays the truth: parts are read from it and written back as one, and the definitions' reader alone
says whether it is right.
"""

from __future__ import annotations

import re
from collections.abc import Iterable, Iterator
from dataclasses import dataclass, replace
from datetime import date
from typing import Final

from lifecycle.core.conditions import (
    NONE,
    Between,
    Changed,
    Compare,
    Completed,
    Condition,
    Const,
    Exists,
    Field,
    HasOpenCta,
    InSegment,
    InStage,
    Not,
    OneOf,
    Window,
    Within,
)
from lifecycle.core.values import Kind, Value
from lifecycle.definition.known import Scope
from lifecycle.definition.outline import NOT, Group, Line, Part
from lifecycle.definition.phrases import literal
from lifecycle.definition.sentences import parse_sentence
from lifecycle.definition.tokens import SentenceError, Token, tokens

CTA, SEGMENT = "has open cta", "in segment"
"""Subjects that are neither a field nor a lifecycle."""
ONE_OF, NOT_ONE_OF = "is one of", "is not one of"
EXISTS, MISSING = "exists", "does not exist"
CHANGED, COMPLETED = "changed", "completed"
NEXT, LAST = "is in the next", "is in the last"
USUAL_DAYS: Final = "30"

_THERE: Final = {EXISTS: "is filled in", MISSING: "is empty"}
_EQUAL: Final = {"is": "is", "is not": "is not"}
_AMONG: Final = {ONE_OF: ONE_OF, NOT_ONE_OF: NOT_ONE_OF}
_SIZES: Final = {"<": "is below", "<=": "is at most", ">": "is above", ">=": "is at least"}
_DATES: Final = {"is before": "is before", "is after": "is after", NEXT: NEXT, LAST: LAST}
_TEXT: Final = {**_EQUAL, "contains": "contains", **_AMONG, **_THERE}
_NUMBER: Final = {**_SIZES, **_EQUAL, **_AMONG, **_THERE}

OF_LIFECYCLE: Final = {
    **_AMONG,
    CHANGED: "changed",
    COMPLETED: "completed",
    EXISTS: "is in a stage",
    MISSING: "is in no stage",
}
OF_KIND: Final = {
    Kind.PICKLIST: {**_AMONG, **_THERE},
    Kind.TEXT: _TEXT,
    Kind.EMAIL: _TEXT,
    Kind.TIME_ZONE: _TEXT,
    Kind.WHOLE: _NUMBER,
    Kind.NUMBER: _NUMBER,
    Kind.MONEY: _NUMBER,
    Kind.DATE: {**_DATES, **_EQUAL, **_THERE},
    Kind.YES_NO: {**_EQUAL, **_THERE},
}
OF_CTA: Final = {"is": "is open", "is not": "is not open"}
OF_SEGMENT: Final = {"is": "is", "is not": "is not"}
"""What can be said, with the words people read."""

_OPPOSITE: Final = {ONE_OF: NOT_ONE_OF, EXISTS: MISSING, "is": "is not"}
_TURNED: Final = _OPPOSITE | {one: other for other, one in _OPPOSITE.items()}
_LISTED: Final = re.compile(r'"(?:[^"]|"")*"|[^,]+')
_VALUE_MAY_FOLLOW: Final = frozenset({"is", "is not", "contains", "is before", "is after", *_SIZES})


@dataclass(frozen=True, slots=True)
class Phrase:
    """A sentence in parts. `raw` is one that no control can show; `how` limits the days in a stage.

    `window` is `last` (of `number` days), `between` (`first` and `last`) or empty.
    """

    subject: str = ""
    verb: str = ""
    values: tuple[str, ...] = ()
    how: str = ""
    number: str = ""
    unit: str = "days"
    window: str = ""
    first: str = ""
    last: str = ""
    left: str = ""
    entered: str = ""
    raw: str = ""


def verbs_of(subject: str, scope: Scope) -> dict[str, str]:
    """What can be said of a subject, with its words; nothing of one that is not known."""
    if subject in (CTA, SEGMENT):
        return OF_CTA if subject == CTA else OF_SEGMENT
    if subject in scope.stages:
        return OF_LIFECYCLE
    datum = scope.fields.get(subject)
    return OF_KIND[datum.kind] if datum is not None else {}


# ── from a sentence


def phrase_of(part: Part, scope: Scope) -> Phrase | None:
    """The parts of a line; of a group only those of `not:` over a line that has words for it, else None."""
    if isinstance(part, Line):
        return _of_line(part.text, scope)
    only = part.parts[0] if len(part.parts) == 1 else None
    if part.word != NOT or not isinstance(only, Line):
        return None
    found = _of_line(only.text, scope)
    turned = _TURNED.get(found.verb)
    return replace(found, verb=turned) if turned is not None and not found.how else None


def _of_line(text: str, scope: Scope) -> Phrase:
    try:
        found = _of_condition(parse_sentence(text, scope), scope)
    except SentenceError:
        found = _unfinished(text, scope)
    is_shown = found is not None and found.verb in verbs_of(found.subject, scope)
    return found if found is not None and is_shown else Phrase(raw=text)


def _of_condition(condition: Condition, scope: Scope) -> Phrase | None:
    match condition:
        case Not(InSegment(segment)):
            return Phrase(SEGMENT, "is not", (segment,))
        case InSegment(segment):
            return Phrase(SEGMENT, "is", (segment,))
        case HasOpenCta(kind):
            return Phrase(CTA, "is", (kind,) if kind else ())
        case InStage() | Changed() | Completed():
            return _of_lifecycle(condition)
        case Compare(Field(name)) | OneOf(Field(name)) | Exists(Field(name)) | Within(Field(name)):
            return _of_field(name, condition, scope)
    return None


def _of_lifecycle(leaf: InStage | Changed | Completed) -> Phrase:
    match leaf:
        case Completed(lifecycle, window):
            return _in_window(Phrase(lifecycle, COMPLETED), window)
        case Changed(lifecycle, window, left, entered):
            changed = Phrase(lifecycle, CHANGED, left=left or "", entered=entered or "")
            return _in_window(changed, window)
    limit = leaf.more_than or leaf.less_than
    if leaf.stages == (NONE,) and limit is None:
        return Phrase(leaf.lifecycle, EXISTS if leaf.negated else MISSING)
    found = Phrase(leaf.lifecycle, NOT_ONE_OF if leaf.negated else ONE_OF, leaf.stages)
    if limit is None:
        return found
    how = "more than" if leaf.more_than else "less than"
    return replace(found, how=how, number=str(limit.amount), unit=limit.unit.value)


def _in_window(phrase: Phrase, window: Window | None) -> Phrase:
    if isinstance(window, Between):
        first, last = str(window.first), str(window.last)
        return replace(phrase, window="between", first=first, last=last)
    return replace(phrase, window="last", number=str(window.days)) if window else phrase


def _of_field(name: str, leaf: Condition, scope: Scope) -> Phrase | None:
    kind = scope.fields[name].kind
    match leaf:
        case Exists(_, negated):
            return Phrase(name, MISSING if negated else EXISTS)
        case Within(_, days, ahead):
            return Phrase(name, NEXT if ahead else LAST, number=str(days))
        case OneOf(_, values, negated):
            verb = NOT_ONE_OF if negated else ONE_OF
            return Phrase(name, verb, tuple(_listed(one, kind) for one in values))
        case Compare(_, op, Const(value)) if kind is Kind.PICKLIST:
            verb = {"is": ONE_OF, "is not": NOT_ONE_OF}.get(op.value, op.value)
            return Phrase(name, verb, (_listed(value, kind),))
        case Compare(_, op, Const() | Field() as right):
            return Phrase(name, op.value, (_operand(right, kind, scope),))
    return None


def _listed(value: Value, kind: Kind) -> str:
    """A value of a list as it is typed: in quotes only where its own words would be read otherwise."""
    if kind is Kind.PICKLIST:
        return str(value)
    text = _bare(value, kind)
    return literal(value, Kind.TEXT) if set(text) & set(",\"'") else text


def _operand(operand: Const | Field, kind: Kind, scope: Scope) -> str:
    if isinstance(operand, Const):
        text = _bare(operand.value, kind)
        is_taken = text[:1] in "\"'" or text in scope.fields or text.startswith("event.")
        return literal(operand.value, Kind.TEXT) if is_taken else text
    return operand.name


def _bare(value: Value, kind: Kind) -> str:
    if isinstance(value, str):
        return value
    return literal(value, kind).removesuffix(".00") if kind is Kind.MONEY else literal(value, kind)


def _unfinished(text: str, scope: Scope) -> Phrase | None:
    """A sentence that lacks its end, or has a value that is none: as far as it can be shown."""
    try:
        words = tokens(text)
    except SentenceError:
        return None
    known = verbs_of(words[0].text, scope) if words else {}
    for verb in sorted(known, key=len, reverse=True):
        length = len(verb.split())
        if " ".join(one.word for one in words[1 : 1 + length]) == verb:
            return _with_rest(Phrase(words[0].text, verb), text, words[1 + length :], scope)
    return None


def _with_rest(phrase: Phrase, text: str, rest: list[Token], scope: Scope) -> Phrase | None:
    said = text[rest[0].start :].strip() if rest else ""
    if phrase.verb in (ONE_OF, NOT_ONE_OF):
        if phrase.subject in scope.stages and not {*(_split(said))} <= {*_stages(phrase, scope)}:
            return None
        return replace(phrase, values=tuple(_split(said)))
    if phrase.verb in (NEXT, LAST):
        return replace(phrase, number=said.split(" ")[0])
    return replace(phrase, values=(said,)) if phrase.verb in _VALUE_MAY_FOLLOW else None


def _stages(phrase: Phrase, scope: Scope) -> tuple[str, ...]:
    return (*scope.stages[phrase.subject], NONE)


def _split(text: str) -> Iterator[str]:
    return (one.strip() for one in _LISTED.findall(text) if one.strip())


# ── to a sentence


def part_of(phrase: Phrase, scope: Scope) -> Part:
    """The line the controls come to; what is not chosen yet is left out, for the reader to say."""
    if phrase.subject == CTA:
        line = Line(f"{CTA} of {_quoted(phrase.values[0])}" if any(phrase.values) else CTA)
        return Group(NOT, (line,)) if phrase.verb == "is not" else line
    return Line(_sentence(phrase, scope))


def _sentence(phrase: Phrase, scope: Scope) -> str:
    if not phrase.subject:
        return phrase.raw
    if phrase.subject == SEGMENT:
        segment = phrase.values[0] if phrase.values else ""
        return f"{'not ' if phrase.verb == 'is not' else ''}{SEGMENT} {segment}".strip()
    said = _of_stages(phrase) if phrase.subject in scope.stages else _of_values(phrase, scope)
    return f"{phrase.subject} {said}".strip()


def _of_stages(phrase: Phrase) -> str:
    if phrase.verb in (EXISTS, MISSING):
        return phrase.verb
    if phrase.verb == COMPLETED:
        return f"{COMPLETED} {_window(phrase)}"
    if phrase.verb == CHANGED:
        left = f"from {phrase.left} " if phrase.left else ""
        entered = f"to {phrase.entered} " if phrase.entered else ""
        return f"{CHANGED} {left}{entered}{_window(phrase)}"
    limited = phrase.how and phrase.verb == ONE_OF
    limit = f" for {phrase.how} {phrase.number or USUAL_DAYS} {phrase.unit}" if limited else ""
    return f"{_among(phrase)} {', '.join(phrase.values)}{limit}"


def _among(phrase: Phrase) -> str:
    """`is` of one, `is one of` several."""
    return phrase.verb.removesuffix(" one of") if len(phrase.values) == 1 else phrase.verb


def _window(phrase: Phrase) -> str:
    if phrase.window == "between":
        return f"between {phrase.first} and {phrase.last}"
    if phrase.window or phrase.verb == CHANGED:
        return f"in the last {phrase.number or USUAL_DAYS} days"
    return ""


def _of_values(phrase: Phrase, scope: Scope) -> str:
    kind = scope.fields[phrase.subject].kind
    if phrase.verb in (EXISTS, MISSING):
        return phrase.verb
    if phrase.verb in (NEXT, LAST):
        return f"{phrase.verb} {phrase.number or USUAL_DAYS} days"
    if phrase.verb in (ONE_OF, NOT_ONE_OF):
        # Of a picklist alone: elsewhere a single word may be the name of a field.
        verb = _among(phrase) if kind is Kind.PICKLIST else phrase.verb
        return f"{verb} {', '.join(map(_quoted, _typed(phrase, kind)))}"
    value = phrase.values[0] if phrase.values else ""
    return f"{phrase.verb} {value}"


def _typed(phrase: Phrase, kind: Kind) -> Iterable[str]:
    """The values: chosen one by one of a picklist, else typed with commas."""
    if kind is Kind.PICKLIST:
        return phrase.values
    return _split(", ".join(phrase.values))


def _quoted(text: str) -> str:
    is_plain = text[:1] in "\"'" or not set(text) & set(",\"'")
    return text if is_plain else literal(text, Kind.TEXT)


# ── beginnings


def begun(subject: str, scope: Scope) -> Phrase:
    """What is said of a subject that was just chosen: a whole sentence, to be changed."""
    if subject == SEGMENT:
        return Phrase(SEGMENT, "is", tuple(sorted(scope.segments)[:1]))
    if subject == CTA:
        return Phrase(CTA, "is")
    if subject in scope.stages:
        return Phrase(subject, ONE_OF, scope.stages[subject][:1])
    datum = scope.fields[subject]
    match datum.kind:
        case Kind.PICKLIST:
            return Phrase(subject, ONE_OF, datum.options[:1])
        case Kind.DATE:
            return Phrase(subject, NEXT, number=USUAL_DAYS)
        case Kind.YES_NO:
            return Phrase(subject, "is", ("yes",))
    return Phrase(subject, EXISTS)


def said_of(phrase: Phrase, scope: Scope, today: date) -> Phrase:
    """The same with what its verb needs and nothing was chosen for."""
    if phrase.values or phrase.subject in (CTA, SEGMENT):
        return phrase
    fresh = begun(phrase.subject, scope)
    kind = scope.fields[phrase.subject].kind if phrase.subject in scope.fields else None
    if phrase.verb in (ONE_OF, NOT_ONE_OF) and fresh.verb == ONE_OF:
        return replace(phrase, values=fresh.values)
    if kind is Kind.DATE and phrase.verb in _VALUE_MAY_FOLLOW:
        return replace(phrase, values=(today.isoformat(),))
    return replace(phrase, values=("yes",)) if kind is Kind.YES_NO else phrase
