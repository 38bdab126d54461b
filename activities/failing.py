"""How an activity says no: for good, or for now."""

from __future__ import annotations

from datetime import timedelta

from temporalio.exceptions import ApplicationError, ApplicationErrorCategory

from lifecycle import contract

LATER = "Later"


def for_good(reason: str, kind: str) -> ApplicationError:
    """Not worth another try; the workflow knows what to do about this kind."""
    return ApplicationError(reason, type=kind, non_retryable=True)


def later(reason: str, wait: timedelta | None = None) -> ApplicationError:
    """Worth another try, after `wait` if it is given, else when the retry policy says."""
    return ApplicationError(reason, type=LATER, next_retry_delay=wait)


def in_turn(reason: str, wait: timedelta | None = None) -> ApplicationError:
    """Nothing is wrong, it is only not its turn yet: no cause for an alert. `wait` as in `later`."""
    return ApplicationError(
        reason,
        type=contract.IN_TURN,
        next_retry_delay=wait,
        category=ApplicationErrorCategory.BENIGN,
    )
