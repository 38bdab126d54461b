"""Sentences of the condition language, read into the core's typed tree.

Of fields: `is V`, `is not`, `is one of`, `is not one of`, `< <= > >=`, `contains`, `exists`,
`does not exist`, `is in the next|last 30 days`, `is before|after D`. Of lifecycles: `is (one of) S
… for more|less than 30 days`, `changed [from S] [to S] in the last 30 days | between D and D`,
`completed [in the last …]`. And `has open cta [of kind]`, `[not] in segment s`.
"""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass, replace

from lifecycle.core.conditions import (
    NONE,
    Between,
    Changed,
    Compare,
    Completed,
    Condition,
    Const,
    EventField,
    Exists,
    Field,
    HasOpenCta,
    InSegment,
    InStage,
    Last,
    Leaf,
    Not,
    OneOf,
    Op,
    Operand,
    Window,
    Within,
)
from lifecycle.core.durations import Duration, Unit
from lifecycle.core.refusal import Refusal, did_you_mean
from lifecycle.core.values import Kind, Value, read_value

from . import amounts
from .known import Datum, Scope, a_kind
from .tokens import SentenceError, Token, tokens

_SYMBOLS = {"<": Op.LT, "<=": Op.LE, ">": Op.GT, ">=": Op.GE}
_ORDERED = frozenset({Kind.WHOLE, Kind.NUMBER, Kind.MONEY, Kind.DATE})
_TEXTS = frozenset({Kind.TEXT, Kind.EMAIL, Kind.PICKLIST, Kind.TIME_ZONE})
_NUMBERS = frozenset({Kind.WHOLE, Kind.NUMBER})
_FIELD_WORDS = (
    "is", "is not", "is one of", "is not one of", "<", "<=", ">", ">=", "contains", "exists",
    "does not exist", "is in the next", "is in the last", "is before", "is after",
)  # fmt: skip
_LIFECYCLE_WORDS = (
    "is", "is not", "is one of", "is not one of", "exists", "does not exist", "changed",
    "completed",
)  # fmt: skip
_WRONG = {"=": "is", "==": "is", "!=": "is not", "equals": "is", "in": "is one of"}


def parse_sentence(sentence: str, scope: Scope) -> Condition:
    """One sentence as a condition that remembers it: a leaf, or the `not` of one. Raises `SentenceError`."""
    text = sentence.strip()
    shift = len(sentence) - len(sentence.lstrip())
    try:
        found = _Sentence(text, tokens(text), scope).read()
    except SentenceError as error:
        error.start += shift
        raise
    return found if isinstance(found, Not) else replace(found, said=" ".join(text.split()))


def in_segment(name: str) -> InSegment:
    """The condition `in segment name`, which remembers its sentence."""
    return InSegment(name, f"in segment {name}")


