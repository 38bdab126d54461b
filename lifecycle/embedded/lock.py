"""One engine per state folder: a lock the operating system frees when its holder dies."""

import fcntl
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

from lifecycle.embedded.record import running
from lifecycle.failure import Failure


class AlreadyRunning(Failure):
    """Another process runs the embedded stack with this state folder."""


@contextmanager
def state_lock(state_dir: Path) -> Iterator[None]:
    """Hold the state folder (made when missing). Raises `AlreadyRunning`."""
    state_dir.mkdir(parents=True, exist_ok=True)
    # A file descriptor of our own, never handed down: a left-over server must not hold the lock.
    with (state_dir / "lock").open("w") as file:
        try:
            fcntl.flock(file, fcntl.LOCK_EX | fcntl.LOCK_NB)
        except BlockingIOError:
            raise AlreadyRunning(_explain(state_dir)) from None
        yield


def _explain(state_dir: Path) -> str:
    server = running(state_dir)
    where = f" Its Temporal UI is at {server.ui}." if server else ""
    return (
        f"The engine already runs with the state in {state_dir}.{where}\n"
        "End that one first, or give this one a folder of its own with LIFECYCLE_STATE_DIR."
    )
