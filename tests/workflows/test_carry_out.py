"""Many commands in one signal: each read by itself, each carried out once (R16, R20)."""

from typing import Any

import pytest

from lifecycle import contract
from lifecycle.client import Lifecycles, UnknownAccount
from lifecycle.core.changes import Entry
from tests.workflows.town import Town


def lifecycles(town: Town) -> Lifecycles:
    return Lifecycles(town.env.client, town.settings.task_queue)


def fields(number: int, **values: Any) -> dict[str, Any]:
    return {"command": contract.SET_FIELDS, "actor": "ann", "fields": values, "id": f"f:{number}"}


async def test_r16_a_wrong_command_costs_no_other_anything(town: Town) -> None:
    """The good ones are carried out in order, the wrong ones recorded with their reasons."""
    acme = town.account()
    await town.win(acme)
    await lifecycles(town).carry_out(
        acme,
        [
            fields(1, plan="Free"),
            {"command": contract.SET_STAGE, "actor": "ann", "lifecycle": "sales", "stage": "moon",
             "reason": "file", "id": "f:2"},
            {"command": contract.SET_STAGE, "actor": "ann", "lifecycle": "sales",
             "stage": "customer", "reason": "file", "id": "f:3"},
            {"command": "make_coffee"},
            {"command": contract.OPEN_CTA, "actor": "ann", "title": "Call", "due": "2 days"},
            fields(4, plan="Pro"),
        ],
    )  # fmt: skip
    state = await town.recorded(acme, lambda it: it.fields.get("plan") == "Pro")
    assert state.tracks["sales"].stage == "customer"
    assert "Call" in [cta.title for cta in state.ctas.values()]
    assert state.refused == 2
    said = [str(one.refused) for one in await town.journal(acme) if one.refused is not None]
    assert any("no stage 'moon'" in each for each in said)
    assert any("no command 'make_coffee'" in each for each in said)


def duplicates(entries: list[Entry]) -> list[str]:
    return [note.text for one in entries for note in one.notes if note.code == "duplicate"]


async def test_r20_a_file_sent_twice_changes_nothing_the_second_time(town: Town) -> None:
    """Not even by a worker that forgot the account: the ids come back from the journal."""
    acme, api = town.account(), lifecycles(town)
    await town.win(acme)
    await api.carry_out(acme, [fields(1, plan="Free"), fields(2, seats=5)])
    await town.recorded(acme, lambda it: it.fields.get("seats") == 5)
    await town.handle(acme).terminate("a new cluster")
    await api.nudge(acme)
    await api.set_fields(acme, {"plan": "Pro"}, actor="bea")
    await api.carry_out(acme, [fields(1, plan="Free"), fields(2, seats=5)])
    state = await town.recorded(acme, lambda it: it.duplicates == 2)
    assert state.fields["plan"] == "Pro"
    assert duplicates(await town.journal(acme)) == [
        "The command 'f:1' was carried out before.",
        "The command 'f:2' was carried out before.",
    ]


async def test_a_file_of_a_thousand_lines_of_one_account(town: Town) -> None:
    """Several signals, several batches; everything once and in order."""
    acme = town.account()
    await town.win(acme)
    await lifecycles(town).carry_out(acme, (fields(n, seats=n) for n in range(1_001)))
    state = await town.recorded(acme, lambda it: it.fields.get("seats") == 1_000)
    assert (state.refused, state.duplicates) == (0, 0)


async def test_r2_start_as_the_first_command_makes_the_account(town: Town) -> None:
    acme, api = town.account(), lifecycles(town)
    start = {"command": contract.START, "actor": "ann", "fields": {"name": "Acme"}}
    await api.carry_out(acme, [start, fields(1, plan="Pro")])
    state = await town.recorded(acme, lambda it: it.fields.get("plan") == "Pro")
    assert state.fields["name"] == "Acme"
    assert state.tracks["sales"].stage == "lead"


async def test_other_commands_make_none(town: Town) -> None:
    """R2."""
    with pytest.raises(UnknownAccount, match="There is no account"):
        await lifecycles(town).carry_out(town.account("nobody"), [fields(1, plan="Pro")])
