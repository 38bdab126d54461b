"""Condition sentences: written out and read again they are the same tree; and they mean what they say."""

from dataclasses import replace
from datetime import date

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from lifecycle.core.conditions import (
    NONE,
    All,
    AnyOf,
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
    Within,
)
from lifecycle.core.durations import Duration, Unit
from lifecycle.core.refusal import Refusal
from lifecycle.core.values import Kind, Value
from lifecycle.definition import parse_condition
from lifecycle.definition.conditions import read_condition
from lifecycle.definition.known import Datum, Scope
from lifecycle.definition.nodes import Items, Node, Scalar, Table
from lifecycle.definition.phrases import sentence
from lifecycle.definition.problems import Mark, Report, render

FIELDS = {
    "sector": Datum(Kind.TEXT),
    "email": Datum(Kind.EMAIL),
    "plan": Datum(Kind.PICKLIST, ("Free", "Pro", "Pro Plus", "is not", "A, B")),
    "arr": Datum(Kind.MONEY),
    "seats": Datum(Kind.WHOLE),
    "used": Datum(Kind.WHOLE),
    "rate": Datum(Kind.NUMBER),
    "renewal": Datum(Kind.DATE),
    "vip": Datum(Kind.YES_NO),
}
STAGES: dict[str, tuple[str, ...]] = {
    "journey": ("start", "middle", "end_"),
    "project": ("from_", "to_", "for_"),
}
EVENT = {"amount": Datum(Kind.MONEY), "text": Datum(Kind.TEXT), "day": Datum(Kind.DATE)}
SCOPE = Scope(FIELDS, STAGES, EVENT, segments={"large", "at_risk"})
HERE = Mark("x.yaml")

texts = st.text(st.characters(codec="utf-8", exclude_characters="\x00"), min_size=1, max_size=20)
LITERALS: dict[Kind, st.SearchStrategy[Value]] = {
    Kind.TEXT: texts.map(str.strip).filter(bool),
    Kind.EMAIL: st.sampled_from(["a@example.com", "b.c@example.org"]),
    Kind.PICKLIST: st.sampled_from(FIELDS["plan"].options),
    Kind.MONEY: st.integers(-(10**12), 10**12),
    Kind.WHOLE: st.integers(-(10**12), 10**12),
    Kind.NUMBER: st.floats(-1e9, 1e9),
    Kind.DATE: st.dates(date(1900, 1, 1), date(2999, 1, 1)),
    Kind.YES_NO: st.booleans(),
}
ORDER = [Op.LT, Op.LE, Op.GT, Op.GE]
OPS = {
    Kind.TEXT: [Op.IS, Op.IS_NOT, Op.CONTAINS],
    Kind.EMAIL: [Op.IS, Op.CONTAINS],
    Kind.PICKLIST: [Op.IS, Op.IS_NOT],
    Kind.MONEY: [Op.IS, *ORDER],
    Kind.WHOLE: [Op.IS_NOT, *ORDER],
    Kind.NUMBER: ORDER,
    Kind.DATE: [Op.IS, *ORDER, Op.BEFORE, Op.AFTER],
    Kind.YES_NO: [Op.IS, Op.IS_NOT],
}
OPERANDS: list[tuple[Operand, Datum]] = [
    *((Field(name), datum) for name, datum in FIELDS.items()),
    *((EventField(name), datum) for name, datum in EVENT.items()),
]
DAYS = st.integers(1, 36_500)


@st.composite
def of_fields(draw: st.DrawFn) -> Leaf:
    left, datum = draw(st.sampled_from(OPERANDS))
    values = LITERALS[datum.kind]
    others = [one for one, other in OPERANDS if other.kind is datum.kind and one != left]
    rights = values.map(Const) | st.sampled_from(others) if others else values.map(Const)
    kinds: list[st.SearchStrategy[Leaf]] = [
        st.builds(Compare, st.just(left), st.sampled_from(OPS[datum.kind]), rights),
        st.builds(
            OneOf, st.just(left), st.lists(values, min_size=1, max_size=4).map(tuple), st.booleans()
        ),
        st.builds(Exists, st.just(left), st.booleans()),
    ]
    if datum.kind is Kind.DATE:
        kinds.append(st.builds(Within, st.just(left), DAYS, st.booleans()))
    return draw(st.one_of(kinds))


