"""Erasing a person while the account lives (N12): database, mail and every history of every run."""

from datetime import UTC, datetime

from lifecycle import contract
from lifecycle.client import Lifecycles
from lifecycle.erasing import Erasures
from lifecycle.signing import make_secret
from lifecycle.store import accounts
from lifecycle.store.erasing_tables import ErasureRow
from lifecycle.store.erasures import erasure_row
from lifecycle.store.journal import broken_at
from lifecycle.telling.erasing import Asked, begin, preview
from lifecycle.telling.viewer import Viewer
from tests.clock import until
from tests.erasing.looking import histories_with, rows_with
from tests.workflows.town import Town

NAME, ADDRESS = "Maria Weber", "maria.weber@example.com"
JOURNEY = "customer_journey"


async def a_life(town: Town, account: str) -> None:
    """Everything that speaks of her: fields, an event, reasons, a CTA, mail to her and about her."""
    await town.update_with_start(
        account, {"name": "Acme", "contact_name": NAME, "contact_email": ADDRESS}
    )
    await town.win(account, amount=1000)
    await town.mails(1)
    await town.report(account, "user.logged_in", user=ADDRESS)
    await town.update(
        account, contract.SET_FIELDS, actor="ann", fields={"sector": f"led by {NAME}"}
    )
    await town.update(
        account, contract.OPEN_CTA, actor="ann", title=f"Call maria  weber <{ADDRESS.upper()}>"
    )
    await town.update(
        account,
        contract.SET_STAGE,
        actor="ann",
        reason=f"{NAME} asked for it",
        lifecycle="customer_stages",
        stage="implementation",
    )
    await town.send(account, "no_such_signal", {"from": ADDRESS})
    await town.recorded(account, lambda state: state.refused == 1)


async def erase(town: Town, asked: Asked, reason: str = "") -> ErasureRow:
    """As every door does it; answers with the row once it is done."""
    make_secret(town.settings)
    viewer = Viewer(town.store, datetime.now(UTC), UTC)
    found = await preview(viewer, town.settings, asked)
    client = Erasures(town.client, town.settings.task_queue)
    row = await begin(viewer, client, found, "dpo", reason)
    return await until(
        lambda: erasure_row(town.store, row.id), lambda seen: seen.done_at is not None, within=60
    )


async def assert_gone(town: Town, *words: str) -> None:
    assert await rows_with(town.store, *words) == []
    assert await histories_with(town.client, *words) == []
    assert [mail for mail in town.outbox() for word in words if word in mail.as_string()] == []


async def test_n12_nothing_of_a_person_is_left_anywhere(town: Town) -> None:
    """N12: database, histories, outbox; the chain holds; the account lives on, and nothing sent meanwhile is lost."""
    acme = town.account()
    await a_life(town, acme)
    before = await town.state(acme)
    assert await rows_with(town.store, ADDRESS)
    assert await histories_with(town.client, ADDRESS)

    row = await erase(town, Asked(acme), f"{NAME} wrote to us")

    await assert_gone(town, ADDRESS, NAME)
    assert (row.left, row.wanted, row.reason) == ([], None, "[erased] wrote to us")
    assert broken_at(await accounts.journal_rows(town.store, acme)) is None
    after = await town.state(acme)
    assert after.tracks == before.tracks
    assert after.units == []
    assert "contact_email" not in after.fields
    assert after.fields["sector"] == "led by [erased]"

    lifecycles = Lifecycles(town.client, town.settings.task_queue)
    assert await lifecycles.state(acme) == after
    await lifecycles.report_event(acme, "training.completed", {"course": "Basics"})
    assert (await town.state(acme)).revision > after.revision
    assert broken_at(await accounts.journal_rows(town.store, acme)) is None
