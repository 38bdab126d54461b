"""Segments, and the lines that an account's entering or leaving one sets off (T16)."""

from datetime import time

import pytest
from hypothesis import given
from hypothesis import strategies as st

from lifecycle.core.conditions import All, AnyOf, HasOpenCta, InSegment, Not, leaves
from lifecycle.core.durations import Duration, Unit
from lifecycle.core.model import AsSoonAs, Automation, Book, ContactRules
from lifecycle.definition import automation_words, diagram, parse_condition, scope_of
from lifecycle.definition.circles import circles
from lifecycle.definition.condition_words import Labels, condition_words
from lifecycle.definition.expansion import expanded
from lifecycle.definition.segment_words import describe_segment
from tests.definitions.sources import SHIPPED, book, codes, read

BOOK = book()

WATCH = """
lifecycle: watch
title: Watch
version: 1
start:
  - {{when: account.created, to: calm}}
stages:
  calm:
    label: Calm
    move:
      - {{{line}, to: alarmed}}
  alarmed: {{label: Alarmed}}
"""


def watching(line: str) -> tuple[Automation, Book]:
    """The line that leaves `calm`, and its book."""
    found = book({"watch.yaml": WATCH.format(line=line)})
    return found.lifecycles["watch"].automations[-1], found


def test_a_folder_without_segments_and_scorecards_has_none() -> None:
    """Both files are optional; the shipped lines that name a segment say so."""
    alone = {"segments.yaml": "segments: {}\n", "scorecards.yaml": "scorecards: {}\n"}
    assert set(codes(read(alone))) == {"unknown_segment"}
    journey = SHIPPED["customer_journey.yaml"].replace("in segment renewals_at_risk", "plan is Pro")
    journey = journey.replace("enters segment: renewals_at_risk", "changed: plan")
    found = book({**alone, "customer_journey.yaml": journey})
    assert (found.segments, found.scorecards) == ({}, {})


def test_a_segment_takes_what_every_condition_takes() -> None:
    """T16–T22: a list means all of; any of, not."""
    where = BOOK.segments["renewals_at_risk"].where
    assert isinstance(where, All)
    assert isinstance(where.of[1], AnyOf)
    assert HasOpenCta("risk", "has open cta of risk") in where.of[1].of
    assert isinstance(where.of[2], Not)
    assert list(BOOK.segments)[:3] == ["leads", "prospects", "customers"]


def test_a_segment_may_ask_another() -> None:
    asked = BOOK.segments["without_csm"].where
    assert InSegment("customers", "in segment customers") in list(leaves(asked))
    written_out = [leaf.said for leaf in leaves(expanded(asked, BOOK.segments))]
    assert written_out == ["type is Customer", "status is active", "csm does not exist"]


@pytest.mark.parametrize(
    ("line", "turns_false", "name", "words"),
    [
        (
            "enters segment: renewals_at_risk",
            False,
            "calm_enters_segment_renewals_at_risk_to_alarmed",
            "As soon as the account enters the segment Renewals at risk, move to Alarmed.",
        ),
        (
            "leaves segment: renewals_at_risk",
            True,
            "calm_leaves_segment_renewals_at_risk_to_alarmed",
            "As soon as the account leaves the segment Renewals at risk, move to Alarmed.",
        ),
    ],
)
def test_entering_and_leaving_a_segment_are_triggers(
    line: str, turns_false: bool, name: str, words: str
) -> None:
    """T16: where `as soon as` may stand; with a name of their own, words and an arrow."""
    found, its_book = watching(line)
    asked = InSegment("renewals_at_risk", "in segment renewals_at_risk")
    assert found.trigger == AsSoonAs(asked, turns_false)
    assert found.name == name
    assert automation_words(found, its_book) == words
    arrow = words[0].lower() + words[1:].partition(",")[0]
    assert f"s_calm --> s_alarmed : {arrow}\n" in diagram(its_book.lifecycles["watch"], its_book)


@pytest.mark.parametrize("place", ["start", "from any stage", "from anywhere", "also"])
def test_the_triggers_stand_in_every_list(place: str) -> None:
    then = "cta: Look" if place == "also" else "to: alarmed"
    line = f"\n{place}:\n  - {{name: segment_line, leaves segment: leads, {then}}}\n"
    source = WATCH.format(line="when: notice.given")
    if place == "start":
        source = source.replace("start:\n", line.lstrip("\n"))
        source = source.replace("stages:\n  calm:", "stages:\n  calm:\n    by hand: true")
    else:
        source += line
    assert codes(read({"watch.yaml": source})) == []


@pytest.mark.parametrize(
    ("sentence", "words"),
    [
        ("in segment leads", "the account is in the segment Leads"),
        ("not in segment leads", "the account is not in the segment Leads"),
    ],
)
def test_sentences_about_segments_read_as_people_speak(sentence: str, words: str) -> None:
    """G8."""
    assert condition_words(parse_condition(sentence, scope_of(BOOK)), Labels(BOOK)) == words