@st.composite
def of_lifecycles(draw: st.DrawFn) -> Leaf:
    name = draw(st.sampled_from(sorted(STAGES)))
    stage = st.sampled_from([*STAGES[name], NONE])
    stages = tuple(draw(st.lists(stage, min_size=1, max_size=4)))
    limit = draw(
        st.builds(
            Duration, st.integers(1, 300), st.sampled_from([Unit.DAYS, Unit.HOURS, Unit.WEEKS])
        )
    )
    first, last = sorted(draw(st.tuples(LITERALS[Kind.DATE], LITERALS[Kind.DATE])))  # type: ignore[type-var]
    windows = st.builds(Last, DAYS) | st.just(Between(first, last))  # type: ignore[arg-type]
    return draw(
        st.sampled_from(
            [
                InStage(name, stages),
                InStage(name, stages, negated=True),
                InStage(name, stages, more_than=limit),
                InStage(name, stages, less_than=limit),
            ]
        )
        | st.builds(Changed, st.just(name), windows, st.none() | stage, st.none() | stage)
        | st.builds(Completed, st.just(name), st.none() | windows)
        | st.builds(HasOpenCta, st.none() | st.sampled_from(["risk", "renewal"]))
        | st.builds(InSegment, st.sampled_from(["large", "at_risk"]))
    )


LEAVES = of_fields() | of_lifecycles()
TREES: st.SearchStrategy[Condition] = st.recursive(
    LEAVES,
    lambda inner: (
        st.lists(inner, min_size=1, max_size=3).map(tuple).map(All)
        | st.lists(inner, min_size=1, max_size=3).map(tuple).map(AnyOf)
        | inner.map(Not)
    ),
    max_leaves=6,
)


def written(tree: Condition) -> Node:
    """The tree as it would stand in a file."""
    if isinstance(tree, Not):
        return Table(((Scalar("not", HERE), written(tree.of)),), HERE)
    if isinstance(tree, AnyOf):
        return Table(((Scalar("any of", HERE), Items(tuple(map(written, tree.of)), HERE)),), HERE)
    if isinstance(tree, All):
        return Items(tuple(map(written, tree.of)), HERE)
    return Scalar(sentence(tree, SCOPE), HERE)


def said(tree: Condition) -> Condition:
    """The tree in which every leaf keeps its sentence."""
    if isinstance(tree, Not):
        return Not(said(tree.of))
    if isinstance(tree, AnyOf | All):
        return type(tree)(tuple(map(said, tree.of)))
    return replace(tree, said=" ".join(sentence(tree, SCOPE).split()))


@settings(deadline=None)
@given(TREES)
def test_a_condition_written_out_is_read_as_the_same_tree(tree: Condition) -> None:
    report = Report({})
    found = read_condition(written(tree), SCOPE, report)
    assert found == said(tree), render(report.problems())


WORDS = [
    "plan",
    "is",
    "not",
    "one",
    "of",
    "Pro",
    ",",
    "journey",
    "for",
    "more",
    "than",
    "3",
    "days",
    "<",
    '"',
    "event.amount",
    "changed",
    "from",
    "in",
    "the",
    "last",
]
WORDS += [
    "between",
    "and",
    "exists",
    "has",
    "open",
    "cta",
    "None",
    "does",
    "contains",
    "completed",
    "before",
    "sector",
    "segment",
    "large",
]


@settings(deadline=None)
@given(st.text(max_size=60) | st.lists(st.sampled_from(WORDS)).map(" ".join))
def test_every_text_is_a_condition_or_a_refusal_that_points_into_it(text: str) -> None:
    found = outcome(text)
    assert not isinstance(found, Refusal) or "^" in found.what


def outcome(text: str) -> Condition | Refusal:
    try:
        return parse_condition(text, SCOPE)
    except Refusal as refusal:
        return refusal


@pytest.mark.parametrize(
    ("text", "expected"),
    [
        ("plan is Pro Plus", Compare(Field("plan"), Op.IS, Const("Pro Plus"))),
        ("plan is pro", Compare(Field("plan"), Op.IS, Const("Pro"))),
        (
            "sector is Oil, Gas and <more>",
            Compare(Field("sector"), Op.IS, Const("Oil, Gas and <more>")),
        ),
        ("sector is email", Compare(Field("sector"), Op.IS, Field("email"))),
        ('sector is "email"', Compare(Field("sector"), Op.IS, Const("email"))),
        ("arr >= 100000", Compare(Field("arr"), Op.GE, Const(10_000_000))),
        ("arr>=99.90", Compare(Field("arr"), Op.GE, Const(9_990))),
        ("used > seats", Compare(Field("used"), Op.GT, Field("seats"))),
        ("event.amount > arr", Compare(EventField("amount"), Op.GT, Field("arr"))),
        ("vip is yes", Compare(Field("vip"), Op.IS, Const(value=True))),
        ("renewal is after event.day", Compare(Field("renewal"), Op.AFTER, EventField("day"))),
        ("renewal is in the next 2 weeks", Within(Field("renewal"), 14, ahead=True)),
        ("journey is start", InStage("journey", ("start",))),
        ("journey exists", InStage("journey", (NONE,), negated=True)),
        ("journey does not exist", InStage("journey", (NONE,))),
        ("journey is not one of None, start", InStage("journey", (NONE, "start"), negated=True)),
        ("in segment large", InSegment("large")),
    ],
)
def test_sentences_mean_what_they_say(text: str, expected: Leaf) -> None:
    """T17–T19, T22."""
    assert parse_condition(text, SCOPE) == replace(expected, said=text)


