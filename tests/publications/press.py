"""What the tests of publications do: write a version, publish it, wait for what comes of it."""

import asyncio
import re
from collections.abc import Iterable
from dataclasses import dataclass, replace
from datetime import UTC, datetime, timedelta
from itertools import count
from pathlib import Path

from lifecycle.changing import ChangeSets
from lifecycle.checking import Checked, book_of, check_files
from lifecycle.contract import PublicationProgress
from lifecycle.publication_plan import Outcome, Plan, Trial, store_definitions
from lifecycle.publications import Publications
from lifecycle.store.publication_tables import PublicationAccountRow
from lifecycle.store.publications import accounts_of
from tests.clock import fast_forward_or_end, until
from tests.workflows.town import Town

JOURNEY = "customer_journey"
DEFINITIONS = Path(__file__).parent.parent.parent / "definitions"
DAYS = "        after: 14 days"
NUMBERS = count(2)
"""Publications are known by their versions on the session's server: no two tests use the same."""


def journey(version: int, days: int) -> str:
    """The journey with another time until Launched."""
    text = (DEFINITIONS / f"{JOURNEY}.yaml").read_text()
    assert text.count(DAYS) == 1
    text = text.replace(DAYS, DAYS.replace("14", str(days)))
    return re.sub(r"^version: 1$", f"version: {version}", text, flags=re.MULTILINE)


@dataclass
class Press:
    """Publishing in one town."""

    town: Town
    version: int = 1
    """The one published last."""

    @property
    def publications(self) -> Publications:
        return Publications(self.town.client, self.town.store, self.town.settings.task_queue)

    @property
    def changes(self) -> ChangeSets:
        return ChangeSets(self.town.client, self.town.store, self.town.settings.task_queue)

    async def accounts(self, count: int) -> list[str]:
        """So many, in Onboarding."""
        names = [self.town.account(f"a{number:03}") for number in range(count)]
        await asyncio.gather(*(self.town.win(name) for name in names))
        return names

    async def checked(self, version: int, days: int) -> Checked:
        files = {file.name: file.read_text() for file in DEFINITIONS.glob("*.yaml")}
        files[f"{JOURNEY}.yaml"] = journey(version, days)
        before = await book_of(self.town.store)
        found = await asyncio.to_thread(check_files, self.town.settings, files, before)
        assert before is not None
        assert found.reading.book is not None, found.problems
        # As the tests published it: mail at any hour.
        book = replace(found.reading.book, directory=before.directory)
        return replace(found, reading=replace(found.reading, book=book))

    async def publish(
        self,
        days: int,
        share: int = 100,
        policy: str = "at once",
        watch: timedelta = timedelta(days=3),
    ) -> Outcome:
        """Keep it; nothing hands it over yet."""
        self.version = next(NUMBERS)
        plan = Plan(policy, trial=Trial(share, watch), said=f"{days} days")
        checked = await self.checked(self.version, days)
        now = datetime.now(UTC)
        return await store_definitions(self.town.store, checked, plan, "ops", now)

    async def go(self, outcome: Outcome) -> str:
        """Hand it over."""
        await self.publications.set_going(outcome.publication)
        return outcome.publication

    async def until(self, name: str, status: str, within: float = 60) -> PublicationProgress:
        async def look() -> PublicationProgress:
            return await self.publications.progress(name)

        return await until(look, lambda seen: seen.status == status, within)

    async def forward(self, name: str, **by: float) -> None:
        """Move the publication's own clock."""
        handle = self.publications.handle(name)
        await fast_forward_or_end(self.town.env, handle, timedelta(**by))

    async def share(self, name: str) -> list[PublicationAccountRow]:
        return await accounts_of(self.town.store, name, limit=1_000)

    async def stages(self, accounts: Iterable[str]) -> list[str | None]:
        states = [await self.town.state(account) for account in accounts]
        return [state.tracks[JOURNEY].stage for state in states]

    async def versions(self, accounts: Iterable[str]) -> list[int]:
        return [(await self.town.state(account)).versions[JOURNEY] for account in accounts]
