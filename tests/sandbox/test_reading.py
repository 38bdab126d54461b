"""Scripts: what is read, what is said of bad ones (golden, re-recorded by LIFECYCLE_RECORD=1), schema and docs (N6)."""

import json
import os
import re
from datetime import UTC, date, datetime, time, timedelta
from pathlib import Path
from zoneinfo import ZoneInfo

import fastjsonschema
import pytest
from ruamel.yaml import YAML

from lifecycle.core.durations import Calendar, Duration, Unit
from lifecycle.core.refusal import Refusal
from lifecycle.definition.mapping_vocabulary import MAPPING, SCRIPT
from lifecycle.definition.vocabulary import VOCABULARY
from lifecycle.sandbox.reader import MOST, BadScript, read_script
from lifecycle.sandbox.schema import FILE, schema, write
from lifecycle.sandbox.script import (
    WHEN,
    WORDS,
    Changes,
    Closes,
    Holds,
    Releases,
    Reports,
    Sets,
    Undoes,
    When,
)
from lifecycle.sandbox.writing import steps_of, written
from tests.importing.books import BOOK

HERE = Path(__file__).parent
ROOT = HERE.parent.parent
CASES = sorted((HERE / "bad").glob("*.yaml"))
DOCS = (ROOT / "docs" / "foresight" / "sandbox.md").read_text(encoding="utf-8")
EXAMPLE = re.findall(r"```yaml\n(.*?)```", DOCS, flags=re.DOTALL)[0]


def told(case: Path) -> str:
    with pytest.raises(BadScript) as caught:
        read_script(case.name, case.read_text(encoding="utf-8"), BOOK)
    return str(caught.value) + "\n"


@pytest.mark.parametrize("case", CASES, ids=lambda case: case.stem)
def test_every_problem_is_told_at_once(case: Path) -> None:
    golden, said = case.with_suffix(".txt"), told(case)
    if os.environ.get("LIFECYCLE_RECORD") == "1":
        golden.write_text(said, encoding="utf-8")
    assert said == golden.read_text(encoding="utf-8")


def test_the_example_of_the_documentation_says_what_it_means() -> None:
    found = read_script("example.yaml", EXAMPLE, BOOK)
    days = [step.when.after.amount if step.when.after else None for step in found]
    assert days == [5, 12, 20, 21, 30, None, 40, 40]
    assert [step.act for step in found] == [
        Reports("training.completed"),
        Reports("usage.reported", {"active_users": "12", "weekly_logins": "30"}),
        Sets("customer_journey", "renewal", "they asked for it"),
        Undoes(),
        Holds(When(Duration(14)), "they are on holiday"),
        Changes({"arr": "60000", "plan": None}, "Tried in the sandbox."),
        Releases(),
        Closes("Prepare the renewal", "renewed"),
    ]
    assert found[5].when == When(day=date(2031, 1, 15), at=time(9, 30))


def test_when_is_read_in_the_accounts_zone_and_calendar() -> None:
    """R19: business days; a day begins at its hour."""
    friday, berlin = datetime(2026, 3, 13, 12, tzinfo=UTC), ZoneInfo("Europe/Berlin")
    calendar = Calendar()
    at = _whens(*WHEN, "in 1 business days")
    assert at["now"].instant(friday, calendar, berlin) == friday
    assert at["in 5 days"].instant(friday, calendar, berlin) == friday + timedelta(days=5)
    monday = at["in 1 business days"].instant(friday, calendar, berlin)
    assert monday == friday + timedelta(days=3)
    day = at["on 2026-12-24"].instant(friday, calendar, berlin)
    assert day == datetime(2026, 12, 24, 8, tzinfo=UTC)
    timed = at["on 2026-12-24 14:30"].instant(friday, calendar, berlin)
    assert timed == datetime(2026, 12, 24, 13, 30, tzinfo=UTC)
    assert at["in 1 business days"].after == Duration(1, Unit.BUSINESS_DAYS)


def _whens(*texts: str) -> dict[str, When]:
    return {text: read_script("s", f"- {text}: undo", BOOK)[0].when for text in texts}


def test_a_script_has_a_length() -> None:
    with pytest.raises(BadScript, match="at most 500 are played"):
        read_script("s", "- now: undo\n" * (MOST + 1), BOOK)


@pytest.mark.parametrize(
    "what",
    [
        "undo",
        {"event": "usage.reported", "data": {"active_users": 12}},
        {"fields": {"name": "A: b, {c} # d", "plan": None, "country": 'say "hi"'}},
        {"close cta": "it's - done: yes", "outcome": "- no"},
        {"set": "customer_journey.None", "reason": "ü €"},
    ],
)
def test_what_a_page_writes_is_read_as_it_was_meant(what: object) -> None:
    line = written("in 5 days", what)  # type: ignore[arg-type]
    act = steps_of([line], BOOK)[0].act
    given = what if isinstance(what, dict) else {}
    for name in ("data", "fields"):
        if name in given:
            read = {
                key: None if value is None else str(value) for key, value in given[name].items()
            }
            assert getattr(act, name) == read
    if "close cta" in given:
        assert act == Closes(given["close cta"], given["outcome"])


def test_steps_of_a_page_are_refused_by_their_number() -> None:
    lines = ["in 5 days: training.completed", "in 2 days: training.complete", "soon: undo"]
    with pytest.raises(Refusal) as caught:
        steps_of(lines, BOOK)
    assert caught.value.code == "bad_script"
    assert caught.value.what.startswith("Step 2: Unknown event 'training.complete'. Did you mean")
    assert "\nStep 3: `soon` says no time." in caught.value.what


# ── the vocabulary is the one source


def test_the_documentation_says_what_the_vocabulary_says() -> None:
    for key in SCRIPT["step"]:
        assert f"| `{key.name}` | {key.takes.value} | {key.meaning} |" in DOCS
    for when, meaning in WHEN.items():
        assert f"| `{when}` | {meaning} |" in DOCS
    for word, meaning in WORDS.items():
        assert f"`{word}` ({meaning})" in DOCS
    assert not SCRIPT.keys() & (VOCABULARY.keys() | MAPPING.keys())


def test_the_committed_schema_is_the_vocabularys(tmp_path: Path) -> None:
    """Write it anew with `python -m lifecycle.sandbox.schema schemas`."""
    write(tmp_path)
    assert (ROOT / "schemas" / FILE).read_text() == (tmp_path / FILE).read_text()


def test_an_editor_marks_what_the_reader_refuses() -> None:
    fits = fastjsonschema.compile(schema())
    fits(_plain(EXAMPLE))
    for bad in ("- soon: undo", "- in 5 days: {evnt: x}", "- in 5 days: {}", "in 5 days: undo"):
        with pytest.raises(fastjsonschema.JsonSchemaValueException):
            fits(_plain(bad))


def _plain(text: str) -> object:
    return json.loads(json.dumps(YAML(typ="safe", pure=True).load(text), default=str))
