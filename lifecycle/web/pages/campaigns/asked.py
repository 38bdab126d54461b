"""A campaign as a form has it: whom, what they read, who of them, and how fast."""

from __future__ import annotations

from datetime import date
from typing import Annotated
from urllib.parse import urlencode

from pydantic import BaseModel, ConfigDict, Field

from lifecycle.core.model import Book
from lifecycle.mail.campaigns import check_campaign
from lifecycle.mail.templates import template_names
from lifecycle.recipients import CONTACT
from lifecycle.settings import Settings
from lifecycle.telling.audience import Asked
from lifecycle.telling.campaign_wishes import Wish, read_pace

Text = Annotated[str, Field(max_length=8_000, pattern=r"^[^\x00]*$")]
Word = Annotated[str, Field(max_length=200, pattern=r"^[^\x00]*$")]


class Typed(BaseModel):
    """What was typed. `to` are roles of an account; `pace` is `200/hour`, or empty for as fast as it goes."""

    model_config = ConfigDict(frozen=True)

    segment: Word = ""
    where: list[Text] = Field(default_factory=list, max_length=20)
    name: Word = ""
    template: Word = ""
    to: list[Word] = Field(default_factory=list, max_length=20)
    pace: Word = ""

    @property
    def texts(self) -> list[str]:
        """What was typed of `where`."""
        return [one for one in self.where if one.strip()]

    def asked(self) -> Asked:
        """Whom."""
        return Asked(self.segment or None, self.texts)

    def wish(self) -> Wish:
        """As campaigns take it. Raises `Refusal` for no pace."""
        pace = read_pace(self.pace) if self.pace.strip() else None
        return Wish(self.name.strip(), self.asked(), self.template, self.to, pace)

    def pairs(self) -> list[tuple[str, str]]:
        """For an address, or for hidden fields."""
        several = [("where", one) for one in self.texts] + [("to", one) for one in self.to]
        single = [(name, getattr(self, name)) for name in ("segment", "name", "template", "pace")]
        return [pair for pair in [*single, *several] if pair[1]]

    def at(self, path: str, **more: str) -> str:
        """The page at `path` with these."""
        return f"{path}?{urlencode([*self.pairs(), *more.items()])}"

    def begun(self, book: Book, today: date) -> Typed:
        """With what is usual where nothing was typed."""
        named = self.segment or "campaign"
        usual = {
            "name": self.name or f"{named.replace('_', '-')}-{today}"[-60:].lstrip("-"),
            "to": self.to or [one for one in (CONTACT,) if one in book.account.roles],
        }
        return self.model_copy(update=usual)


def templates_for(book: Book, settings: Settings) -> list[str]:
    """The templates that a campaign can fill. Each is tried, which takes a moment: run it beside the loop."""
    folder, fields = settings.templates.path / "email", list(book.account.fields.values())
    names = template_names(folder) if folder.is_dir() else ()
    return [name for name in names if not check_campaign(name, fields, folder)]
