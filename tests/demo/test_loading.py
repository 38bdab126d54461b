"""The demo book on a real server, worker and database (R20, R21)."""

from collections import Counter
from datetime import UTC, datetime

from lifecycle.client import Lifecycles
from lifecycle.embedded.demo import journeys, load_demo, load_work
from lifecycle.store import accounts
from lifecycle.store.accounts import Wanted
from lifecycle.store.campaigns import campaign_row
from lifecycle.store.ctas import WantedCtas, list_ctas
from lifecycle.store.engine import Store
from lifecycle.store.hook_arrivals import WantedArrivals, arrivals
from lifecycle.store.moment import Now
from lifecycle.store.refused import refused_messages
from lifecycle.store.suppression import is_suppressed
from lifecycle.telling.verifying import Verification, overview
from tests.clock import until
from tests.workflows.town import Town


async def test_the_book_is_loaded_and_stands_in_the_database(town: Town) -> None:
    """T22: every stage of every lifecycle is there to be seen; R13: what was undone is undone."""
    lifecycles = Lifecycles(town.env.client, town.settings.task_queue)
    assert await load_demo(lifecycles, town.store, datetime.now(UTC)) == len(
        journeys(datetime.now(UTC))
    )

    async def page() -> accounts.Page:
        return await accounts.list_accounts(town.store, Wanted(limit=100))

    found = await until(page, lambda page: len(page.accounts) == 42)
    stages = Counter(track.stage for one in found.accounts for track in one.tracks.values())
    assert stages["will_churn"] == 2
    assert len(stages) >= 20
    assert sum(one.account.hold_until is not None for one in found.accounts) == 2
    open_now = await list_ctas(town.store, WantedCtas(), Now(datetime.now(UTC)), ())
    assert open_now.total >= 8
    assert await is_suppressed(town.store, "emma.tremblay@lakeside-press.example.com")
    state = await town.state("ironbridge")
    assert state.tracks["customer_stages"].stage == "early_adoption"

    async def subjects() -> list[str]:
        return [str(mail["Subject"]) for mail in town.outbox()]

    await until(subjects, lambda sent: len(sent) >= 6)
    await _there_is_work(town)
    await _loading_again_changes_nothing(lifecycles, town.store)


async def _there_is_work(town: Town) -> None:
    """Messages that could not be used, a refused one, a campaign, once, however often it is loaded (R20);
    and a verification that finds all of it true (N9)."""
    client = town.env.client
    for _ in range(2):
        await load_work(town.settings, client, town.store, datetime.now(UTC))
    kept = await arrivals(town.store, WantedArrivals())
    assert {row.code for row in kept} == {"no_account", "bad_value", "unknown_account"}
    assert (await campaign_row(town.store, "autumn_news")).template == "feature_news"

    async def refused() -> set[str]:
        return {one.account for one in await refused_messages(town.store, 10)}

    await until(refused, lambda found: found == {"cargo-nord", "nightjar-labs"})

    async def verified() -> Verification | None:
        return (await overview(town.store)).newest

    seen = await until(verified)
    assert seen is not None
    assert (seen.accounts >= len(journeys(datetime.now(UTC))), seen.differences) == (True, [])


async def _loading_again_changes_nothing(lifecycles: Lifecycles, store: Store) -> None:
    """R20: a first start that was killed while loading loads the book once more."""
    now = datetime.now(UTC)
    before = {account: await lifecycles.state(account) for account in journeys(now)}
    await load_demo(lifecycles, store, now)
    for account, state in before.items():
        after = await lifecycles.state(account)
        stages = {name: track.stage for name, track in state.tracks.items()}
        assert {name: track.stage for name, track in after.tracks.items()} == stages, account
        assert set(after.window) == set(state.window), account
        assert after.ctas == state.ctas, account
