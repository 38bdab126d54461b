"""How a command ends: at once, with its status."""

import os
import sys
from collections.abc import Callable
from contextlib import suppress
from typing import NoReturn


def leave_after(command: Callable[[], object]) -> NoReturn:
    """Run a command and end the process with its exit status.

    Temporal's library keeps threads of its own. One that calls back while Python takes itself apart aborts the
    process (status 134) although the command did its work; so Python does not take itself apart.
    """
    status: object = None
    try:
        command()
    except SystemExit as asked:
        status = asked.code
    if isinstance(status, str):
        sys.stderr.write(f"{status}\n")
    for stream in (sys.stdout, sys.stderr):
        with suppress(BrokenPipeError):  # whoever read it has seen enough
            stream.flush()
    os._exit(status if isinstance(status, int) else int(status is not None))