@dataclass(slots=True)
class _Sentence:
    text: str
    words: list[Token]
    scope: Scope
    next: int = 0

    # ── moving along the words

    def peek(self) -> Token | None:
        return self.words[self.next] if self.next < len(self.words) else None

    def take(self, expected: str) -> Token:
        token = self.peek()
        if token is None:
            end = len(self.text)
            raise SentenceError(max(0, end - 1), 1, f"The sentence ends here; expected {expected}.")
        self.next += 1
        return token

    def try_phrase(self, phrase: str) -> bool:
        """Takes the words of a phrase if they come next."""
        wanted = phrase.split()
        coming = [token.word for token in self.words[self.next : self.next + len(wanted)]]
        if coming != wanted:
            return False
        self.next += len(wanted)
        return True

    def try_longest(self, phrases: tuple[str, ...]) -> str | None:
        return next(
            (one for one in sorted(phrases, key=len, reverse=True) if self.try_phrase(one)), None
        )

    def fail(
        self, token: Token, message: str, remedy: str = "", code: str = "bad_condition"
    ) -> SentenceError:
        return SentenceError(token.start, token.end - token.start, message, remedy, code)

    def finish(self) -> None:
        token = self.peek()
        if token is not None:
            raise SentenceError(
                token.start,
                len(self.text) - token.start,
                f"`{self.text[token.start :]}` is too much here.",
                _and_or_help(token.word) or self._too_much(token),
            )

    def _too_much(self, token: Token) -> str:
        """What to do about words after the end of the sentence."""
        before, subject = self.words[self.next - 1], self.words[0].text
        if before.quoted:
            return "Put the whole value in quotes."
        if token.text == ",":
            several = subject in self.scope.stages
            return (
                "Write `is one of` before a list."
                if several
                else "Write a sentence for each below `any of`."
            )
        if _is_for(token):
            name = subject if subject in self.scope.stages else "onboarding"
            return f"How long is said of stages: `{name} is one of … for more than 30 days`."
        return "Remove it; the sentence ends before it."

    # ── the sentence

    def read(self) -> Leaf | Not:
        if not self.words:
            raise SentenceError(
                0, 1, "The condition is empty.", "Write a sentence like `plan is Pro`."
            )
        if self.try_phrase("has open cta"):
            return self._open_cta()
        if self.try_phrase("not in segment"):
            return Not(self._in_segment())
        if self.try_phrase("in segment"):
            return self._in_segment()
        subject = self.take(f"a {self.scope.noun}")
        if subject.text in self.scope.stages:
            return self._of_lifecycle(subject)
        operand, datum = self._subject(subject)
        return self._of_field(operand, datum)

    def _in_segment(self) -> InSegment:
        token = self.take("a segment")
        if token.value not in self.scope.segments:
            message = f"There is no segment `{token.value}`."
            remedy = did_you_mean(token.value, self.scope.segments)
            raise self.fail(token, message, remedy, "unknown_segment")
        self.finish()
        return in_segment(token.value)

    def _meant_segment(self) -> str:
        """What to write where the words look as if a segment was meant."""
        words = [token.word for token in self.words[:4]]
        if words[-1] in self.scope.segments and words[:-1] in ([], ["not"]):
            return f"Did you mean {' '.join([*words[:-1], 'in segment', words[-1]])}?"
        meant = words[:1] == ["in"] or words[:2] == ["not", "in"] or "segment" in words
        return "Write `in segment name` or `not in segment name`." if meant else ""

    def _open_cta(self) -> Leaf:
        kind = None
        if self.try_phrase("of"):
            token = self.take("a kind of CTA")
            kind, known = token.value, self.scope.cta_kinds
            if known is not None and kind not in known:
                message = f"No line opens a CTA of kind `{kind}`."
                raise self.fail(token, message, did_you_mean(kind, known), "unknown_cta_kind")
        self.finish()
        return HasOpenCta(kind)

    def _subject(self, token: Token) -> tuple[Operand, Datum]:
        found = self._operand(token)
        if found is not None:
            return found
        message = f"There is no {self.scope.noun} `{token.text}`."
        remedy = self._meant_segment() or self._meant_subject(token)
        raise self.fail(token, message, remedy, "unknown_field")

    def _meant_subject(self, token: Token) -> str:
        """The nearest field or lifecycle; a label of several words is near its id."""
        known = {*self.scope.fields, *self.scope.stages}
        said = ("_".join(one.word for one in self.words[:length]) for length in (3, 2))
        found = next((name for name in said if name in known), None)
        return f"Did you mean {found}?" if found else did_you_mean(token.text, known)

    def _operand(self, token: Token) -> tuple[Operand, Datum] | None:
        if token.quoted:
            return None
        if token.text.startswith("event."):
            return self._event_operand(token)
        datum = self.scope.fields.get(token.text)
        return (Field(token.text), datum) if datum else None

    def _event_operand(self, token: Token) -> tuple[Operand, Datum]:
        name, event = token.text.removeprefix("event."), self.scope.event
        if event is None:
            message = f"`{token.text}`: there is no event here."
            remedy = "Only a line with `when` has an event; use a field of the account."
            raise self.fail(token, message, remedy, "no_event")
        if name not in event:
            message = f"The event carries no `{name}`."
            raise self.fail(token, message, did_you_mean(name, event), "unknown_event_field")
        return EventField(name), event[name]

    def _verb(self, known: tuple[str, ...], what: str) -> tuple[str, Token]:
        token = self.peek() or self.take("what is said of it")
        verb = self.try_longest(known)
        if verb is not None:
            return verb, token
        remedy = self._meant_segment() if token.word == "in" else ""
        if not remedy and token.word in _WRONG:
            remedy = f"Write `{_WRONG[token.word]}`."
        remedy = remedy or f"What can be said of {what}: {', '.join(known)}."
        raise self.fail(token, f"`{token.text}` is not understood here.", remedy)

    # ── of fields

    def _of_field(self, operand: Operand, datum: Datum) -> Leaf:
        verb, at = self._verb(_FIELD_WORDS, "a field")
        if verb in ("exists", "does not exist"):
            self.finish()
            return Exists(operand, negated=verb != "exists")
        if verb in ("is one of", "is not one of"):
            return OneOf(operand, self._values(datum), negated="not" in verb)
        self._fits(verb, datum.kind, at)
        if verb in ("is in the next", "is in the last"):
            days = self._days()
            self.finish()
            return Within(operand, days, ahead=verb.endswith("next"))
        return Compare(operand, _SYMBOLS.get(verb) or Op(verb), self._right(datum))

    def _fits(self, verb: str, kind: Kind, at: Token) -> None:
        dated = verb in ("is in the next", "is in the last", "is before", "is after")
        wanted = (
            "a date" if dated else "a number, money or a date" if verb in _SYMBOLS else "a text"
        )
        allowed = {Kind.DATE} if dated else _ORDERED if verb in _SYMBOLS else _TEXTS
        if verb not in ("is", "is not") and kind not in allowed:
            message = f"`{verb}` needs {wanted}; this is {a_kind(kind)}."
            raise self.fail(at, message, self.scope.kind_help, "type_mismatch")

    def _rest(self, expected: str, until: Callable[[Token], bool] | None = None) -> Token:
        """The words up to the end (or a stop) as one token."""
        first = last = self.take(expected)
        if first.text == ",":
            raise self.fail(first, f"Expected {expected} before the comma.")
        while not first.quoted and (token := self.peek()) and not (until and until(token)):
            last = self.take(expected)
        return Token(self.text[first.start : last.end], first.start, last.end)

    def _right(self, datum: Datum) -> Operand:
        token = self._rest("a value")
        self.finish()
        if datum.kind is not Kind.PICKLIST or token.text not in datum.options:
            found = self._operand(token)
            if found is not None:
                if not comparable(datum.kind, found[1].kind):
                    message = (
                        f"`{token.text}` is {a_kind(found[1].kind)}, not {a_kind(datum.kind)}."
                    )
                    remedy = "Put a literal in quotes."
                    raise self.fail(token, message, remedy, "type_mismatch")
                return found[0]
        return Const(self._literal(token, datum))

    def _values(self, datum: Datum) -> tuple[Value, ...]:
        values = [self._literal(token, datum) for token in self._list("a value")]
        self.finish()
        return tuple(values)

    def _list(self, expected: str, until: Callable[[Token], bool] | None = None) -> list[Token]:
        def stop(token: Token) -> bool:
            return token.text == "," or bool(until and until(token))

        found = [self._rest(expected, stop)]
        while self.try_phrase(","):
            found.append(self._rest(expected, stop))
        return found

    def _literal(self, token: Token, datum: Datum) -> Value:
        if token.text == NONE:
            remedy = "Write `exists` or `does not exist`."
            raise self.fail(token, "`None` is no value of a field.", remedy)
        try:
            return read_value(datum.kind, token.value, datum.options)
        except Refusal as refusal:
            remedy = refusal.remedy or _and_or_help(token.text) or _days_help(datum, token)
            raise self.fail(token, refusal.what, remedy, "bad_value") from None

    # ── of lifecycles

    def _of_lifecycle(self, subject: Token) -> Leaf:
        lifecycle = subject.text
        verb, _ = self._verb(_LIFECYCLE_WORDS, "a lifecycle")
        if verb in ("exists", "does not exist"):
            self.finish()
            return InStage(lifecycle, (NONE,), negated=verb == "exists")
        if verb == "completed":
            window = self._window() if self.peek() else None
            return Completed(lifecycle, window)
        if verb == "changed":
            return self._changed(lifecycle)
        return self._in_stage(lifecycle, verb)

    def _in_stage(self, lifecycle: str, verb: str) -> Leaf:
        several = "one of" in verb
        found = self._list("a stage", _is_for) if several else [self.take("a stage")]
        stages = tuple(self._stage(lifecycle, token) for token in found)
        negated, at = "not" in verb, self.peek()
        if at is None or not self.try_phrase("for"):
            self.finish()
            return InStage(lifecycle, stages, negated)
        if negated:
            message = "`is not … for` can be read in two ways."
            raise self.fail(at, message, "Write `not:` over the sentence without `not`.")
        return self._for(InStage(lifecycle, stages))

    def _for(self, leaf: InStage) -> Leaf:
        more = self.try_phrase("more than")
        if not more and not self.try_phrase("less than"):
            token = self.take("`more than` or `less than`")
            remedy = "Write `for more than 30 days` or `for less than 30 days`."
            raise self.fail(token, "Expected `more than` or `less than`.", remedy)
        limit = self._duration()
        self.finish()
        return replace(leaf, more_than=limit) if more else replace(leaf, less_than=limit)

    def _stage(self, lifecycle: str, token: Token) -> str:
        known = (*self.scope.stages[lifecycle], NONE)
        if token.value in known:
            return token.value
        message = f"`{lifecycle}` has no stage `{token.value}`."
        raise self.fail(token, message, did_you_mean(token.value, known), "unknown_stage")

    def _changed(self, lifecycle: str) -> Leaf:
        left = entered = None
        if self.try_phrase("from"):
            left = self._stage(lifecycle, self.take("a stage"))
        if self.try_phrase("to"):
            entered = self._stage(lifecycle, self.take("a stage"))
        return Changed(lifecycle, self._window(), left, entered)

    def _window(self) -> Window:
        if self.try_phrase("in the last"):
            days = self._days()
            self.finish()
            return Last(days)
        if self.try_phrase("between"):
            first = self._rest("a date", lambda token: token.word == "and")
            if not self.try_phrase("and"):
                self.take("`and`")
            return self._between(first, self._rest("a date"))
        token = self.take("`in the last 30 days` or `between … and …`")
        raise self.fail(token, "Expected `in the last 30 days` or `between … and …`.")

    def _between(self, first: Token, last: Token) -> Window:
        self.finish()
        begin, end = (self._literal(token, Datum(Kind.DATE)) for token in (first, last))
        if begin > end:  # type: ignore[operator]
            raise self.fail(last, "The window ends before it begins.", "Swap the dates.")
        return Between(begin, end)  # type: ignore[arg-type]

    # ── durations

    def _duration(self) -> Duration:
        token = self._rest("a duration")
        try:
            return amounts.elapsed(token.text)
        except Refusal as refusal:
            raise self.fail(token, refusal.what, refusal.remedy, refusal.code) from None

    def _days(self) -> int:
        first = self.peek()
        found = self._duration()
        if found.unit is Unit.WEEKS:
            return found.amount * 7
        if found.unit is not Unit.DAYS and first is not None:
            raise self.fail(first, "A window is a number of days or weeks.", code="bad_duration")
        return found.amount


def _is_for(token: Token) -> bool:
    return token.word == "for"


def comparable(left: Kind, right: Kind) -> bool:
    """Whether values of two kinds may be compared."""
    return left is right or any({left, right} <= group for group in (_TEXTS, _NUMBERS))


def _days_help(datum: Datum, token: Token) -> str:
    if datum.kind is Kind.DATE and token.word.startswith(("in ", "within ")):
        return "Write `is in the next 30 days` or `is in the last 30 days`."
    return ""


def _and_or_help(text: str) -> str:
    if {"and", "or"} & set(text.lower().split()):
        return "One sentence says one thing: use a list, `all of`, `any of`."
    return ""


def parse_condition(text: str, scope: Scope) -> Condition:
    """A sentence from a command line. Raises a `Refusal` that points into it."""
    try:
        return parse_sentence(text, scope)
    except SentenceError as error:
        line = "".join(" " if char.isspace() else char for char in text)
        pointed = f"{error.message}\n  {line}\n  {' ' * error.start}{'^' * max(1, error.width)}"
        raise Refusal(error.code, pointed, error.help) from None
