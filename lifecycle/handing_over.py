"""Publishing: check, store, and hand over to running accounts in paced batches (R14, R24).

Every step may be repeated: what is stored already is not stored again, and accounts whose journal says that
they took the definitions over are skipped.
"""

from __future__ import annotations

import asyncio
from collections.abc import AsyncIterator, Awaitable, Callable, Mapping, Sequence
from dataclasses import dataclass, field
from datetime import datetime
from typing import TYPE_CHECKING, Final

from lifecycle.checking import Checked
from lifecycle.core.deciding.adoption import AT_ONCE, NEXT_MOVE, POLICIES
from lifecycle.core.model import Book
from lifecycle.core.refusal import Refusal, did_you_mean
from lifecycle.store.adoption import Waiting, not_adopted, stored_policies
from lifecycle.store.definitions import Published, current_book, parts_of
from lifecycle.store.definitions import publish as store_parts
from lifecycle.store.engine import Store

if TYPE_CHECKING:
    from lifecycle.client import Lifecycles

WORDS: Final = {word.replace(" ", "-"): word for word in POLICIES}


@dataclass(slots=True)
class Outcome:
    """What publishing did. `not_running` accounts take the definitions over when they are started again."""

    folder: str
    published: list[Published]
    policies: dict[str, str]
    book: str = ""
    handed_over: int = 0
    already_there: int = 0
    not_running: list[str] = field(default_factory=list)


class Plan:
    """What the publisher wants."""

    def __init__(self, policy: str | None, overrides: Sequence[tuple[str, str]] = ()) -> None:
        self.policy = read_policy(policy) if policy else None
        self.overrides = {name: read_policy(text) for name, text in overrides}

    def policies(
        self, before: Book | None, book: Book, stored: Mapping[str, str]
    ) -> dict[str, str]:
        """The policy of each lifecycle that ever had a newer version. Raises `Refusal` where none was said.

        `stored` are those of earlier publications: one that was broken off goes on by them.
        """
        if unknown := sorted(self.overrides.keys() - book.lifecycles.keys()):
            remedy = did_you_mean(unknown[0], book.lifecycles)
            raise Refusal(
                "unknown_lifecycle", f"Unknown lifecycle {unknown[0]!r}.", remedy, "--for"
            )
        said = {name: self.overrides.get(name, self.policy) for name in book.lifecycles}
        new = _new_versions(before, book)
        said = {
            name: policy or (None if name in new else stored.get(name))
            for name, policy in said.items()
            if name in new or name in stored
        }
        if missing := [book.lifecycles[name].title for name in new if said[name] is None]:
            raise Refusal(
                "no_policy",
                f"There is a new version of {', '.join(missing)}, and accounts run the one before.",
                f'Say when they take it over: --policy "{AT_ONCE}", "{NEXT_MOVE}" or never.',
                "--policy",
            )
        return {name: policy for name, policy in said.items() if policy is not None}


def _new_versions(before: Book | None, book: Book) -> list[str]:
    known = before.lifecycles if before else {}
    return [
        one.id
        for one in book.lifecycles.values()
        if one.id in known and one.version != known[one.id].version
    ]


def read_policy(text: str) -> str:
    """When running accounts take a new version over, in any spelling of the words. Raises `Refusal`."""
    word = WORDS.get(text.strip().lower().replace(" ", "-"))
    if word is None:
        raise Refusal(
            "unknown_policy", f"{text!r} is no policy.", did_you_mean(text, POLICIES), "--policy"
        )
    return word


# ── the way


async def store_definitions(
    store: Store, checked: Checked, plan: Plan, actor: str, now: datetime, door: str = ""
) -> Outcome:
    """Keep what is new, with the policy of every lifecycle. Raises `Refusal`, `VersionTaken`, `NotReadable`.

    `door` says where it is published, if not from a folder: `page`, `api`.
    """
    policies = plan.policies(checked.published, checked.book, await stored_policies(store))
    parts = parts_of(checked.book, checked.sources(), policies)
    published = await store_parts(store, parts, actor, now, door)
    outcome = Outcome(str(checked.folder), published, policies)
    _, outcome.book = await current_book(store)
    return outcome


async def hand_over(
    store: Store,
    client: Callable[[], Awaitable[Lifecycles]],
    outcome: Outcome,
    actor: str,
    pace: int,
    step: Callable[[int], None] = lambda _: None,
) -> None:
    """Tell every account that has not taken these definitions over, at most `pace` a second.

    Temporal is asked for when there is one to tell; `step` is told how many more were looked at.
    """
    found: Lifecycles | None = None
    async for page in _pages(store, outcome, pace):
        outcome.already_there += page.looked_at - len(page.accounts)
        if page.accounts:
            found = found or await client()
            await _tell_batch(found, page.accounts, actor, outcome)
        step(page.looked_at)


async def _pages(store: Store, outcome: Outcome, pace: int) -> AsyncIterator[Waiting]:
    """Pages of accounts, one a second where somebody is told something."""
    loop = asyncio.get_running_loop()
    after: str | None = ""
    while after is not None:
        begun = loop.time()
        page = await not_adopted(store, outcome.book, outcome.policies, after, pace)
        yield page
        after = page.after
        if page.accounts and after is not None:
            await asyncio.sleep(max(0.0, begun + 1 - loop.time()))


async def _tell_batch(client: Lifecycles, batch: list[str], actor: str, outcome: Outcome) -> None:
    told = await asyncio.gather(*(_tell_one(client, account, actor, outcome) for account in batch))
    outcome.handed_over += sum(told)


async def _tell_one(client: Lifecycles, account: str, actor: str, outcome: Outcome) -> bool:
    from lifecycle.client import UnknownAccount

    try:
        await client.adopt(account, actor=actor, book=outcome.book, policies=outcome.policies)
    except UnknownAccount:
        outcome.not_running.append(account)
        return False
    return True
