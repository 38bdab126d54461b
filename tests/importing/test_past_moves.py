"""Stages that people set before this engine ran come with the history, too (V9, R3, R20, R21)."""

from datetime import UTC, datetime, timedelta
from pathlib import Path

import pytest

from lifecycle.core import changes as c
from lifecycle.core.fold import Fold
from lifecycle.core.inputs import CreateAccount, EndHistory, Event
from lifecycle.core.refusal import Refusal
from lifecycle.core.state import AccountState
from lifecycle.importing.reader import BadMapping
from tests.definitions.sources import codes, read
from tests.importing.books import BOOK, NOW, Gathered, export

BEGIN = datetime(2026, 1, 1, tzinfo=UTC)


def past(day: int, stage: str, historic: bool = True, **data: str) -> Event:
    at = BEGIN + timedelta(days=day)
    told = {"lifecycle": "customer_stages", "stage": stage, **data}
    return Event(f"{day}", "crm", "stage.set", at, NOW, told, historic)  # type: ignore[arg-type]


@pytest.fixture
def fold() -> Fold:
    fold = Fold(BOOK, AccountState("acme"))
    fold.take(CreateAccount(BEGIN, {}, historic=True))
    return fold


def test_v9_a_past_move_has_its_own_time_person_and_reason(fold: Fold) -> None:
    (entry,) = fold.take(past(10, "implementation", actor="Ann", reason="Kick-off done."))
    (moved,) = [one for one in entry.changes if isinstance(one, c.StageEntered)]
    assert (moved.at, moved.kind, moved.actor) == (BEGIN + timedelta(days=10), "person", "Ann")
    assert (moved.reason, moved.historic) == ("Kick-off done.", True)


def test_r3_a_past_move_may_go_back_and_r20_comes_once(fold: Fold) -> None:
    moves = [past(10, "mature_adoption"), past(20, "onboarding"), past(30, "None")]
    fold.take_all(moves[:2])
    assert fold.state.tracks["customer_stages"].stage == "onboarding"
    again = fold.take_all(moves[:2])
    assert {type(one) for entry in again for one in entry.changes} <= {c.DuplicateSeen}
    fold.take(moves[2])
    assert fold.state.tracks["customer_stages"].stage is None


def test_r21_entering_a_stage_in_the_past_tells_nobody(fold: Fold) -> None:
    entries = fold.take_all([past(10, "pre_onboarding"), past(11, "onboarding")])
    entries += fold.take(EndHistory(NOW, NOW))
    told = (c.MailDue, c.CtaOpened, c.WebhookDue)
    assert not any(isinstance(one, told) for entry in entries for one in entry.changes)


@pytest.mark.parametrize(
    ("event", "code"),
    [
        (past(10, "onbording"), "unknown_stage"),
        (past(10, "onboarding", lifecycle="customer_stage"), "unknown_lifecycle"),
        (past(10, "onboarding", historic=False), "engine_event"),
    ],
)
def test_t27_what_is_no_stage_is_refused(fold: Fold, event: Event, code: str) -> None:
    *_, entry = fold.take(event)
    assert isinstance(entry.refused, Refusal)
    assert entry.refused.code == code


def test_nobody_declares_it() -> None:
    events = "events:\n  stage.set: {data: {lifecycle: text}}\n"
    assert "engine_event" in codes(read({"events.yaml": events}))


MAPPING = """
import: stages
accounts: {{file: a.csv, account: id}}
rows:
  - file: a.csv
    account: id
    events:
      - event: stage.set
        id: "{{id}}/implementation"
        time: implementation
        if: implementation exists
        data: {{lifecycle: {{value: customer_stages}}, stage: {{value: {stage}}}, actor: csm}}
      - event: stage.set
        id: "{{id}}/today"
        time: since
        data: {{lifecycle: {{value: customer_stages}}, stage: now}}
"""
ROWS = "id,implementation,since,now,csm\nA,2026-01-05,2026-02-01,early_adoption,Ann\nB,,2026-02-01,erly_adoption,\n"


def test_stage_timestamps_of_a_crm_come_in_by_a_mapping(tmp_path: Path) -> None:
    path = export(tmp_path, MAPPING.format(stage="implementation"), a_csv=ROWS)
    found = Gathered(path, tmp_path)
    assert found.ids("A") == ["A/implementation", "A/today"]
    (remark,) = found.remarks
    assert (
        "Customer stages has no stage 'erly_adoption'. Did you mean early_adoption?"
        in remark.reason
    )


def test_t27_a_wrong_stage_in_the_mapping_is_told_at_its_place(tmp_path: Path) -> None:
    path = export(tmp_path, MAPPING.format(stage="implementaton"), a_csv=ROWS)
    with pytest.raises(
        BadMapping, match=r"mapping.yaml:12:9: error\[unknown_stage\]: .*implementaton"
    ):
        Gathered(path, tmp_path)
