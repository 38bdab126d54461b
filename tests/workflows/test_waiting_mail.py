"""A mail that waits for the end of quiet hours, or of a hold, is no failure, however long it takes (R22, R18)."""

from datetime import datetime, time, timedelta

from lifecycle.core.model import ContactRules
from lifecycle.store.effects import WantedEffects, effects
from lifecycle.store.tables import EffectRow, EffectStatus
from tests.awake import keep_awake, rule
from tests.clock import until
from tests.workflows.town import Town

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
