"""Work over all cores: parts go out to processes of their own, what came of them comes back as it comes."""

from __future__ import annotations

import asyncio
import gc
import os
from collections.abc import AsyncIterator, Callable
from concurrent.futures import ProcessPoolExecutor
from multiprocessing import get_context
from typing import Any, Final, Generic, TypeVar

AHEAD: Final = 2
"""Parts that wait for each process, so that none idles."""
SELDOM: Final = 20_000
"""New objects until Python looks for rubbish that refers to itself; its own number is 700."""
Part = TypeVar("Part")
Made = TypeVar("Made")


def cores() -> int:
    """The cores this process may use."""
    return len(os.sched_getaffinity(0)) if hasattr(os, "sched_getaffinity") else os.cpu_count() or 1


def collect_seldom() -> None:
    """For a process that does nothing but such work, which makes little rubbish of that kind: a tenth faster."""
    gc.freeze()
    gc.set_threshold(SELDOM)


def _begun(begin: Callable[..., None], given: tuple[Any, ...]) -> None:
    begin(*given)
    collect_seldom()


class Processes(Generic[Part, Made]):
    """As many as asked for. Each begins with `begin(*given)`; `work` and both their arguments are functions of modules.

    Left early, they end with the part they are at.
    """

    def __init__(
        self,
        work: Callable[[Part], Made],
        begin: Callable[..., None],
        given: tuple[Any, ...],
        number: int,
    ) -> None:
        self._pool = ProcessPoolExecutor(number, get_context("spawn"), _begun, (begin, given))
        self._work = work
        self._room = number * AHEAD

    def __enter__(self) -> Processes[Part, Made]:
        return self

    def __exit__(self, *_: object) -> None:
        self._pool.shutdown(wait=True, cancel_futures=True)

    async def spread(self, parts: AsyncIterator[Part]) -> AsyncIterator[Made]:
        """What came of each part; parts are asked for as there is room."""
        loop = asyncio.get_running_loop()
        going: set[asyncio.Future[Made]] = set()
        async for part in parts:
            going.add(loop.run_in_executor(self._pool, self._work, part))
            if len(going) >= self._room:
                done, going = await asyncio.wait(going, return_when=asyncio.FIRST_COMPLETED)
                for one in done:
                    yield one.result()
        for last in asyncio.as_completed(going):
            yield await last
