"""How an activity says no: for good, or for now. What it says stays in the workflow's history: it names no address."""

from __future__ import annotations

import re
from datetime import timedelta

from temporalio.exceptions import ApplicationError, ApplicationErrorCategory

from lifecycle import contract
from lifecycle.core.refusal import Refusal

LATER = "Later"
ADDRESS = re.compile(r"[^\s<>@]+@[^\s<>@]+")


def discreet(reason: str) -> str:
    """The reason without addresses, which mail servers like to repeat; the delivery's row keeps it whole."""
    return ADDRESS.sub("(an address)", reason)


def for_good(reason: str, kind: str) -> ApplicationError:
    """Not worth another try; the workflow knows what to do about this kind."""
    return ApplicationError(discreet(reason), type=kind, non_retryable=True)


def refused(refusal: Refusal) -> ApplicationError:
    """What somebody asked for is not done: whoever asked is told, and it is no cause for an alert."""
    return ApplicationError(
        discreet(str(refusal)),
        type=refusal.code,
        non_retryable=True,
        category=ApplicationErrorCategory.BENIGN,
    )


def later(reason: str, wait: timedelta | None = None) -> ApplicationError:
    """Worth another try, after `wait` if it is given, else when the retry policy says."""
    return ApplicationError(discreet(reason), type=LATER, next_retry_delay=wait)


def in_turn(reason: str, wait: timedelta | None = None) -> ApplicationError:
    """Nothing is wrong, it is only not its turn yet: no cause for an alert. `wait` as in `later`."""
    return ApplicationError(
        discreet(reason),
        type=contract.IN_TURN,
        next_retry_delay=wait,
        category=ApplicationErrorCategory.BENIGN,
    )
