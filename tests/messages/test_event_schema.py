"""`schemas/event.schema.json` and the reader agree, and so do the examples in the docs."""

import json
import re
from datetime import UTC, datetime
from pathlib import Path
from typing import Any

import fastjsonschema
import pytest
from hypothesis import given
from hypothesis import strategies as st

from lifecycle.core.refusal import Refusal
from lifecycle.messages import Arrival, read_event

ROOT = Path(__file__).parent.parent.parent
SCHEMA = json.loads((ROOT / "schemas" / "event.schema.json").read_text())
ARRIVAL = Arrival("acme", datetime(2026, 3, 2, tzinfo=UTC))
GOOD = {"id": "1", "source": "crm", "type": "kickoff.held"}
valid = fastjsonschema.compile(SCHEMA)

CASES: list[tuple[Any, bool]] = [
    (GOOD, True),
    ({**GOOD, "data": {"a": 1, "b": 1.5, "c": "x", "d": True, "e": None}}, True),
    ({**GOOD, "data": None}, True),
    ({**GOOD, "time": "2026-01-31T12:00:00Z"}, True),
    ({**GOOD, "time": "2026-01-31T12:00:00+02:00"}, True),
    ({**GOOD, "time": None}, True),
    ({**GOOD, "id": 7}, True),
    (
        {**GOOD, "specversion": "1.0", "datacontenttype": "application/json", "traceparent": "x"},
        True,
    ),
    ({**GOOD, "subject": "acme"}, True),
    ({**GOOD, "subject": None}, True),
    ({**GOOD, "id": ""}, False),
    ({**GOOD, "id": " "}, False),
    ({**GOOD, "id": None}, False),
    ({**GOOD, "id": True}, False),
    ({**GOOD, "id": "x" * 501}, False),
    ({**GOOD, "source": []}, False),
    ({"id": "1", "source": "crm"}, False),
    ({**GOOD, "time": "yesterday"}, False),
    ({**GOOD, "data": []}, False),
    ({**GOOD, "data": {"a": {}}}, False),
    ({**GOOD, "data": {"a": [1]}}, False),
    ([], False),
    ("x", False),
    (None, False),
]


def is_valid(message: Any) -> bool:
    try:
        valid(message)
    except fastjsonschema.JsonSchemaException:
        return False
    return True


def is_read(message: Any) -> bool:
    try:
        read_event(message, ARRIVAL)
    except Refusal:
        return False
    return True


@pytest.mark.parametrize(("message", "verdict"), CASES, ids=str)
def test_schema_and_reader_give_the_same_verdict(message: Any, verdict: bool) -> None:
    assert is_valid(message) is verdict
    assert is_read(message) is verdict


word = st.text(st.characters(codec="utf-8"), min_size=1, max_size=40).filter(str.strip)
scalar = (
    st.none()
    | st.booleans()
    | st.integers()
    | st.floats(allow_nan=False, allow_infinity=False)
    | word
)
events = st.fixed_dictionaries(
    {"id": word | st.integers(), "source": word, "type": word},
    optional={
        "time": st.datetimes(datetime(1900, 1, 2), datetime(8999, 12, 30)).map(  # noqa: DTZ001
            lambda at: at.isoformat(timespec="seconds") + "Z"
        ),
        "data": st.none() | st.dictionaries(word, scalar, max_size=5),
    },
)


@given(events)
def test_the_reader_takes_whatever_the_schema_allows(message: dict[str, Any]) -> None:
    valid(message)
    event = read_event(message, ARRIVAL)
    assert event.type == message["type"].strip()
    assert event.data == (message.get("data") or {})


def test_an_event_without_a_time_happened_when_it_arrived() -> None:
    """R20; for an account whose clock leads, on that clock: the fold adds the lead again."""
    assert read_event(GOOD, ARRIVAL).time == ARRIVAL.at
    ahead = Arrival("acme", ARRIVAL.at, lead=3600)
    assert (ARRIVAL.at - read_event(GOOD, ahead).time).total_seconds() == 3600


def json_blocks(text: str) -> list[str]:
    return re.findall(r"```json\n(.*?)```", text, re.DOTALL)


def test_the_examples_can_be_sent() -> None:
    """Those of the schema and those of the docs."""
    shown = [
        json.loads(block) for block in json_blocks((ROOT / "docs" / "signalling.md").read_text())
    ]
    assert shown
    for example in [*shown, *SCHEMA["examples"]]:
        valid(example)
        subject = str(example.get("subject", "acme"))
        assert read_event(example, Arrival(subject, ARRIVAL.at)).type == example["type"]
