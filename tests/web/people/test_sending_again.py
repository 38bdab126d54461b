"""R20, R22: a mail is sent once more by a request that may be lost on its way, at any place of it."""

from datetime import UTC, datetime

from lifecycle.roles import Role
from lifecycle.store.effects import WantedEffects, effects, resend
from lifecycle.store.tables import EffectRow, EffectStatus
from lifecycle.web.app import make_app
from lifecycle.web.door import Door
from tests.clock import until
from tests.web.as_who import as_role
from tests.web.conftest import nowhere
from tests.web.people.house import ANN, House


async def test_a_mail_is_not_made_due_in_vain_and_a_lost_word_is_said_again(house: House) -> None:
    account, store = house.town.account("lost"), house.door.store
    fields = {"name": "Lost", "contact_email": "lo@example.com", "type": "Customer"}
    await house.lifecycles.start(account, fields, actor=ANN)
    failed = {"invoice_id": "I-2", "amount": 100}
    await house.lifecycles.record_event(account, "invoice.payment_failed", failed)

    async def mails() -> list[EffectRow]:
        return await effects(store, WantedEffects(account=account))

    [row] = await until(mails, lambda rows: bool(rows) and rows[0].status is EffectStatus.SENT)
    path = f"/v1/mails/{row.id}/resend"
    away = make_app(Door(house.door.settings, store, await nowhere()))
    async with as_role(away, store, Role.CSM, key=True) as csm:
        assert (await csm.post(path)).status_code == 503
    [still] = await mails()
    assert (still.status, still.generation) == (EffectStatus.SENT, 1)
    # The door broke off here: due in the database, and nobody was told.
    await resend(store, row.id, ANN, datetime.now(UTC))
    async with as_role(house.app, store, Role.CSM, key=True) as csm:
        again = await csm.post(path)
    assert (again.status_code, again.json()["code"]) == (409, "not_resendable"), again.text
    [done] = await until(mails, lambda rows: rows[0].status is EffectStatus.SENT)
    assert done.generation == 2
