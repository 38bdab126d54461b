"""What no database may be asked to keep. Checked here, because SQLite takes what PostgreSQL refuses."""

from __future__ import annotations

import re
from collections.abc import Iterator
from typing import Any, Final

from lifecycle.core.values import MAX_WHOLE

from .engine import compact
from .errors import DataRefused
from .tables import ACCOUNT_ID_LENGTH

# JSON writes a NUL as an escape; a whole number that is too large has nineteen digits or more.
_SUSPICIOUS: Final = re.compile(r"\\u0000|\d{19}")


def check_account(account: str) -> None:
    """Raises `DataRefused` for an account id that cannot be a key."""
    if reason := _unstorable_text(account):
        raise DataRefused(f"the account id {account!r} {reason}")
    if not 0 < len(account) <= ACCOUNT_ID_LENGTH:
        raise DataRefused(
            f"the account id has {len(account):,} characters; 1 to {ACCOUNT_ID_LENGTH} can be kept"
        )


def check_data(data: Any, revision: int) -> None:
    """Raises `DataRefused` naming the place in an entry's JSON data that cannot be stored."""
    try:
        text = compact(data)
        text.encode()
        suspicious = bool(_SUSPICIOUS.search(text))
    except ValueError:
        suspicious = True
    if suspicious and (problem := next(_problems(data, ""), None)):
        raise DataRefused(problem, revision)


def _problems(data: Any, place: str) -> Iterator[str]:
    if isinstance(data, dict):
        for key, item in data.items():
            yield from _problems(key, f"a name in {place or 'the entry'}")
            yield from _problems(item, f"{place}.{key}".lstrip("."))
    elif isinstance(data, list):
        for index, item in enumerate(data):
            yield from _problems(item, f"{place}[{index}]")
    elif reason := _unstorable(data):
        yield f"{place} {reason}"


def _unstorable(value: Any) -> str:
    if isinstance(value, str):
        return _unstorable_text(value)
    if isinstance(value, int) and abs(value) > MAX_WHOLE:
        return "holds a whole number of more than 63 bits"
    if isinstance(value, float) and not abs(value) < float("inf"):
        return f"holds {value}, which is no number"
    return ""


def _unstorable_text(text: str) -> str:
    if "\x00" in text:
        return "holds a NUL character"
    if any("\ud800" <= char <= "\udfff" for char in text):
        return "holds half of a surrogate pair"
    return ""
