"""What an address asks of reports: whom, when, between which days, and how it is told."""

from __future__ import annotations

from collections.abc import Collection
from datetime import date
from typing import Annotated, Any, Final, Literal
from urllib.parse import urlencode

from pydantic import BaseModel, ConfigDict, Field

from lifecycle.store.reports.periods import Step
from lifecycle.telling.reports.asking import DEFAULT_DAYS, Asked
from lifecycle.telling.reports.kinds import Kind

from . import periods

WORD, SENTENCE = 500, 2_000
"""The longest that is taken, in characters."""
LONG: Final = 120
"""More days than these are told by month unless said otherwise."""
Text = Annotated[str, Field(max_length=WORD, pattern=r"^[^\x00]*$")]
Sentence = Annotated[str, Field(max_length=SENTENCE, pattern=r"^[^\x00]*$")]
Yes = Literal["", "yes"]
Count = Annotated[int, Field(ge=1, le=500)] | Literal[""]
Days = Annotated[int, Field(ge=1, le=366)] | Literal[""]


class Wish(BaseModel):
    """Everything that chooses what is shown stands in the address; what is empty was not asked."""

    model_config = ConfigDict(frozen=True, populate_by_name=True)

    lifecycle: Text = ""
    segment: Text = ""
    where: list[Sentence] = Field(default_factory=list, max_length=20)
    as_of: Text = ""
    known: Text = ""
    period: periods.Name = ""
    first: Text = Field("", alias="from")
    last: Text = Field("", alias="to")
    by: Step | Literal[""] = ""
    start: Text = ""
    days: Days = ""
    by_csm: Yes = ""
    scorecard: Text = ""
    campaign: Text = ""
    listed: Yes = ""
    account: Text = ""
    automation: Text = ""
    limit: Count = ""
    after: Text = ""
    tables: Yes = ""

    @property
    def sentences(self) -> list[str]:
        """What was typed of `where`; an empty field says nothing."""
        return [one.strip() for one in self.where if one.strip()]

    @property
    def is_between(self) -> bool:
        """Whether days of their own are asked for, and not a period by name."""
        return bool(self.first or self.last)

    def but(self, **changes: Any) -> Wish:
        """The same with other values."""
        return self.model_copy(update=changes)

    def query(self, **changes: Any) -> str:
        """As it stands behind an address, `?` included; empty where nothing is asked."""
        other = self.but(**changes)
        found = [
            (one.alias or name, getattr(other, name)) for name, one in Wish.model_fields.items()
        ]
        single = [(name, str(value)) for name, value in found if value and name != "where"]
        pairs = single + [("where", one) for one in other.sentences]
        return f"?{urlencode(pairs)}" if pairs else ""

    def day(self, today: date) -> date:
        """The day that periods end on: today, or that of the past that is asked about."""
        try:
            return min(date.fromisoformat(self.as_of.strip()[:10]), today)
        except ValueError:
            return today

    def asked(self, kind: Kind, today: date) -> Asked:
        """The question for a report: of its options, those it has."""
        first, last = self._between(kind, self.day(today))
        own: dict[str, Any] = {
            "first": first,
            "last": last,
            "by": self.by or self._step(first, last),
            "days": self.days or DEFAULT_DAYS,
            "by_csm": bool(self.by_csm),
            "listed": bool(self.listed),
            "limit": self.limit or None,
        }
        own |= {name: getattr(self, name) or None for name in ("start", "scorecard", "campaign")}
        own |= {name: getattr(self, name) or None for name in ("account", "automation", "after")}
        return Asked(
            self.lifecycle or None,
            self.segment or None,
            tuple(self.sentences),
            self.as_of or None,
            (self.known or None) if self.as_of else None,
            **_only(own, kind.options),
        )

    def _between(self, kind: Kind, today: date) -> tuple[str | None, str | None]:
        if self.is_between:
            return self.first or None, self.last or None
        if "first" not in kind.options:
            return None, None
        usual: periods.Name = "ever" if kind.ever else periods.DEFAULT
        first, last = periods.days_of(self.period or usual, today)
        return str(first) if first else None, str(last)

    def _step(self, first: str | None, last: str | None) -> Step:
        try:
            days = (date.fromisoformat(last or "") - date.fromisoformat(first or "")).days
        except ValueError:
            return Step.WEEK
        return Step.MONTH if days > LONG else Step.WEEK


def _only(values: dict[str, Any], names: Collection[str]) -> dict[str, Any]:
    return {name: value for name, value in values.items() if name in names}
