"""What a command will do, told before it is sent: the same fold that decides, on a copy, in words."""

from datetime import UTC, timedelta

import pytest

from lifecycle.core.codec import to_data
from lifecycle.core.evolve import copy_state
from lifecycle.core.fold import Fold
from lifecycle.core.inputs import Command, Hold, Release, SetFields, SetStage, Undo
from lifecycle.core.state import AccountState
from lifecycle.telling.accounts import Found
from lifecycle.telling.ahead import whats_next
from lifecycle.telling.consequences import About, consequences, foresee
from tests.admin.book import NOW, lives, shipped

BOOK = shipped()


def accounts() -> dict[str, Found]:
    """The five of the book, as they stand."""
    found = {}
    for life in lives(BOOK):
        life.request()
        found[life.fold.state.account] = Found(life.fold.state, BOOK, NOW)
    return found


ACCOUNTS = accounts()


def commands(of: Found) -> list[Command]:
    """Every move there is, and the other commands that set something off."""
    moves: list[Command] = [
        SetStage(NOW, "ann", "x", lifecycle.id, stage)
        for lifecycle in BOOK.lifecycles.values()
        for stage in (*(one.id for one in lifecycle.stages), None)
    ]
    others: list[Command] = [
        Undo(NOW, "ann"),
        Hold(NOW, "ann", NOW + timedelta(days=9), "x"),
        Release(NOW, "ann"),
        SetFields(NOW, "ann", {"active_users": 12, "training_completed_on": "2026-05-01"}),
    ]
    return moves + others


@pytest.mark.parametrize("account", sorted(ACCOUNTS))
def test_what_is_foreseen_is_what_the_core_does(account: str) -> None:
    """Nothing is decided twice, nothing is changed by looking, and nothing is left untold."""
    of = ACCOUNTS[account]
    before = to_data(of.state, AccountState)
    for command in commands(of):
        seen = foresee(of, command)
        fold = Fold(BOOK, copy_state(of.state))
        fold.catch_up(NOW)
        assert seen.entries == [*fold.take(command), *fold.catch_up(NOW)]
        assert to_data(of.state, AccountState) == before
        lines = consequences(seen, UTC)
        assert lines
        gone = {one.what for one in whats_next(BOOK, seen.before)}
        gone -= {one.what for one in whats_next(BOOK, seen.after)}
        assert not gone or any(one.about is About.TIMERS_CANCELLED for one in lines)


def told(account: str, command: Command) -> list[str]:
    return [one.text for one in consequences(foresee(ACCOUNTS[account], command), UTC)]


def move(stage: str | None, lifecycle: str = "customer_journey") -> SetStage:
    return SetStage(NOW, "ann", "x", lifecycle, stage)


def test_r6_r11_days_and_skipped_stages() -> None:
    assert told("acme", move("renewal"))[:2] == [
        "Starts the days in Renewal at 0. Launched keeps its 40 days.",
        "Adopting is skipped: it gets no date.",
    ]
    assert told("acme", move("onboarding"))[0] == (
        "Goes back: the days in Onboarding start again at 0. Launched keeps its 40 days."
    )
    assert told("acme", move("launched")) == [
        "Customer journey is already at Launched; nothing is reset."
    ]


def test_r9_t13_t14_cycles() -> None:
    assert told("acme", move("churned"))[0] == ("Ends cycle 1: its counts stop, and stay readable.")
    assert "Onboarding project follows: Configuration → Called off." in told(
        "acme", move("churned")
    )
    assert told("initech", move("onboarding"))[0] == "Begins cycle 2: every count starts at 0."
    assert told("acme", move(None))[0] == (
        "Takes the account out of Customer journey: all its counts begin again later."
    )


def test_r13_what_cannot_be_taken_back_is_marked() -> None:
    lines = consequences(foresee(ACCOUNTS["acme"], move("will_churn")), UTC)
    (mail,) = [one for one in lines if one.about is About.MAIL]
    assert mail.final
    assert mail.text == (
        "Sends the e-mail “notice_alert” to the CSM, the owner and CS managers."
        " It cannot be taken back."
    )
    assert [one.final for one in lines].count(True) == 1


def test_r13_undo_tells_stage_fields_ctas_and_timers() -> None:
    lines = told("initech", Undo(NOW, "ann"))
    assert "Customer journey is back at Will Churn, with its days and visits." in lines
    assert "Account status: cancelled → active." in lines
    assert "Opens the CTA “Hold the kickoff call” again." in lines


def test_r19_a_hold_shifts_timers_and_its_end_is_one() -> None:
    assert "Sets 1 timer: the hold ends, 10 Jun 2026." in told(
        "acme", Hold(NOW, "ann", NOW + timedelta(days=9), "x")
    )
    assert "Cancels 1 timer: the hold ends, 12 Jun 2026." in told("globex", Release(NOW, "ann"))


def test_a_refused_command_says_so() -> None:
    seen = foresee(ACCOUNTS["acme"], Release(NOW, "ann"))
    assert seen.refused is not None
    assert seen.refused.code == "not_on_hold"
