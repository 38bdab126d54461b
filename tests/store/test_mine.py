"""A person's accounts that want a look, on both databases, against a plain look at every state (G15, T16)."""

from datetime import date

import pytest

from lifecycle.core.values import Value
from lifecycle.store.engine import Store, make_engine
from lifecycle.store.mine import Mine, overstaying, people_in, renewing
from tests.admin.book import fill, lives, shipped

ANN = Mine(("ann lee", "ann@example.com"), ("csm", "csm_email", "owner"))
NOBODY = Mine(("nobody",), ("csm",))


def folded() -> list[tuple[str, dict[str, Value], dict[str, tuple[str | None, bool, bool]]]]:
    """Of every account its fields, and by lifecycle the stage, late, stuck."""
    found = []
    for life in lives(shipped()):
        life.request()
        state = life.fold.state
        tracks = {one.lifecycle: (one.stage, one.late, one.stuck) for one in state.tracks.values()}
        found.append((state.account, dict(state.fields), tracks))
    return found


def belongs(mine: Mine, fields: dict[str, Value]) -> bool:
    return not mine.names or any(
        str(fields.get(name) or "").casefold() in mine.names for name in mine.fields
    )


@pytest.mark.parametrize("mine", [Mine(), ANN, NOBODY])
async def test_late_and_stuck_and_renewals(database_url: str, mine: Mine) -> None:
    await fill(database_url)
    store = Store(make_engine(database_url))
    expected = {
        (account, lifecycle, stuck)
        for account, fields, tracks in folded()
        for lifecycle, (stage, late, stuck) in tracks.items()
        if stage
        and (late or stuck)
        and belongs(mine, fields)
        and fields.get("status") != "cancelled"
    }
    found = await overstaying(store, mine, 50)
    assert {(one.account, one.lifecycle, one.stuck) for one in found.rows} == expected
    assert found.total == len(expected)
    assert (len(expected) > 0) is (mine is not NOBODY)
    assert [one.stuck for one in found.rows] == sorted(
        (one.stuck for one in found.rows), reverse=True
    )
    first, last = date(2026, 4, 1), date(2027, 12, 31)
    renewals = {
        account
        for account, fields, _ in folded()
        if isinstance(day := fields.get("renewal_date"), date)
        and first <= day <= last
        and fields.get("status") != "cancelled"
        and belongs(mine, fields)
    }
    assert {one.account for one in (await renewing(store, mine, first, last, 50)).rows} == renewals
    cut = await overstaying(store, mine, 1)
    assert (len(cut.rows), cut.total) == (min(1, len(expected)), len(expected))
    await store.close()


async def test_people_are_named_once(database_url: str) -> None:
    await fill(database_url)
    store = Store(make_engine(database_url))
    known = {str(fields["csm"]) for _, fields, _ in folded() if fields.get("csm")}
    assert await people_in(store, ["csm"], 10) == sorted(known)
    await store.close()