def test_a_sentence_of_a_command_line_is_refused_with_a_caret() -> None:
    with pytest.raises(Refusal) as caught:
        parse_condition("plan is Prro", SCOPE)
    assert caught.value.what == "'Prro' is not one of the choices.\n  plan is Prro\n          ^^^^"
    assert caught.value.remedy == "Did you mean Pro?"


def test_not_in_a_segment_is_the_plain_not_of_being_in_it() -> None:
    """R17, T16: what is told of it quotes the sentence that was asked."""
    asked = InSegment("large", "in segment large")
    assert parse_condition("not in segment large", SCOPE) == Not(asked)
    assert parse_condition("  In  Segment large", SCOPE) == replace(asked, said="In Segment large")


@pytest.mark.parametrize(
    ("text", "what", "remedy"),
    [
        ("in segment larg", "There is no segment `larg`.", "Did you mean large?"),
        ("not in segment", "The sentence ends here; expected a segment.", ""),
        ("in segment large for 3 days", "`for 3 days` is too much here.", "How long"),
        ("in large", "There is no field or lifecycle `in`.", "Write `in segment name`"),
        ("account in segment large", "There is no field or lifecycle `account`.", "Write `in s"),
        ("journey in segment large", "`in` is not understood here.", "Write `in segment name`"),
        ("plan in Pro", "`in` is not understood here.", "Write `is one of`."),
    ],
)
def test_a_sentence_about_a_segment_is_refused_with_what_to_write(
    text: str, what: str, remedy: str
) -> None:
    with pytest.raises(Refusal) as caught:
        parse_condition(text, SCOPE)
    assert caught.value.what.startswith(what)
    assert caught.value.remedy.startswith(remedy)


@pytest.mark.parametrize(
    ("text", "what", "remedy"),
    [
        (
            "journey exists for more than 3 days",
            "`for more",
            "How long is said of stages: `journey",
        ),
        ("journey is start, middle", "`, middle` is too much", "Write `is one of` before a list"),
        ("has open cta of risk, renewal", "`, renewal` is", "Write a sentence for each below `any"),
        (
            "in segment large, at_risk",
            "`, at_risk` is",
            "Write a sentence for each below `any of`.",
        ),
        (
            "plan exists always",
            "`always` is too much here.",
            "Remove it; the sentence ends before it.",
        ),
        ('sector is "a" b', "`b` is too much here.", "Put the whole value in quotes."),
        ("arr exists and seats exists", "`and seats exists` is", "One sentence says one thing"),
        (
            "journey is start for more then 3 days",
            "Expected `more",
            "Write `for more than 30 days`",
        ),
        ("renewal is in next 20 days", "'in next 20 days' is not a date", "Write `is in the next"),
        ("renewal is within 20 days", "'within 20 days' is not a date", "Write `is in the next"),
    ],
)
def test_what_is_too_much_is_answered_by_what_was_meant(text: str, what: str, remedy: str) -> None:
    """What to do fits the sentence: quotes help only where a value stands."""
    with pytest.raises(Refusal) as caught:
        parse_condition(text, SCOPE)
    assert caught.value.what.startswith(what)
    assert caught.value.remedy.startswith(remedy)


@pytest.mark.parametrize(
    ("text", "remedy"),
    [
        ("ARR > 5", "Did you mean arr?"),
        ("Health Score > 5", "Did you mean health_score?"),
        ("Customer journey is start", "Did you mean customer_journey?"),
        ("large", "Did you mean in segment large?"),
        ("not large", "Did you mean not in segment large?"),
        ("jurney is start", "Did you mean journey?"),
    ],
)
def test_a_name_as_people_say_it_is_answered_with_its_id(text: str, remedy: str) -> None:
    """Labels, titles and capitals are near enough; a segment named alone is a segment."""
    fields = FIELDS | {"health_score": Datum(Kind.WHOLE)}
    stages = STAGES | {"customer_journey": ("start",), "customer_stages": ("start",)}
    with pytest.raises(Refusal) as caught:
        parse_condition(text, Scope(fields, stages, EVENT, segments={"large", "at_risk"}))
    assert caught.value.code == "unknown_field"
    assert caught.value.remedy == remedy
