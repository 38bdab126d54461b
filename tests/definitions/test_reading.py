"""Reading: folders, sizes, names, templates, calendars; nothing breaks the reader."""

from datetime import date
from pathlib import Path

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from lifecycle.core.conditions import Compare, Const, EventField, Op
from lifecycle.core.durations import Calendar
from lifecycle.core.model import EventMatch, OnEvent
from lifecycle.core.refusal import Refusal
from lifecycle.definition import read_folder, read_sources
from lifecycle.definition.directory import public_holidays
from lifecycle.definition.reading import Reading
from tests.definitions.sources import ROOT, SHIPPED, TEMPLATES, book, codes, read

SMALL = """
lifecycle: small
title: Small
version: 1
stages:
  open:
    label: Open
    do:
      - {{cta: Look}}
      - {{after: {days} days, unless: plan is Pro, cta: Look again, kind: risk}}
    move:
      - {{when: {{any of: [kickoff.held, product.went_live]}}, to: done}}
  done: {{label: Done}}
start:
  - {{entered: onboarding.kickoff, to: open}}
"""


def test_one_event_may_carry_its_own_condition() -> None:
    line = "\n  - {when: {event: usage.reported, if: event.active_users > 3}, cta: Look}\n"
    found = book({"sales.yaml": SHIPPED["sales.yaml"].replace("\nalso:\n", f"\nalso:{line}")})
    (trigger,) = [
        one.trigger
        for one in found.lifecycles["sales"].automations
        if one.name == "also_when_usage_reported_cta_task"
    ]
    condition = Compare(EventField("active_users"), Op.GT, Const(3), "event.active_users > 3")
    assert trigger == OnEvent((EventMatch("usage.reported", condition),))


def test_names_are_derived_from_place_trigger_event_and_target() -> None:
    def names(days: int) -> list[str]:
        found = book({"small.yaml": SMALL.format(days=days)}).lifecycles["small"]
        return [one.name for one in found.automations]

    assert names(3) == names(5) == [
        "start_entered_onboarding_kickoff_to_open",
        "open_entering_cta_task",
        "open_after_cta_risk",
        "open_when_kickoff_held_product_went_live_to_done",
    ]  # fmt: skip


def test_a_long_derived_name_is_cut_and_stays_unique() -> None:
    mails = "{email: payment_failed, to: contact}, {email: escalation_unanswered, to: csm}"
    line = f"\n  - {{when: invoice.payment_failed, do: [{mails}]}}\n"
    found = book({"sales.yaml": SHIPPED["sales.yaml"].replace("\nalso:\n", f"\nalso:{line}")})
    name = found.lifecycles["sales"].automations[-2].name
    assert len(name) <= 60
    assert name.startswith("also_when_invoice_payment_failed_email_payment_fail")


def test_a_folder_without_an_account_file_is_no_folder_of_definitions(tmp_path: Path) -> None:
    (tmp_path / "sales.yaml").write_text("lifecycle: sales\n")
    reading = read_folder(tmp_path, None)
    assert "unreadable" in codes(reading)
    assert "There is no account.yaml" in reading.problems[0].message


def test_a_file_that_is_not_utf8_is_named(tmp_path: Path) -> None:
    for name, text in SHIPPED.items():
        (tmp_path / name).write_text(text)
    (tmp_path / "other.yaml").write_bytes(b"title: \xff\xfe")
    (problem,) = read_folder(tmp_path, None).problems
    assert (problem.file, problem.message) == (
        "other.yaml",
        "The file cannot be read: it is not UTF-8.",
    )


def test_a_file_over_a_megabyte_is_refused() -> None:
    assert codes(read({"big.yaml": "# " + "x" * 1_000_000})) == ["too_large"]


