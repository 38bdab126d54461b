"""Shares of all accounts, chosen stably: the same account is among the same percent every time it is asked."""

from __future__ import annotations

from hashlib import sha256
from typing import Final

BUCKETS: Final = 10_000
ALL: Final = 100
"""Percent."""


def bucket_of(*names: object) -> int:
    """0 to 9,999, evenly over all accounts: the account's id is one of the names, and what the share is of."""
    text = "\n".join(map(str, names)).encode("utf-8", "replace")
    return int.from_bytes(sha256(text).digest()[:8]) % BUCKETS


def below(share: int) -> int:
    """Buckets less than this are among `share` percent."""
    return share * BUCKETS // ALL


def is_in_share(bucket: int, share: int) -> bool:
    """Whether an account is among the first `share` percent."""
    return bucket < below(share)
