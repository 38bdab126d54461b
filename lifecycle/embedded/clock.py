"""Moving a real account's clock on the embedded server.

The one place where the engine touches the server's experimental time-skipping interface.
"""

from datetime import timedelta
from typing import Final

from temporalio.client import Client
from temporalio.service import RPCError, RPCStatusCode
from temporalio.testing import TimeSkipper, TimeSkippingConfig

from lifecycle.failure import Failure

# One skip per timer that fires on the way; the server's own 200 are spent within a year.
SKIPS: Final = 10_000


class ClockStuck(Failure):
    """The clock could not be moved, or not all the way."""


async def fast_forward(client: Client, workflow_id: str, delta: timedelta) -> None:
    """Move one workflow's clock ahead by `delta`; its timers fire on the way, in order.

    Returns when the clock is there; the workflow may need a moment more to react. Not for two
    calls at once on one workflow. Raises `ClockStuck`.
    """
    if delta <= timedelta(0):
        raise ClockStuck(f"A clock can only be moved ahead, not by {delta}.")
    try:
        skipper = TimeSkipper(
            client, config=TimeSkippingConfig(enabled=False, max_session_skip_count=SKIPS)
        )
        arrived = await skipper.fast_forward(client.get_workflow_handle(workflow_id), delta)
    except RPCError as error:
        raise ClockStuck(_explain(error, workflow_id)) from error
    except RuntimeError:
        raise ClockStuck(f"Another fast-forward of {workflow_id} took over.") from None
    if not arrived:
        raise ClockStuck(
            f"The clock of {workflow_id} did not move by {delta}: the workflow ended, or an"
            " activity of it keeps failing. Look at its pending activities in the Temporal UI."
        )


def _explain(error: RPCError, workflow_id: str) -> str:
    if error.status is RPCStatusCode.NOT_FOUND:
        return f"There is no running workflow {workflow_id}."
    return (
        f"This server does not move clocks ({error.message})."
        " Fast-forward works on the embedded stack only."
    )