@pytest.mark.parametrize(
    "text", ["[" * 5_000, "{a: " * 3_000, "a: \x00", "a: *b", "? [x]: y", "%YAML 9", "\ufeff"]
)
def test_strange_yaml_is_a_problem_and_no_crash(text: str) -> None:
    reading = read({"strange.yaml": text})
    assert reading.book is None
    assert all(problem.file == "strange.yaml" for problem in reading.problems)


@pytest.mark.parametrize(
    "file", ["events.yaml", "directory.yaml", "segments.yaml", "scorecards.yaml", "playbooks.yaml"]
)
def test_a_file_that_is_no_yaml_is_told_once(file: str) -> None:
    """Its names are missing everywhere else; that is no other problem. What is wrong besides is told."""
    broken = {file: SHIPPED[file] + "\n bad: [\n"}
    assert set(codes(read(broken))) - {"bad_value"} == {"syntax"}
    sales = SHIPPED["sales.yaml"].replace("colour: grey", "colour: gray")
    assert "unknown_colour" in codes(read({**broken, "sales.yaml": sales}))


LINES = sorted({line for text in SHIPPED.values() for line in text.splitlines() if line.strip()})


@settings(deadline=None, max_examples=80)
@given(
    st.sampled_from(sorted(SHIPPED)),
    st.integers(0, 200),
    st.sampled_from(LINES) | st.text(max_size=30),
)
def test_no_change_of_one_line_breaks_the_reader(file: str, number: int, line: str) -> None:
    """There is a book exactly when there is no error, and problems come in order, each once."""
    lines = SHIPPED[file].splitlines()
    lines[number % len(lines)] = line
    reading = read({file: "\n".join(lines)})
    assert (reading.book is None) == any(problem.is_error for problem in reading.problems)
    places = [(one.file, one.line, one.column, one.code) for one in reading.problems]
    assert places == sorted(set(places))


def with_variables(names: set[str]) -> Reading:
    return read_sources(
        SHIPPED,
        TEMPLATES,
        lambda template: frozenset(names if template == "payment_failed" else ()),
    )


def test_what_a_template_uses_must_exist() -> None:
    known = {"account.arr", "account.name", "event.amount", "event.type", "recipient.name", "today"}
    assert with_variables(known).problems == []
    (problem,) = with_variables({"account.arrr"}).problems
    assert (problem.code, problem.help) == ("template_variable", "Did you mean arr?")
    assert codes(with_variables({"event.seats_used"})) == ["template_variable"]


def test_business_days_and_holidays_are_pinned_in_the_book() -> None:
    """R19."""
    assert book().directory.calendar == Calendar(holidays=(date(2026, 12, 25), date(2027, 1, 1)))
    country = SHIPPED["directory.yaml"].replace(
        "[2026-12-25, 2027-01-01]", "{country: DE, region: BY}"
    )
    pinned = book({"directory.yaml": country}).directory.calendar.holidays
    assert len({day.year for day in pinned}) == 6
    assert all(
        any((day.month, day.day) == (12, 25) for day in pinned if day.year == one.year)
        for one in pinned
    )


def test_public_holidays_of_a_country_reach_five_years_ahead() -> None:
    found = public_holidays("DE", "BY", 2026)
    assert date(2026, 11, 1) in found
    assert {day.year for day in found} == set(range(2026, 2032))
    with pytest.raises(Refusal, match="There is no country `Germany`"):
        public_holidays("Germany", None, 2026)
    with pytest.raises(Refusal, match="has no region `Bavaria`"):
        public_holidays("DE", "Bavaria", 2026)


def test_marks_tell_where_things_stand() -> None:
    reading = read_folder(ROOT / "definitions", TEMPLATES)
    mark = reading.marks["sales.opportunity_makes_prospect"]
    assert "opportunity_makes_prospect" in reading.sources["sales.yaml"].splitlines()[mark.line - 1]
    assert (
        reading.sources["sales.yaml"].splitlines()[reading.marks["sales/lead"].line - 1]
        == "  lead:"
    )
