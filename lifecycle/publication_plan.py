"""From checked definitions to a publication: what the publisher wants, and what of it is new (R14, R24).

May be repeated: what is published already is not published again.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime, timedelta
from typing import Any, Final

from sqlalchemy.ext.asyncio import AsyncConnection

from lifecycle.checking import Checked
from lifecycle.core.deciding.adoption import AT_ONCE, NEVER, NEXT_MOVE, POLICIES
from lifecycle.core.durations import read_duration
from lifecycle.core.model import Book
from lifecycle.core.refusal import Refusal, did_you_mean
from lifecycle.core.share import ALL
from lifecycle.store import definitions, publications
from lifecycle.store.adoption import stored_policies
from lifecycle.store.definitions import Published, parts_of
from lifecycle.store.definitions import publish as store_parts
from lifecycle.store.engine import Store
from lifecycle.store.publication_tables import PublicationRow, PublicationStatus
from lifecycle.store.tables import PartKind

WORDS: Final = {word.replace(" ", "-"): word for word in POLICIES}
WATCH: Final = timedelta(days=3)
LONGEST: Final = timedelta(days=365)
TOLERANCE: Final = 5.0
LONGEST_SENTENCE: Final = 300


@dataclass(frozen=True, slots=True)
class Trial:
    """A new version is tried with `share` percent of the accounts for the time of `watch`.

    It stops by itself, if it `stops`, when more than `tolerance` percent of them live otherwise than promised.
    """

    share: int = ALL
    watch: timedelta = WATCH
    tolerance: float = TOLERANCE
    stops: bool = True


@dataclass(frozen=True, slots=True)
class Outcome:
    """What publishing did: `publication` is what hands it to accounts, empty where there is nothing to hand over."""

    folder: str
    published: list[Published]
    policies: dict[str, str]
    publication: str = ""


class Plan:
    """What the publisher wants."""

    def __init__(
        self,
        policy: str | None,
        overrides: Sequence[tuple[str, str]] = (),
        trial: Trial | None = None,
        said: str = "",
        per_minute: int | None = None,
    ) -> None:
        self.policy = read_policy(policy) if policy else None
        self.overrides = {name: read_policy(text) for name, text in overrides}
        self.trial = trial or Trial()
        self.said = said.strip()[:LONGEST_SENTENCE]
        self.per_minute = per_minute

    def policies(
        self, before: Book | None, book: Book, stored: Mapping[str, str]
    ) -> dict[str, str]:
        """The policy of each lifecycle that ever had a newer version. Raises `Refusal` where none was said.

        `stored` are those of earlier publications.
        """
        if unknown := sorted(self.overrides.keys() - book.lifecycles.keys()):
            remedy = did_you_mean(unknown[0], book.lifecycles)
            raise Refusal(
                "unknown_lifecycle", f"Unknown lifecycle {unknown[0]!r}.", remedy, "--for"
            )
        said = {name: self.overrides.get(name, self.policy) for name in book.lifecycles}
        new = new_versions(before, book)
        said = {
            name: policy or (None if name in new else stored.get(name))
            for name, policy in said.items()
            if name in new or name in stored
        }
        if missing := [book.lifecycles[name].title for name in new if said[name] is None]:
            raise Refusal(
                "no_policy",
                f"There is a new version of {', '.join(missing)}, and accounts run the one before.",
                f'Say when they take it over: --policy "{AT_ONCE}", "{NEXT_MOVE}" or {NEVER}.',
                "--policy",
            )
        return {name: policy for name, policy in said.items() if policy is not None}

    def shares(self, before: Book | None, book: Book) -> dict[str, int]:
        """For how many percent each new version holds first. Raises `Refusal`."""
        check_trial(self.trial)
        new = new_versions(before, book)
        if self.trial.share < ALL and before is not None and len(new) != 1:
            what = f"There are {len(new)}" if new else "There is no"
            said = f"A share tries one new version of a lifecycle. {what} of them here."
            raise Refusal("one_at_a_time", said, "Publish them one after the other.", "--share")
        return dict.fromkeys(new, self.trial.share)


def new_versions(before: Book | None, book: Book) -> list[str]:
    """Lifecycles of which accounts may run another version."""
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


def read_watch(text: str) -> timedelta:
    """`3d`, `12 hours`: how long a share is watched. Raises `Refusal`."""
    short = {"d": " days", "h": " hours", "w": " weeks"}
    given = text.strip().lower()
    if given[:-1].isdecimal() and given[-1:] in short:
        given = given[:-1] + short[given[-1]]
    try:
        return read_duration(given).elapsed
    except (Refusal, ValueError):
        said = f"{text!r} is no length of time."
        raise Refusal("bad_watch", said, "Such as 3d, 12h or 2 weeks.", "--watch") from None


def check_trial(trial: Trial) -> None:
    """Raises `Refusal` for numbers that make no sense."""
    if not 1 <= trial.share <= ALL:
        raise Refusal("bad_share", "A share is 1 to 100 percent.", "Such as 5.", "--share")
    if not timedelta(minutes=1) <= trial.watch <= LONGEST:
        said = "A share is watched for a minute to a year."
        raise Refusal("bad_watch", said, "Such as 3d.", "--watch")
    if not 0 <= trial.tolerance <= 100:
        said = "The tolerance is 0 to 100 percent."
        raise Refusal("bad_tolerance", said, "Such as 5.", "--tolerance")


# ── publishing


async def store_definitions(
    store: Store, checked: Checked, plan: Plan, actor: str, now: datetime, door: str = ""
) -> Outcome:
    """Keep what is new, with the publication that hands it over. Raises `Refusal`, `VersionTaken`, `NotReadable`.

    `door` says where it is published, if not from a folder: `page`, `api`.
    """
    before, book = checked.published, checked.book
    await check_not_taken_back(store, book)
    await _check_nothing_open(store, before, book)
    policies = plan.policies(before, book, await stored_policies(store))
    shares = plan.shares(before, book)
    begun: list[str] = []

    async def begin(connection: AsyncConnection, found: list[Published]) -> None:
        if before is not None:
            row = _row(plan, before, book, found, policies)
            row.actor, row.at = actor, now
            await publications.begin(connection, row)
            begun.append(row.name)

    parts = parts_of(book, checked.sources(), policies, shares)
    found = await store_parts(store, parts, actor, now, door, begin)
    return Outcome(str(checked.folder), found, policies, "".join(begun))


async def check_not_taken_back(store: Store, book: Book) -> None:
    """Raises `Refusal` `taken_back` for a version that was published once and rolled back since."""
    shares = await definitions.shares(store)
    for one in book.lifecycles.values():
        if shares.get((one.id, one.version)) == 0:
            said = f"Version {one.version} of {one.title} was brought back to the one before."
            highest = max(version for name, version in shares if name == one.id)
            remedy = (
                f"Write `version: {highest + 1}`, or fetch what is published: definitions fetch."
            )
            raise Refusal("taken_back", said, remedy, "version")


async def _check_nothing_open(store: Store, before: Book | None, book: Book) -> None:
    new = set(new_versions(before, book))
    for row in await publications.open_publications(store):
        if row.lifecycle in new and row.version != book.lifecycles[row.lifecycle].version:
            title = book.lifecycles[row.lifecycle].title
            raise publications.still_open(title, row.version, row.status.value, row.name)


def _row(
    plan: Plan, before: Book, book: Book, found: list[Published], policies: dict[str, str]
) -> PublicationRow:
    """The publication; who gave it when is filled in."""
    new = [one for one in found if one.kind is PartKind.LIFECYCLE and one.edition == 1]
    new = [one for one in new if one.id in before.lifecycles]
    only = new[0] if len(new) == 1 else None
    trial = plan.trial
    is_tried = only is not None and trial.share < ALL
    status = PublicationStatus.TRYING if is_tried else PublicationStatus.ROLLING_ON
    more: dict[str, Any] = {}
    if only is not None:
        known = before.lifecycles[only.id].version
        more = {"lifecycle": only.id, "version": only.version, "before": known}
    return PublicationRow(
        name=name_of(found),
        title=title_of(found, book),
        parts=[[one.kind.value, one.id, one.version, one.edition] for one in found],
        book=name_of(found),
        policies=policies,
        share=trial.share if is_tried else ALL,
        watch=int(trial.watch.total_seconds()),
        tolerance=trial.tolerance,
        stops=trial.stops,
        per_minute=plan.per_minute,
        said=plan.said,
        status=status,
        **more,
    )


def _first(found: list[Published]) -> list[Published]:
    """New versions first, then changes in place, then the parts that exist once."""
    return sorted(found, key=lambda one: (one.kind is not PartKind.LIFECYCLE, one.edition, one.id))


def name_of(found: list[Published]) -> str:
    """`customer_journey-8`, `customer_journey-8.2`, `segments-4-and-2-more`: no two are the same."""
    first = _first(found)[0]
    edition = f".{first.edition}" if first.edition > 1 else ""
    more = f"-and-{len(found) - 1}-more" if len(found) > 1 else ""
    return f"{first.id[:70]}-{first.version}{edition}{more}"


def title_of(found: list[Published], book: Book) -> str:
    """`Customer journey, version 8`."""
    first = _first(found)[0]
    if first.kind is PartKind.LIFECYCLE:
        edition = f".{first.edition}" if first.edition > 1 else ""
        said = f"{book.lifecycles[first.id].title}, version {first.version}{edition}"
    else:
        said = f"{first.id} (number {first.version})"
    return said + (f" and {len(found) - 1} more" if len(found) > 1 else "")
