"""What stands for an address that was erased: the same for the same one, and nothing can be read from it (N12).

Who holds the secret can ask whether an address is meant; who holds the database alone cannot even guess.
"""

from __future__ import annotations

import hmac
from collections.abc import Callable
from hashlib import sha256
from typing import Final

from sqlalchemy.ext.asyncio import AsyncConnection

MARK: Final = "erased:"
SECRET: Final = "lifecycle_secret"
"""The execution option by which connections of a store know it."""


def keyed_with(secret: str) -> Callable[[str], str]:
    """What stands for a text."""

    def keyed(text: str) -> str:
        found = hmac.new(secret.encode(), f"erased/{text}".encode(), sha256)
        return f"{MARK}{found.hexdigest()[:32]}"

    return keyed


def spellings(connection: AsyncConnection, address: str) -> tuple[str, ...]:
    """How a (folded) address may be kept: as it is, or as what stands for it."""
    options = (
        connection.sync_connection.get_execution_options() if connection.sync_connection else {}
    )
    secret = options.get(SECRET)
    return (address, keyed_with(secret)(address)) if secret else (address,)
