"""The same command sent twice is carried out once, as an event is (R20)."""

from __future__ import annotations

from lifecycle.core.fold import check
from lifecycle.core.inputs import CloseCta, OpenCta, SetFields, SetStage

from .journey import Journey


def test_r20_a_command_with_an_id_counts_once() -> None:
    journey = Journey()
    journey.create()
    command = SetFields(journey.now, "ann", {"seats": 5}, id="file-1:2")
    first, second = journey.fold.take_all([command, command])
    assert [note.code for note in first.notes] == []
    assert [note.code for note in second.notes] == ["duplicate"]
    assert "'file-1:2' was carried out before" in second.notes[0].text
    assert journey.state.duplicates == 1


def test_without_an_id_the_same_again_is_a_command_of_its_own() -> None:
    journey = Journey()
    journey.create()
    command = OpenCta(journey.now, "ann", "Call them")
    journey.fold.take_all([command, command])
    assert len(journey.state.ctas) == 2


def test_what_was_refused_may_be_sent_again() -> None:
    """A refusal takes no id: the cause may be gone the next time."""
    journey = Journey()
    journey.create()
    late = SetStage(journey.now, "ann", "r", "sales", "customer", revision=0, id="1")
    [refused] = journey.fold.take(late)
    assert refused.refused is not None
    again = SetStage(journey.now, "ann", "r", "sales", "customer", revision=0, anyway=True, id="1")
    journey.fold.take(again)
    assert journey.stage("sales") == "customer"


def test_a_door_lets_a_repeated_command_through() -> None:
    """R16: what was carried out is answered as done, not refused because it is done."""
    journey = Journey()
    journey.create()
    journey.fold.take(OpenCta(journey.now, "ann", "Call them"))
    [cta] = journey.state.ctas
    close = CloseCta(journey.now, "ann", cta, id="x")
    journey.fold.take(close)
    check(journey.fold.book, journey.state, close)
    assert [note.code for note in journey.fold.take(close)[-1].notes] == ["duplicate"]


def test_an_event_cannot_take_the_place_of_a_command() -> None:
    journey = Journey()
    journey.create()
    journey.event("kickoff.held", id="1")
    journey.fold.take(SetFields(journey.now, "ann", {"seats": 5}, id="1"))
    assert journey.state.fields["seats"] == 5
