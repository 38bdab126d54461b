"""Names and messages that the workflow `Verification`, its activities and its clients share (see `contract`)."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import datetime

VERIFICATION_WORKFLOW = "Verification"
VERIFY_NOW_ID = "verification/now"
"""The workflow that a person starts: one at a time."""
VERIFICATION_SCHEDULE = "verification"
"""The Temporal schedule; the workflows it starts are named after it and the instant."""

STOP = "stop"
OPEN_VERIFICATION = "open_verification"
VERIFICATION_PAGE = "verification_page"
CLOSE_VERIFICATION = "close_verification"


@dataclass(slots=True)
class VerificationPlan:
    """What is verified: `workflows` too; so many accounts a minute at most (None: as fast as it goes)."""

    actor: str = ""
    workflows: bool = False
    per_minute: int | None = None


@dataclass(slots=True)
class OpenVerification:
    """Asks for a verification as it is recorded; one that is not there yet begins `now`."""

    id: str
    now: datetime
    plan: VerificationPlan


@dataclass(slots=True)
class OpenedVerification:
    """A recorded one: how far it came."""

    total: int
    accounts: int
    cursor: str
    is_over: bool = False


@dataclass(slots=True)
class VerificationPageRequest:
    """Asks for the accounts that follow `after` to be verified, at most `size`."""

    id: str
    after: str
    size: int
    workflows: bool = False


@dataclass(slots=True)
class VerifiedPage:
    """What came of them; `cursor` is the last one, `is_last` says that no more follow."""

    accounts: int
    count: int
    cursor: str
    is_last: bool


@dataclass(slots=True)
class CloseVerification:
    """It is over, `stopped` by a person or at its end."""

    id: str
    now: datetime
    stopped: bool = False
