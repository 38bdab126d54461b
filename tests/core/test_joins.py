"""Joins: facts that wait for one another (V8)."""

from __future__ import annotations

import pytest

from lifecycle.core import changes as c

from .journey import Journey, flow, shipped, small

PURCHASED, BILLED = "product.purchased", "wholesale.billed"


@pytest.fixture
def journey() -> Journey:
    made = Journey()
    made.event("opportunity.created")
    return made


@pytest.mark.parametrize("order", [(PURCHASED, BILLED), (BILLED, PURCHASED)])
def test_v8_both_facts_in_whichever_order(journey: Journey, order: tuple[str, str]) -> None:
    """V8: and the first one says what it waits for (N3)."""
    [entry] = journey.event(order[0], order_id="o1")[-1:]
    assert journey.stage("sales") != "customer"
    assert [note.code for note in entry.notes] == ["waits"]
    journey.at(30).event(order[1], order_id="o1")
    assert journey.stage("sales") == "customer"
    assert journey.state.facts == {}


def test_v8_for_the_same_order(journey: Journey) -> None:
    """V8: another order's bill is no bill."""
    journey.event(PURCHASED, order_id="o1")
    journey.event(BILLED, order_id="o2")
    assert journey.stage("sales") != "customer"
    journey.event(BILLED, order_id="")
    assert journey.codes("purchase_billed")[-1] == "no_join_value"


def test_v8_facts_wait_up_to_a_set_time(journey: Journey) -> None:
    """V8: ninety days to the second still count, one more does not."""
    journey.event(PURCHASED, order_id="o1")
    journey.event(PURCHASED, order_id="o2")
    journey.at(90).event(BILLED, order_id="o1")
    assert journey.stage("sales") == "customer"
    late = Journey()
    late.event("opportunity.created")
    late.event(PURCHASED, order_id="o1")
    late.at(90.01).event(BILLED, order_id="o1")
    assert late.stage("sales") != "customer"


def test_v8_the_latest_fact_of_a_kind_counts(journey: Journey) -> None:
    """V8: bought again on day 80, billed on day 100: these two are within ninety days."""
    journey.event(PURCHASED, order_id="o1")
    journey.at(80).event(PURCHASED, order_id="o1")
    journey.at(100).event(BILLED, order_id="o1")
    assert journey.stage("sales") == "customer"


def test_v8_only_the_fact_that_is_too_old_expires() -> None:
    """V8: of three facts the first is too old and comes again; the second still counts."""
    lines = flow("""
        stages:
          a: {label: A}
        from anywhere:
          - name: three
            when: {all of: [product.purchased, wholesale.billed, opportunity.created], within: 90 days}
            to: a
        """)
    journey = Journey(small(lines))
    journey.create()
    journey.event(PURCHASED)
    journey.at(80).event(BILLED)
    journey.at(95).event("opportunity.created")
    assert journey.stage("flow") is None
    journey.at(100).event(PURCHASED)
    assert journey.stage("flow") == "a"


def test_v8_at_most_fifty_values_the_oldest_dropped_and_recorded(journey: Journey) -> None:
    """V8."""
    for number in range(51):
        journey.event(PURCHASED, order_id=f"o{number}")
    assert journey.codes("purchase_billed").count("join_dropped") == 1
    [dropped] = journey.changes(c.FactsDropped)
    assert dropped.values == ["o0"]
    journey.event(BILLED, order_id="o0")
    assert journey.stage("sales") != "customer"
    journey.event(BILLED, order_id="o50")
    assert journey.stage("sales") == "customer"


def test_v8_under_a_stage_facts_count_from_the_visits_beginning() -> None:
    """V8: a purchase in the visit before does not count."""
    lines = flow("""
        stages:
          a:
            label: A
            move:
              - {name: both, when: {all of: [product.purchased, wholesale.billed], same: order_id}, to: b}
          b: {label: B}
        """)
    journey = Journey(small(lines))
    journey.create()
    journey.event(PURCHASED, order_id="o1")
    journey.set("flow", "a")
    journey.event(BILLED, order_id="o1")
    assert journey.stage("flow") == "a"
    journey.set("flow", None)
    journey.set("flow", "a")
    journey.event(PURCHASED, order_id="o1")
    assert journey.stage("flow") == "a"
    journey.at(400).event(BILLED, order_id="o1")
    assert journey.stage("flow") == "b"


def test_v8_r18_a_join_completed_during_a_hold_moves_at_its_end(journey: Journey) -> None:
    """V8, R18: though by then the first fact is older than ninety days."""
    journey.event(PURCHASED, order_id="o1")
    journey.at(80).hold(30)
    journey.event(BILLED, order_id="o1")
    assert journey.stage("sales") != "customer"
    journey.at(110)
    assert journey.stage("sales") == "customer"


def test_v8_a_fact_that_fails_its_own_condition_is_none() -> None:
    """V8, N3: and says so with the value that decided."""
    lines = flow("""
        stages:
          a: {label: A}
        from anywhere:
          - name: both
            when:
              all of: [product.purchased, {event: wholesale.billed, if: event.amount > 100}]
              same: order_id
              within: 9 days
            to: a
        """)
    journey = Journey(small(lines))
    journey.create()
    journey.event(PURCHASED, order_id="o1")
    journey.event(BILLED, order_id="o1", amount="5")
    assert journey.stage("flow") is None
    assert "event.amount = 500" in journey.notes("guard")[0].deciding[0]
    journey.event(BILLED, order_id="o1", amount="500")
    assert journey.stage("flow") == "a"


def test_v7_v8_a_customer_is_not_demoted(journey: Journey) -> None:
    """V7: an opportunity of a Customer moves nothing."""
    journey.set("sales", "customer")
    journey.event("opportunity.created", opportunity_id="o9")
    assert journey.stage("sales") == "customer"
    assert shipped().lifecycles["sales"].position("customer") == 2
