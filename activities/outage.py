"""A database that is away: one line in the log when it goes and one when it is back, not a traceback for every try.

The activities themselves fail as before, so Temporal tries them again, counts them, and shows the reason.
"""

from __future__ import annotations

import logging
from typing import Any, Final

from temporalio.exceptions import ApplicationError
from temporalio.worker import ActivityInboundInterceptor, ExecuteActivityInput, Interceptor

from lifecycle.store.errors import outage

DATABASE_AWAY: Final = "DatabaseAway"
log = logging.getLogger(__name__)


def _worth_telling(record: logging.LogRecord) -> bool:
    """Temporal would log every failed try with its traceback."""
    error = record.exc_info[1] if record.exc_info else None
    return not (isinstance(error, ApplicationError) and error.type == DATABASE_AWAY)


logging.getLogger("temporalio.activity").addFilter(_worth_telling)


class Outages(Interceptor):
    """For one worker: it remembers whether the database was there a moment ago."""

    def __init__(self) -> None:
        self.away = False

    def intercept_activity(self, next: ActivityInboundInterceptor) -> ActivityInboundInterceptor:
        """Around every activity."""
        return _Watched(next, self)

    def went(self, reason: str) -> ApplicationError:
        """What the activity fails with; the first says so in the log."""
        said = f"The database cannot be reached: {reason}"
        if not self.away:
            log.warning("%s. Accounts wait for it and go on by themselves.", said)
        self.away = True
        return ApplicationError(said, type=DATABASE_AWAY)

    def came(self) -> None:
        """An activity has done its work."""
        if self.away:
            log.warning("The database is back.")
        self.away = False


class _Watched(ActivityInboundInterceptor):
    def __init__(self, next: ActivityInboundInterceptor, outages: Outages) -> None:
        super().__init__(next)
        self.outages = outages

    async def execute_activity(self, input: ExecuteActivityInput) -> Any:
        """As it is; an outage is told in a line."""
        try:
            answer = await super().execute_activity(input)
        except Exception as error:
            reason = outage(error)
            if reason is None:
                raise
            raise self.outages.went(reason) from None
        self.outages.came()
        return answer
