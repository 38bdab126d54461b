"""A real book of customers: rehearse, publish to a few, compare with the promise, bring back, verify (N2, N7, N9)."""

import asyncio
import json
from collections.abc import Awaitable, Callable
from contextlib import suppress
from datetime import UTC, datetime
from pathlib import Path
from typing import Any

from temporalio.service import RPCError

from lifecycle.client import Lifecycles, event
from lifecycle.core.state import AccountState
from tests.admin.conftest import Said
from tests.clock import until
from tests.foresight.real_book import JOURNEY, definitions, export, histories
from tests.workflows.town import Town

Doing = Callable[..., Awaitable[Said]]


async def come_in(town: Town, folder: Path) -> list[str]:
    """Every account's history, as the import door sends it; answers with their ids."""
    door, now = Lifecycles(town.client, town.settings.task_queue), datetime.now(UTC)
    found = histories(folder, now)
    for account, history in found.items():
        # Their ids are the CRM's: another test may have brought them to the session's server.
        with suppress(RPCError):
            await town.handle(account).terminate("another book")
        told = [
            event(one.type, one.data, id=one.id, source=one.source, time=one.time)
            for one in history.events
        ]
        begin = min((one.time for one in history.events), default=now)
        await door.import_history(account, told, history.fields, begin, until=now)
    for account in found:
        await town.recorded(account, lambda state: state.history_until is not None)
    return sorted(found)


async def answer(doing: Doing, *words: object, status: int = 0) -> Any:
    """What a command says as JSON."""
    said = await doing(*map(str, words), "--json")
    assert said.status == status, said.err or said.out
    return json.loads(said.out)


def stage(state: AccountState) -> str | None:
    track = state.tracks.get(JOURNEY)
    return track.stage if track else None


async def stages(town: Town, accounts: list[str]) -> dict[str, str | None]:
    return {account: stage(await town.state(account)) for account in accounts}


async def shown(doing: Doing, name: str) -> Any:
    """The publication, its accounts looked at now."""
    return await answer(doing, "definitions", "publication", name, "--look", "--all")


async def test_a_longer_timer_on_a_real_book(
    doing: Doing, town: Town, tmp_path: Path, shared_data: Path
) -> None:
    """14 → 45 days: rehearsed, a quarter tried, promise and life the same, brought back, 0 differences."""
    everybody = await come_in(
        town, export(shared_data / "maven_crm", tmp_path / "crm", datetime.now(UTC))
    )
    draft = definitions(tmp_path / "draft", 2, 45)
    rehearsed = (await answer(doing, "rehearse", draft))["rehearsal"]["sums"]
    assert rehearsed["accounts"] == len(everybody)
    [way] = rehearsed["ways"]
    assert (way["live"], way["draft"]) == ("launched", "onboarding")
    words = ("publish", draft, "--policy", "at once", "--share", 25, "--watch", "21d")
    name = (await answer(doing, "definitions", *words))["publication"]
    told = [one["account"] for one in (await shown(doing, name))["lives"]]
    assert 10 <= len(told) <= 35
    before = await stages(town, told)
    waiting = [account for account, at in before.items() if at == "onboarding"]
    assert waiting, "some of the few wait for their timer"
    await asyncio.gather(*(town.forward(account, days=20) for account in told))

    async def look() -> Any:
        return await shown(doing, name)

    lived = await until(look, lambda seen: seen["figures"]["late"]["happened"] > 0, within=60)
    assert lived["verdicts"] == {"as promised": len(told)}
    for figure in lived["figures"].values():
        assert figure["promised"] == figure["happened"]
    for one in lived["lives"]:
        assert one["happened"] == one["expected"]
    assert await stages(town, told) == before, "45 days are not over"

    await answer(doing, "definitions", "roll-back", name, "--yes", "--reason", "too slow")
    for account in waiting:
        await town.in_stage(account, JOURNEY, "launched")
    verified = await answer(doing, "verify", "accounts", "--workflows")
    assert (verified["accounts"], verified["count"]) == (len(everybody), 0)
