"""The stored state of an account: JSON of `AccountState`, whose event window is rebuilt from the journal."""

from __future__ import annotations

from dataclasses import replace
from typing import Any

from lifecycle.core.codec import decoder, encoder
from lifecycle.core.state import AccountState


def state_data(state: AccountState) -> Any:
    """The state as JSON data, without the window."""
    return encoder(AccountState)(replace(state, window={}))


def state_of(data: Any) -> AccountState:
    """The state of JSON data; its window is empty."""
    state: AccountState = decoder(AccountState)(data)
    return state
