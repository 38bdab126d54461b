"""Golden files: what an older release recorded stays readable and means the same (N9).

One file per type of change: how it is written, and what it makes of the golden state. One per type of
input. They are written only with LIFECYCLE_RECORD=1; a file that is there is never changed but by that.
"""

from __future__ import annotations

import json
import os
from pathlib import Path
from typing import Any, get_args

import pytest

from lifecycle.core.changes import Change, Entry
from lifecycle.core.codec import from_data, to_data
from lifecycle.core.evolve import evolve
from lifecycle.core.inputs import Input
from lifecycle.core.state import AccountState

from .journey import day
from .samples import CHANGES, INPUTS, state

GOLDEN = Path(__file__).parent / "golden"
RECORDING = os.environ.get("LIFECYCLE_RECORD") == "1"


def name(value: object) -> str:
    return type(value).__name__


def golden(path: str, made: Any) -> Any:
    """The stored data; when recording, `made` is stored first."""
    file = GOLDEN / f"{path}.json"
    if RECORDING:
        file.parent.mkdir(parents=True, exist_ok=True)
        file.write_text(json.dumps(made, indent=1, ensure_ascii=False) + "\n")
    assert file.exists(), f"{file.name} is missing: record it once with LIFECYCLE_RECORD=1"
    return json.loads(file.read_text())


def after(base: AccountState, change: Change) -> Any:
    """What the change makes different, by attribute of the state."""
    before = to_data(base)
    evolve(base, change)
    now = to_data(base)
    return {key: now.get(key) for key in sorted({*before, *now}) if before.get(key) != now.get(key)}


def test_n9_the_golden_state_is_readable() -> None:
    """N9: a stored state comes back whole."""
    stored = golden("state", to_data(state()))
    assert to_data(from_data(AccountState, stored)) == stored


@pytest.mark.parametrize("sample", CHANGES, ids=name)
def test_n9_recorded_changes_stay_readable_and_mean_the_same(sample: Change) -> None:
    """N9: the stored change, read today, is written the same and makes the same state."""
    made = {"change": to_data(sample, Change), "makes": after(state(), sample)}
    stored = golden(f"changes/{name(sample)}", made)
    read = from_data(Change, stored["change"])
    assert to_data(read, Change) == stored["change"]
    assert (
        after(from_data(AccountState, golden("state", to_data(state()))), read) == stored["makes"]
    )


@pytest.mark.parametrize("sample", INPUTS, ids=name)
def test_n9_recorded_inputs_stay_readable(sample: Input) -> None:
    """N9: as part of a journal's entry."""
    entry = Entry(3, day(1), sample, [], root=2, historic=True)
    stored = golden(f"inputs/{name(sample)}", to_data(entry))
    read = from_data(Entry, stored)
    assert name(read.input) == name(sample)
    assert to_data(read) == stored


def test_n9_there_is_a_golden_file_for_every_type() -> None:
    """N9: a new type of change or input needs its sample and its file."""
    changes = {kind.__name__ for kind in get_args(Change)}
    inputs = {kind.__name__ for kind in get_args(Input)}
    assert (
        {name(sample) for sample in CHANGES}
        == changes
        == {file.stem for file in (GOLDEN / "changes").iterdir()}
    )
    assert (
        {name(sample) for sample in INPUTS}
        == inputs
        == {file.stem for file in (GOLDEN / "inputs").iterdir()}
    )


def test_n9_unknown_attributes_are_ignored_and_missing_ones_have_defaults() -> None:
    """N9: a change of an older or a newer release is read as far as it goes."""
    [sample] = [one for one in CHANGES if name(one) == "FieldSet"]
    told = {**to_data(sample, Change), "added_later": 1}
    told.pop("automation")
    read = from_data(Change, told)
    assert (read.name, read.automation) == ("plan", "")
