"""Scorecards: read, and told in plain words (T16)."""

import pytest

from lifecycle.core.conditions import All, Not
from lifecycle.core.scorecard import Band, Points, Scorecard
from lifecycle.definition import parse_condition, scope_of
from lifecycle.definition.scorecard_words import describe_scorecard
from tests.definitions.sources import SHIPPED, book, codes, read

BOOK = book()
HEALTH = BOOK.scorecards["health"]
ACCOUNT = SHIPPED["account.yaml"].replace(
    "  # ── the rest\n",
    "  fit_score: {label: Fit score, is: whole number, written by: scorecard}\n  # ── the rest\n",
)
FIT = """
  fit:
    title: Fit
    score field: fit_score
    measures:
      size:
        title: Are they our size?
        weight: 3
        points:
          - {if: employees >= 50, unless: employees > 5000, give: 1}
          - {otherwise: true, give: 0}
"""


def fitting(card: str = FIT) -> dict[str, str]:
    """The shipped files with a second scorecard."""
    return {"account.yaml": ACCOUNT, "scorecards.yaml": SHIPPED["scorecards.yaml"].rstrip() + card}


def test_the_shipped_scorecard_is_health() -> None:
    """T16: measures with weights, points by the first line that holds, bands that overlap."""
    assert (HEALTH.score_field, HEALTH.band_field) == ("health_score", "health")
    assert HEALTH.applies == parse_condition("type is Customer", scope_of(BOOK))
    assert {one.id: one.weight for one in HEALTH.measures} == {
        "usage": 40, "progress": 30, "calm": 30,
    }  # fmt: skip
    assert [line.give for line in HEALTH.measures[0].points] == [100, 70, 40, 0]
    assert HEALTH.measures[2].points[-1] == Points(100, None)
    assert HEALTH.bands == (Band("green", 75, 70), Band("yellow", 45, 40), Band("red", 0, 0))
    assert HEALTH.key == "scorecard.health"


def fit(card: str = FIT) -> Scorecard:
    return book(fitting(card)).scorecards["fit"]


def test_bands_and_for_may_be_left_out_and_guards_must_agree() -> None:
    found, scope = fit(), scope_of(BOOK)
    assert (found.band_field, found.bands, found.applies) == (None, (), None)
    asked = [parse_condition(one, scope) for one in ("employees >= 50", "employees > 5000")]
    assert found.measures[0].points[0].when == All((asked[0], Not(asked[1])))


def test_a_scorecard_may_ask_another_score() -> None:
    """Only a circle is refused."""
    asking = FIT.replace("employees >= 50, unless: employees > 5000", "health is green")
    assert fit(asking).measures[0].points[0].when == parse_condition(
        "health is green", scope_of(BOOK)
    )
    calm = "          - {if: fit_score > 10, give: 90}\n          - {otherwise: true, give: 100}\n"
    circle = fitting(asking)
    circle["scorecards.yaml"] = circle["scorecards.yaml"].replace(
        "          - {otherwise: true, give: 100}\n", calm
    )
    (problem,) = read(circle).problems
    assert problem.code == "scorecard_circle"
    assert problem.message.endswith("health → fit → health; here by `fit_score`.")
    assert problem.line_text.strip() == "- {if: fit_score > 10, give: 90}"


@pytest.mark.parametrize(
    ("old", "new", "code"),
    [
        ("from: 45, falls below: 40", "from: 45, falls below: 46", "band_above"),
        ("from: 45, falls below: 40", "from: 75, falls below: 40", "band_order"),
        ("red:    {from: 0}", "red:    {from: 1}", "last_band"),
        ("weight: 40", "weight: 0", "wrong_type"),
        ("give: 70", "give: 170", "bad_points"),
        ("    band field: health\n", "", "missing_key"),
        ("score field: health_score", "score field: seats", "written_by"),
        ("score field: health_score", "score field: health", "type_mismatch"),
        ("green:  {", "Green:  {", "unknown_choice"),
    ],
)
def test_one_wrong_figure_is_one_problem(old: str, new: str, code: str) -> None:
    changed = SHIPPED["scorecards.yaml"].replace(old, new, 1)
    assert changed != SHIPPED["scorecards.yaml"]
    assert codes(read({"scorecards.yaml": changed})) == [code]


def test_a_line_never_writes_what_a_scorecard_writes() -> None:
    line = "\n  - {name: paint_it_green, changed: plan, set: {health: green}}\n"
    sales = SHIPPED["sales.yaml"].replace("\nalso:\n", f"\nalso:{line}")
    assert codes(read({"sales.yaml": sales})) == ["written_by"]


def test_a_team_reads_what_is_measured_and_how_it_counts() -> None:
    """G8, T16: weights, points, and the two figures of a band."""
    assert describe_scorecard(HEALTH, BOOK) == (
        "Customer health\n"
        "Would they renew if they had to decide today?\n"
        "\n"
        "Writes Health score and Health of accounts of which this holds: Account type is “Customer”."
        " Of others they are empty.\n"
        "\n"
        "1. Do they use it? – 40 of 100 [usage]\n"
        "   - 100 points if Active users is at least 20\n"
        "   - else 70 points if Active users is at least 10\n"
        "   - else 40 points if Active users is at least 5\n"
        "   - else 0 points if Active users is filled in\n"
        "   - else it is left out, and so is its weight\n"
        "2. Do they get on? – 30 of 100 [progress]\n"
        "   - 0 points if Customer journey is in Will Churn\n"
        "   - else 20 points if Customer journey is in Onboarding for more than 30 days\n"
        "   - else 30 points if Customer journey is in Launched for more than 60 days\n"
        "   - else 100 points if Customer journey is in a stage\n"
        "   - else it is left out, and so is its weight\n"
        "3. Are they content? – 30 of 100 [calm]\n"
        "   - 0 points if Escalation is in Open, Investigating or Action plan\n"
        "   - else 60 points if Escalation is in Monitoring\n"
        "   - else 100 points\n"
        "\n"
        "The score is their mean by weight, 0 to 100.\n"
        "\n"
        "Health:\n"
        "   - green from 75, until the score falls below 70\n"
        "   - yellow from 45, until the score falls below 40\n"
        "   - red below that\n"
    )


def test_a_scorecard_of_one_measure_for_everybody_in_plain_words() -> None:
    """G8."""
    found = book(fitting())
    assert describe_scorecard(found.scorecards["fit"], found) == (
        "Fit\n"
        "\n"
        "Writes Fit score of every account.\n"
        "\n"
        "1. Are they our size? – 3 of 3 [size]\n"
        "   - 1 point if Employees is at least 50 and it is not so that Employees is above 5000\n"
        "   - else 0 points\n"
    )
