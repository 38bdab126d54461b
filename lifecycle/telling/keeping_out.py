"""Addresses that no mail to contacts goes to, in the words of every door: read, explained, let in again."""

from __future__ import annotations

from collections.abc import Iterable
from datetime import datetime
from difflib import get_close_matches

from lifecycle.core.refusal import Refusal
from lifecycle.mail import InvalidAddress, mailbox
from lifecycle.store.engine import Store
from lifecycle.store.suppression import Wanted, lift, suppressions
from lifecycle.store.tables import SuppressedRow

KNOWN = 500


def addresses_asked(texts: Iterable[str]) -> list[str]:
    """The addresses alone, of `Name <address>` too. Raises `Refusal` `bad_address`: one is none."""
    try:
        return [mailbox(text).email for text in texts]
    except InvalidAddress as error:
        remedy = "Nothing was added: correct it and give the command again."
        raise Refusal("bad_address", str(error), remedy, "address") from None


async def let_in_again(store: Store, address: str, why: str, actor: str, now: datetime) -> int:
    """Ends every reason to keep an address out; how many there were. Raises `Refusal` `not_suppressed`."""
    ended = await lift(store, address, why, actor, now)
    if not ended:
        known = [row.address for row in await suppressions(store, Wanted(limit=KNOWN))]
        said = f"{address!r} is not suppressed."
        raise Refusal("not_suppressed", said, _near(address, known), "address")
    return ended


def by_whom(row: SuppressedRow) -> str:
    """Who keeps it out."""
    return row.actor or "the reader"


def lifted_by(row: SuppressedRow) -> str:
    """Who let mail go there again, and why."""
    return f"{row.lifted_by}: {row.lifted_why}" if row.lifted_by else "the reader"


def _near(address: str, known: list[str]) -> str:
    # A long domain in common makes two people alike: the part before it must be near as well.
    local = _local(address.casefold())
    alike = [one for one in known if get_close_matches(local, [_local(one)])]
    near = get_close_matches(address.casefold(), alike, n=1)
    return f"Did you mean {near[0]}?" if near else "lifecycle admin suppressions shows who is."


def _local(address: str) -> str:
    return address.rpartition("@")[0]