@pytest.mark.parametrize(
    ("sentence", "words"),
    [
        ("has open cta of risk", "no CTA of kind “risk” is open"),
        ("has open cta", "no CTA is open"),
        ("customer_journey is churned", "Customer journey is not in Churned"),
        ("customer_journey exists", "Customer journey is in no stage"),
        ("csm exists", "CSM name is empty"),
        ("plan is one of Pro, Free", "Plan is not “Pro” or “Free”"),
        ("arr > 5", "it is not so that ARR is above 5 EUR"),
        (
            "onboarding is kickoff for more than 3 days",
            "it is not so that Onboarding project is in Kickoff for more than 3 days",
        ),
    ],
)
def test_a_negation_is_said_in_the_sentence_where_it_is_plain(sentence: str, words: str) -> None:
    """G8: `not:` over a sentence."""
    negated = Not(parse_condition(sentence, scope_of(BOOK)))
    assert condition_words(negated, Labels(BOOK)) == words


def test_lists_in_lists_are_told_as_they_nest() -> None:
    """G8: what must hold together within one of several ways stays together."""
    where = {
        "segments.yaml": SHIPPED["segments.yaml"]
        + """
  nested:
    title: Nested
    where:
      any of:
        - all of:
          - plan is Pro
          - any of: [seats < 5, seats exists]
        - plan is Free
"""
    }
    found = book(where)
    assert describe_segment(found.segments["nested"], found) == (
        "Nested\n"
        "\n"
        "Accounts of which this holds:\n"
        "   - one of these:\n"
        "      - all of these:\n"
        "         - Plan is “Pro”\n"
        "         - one of these:\n"
        "            - Seats bought is below 5\n"
        "            - Seats bought is filled in\n"
        "      - Plan is “Free”\n"
    )


def test_a_team_reads_what_a_segment_holds_and_what_asks_it() -> None:
    """G8, T16."""
    assert describe_segment(BOOK.segments["renewals_at_risk"], BOOK) == (
        "Renewals at risk\n"
        "The contract ends within four months and something is wrong.\n"
        "\n"
        "Accounts of which this holds:\n"
        "   - Renewal date is in the next 120 days\n"
        "   - one of these:\n"
        "      - Health is “red”\n"
        "      - Escalation is in Open, Investigating or Action plan\n"
        "      - a CTA of kind “risk” is open\n"
        "   - Customer journey is not in Churned\n"
        "\n"
        "Asked by:\n"
        "   - the line customer_journey.health_turned_red\n"
        "   - the line customer_journey.renewal_at_risk\n"
    )


def test_a_timer_hidden_in_a_segment_does_not_lead_out_of_an_end() -> None:
    """N7: the segment's own sentences count."""
    source = WATCH.format(line="when: notice.given").replace(
        "alarmed: {label: Alarmed}",
        "alarmed:\n    label: Alarmed\n    end: true\n    move:\n"
        "      - {name: back, as soon as: in segment stuck_before_adopting, to: calm}",
    )
    assert codes(read({"watch.yaml": source})) == ["timer_at_end"]
    assert codes(read({"watch.yaml": source.replace("stuck_before_adopting", "customers")})) == []


# ── circles

NAMES = "abcdefg"


@given(
    st.dictionaries(
        st.sampled_from(NAMES), st.lists(st.sampled_from(NAMES), max_size=4), max_size=7
    )
)
def test_every_circle_is_one_and_each_name_in_one_is_found(asks: dict[str, list[str]]) -> None:
    found = list(circles(asks))
    for circle in found:
        following = [*circle[1:], circle[0]]
        assert all(other in asks[name] for name, other in zip(circle, following, strict=True))
        assert len(set(circle)) == len(circle)
    assert {name for circle in found for name in circle} >= {
        name for name in asks if name in reached(name, asks)
    }
    assert len({frozenset(circle) for circle in found}) == len(found)


def reached(name: str, asks: dict[str, list[str]]) -> set[str]:
    """Everything a name asks, and what that asks, and so on."""
    found: set[str] = set()
    waiting = list(asks.get(name, ()))
    while waiting:
        other = waiting.pop()
        if other not in found:
            found.add(other)
            waiting += asks.get(other, ())
    return found


# ── mail to contacts


@pytest.mark.parametrize(
    ("written", "rules"),
    [
        (
            "{quiet hours: 20:00 to 08:00, at most: 5 in 7 days}",
            ContactRules(time(20), time(8), 5, Duration(7)),
        ),
        ("{quiet hours: 12:30 to 13:15}", ContactRules(time(12, 30), time(13, 15))),
        ("{at most: 1 in 2 weeks}", ContactRules(None, None, 1, Duration(2, Unit.WEEKS))),
    ],
)
def test_rules_for_mail_to_contacts(written: str, rules: ContactRules) -> None:
    """V2, G14: over midnight or not; each may be left out."""
    head, _, tail = SHIPPED["directory.yaml"].partition("mail to contacts:")
    rest = tail[tail.index("day begins at") :]
    found = book({"directory.yaml": f"{head}mail to contacts: {written}\n{rest}"})
    assert found.directory.contact_rules == rules


def test_without_rules_mail_is_neither_held_nor_counted() -> None:
    head, _, tail = SHIPPED["directory.yaml"].partition("mail to contacts:")
    found = book({"directory.yaml": head + tail[tail.index("day begins at") :]})
    assert found.directory.contact_rules == ContactRules()
