"""N9: whatever happens to an account, what is stored is what its journal says, and the same is decided again."""

import asyncio
from itertools import count

from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from lifecycle.store.engine import Store
from tests.core.test_properties import STEPS, Step, placed
from tests.verifying.lived import Lived, publish_book, verified

NUMBERS = count()


async def test_n9_any_life_in_any_batches_verifies(store: Store) -> None:
    await publish_book(store)
    loop = asyncio.get_running_loop()

    async def lives(steps: list[Step], cuts: list[int]) -> None:
        life = Lived(store, f"account-{next(NUMBERS)}")
        await life.live(placed(steps), cuts)
        found = await verified(store, life.state.account)
        assert found.differences == []
        assert (found.accounts, found.count) == (1, 0)

    @settings(
        max_examples=40,
        deadline=None,
        suppress_health_check=[HealthCheck.too_slow, HealthCheck.data_too_large],
    )
    @given(STEPS, st.lists(st.integers(0, 30), max_size=12))
    def lived(steps: list[Step], cuts: list[int]) -> None:
        asyncio.run_coroutine_threadsafe(lives(steps, cuts), loop).result()

    await asyncio.to_thread(lived)
