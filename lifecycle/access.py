"""Tokens that let somebody in: long and random, shown once, kept as a digest only."""

from __future__ import annotations

import secrets
from hashlib import sha256
from typing import Final

KEY_PREFIX: Final = "lc_"
"""By it a key is known among other secrets, also by programs that look for leaked ones."""

BYTES: Final = 32
LONGEST: Final = 200
"""What is longer is not one of ours, and is not looked up."""


def make_key() -> str:
    """An API key: `lc_…`."""
    return KEY_PREFIX + make_token()


def make_token() -> str:
    """43 characters that nobody guesses."""
    return secrets.token_urlsafe(BYTES)


def digest_of(token: str) -> str:
    """What is kept of a token. It is random, so that a fast hash is enough."""
    return sha256(token.encode("utf-8", "surrogatepass")).hexdigest()
