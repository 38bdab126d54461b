"""Single lives whose numbers are known by heart."""

from datetime import timedelta

from lifecycle.core.fold import Fold
from lifecycle.core.inputs import CreateAccount, SetStage
from lifecycle.core.state import AccountState
from lifecycle.store.engine import Store
from lifecycle.store.moment import AsOf, Now
from lifecycle.store.reports.durations import Stays, time_in_stage
from lifecycle.store.reports.scope import Scope
from tests.reports.lives import BOOK, START, Lived, write

DAY = timedelta(days=1)


def lived(*steps: tuple[float, str | None]) -> Lived:
    """An account that a person sets to these stages of `flow` on these days."""
    made = Lived("acme", Fold(BOOK, AccountState("acme")))
    made.take(CreateAccount(START), START)
    for day, stage in steps:
        at = START + day * DAY
        made.take(SetStage(at, "ann", "agreed", "flow", stage), at)
    return made


async def stays_in(store: Store, stage: str, day: float) -> Stays:
    at = START + day * DAY
    found = await time_in_stage(store, Scope(Now(at), ("flow",)))
    assert found == await time_in_stage(store, Scope(AsOf(at, at), ("flow",)))
    return found.get(("flow", stage), Stays())


async def test_t15_a_stage_gone_back_to_begins_again_and_is_late_anew(store: Store) -> None:
    """T15, R11, R19: late after three days in the first visit, not in the second."""
    await write(store, lived((0, "one"), (5, "two"), (6, "one"), (7.5, "two")))
    stays = await stays_in(store, "one", 8)
    assert (dict(stays.over.days), stays.late) == ({1: 1}, 0)


async def test_r11_forward_again_accumulates(store: Store) -> None:
    """R11: two visits of `two`, one stay: 1.5 and 4 days; late (five days) in the second."""
    steps = ((0, "one"), (1, "two"), (2.5, "one"), (3, "two"), (7, "three"))
    await write(store, lived(*steps))
    stays = await stays_in(store, "two", 8)
    assert (dict(stays.over.days), stays.late) == ({5: 1}, 1)


async def test_t14_none_begins_a_new_cycle(store: Store) -> None:
    """T14, T21: two stays, one in each cycle."""
    await write(store, lived((0, "one"), (2, None), (4, "one"), (8.5, "two")))
    stays = await stays_in(store, "one", 9)
    assert (dict(stays.over.days), stays.late) == ({2: 1, 4: 1}, 1)


async def test_r10_who_is_still_there_is_told_apart(store: Store) -> None:
    """R10, T12: and an end stage has no days."""
    await write(store, lived((0, "one"), (4, "two"), (6, "done")))
    assert (await stays_in(store, "done", 9)).over.number == 0
    ended = (await stays_in(store, "done", 9)).going_on
    assert (ended.accounts, dict(ended.days.days)) == (1, {0: 1})
    assert (await stays_in(store, "two", 9)).going_on.accounts == 0


async def test_n5_what_was_recorded_late_was_not_known(store: Store) -> None:
    """N5: after an outage of two days, a move of the third day is recorded on the fifth."""
    made = lived((0, "one"), (3.5, "two"))
    made.recorded |= {entry.revision: START + 5 * DAY for entry in made.entries[3:]}
    assert isinstance(made.entries[-1].input, SetStage)
    await write(store, made)
    for day, known, stage in ((4, 4, "one"), (4, 6, "two"), (3, 6, "one")):
        at = AsOf(START + day * DAY, START + known * DAY)
        found = await time_in_stage(store, Scope(at, ("flow",)))
        standing = {stage for (_, stage), one in found.items() if one.going_on.accounts}
        assert standing == {stage}
        over = {stage: dict(one.over.days) for (_, stage), one in found.items() if one.over.days}
        assert over == ({"one": {3: 1}} if stage == "two" else {})
