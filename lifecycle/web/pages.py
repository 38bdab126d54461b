"""Pages out of templates: `templates/web/`, the user's own before those the engine brings."""

from __future__ import annotations

from http import HTTPStatus

from fastapi import Request
from fastapi.responses import HTMLResponse
from jinja2 import ChoiceLoader, Environment, FileSystemLoader, StrictUndefined

from lifecycle.core.refusal import Refusal
from lifecycle.mail import read_mailbox
from lifecycle.places import app_folder
from lifecycle.settings import Settings


class Pages:
    """Renders pages; every one knows `house`, whose name mail comes under."""

    def __init__(self, settings: Settings) -> None:
        folders = (settings.templates.path, app_folder() / "templates")
        self._templates = Environment(
            loader=ChoiceLoader([FileSystemLoader(folder / "web") for folder in folders]),
            undefined=StrictUndefined,
            autoescape=True,
            trim_blocks=True,
            lstrip_blocks=True,
        )
        sender = read_mailbox(settings.smtp.sender)
        self._house = {"name": sender.name or sender.email, "email": sender.email}

    def page(
        self, name: str, status: HTTPStatus = HTTPStatus.OK, **context: object
    ) -> HTMLResponse:
        """The page `name` (`unsubscribe.html`) in the words of `context`."""
        text = self._templates.get_template(name).render(house=self._house, **context)
        return HTMLResponse(text, status)

    def lost(self, _request: Request, refusal: Refusal, status: HTTPStatus) -> HTMLResponse:
        """What was asked for is not here, or not for this reader."""
        return self.page("lost.html", status, refusal=refusal)
