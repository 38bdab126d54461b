"""Several at a time, and the first error as it is."""

import asyncio

import pytest

from lifecycle.failure import Failure
from lifecycle.importing.crowd import each


async def test_all_are_worked_on_and_never_too_many_at_once() -> None:
    under_way, most, done = 0, 0, list[int]()

    async def work(number: int) -> None:
        nonlocal under_way, most
        under_way += 1
        most = max(most, under_way)
        await asyncio.sleep(0)
        under_way -= 1
        done.append(number)

    await each(range(50), work, 7)
    assert (sorted(done), most) == (list(range(50)), 7)


async def test_the_first_error_ends_it_and_comes_out_as_it_is() -> None:
    begun = []

    async def work(number: int) -> None:
        begun.append(number)
        await asyncio.sleep(0)
        if number == 3:
            raise Failure("no server")

    with pytest.raises(Failure, match="no server"):
        await each(range(1000), work, 2)
    assert len(begun) < 10
