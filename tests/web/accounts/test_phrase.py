"""The sentence builder's parts: read from a sentence and written back they mean the same, whatever the sentence."""

from collections.abc import Iterator
from dataclasses import replace
from datetime import date

import pytest
from hypothesis import given, settings

from lifecycle.core.conditions import (
    Compare,
    Condition,
    Const,
    Exists,
    Field,
    InStage,
    Leaf,
    Not,
    OneOf,
    Op,
)
from lifecycle.core.values import Kind
from lifecycle.definition import parse_condition, scope_of
from lifecycle.definition.outline import Group, Line, Part, condition_of, outline_of
from lifecycle.definition.phrases import sentence
from lifecycle.web.pages.accounts.phrase import (
    CTA,
    NOT_ONE_OF,
    ONE_OF,
    Phrase,
    begun,
    part_of,
    phrase_of,
    said_of,
    verbs_of,
)
from tests.definitions.sources import book
from tests.definitions.test_sentences import LEAVES
from tests.definitions.test_sentences import SCOPE as WIDE

BOOK = book()
SCOPE = scope_of(BOOK)
TODAY = date(2026, 6, 1)


def meaning(condition: Condition) -> Condition:
    """Without its words, in one of the ways to say it."""
    if isinstance(condition, Not):
        return turned(meaning(condition.of))
    leaf: Condition = replace(condition, said="")  # type: ignore[arg-type]
    is_one = isinstance(leaf, Compare) and leaf.op in (Op.IS, Op.IS_NOT)
    if isinstance(leaf, Compare) and is_one and isinstance(leaf.right, Const):
        return OneOf(leaf.left, (leaf.right.value,), leaf.op is Op.IS_NOT)
    return leaf


def turned(condition: Condition) -> Condition:
    plain = isinstance(condition, InStage) and not (condition.more_than or condition.less_than)
    if isinstance(condition, OneOf | Exists) or (plain and isinstance(condition, InStage)):
        return replace(condition, negated=not condition.negated)
    if isinstance(condition, Compare) and condition.op in (Op.IS, Op.IS_NOT):
        return replace(condition, op=Op.IS_NOT if condition.op is Op.IS else Op.IS)
    return Not(condition)


def read(part: Part) -> Condition:
    found, wrong = condition_of(part, WIDE)
    assert found is not None, wrong
    return found


@settings(deadline=None)
@given(LEAVES)
def test_t18_a_sentence_taken_apart_and_put_together_means_the_same(leaf: Leaf) -> None:
    text = sentence(leaf, WIDE)
    for part in (Line(text), Group("not", (Line(text),))):
        phrase = phrase_of(part, WIDE)
        if phrase is None:
            assert isinstance(part, Group)
            continue
        expected = leaf if isinstance(part, Line) else Not(leaf)
        assert meaning(read(part_of(phrase, WIDE))) == meaning(expected)


def test_every_shipped_segment_has_controls() -> None:
    def lines(group: Group) -> Iterator[Part]:
        for part in group.parts:
            if phrase_of(part, SCOPE) is None and isinstance(part, Group):
                yield from lines(part)
            else:
                yield part

    for segment in BOOK.segments.values():
        for part in lines(outline_of(segment.where, SCOPE)):
            phrase = phrase_of(part, SCOPE)
            assert phrase is not None
            assert phrase.verb in verbs_of(phrase.subject, SCOPE), part


@pytest.mark.parametrize("subject", [*SCOPE.fields, *SCOPE.stages, CTA, "in segment"])
def test_every_word_that_can_be_chosen_begins_a_sentence(subject: str) -> None:
    """Whatever is chosen, the line is a sentence at once, or lacks nothing but what is typed."""
    start = begun(subject, SCOPE)
    assert condition_of(part_of(start, SCOPE), SCOPE)[1] == []
    for verb in verbs_of(subject, SCOPE):
        chosen = said_of(Phrase(subject, verb), SCOPE, TODAY)
        part = part_of(chosen, SCOPE)
        wrong = condition_of(part, SCOPE)[1]
        kind = SCOPE.fields[subject].kind if subject in SCOPE.fields else None
        is_typed = kind not in (None, Kind.PICKLIST, Kind.DATE, Kind.YES_NO)
        lacks = is_typed and verb not in ("exists", "does not exist")
        if subject == "in segment":
            continue
        assert bool(wrong) == lacks, (verb, part)
        shown = phrase_of(part, SCOPE)
        assert shown is not None
        assert (shown.subject, shown.verb) == (subject, verb)


@pytest.mark.parametrize(
    ("text", "shown"),
    [
        ("name contains", Phrase("name", "contains", ("",))),
        ("arr >= lots", Phrase("arr", ">=", ("lots",))),
        ("customer_journey is one of", Phrase("customer_journey", ONE_OF)),
        ("plan is not one of Pro, Pr", Phrase("plan", NOT_ONE_OF, ("Pro", "Pr"))),
        ("renewal_date is in the next many days", Phrase("renewal_date", "is in the next", number="many")),
        ("helth is red", Phrase(raw="helth is red")),
        ('name is "open', Phrase(raw='name is "open')),
        ("customer_journey is one of lanched", Phrase(raw="customer_journey is one of lanched")),
    ],
)  # fmt: skip
def test_a_wrong_sentence_is_shown_as_far_as_it_goes(text: str, shown: Phrase) -> None:
    assert phrase_of(Line(text), SCOPE) == shown


@pytest.mark.parametrize(
    ("values", "text"),
    [
        (("Acme, Inc", "Bo"), "name is one of Acme, Inc, Bo"),
        (('"Acme, Inc"', "Bo"), 'name is one of "Acme, Inc", Bo'),
        (("csm",), "name is one of csm"),
    ],
)
def test_typed_values_stand_with_commas(values: tuple[str, ...], text: str) -> None:
    assert part_of(Phrase("name", ONE_OF, values), SCOPE) == Line(text)


def test_a_bare_word_that_names_a_field_means_the_field() -> None:
    bare = part_of(Phrase("name", "is", ("csm",)), SCOPE)
    assert isinstance(bare, Line)
    assert parse_condition(bare.text, SCOPE) == Compare(
        Field("name"), Op.IS, Field("csm"), "name is csm"
    )
    kept = phrase_of(Line('name is "csm"'), SCOPE)
    assert kept == Phrase("name", "is", ('"csm"',))
