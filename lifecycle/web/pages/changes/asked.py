"""A change of many accounts as its form has it: what shall be done, and with which of the accounts that are shown."""

from __future__ import annotations

from typing import Annotated, Final, Literal

from pydantic import ConfigDict, Field

from lifecycle.core.refusal import Refusal
from lifecycle.store import accounts
from lifecycle.telling.bulk import Kind, Whom, Wish

from ..accounts.asked import Filters, Word

NAME: Final = r"^[a-z]+-[0-9]{8}-[0-9a-f]{6}$"
Line = Annotated[str, Field(max_length=500, pattern=r"^[^\x00]*$")]


class Typed(Filters):
    """The form. `to` is a lifecycle and a stage with a colon between; `expected` how many would change when one looked.

    `name` is the change-set's: pressing twice begins one.
    """

    model_config = ConfigDict(frozen=True)

    do: Kind = Kind.STAGE
    which: Literal["chosen", "all"] = "chosen"
    account: list[Word] = Field(default_factory=list, max_length=500)
    to: Word = ""
    field: Word = ""
    value: Line = ""
    clear: bool = False
    until: Word = ""
    reason: Line = ""
    per_minute: Word = ""
    anyway: bool = False
    expected: int | None = None
    name: Annotated[str, Field(max_length=40)] = ""

    @property
    def filters(self) -> Filters:
        """What the list behind it was asked for."""
        return Filters(**{name: getattr(self, name) for name in Filters.model_fields})

    def hidden(self) -> list[tuple[str, str]]:
        """What is not asked in the form, and goes with it."""
        chosen = [("account", one) for one in self.account] if self.which == "chosen" else []
        own = [("do", self.do.value), ("which", self.which), ("name", self.name)]
        return [*self.filters.pairs("after", "column", "sort"), *own, *chosen]

    def meant(self) -> Whom:
        """Raises `Refusal` where no row is chosen, or the list is one of the past."""
        if self.as_of:
            said = "This list is of the past: only how it is now can be changed."
            raise Refusal("bad_time", said, "Look at today first.", "as_of")
        if self.which == "chosen":
            if not self.account:
                said = "No account is chosen."
                raise Refusal("no_accounts", said, "Choose some, or all that match.", "accounts")
            return Whom(ids=list(dict.fromkeys(self.account)))
        also = accounts.Wanted(
            late=self.show == "late" or None,
            stuck=self.show == "stuck" or None,
            on_hold=self.show == "hold" or None,
            search=self.search.strip() or None,
        )
        return Whom(self.filters.asked(), also)

    @property
    def is_said(self) -> bool:
        """Whether enough is said to look at what it does."""
        return self.lacks() is None

    def lacks(self) -> Refusal | None:
        """What is not said yet."""
        if self.do is Kind.STAGE and not self.to:
            return Refusal("bad_value", "It is not said where to.", "Choose a stage.", "to")
        if self.do is Kind.HOLD and not self.until:
            return Refusal("bad_value", "It is not said until when.", "Such as 14d.", "until")
        if self.do is not Kind.FIELDS or (self.field and (self.clear or self.value.strip())):
            return None
        if not self.field:
            return Refusal("bad_value", "It is not said which field.", "Choose one.", "field")
        return Refusal("bad_value", "It is not said to what.", "Type it, or clear it.", "value")

    def wish(self, reason: str = "") -> Wish:
        """What shall be done; `reason` stands in where none is typed yet."""
        lifecycle, _, stage = self.to.partition(":")
        fields = {self.field: None if self.clear else self.value} if self.field else {}
        return Wish(
            self.do,
            self.reason or reason,
            lifecycle,
            stage,
            fields,
            self.until,
            self.anyway,
        )

    def pace(self) -> int | None:
        """So many a minute; None for as fast as it goes. Raises `Refusal`."""
        text = self.per_minute.strip().replace(",", "")
        if not text:
            return None
        if not text.isdecimal() or not text.isascii():
            said = f"{self.per_minute!r} is no number of accounts a minute."
            raise Refusal(
                "bad_pace", said, "Such as 60; empty for as fast as it goes.", "per_minute"
            )
        return int(text)
