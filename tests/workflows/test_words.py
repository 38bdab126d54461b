"""What operators read: handles without addresses, summaries that fit, deadlines in words."""

from datetime import UTC, datetime, timedelta

import pytest

from lifecycle import contract
from lifecycle.core.inputs import AssignCta, Command, OpenCta, SetFields, SnoozeCta
from lifecycle.core.state import AccountState, Track
from tests.clock import current_time, until
from tests.workflows.town import Town
from workflows import listing, wording
from workflows.listing import handle, rounded_up

NOON = datetime(2026, 3, 2, 12, tzinfo=UTC)


@pytest.mark.parametrize(
    ("csm", "shown"),
    [
        ("Ana Torres", "ana_torres"),
        ("Ana Tórres-Nuñez", "ana_torres_nunez"),
        ("Ana <ana@example.com>", "ana"),
        ("ana@example.com", None),
        ("", None),
        (None, None),
        ("李雷", None),
        ("x" * 300, "x" * 255),
    ],
)
def test_a_csm_is_a_handle_and_never_an_address(csm: str | None, shown: str | None) -> None:
    assert handle(csm) == shown


def test_a_deadline_is_rounded_up_to_the_hour() -> None:
    assert rounded_up(NOON) == NOON
    assert rounded_up(NOON + timedelta(microseconds=1)) == NOON + timedelta(hours=1)


def test_no_stage_is_no_entry() -> None:
    """T22."""
    tracks = {"b": Track("b", stage="won"), "a": Track("a"), "c": Track("c", stage="x" * 300)}
    assert listing.stages(AccountState("acme", tracks=tracks)) == ["b:won", "c:" + "x" * 253]


def test_a_summary_has_two_hundred_bytes_at_most() -> None:
    for text in ("short", "x" * 500, "ü" * 300):
        cut = wording.summary(text)
        assert len(cut.encode()) <= 200
        assert cut == text or cut.endswith("…")


@pytest.mark.parametrize(
    ("command", "said"),
    [
        (OpenCta(NOON, "ann", "Call"), "open CTA"),
        (SnoozeCta(NOON, "ann", "x", None), "snooze CTA"),
        (AssignCta(NOON, "ann", "x", "csm"), "assign CTA"),
        (SetFields(NOON, "ann", {}), "set fields"),
    ],
)
def test_a_command_is_named_in_words(command: Command, said: str) -> None:
    assert wording.cause(command) == said


async def test_timers_and_activities_say_what_they_are_for(town: Town) -> None:
    """G8: the history reads like the business."""
    acme = town.account()
    account = await town.win(acme)
    await town.forward(acme, days=4)
    await town.recorded(acme, lambda it: all(cta.overdue for cta in it.ctas.values()))
    history = await account.fetch_history()
    said = " ".join(event.user_metadata.summary.data.decode() for event in history.events)
    assert "due: Hold the kickoff call" in said
    assert "opportunity.closed_won → sales: lead; customer journey: onboarding" in said
    assert "customer_journey.welcome/v1" in said


async def test_late_and_on_hold_can_be_listed(town: Town) -> None:
    """G15, R19: who is past the timeframe, who is paused."""
    acme = town.account()
    account = await town.win(acme)
    await town.forward(acme, days=13)
    await town.recorded(acme, lambda it: it.tracks["onboarding"].late)
    end = await current_time(town.env, account) + timedelta(days=9)
    await town.update(acme, contract.HOLD, actor="ann", reason="merger", until=end.isoformat())

    async def count(query: str) -> int:
        return (
            await town.env.client.count_workflows(f'WorkflowId = "{account.id}" AND {query}')
        ).count

    assert await until(lambda: count("Late = true AND OnHold = true"))
    await town.update(acme, contract.RELEASE, actor="ann")
    assert await until(lambda: count("Late = true AND OnHold = false"))
