"""What every route works with."""

from __future__ import annotations

from dataclasses import dataclass, field
from datetime import UTC, datetime, tzinfo
from zoneinfo import ZoneInfo

from temporalio.client import Client

from lifecycle.campaigning import Campaigns
from lifecycle.changing import ChangeSets
from lifecycle.client import Lifecycles
from lifecycle.publications import Publications
from lifecycle.scheduling import Verifications
from lifecycle.settings import Settings
from lifecycle.store.engine import Store

from .background import Background
from .live.hub import Live
from .pages import Pages


@dataclass(frozen=True)
class Door:
    """The database to read from, Temporal to hand things to, and how pages are made.

    The client may connect at its first call: pages and reports are there while Temporal is away.
    """

    settings: Settings
    store: Store
    client: Client
    pages: Pages = field(init=False)
    accounts: Lifecycles = field(init=False)
    campaigns: Campaigns = field(init=False)
    changes: ChangeSets = field(init=False)
    publications: Publications = field(init=False)
    verifications: Verifications = field(init=False)
    live: Live = field(init=False)
    background: Background = field(init=False, default_factory=Background)

    def __post_init__(self) -> None:
        queue = self.settings.task_queue
        object.__setattr__(self, "pages", Pages(self.settings))
        object.__setattr__(self, "accounts", Lifecycles(self.client, queue))
        object.__setattr__(self, "campaigns", Campaigns(self.client, queue))
        object.__setattr__(self, "changes", ChangeSets(self.client, self.store, queue))
        publications = Publications(self.client, self.store, queue)
        object.__setattr__(self, "publications", publications)
        verifications = Verifications(self.client, self.settings)
        object.__setattr__(self, "verifications", verifications)
        object.__setattr__(self, "live", Live(self.store, self.now))

    @property
    def zone(self) -> tzinfo:
        """Where times are shown and typed: LIFECYCLE_ZONE, else UTC."""
        return ZoneInfo(self.settings.zone) if self.settings.zone else UTC

    def now(self) -> datetime:
        """The wall clock."""
        return datetime.now(UTC)
