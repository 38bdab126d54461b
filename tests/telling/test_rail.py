"""The rail of stages, what an account waits for, and the parts of conditions with what is there now."""

from datetime import timedelta

from lifecycle.core.conditions import Facts
from lifecycle.definition.asked import condition_asked
from lifecycle.store.one_account import ComingMove, StayRow
from lifecycle.telling.criteria import criteria
from lifecycle.telling.rail import Segment, rail
from lifecycle.telling.ways import ways_out, why_line
from tests.admin.book import NOW, ago, lives, shipped

BOOK = shipped()
LIVES = {one.fold.state.account: one for one in lives(BOOK)}
for _life in LIVES.values():
    _life.request()
ACME = LIVES["acme"].fold.state
JOURNEY = BOOK.lifecycles["customer_journey"]


def segments() -> dict[str, Segment]:
    """Acme's way: Onboarding for ten days, Launched since, Renewal foretold."""
    stays = [
        StayRow("customer_journey", "onboarding", 1, 1, ago(50), ago(40), "deal_won", "", ""),
        StayRow("customer_journey", "launched", 2, 1, ago(40), None, "first_milestone", "", ""),
        StayRow("customer_stages", "onboarding", 1, 1, ago(50), None, "", "ann", "x"),
    ]
    coming = [
        ComingMove("customer_journey", "renewal", NOW + timedelta(days=225)),
        ComingMove("customer_journey", "renewal", NOW + timedelta(days=590)),
        ComingMove("sales", "renewal", NOW),
    ]
    return {one.stage: one for one in rail(BOOK, JOURNEY, ACME, NOW, stays, coming)}


def test_t11_g6_days_against_what_is_expected() -> None:
    found = segments()
    assert [one.state for one in found.values()] == ["was", "now", "", "", "", ""]
    launched, adopting = found["launched"], found["adopting"]
    assert (launched.days, launched.expected, launched.expected_said) == (40, 45.0, "45 days")
    assert launched.limit == 60.0
    assert (adopting.days, adopting.expected, adopting.stays) == (0, 270.0, [])
    assert [(stay.number, stay.days, stay.left) for stay in found["onboarding"].stays] == [
        (1, 10, ago(40))
    ]
    assert found["churned"].end
    assert found["churned"].expected is None


def test_n4_the_first_move_that_is_foretold() -> None:
    assert segments()["renewal"].comes == NOW + timedelta(days=225)
    assert segments()["adopting"].comes is None


def test_g7_ways_out_say_what_is_still_missing() -> None:
    ways = {way.automation: way for way in ways_out(BOOK, ACME, NOW)}
    adopted = ways["adopted"]
    assert adopted.effect == "moves to Adopting"
    assert adopted.needs is not None
    assert (adopted.needs.met, len(adopted.needs.parts), adopted.needs.any_of) == (1, 2, False)
    met, unmet = adopted.needs.parts
    assert (met.text, met.holds) == ("Training completed on is filled in", True)
    assert unmet.text == "Active users is at least 10 or Log-ins a week is at least 25"
    assert (unmet.holds, unmet.values) == (False, "Active users 7 and Log-ins a week 20")
    assert "renewal_near_launched" not in ways


def test_a_cancelled_account_waits_for_nothing() -> None:
    """R25: time and condition lines sleep."""
    assert ways_out(BOOK, LIVES["initech"].fold.state, NOW) == []


def test_n3_a_line_is_told_as_it_stands_in_its_definition() -> None:
    why = why_line(BOOK, ACME, "customer_journey.renewal_near_launched", NOW)
    assert why is not None
    assert why.said == "90 days before Renewal date, move to Renewal."
    assert why.version == 1
    assert why_line(BOOK, ACME, "late:customer_journey", NOW) is None


def test_any_of_is_said_and_stages_have_their_days() -> None:
    asked = condition_asked(["customer_journey is launched for more than 30 days"], BOOK)
    (part,) = criteria(asked, Facts(ACME, NOW, segments=BOOK.segments), BOOK).parts
    assert part.holds
    assert part.values == "Customer journey in Launched for 40 days"
