"""A mail that waits for the end of quiet hours, or of a hold, is no failure, however long it takes (R22, R18)."""

from collections.abc import Callable
from datetime import UTC, datetime, time, timedelta
from typing import Any

from temporalio import activity

from lifecycle import contract
from lifecycle.client import Lifecycles
from lifecycle.core.codec import Data
from lifecycle.core.model import ContactRules
from lifecycle.store.effects import WantedEffects, effect_row, effects, resend
from lifecycle.store.tables import EffectRow, EffectStatus
from tests.awake import keep_awake, rule
from tests.clock import until
from tests.workflows.town import Town
from worker import make_activities

ALWAYS = ContactRules(time(0), time(23, 59, 59))
CONTACT = {"contact_email": "maria@example.com", "time_zone": "UTC"}


async def welcome(town: Town, account: str) -> EffectRow:
    [row] = await effects(town.store, WantedEffects(account=account, limit=1))
    return row


async def test_a_mail_that_waits_for_days_is_sent_at_last(town: Town) -> None:
    """Past the day deliveries are tried for; the stage went on at once (R22)."""
    await rule(town.store, ALWAYS)
    account = town.account()
    await town.update_with_start(account, dict(CONTACT))
    await town.win(account)

    async def waits() -> bool:
        row = await welcome(town, account)
        return row.attempts > 0 and "Quiet hours" in (row.last_error or "")

    await until(waits)
    for _ in range(3):
        last = (await welcome(town, account)).attempts

        async def looked_again(last: int = last) -> bool:
            return (await welcome(town, account)).attempts > last

        await town.forward(account, hours=14)
        await until(looked_again)
    row = await welcome(town, account)
    assert row.status is EffectStatus.DUE
    assert row.due_at + timedelta(days=1) < await now_of(town, account)
    await keep_awake(town.store)
    await town.forward(account, hours=2)
    [mail] = await town.mails(1)
    assert mail["To"] == "maria@example.com"
    assert (await welcome(town, account)).last_error is None


async def now_of(town: Town, account: str) -> datetime:
    """The account's own time."""
    return await town.env.get_current_time(town.handle(account))


async def test_a_mail_sent_again_before_its_first_delivery_has_landed_goes_out_twice(
    quiet_town: Town,
) -> None:
    """R22: the run hears of the second while it thinks that the first is under way still."""
    town = quiet_town
    found = make_activities(town.store, town.settings)
    async with town.open([_again_at_once(town, one) for one in found]):
        account = town.account()
        await town.update_with_start(account, {"contact_email": "maria@example.com"})
        await town.win(account)
        await town.mails(2)
        assert (await welcome(town, account)).generation == 2


def _again_at_once(town: Town, real: Callable[..., Any]) -> Callable[..., Any]:
    """Somebody sends a mail once more in the moment between its commit and the activity's answer."""
    if getattr(real, "__name__", "") != "deliver":
        return real

    @activity.defn(name=contract.DELIVER)
    async def delivered(data: Data) -> Any:
        answer = await real(data)
        row = await effect_row(town.store, data["effect"])
        if row.generation == 1:
            await resend(town.store, row.id, "ann", datetime.now(UTC))
            lifecycles = Lifecycles(town.client, town.settings.task_queue)
            await lifecycles.deliver_again(row.account, row.id)
        return answer

    return delivered
