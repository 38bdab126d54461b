"""Errors of ours: a bug in the fold costs the input that meets it, never the account."""

from datetime import datetime
from typing import Any

import pytest

from lifecycle import contract
from lifecycle.core.changes import Entry
from lifecycle.core.fold import Fold
from lifecycle.core.inputs import Event
from tests.clock import until
from tests.workflows.town import Town


async def test_an_input_the_fold_fails_on_is_refused(
    town: Town, monkeypatch: pytest.MonkeyPatch
) -> None:
    """Twenty good events around it are recorded; the state shows nothing of the half-done one."""
    acme = town.account()
    handle = await town.win(acme)
    real = Fold.take

    def take(fold: Fold, item: Any, published: Any = None) -> list[Entry]:
        if isinstance(item, Event) and item.id == "10":
            fold.state.fields["arr"] = 7
            raise ZeroDivisionError("a bug")
        return real(fold, item, published)

    monkeypatch.setattr(Fold, "take", take)
    events = [{"id": str(n), "source": "app", "type": "opportunity.closed_lost"} for n in range(20)]
    await handle.signal(contract.RECORD_EVENTS, events)
    state = await town.recorded(acme, lambda it: len(it.window) == 20)
    assert state.refused == 1
    assert "arr" not in state.fields
    refused = [entry.refused for entry in await town.journal(acme) if entry.refused]
    assert "ZeroDivisionError('a bug')" in str(refused[0])


async def test_a_deadline_the_fold_fails_on_is_tried_again(
    town: Town, monkeypatch: pytest.MonkeyPatch
) -> None:
    """N8: after ten minutes, not at once and not never; messages are taken meanwhile."""
    acme = town.account()
    handle = await town.win(acme)
    real, broken = Fold.catch_up, [2]

    def catch_up(fold: Fold, now: datetime) -> list[Entry]:
        if broken[0]:
            broken[0] -= 1
            raise ZeroDivisionError("a bug")
        return real(fold, now)

    monkeypatch.setattr(Fold, "catch_up", catch_up)
    await town.forward(acme, days=3, minutes=1)
    await until(lambda: _left(broken), lambda left: left < 2)
    await town.forward(acme, minutes=25)
    state = await town.recorded(acme, lambda it: all(cta.overdue for cta in it.ctas.values()))
    assert state.refused == 0
    assert handle.id


async def _left(broken: list[int]) -> int:
    return broken[0]
