"""Shapes of what is sent: strict, without surplus, every text and list with its limit."""

from __future__ import annotations

from typing import Annotated, Any, Final

from fastapi import Path
from pydantic import BaseModel, ConfigDict, Field

from lifecycle.messages import MAX_REASON, MAX_WORD
from lifecycle.telling.audience import Asked

MOST_SENTENCES: Final = 20
LARGEST: Final = 2**53
"""The largest whole number that every reader of JSON has."""

Word = Annotated[str, Field(min_length=1, max_length=MAX_WORD)]
Text = Annotated[str, Field(max_length=MAX_REASON)]
Sentence = Annotated[str, Field(min_length=1, max_length=MAX_REASON)]
When = Annotated[str, Field(min_length=1, max_length=100)]
Scalar = str | int | float | bool | None
Limit = Annotated[int, Field(ge=1, le=500, description="At most this many.")]
After = Annotated[Word | None, Field(description="The next page: those behind this one.")]
Before = Annotated[
    int | None,
    Field(ge=1, le=LARGEST, description="The next page: only entries before this revision."),
]
OfLifecycle = Annotated[Word | None, Field(description="Only this lifecycle: its id or title.")]
Account = Annotated[
    str,
    Path(description="The account's id, or its name.", examples=["acme"], max_length=MAX_WORD),
]


class Shape(BaseModel):
    """A request's body."""

    model_config = ConfigDict(strict=True, extra="forbid", frozen=True)


class Filters(BaseModel):
    """What an address asks for behind its `?`. A name that is not known is refused, for it would be a slip."""

    model_config = ConfigDict(extra="forbid", frozen=True)


class Whom(Filters):
    """Which accounts, and at which moment."""

    segment: Annotated[
        Word | None, Field(description="Only accounts of this saved segment: its id or title.")
    ] = None
    where: Annotated[
        list[Sentence],
        Field(
            description="Only accounts this sentence holds of; several must all hold.",
            max_length=MOST_SENTENCES,
            examples=[["type is Customer", "renewal_date is in the next 90 days"]],
            default_factory=list,
        ),
    ]
    as_of: Annotated[
        When | None,
        Field(
            description="How it was at the end of that day (UTC), or at that time.",
            examples=["2026-06-30"],
        ),
    ] = None
    known: Annotated[
        When | None,
        Field(description="With `as_of`: from what was known then; `now` for all known today."),
    ] = None

    def asked(self, segment: str | None = None) -> Asked:
        """As the store of segments takes it."""
        return Asked(segment or self.segment, self.where, self.as_of, self.known)


class Because(Shape):
    """A command that may give a reason."""

    reason: Text = ""


def example(**body: Any) -> ConfigDict:
    """The settings of a shape with an example of it."""
    return ConfigDict(
        strict=True, extra="forbid", frozen=True, json_schema_extra={"examples": [body]}
    )
