"""Pages out of templates: `templates/web/`, the user's own before those the engine brings."""

from __future__ import annotations

import json
from functools import lru_cache
from http import HTTPStatus
from types import SimpleNamespace
from typing import Final
from urllib.parse import quote, urlencode, urlsplit

from fastapi import Request, Response
from fastapi.responses import HTMLResponse, RedirectResponse
from jinja2 import ChoiceLoader, Environment, FileSystemLoader, StrictUndefined, Template
from jinja2.runtime import Context, Macro

from lifecycle.core.refusal import Refusal
from lifecycle.mail import read_mailbox
from lifecycle.places import app_folder
from lifecycle.settings import Settings
from lifecycle.signing import secret_of

from ..assets import address
from ..flash import Flash, Kind, Said
from ..paths import asked, local
from ..who import RIGHTS, Caller
from .field_ids import field_id, in_dialog
from .navigation import DAILY, OTHERS
from .words import KEPT, Words

SIGN_IN: Final = "/sign-in"
PARTS: Final = ("icons", "marks", "controls", "forms", "states")
"""The files of templates/web/parts/ whose macros every template has as `ui.…`."""
MARKS: Final = (
    "icon",
    "chip",
    "dot",
    "no_stage",
    "tag",
    "late",
    "stuck",
    "override",
    "avatar",
    "person",
    "health",
)
"""Macros that say the same whenever they are given the same: drawn once. A page has hundreds of them."""
MOMENT: Final = ("as_of", "known")
"""What an address says of the moment that is shown."""


class Pages:
    """Renders pages; every one knows `house`, whose name mail comes under, and who looks at it."""

    def __init__(self, settings: Settings) -> None:
        self._words = Words(settings)
        self._flash = Flash(secret_of(settings))
        self._templates = _environment(settings, self._words)

    def page(
        self,
        name: str,
        status: HTTPStatus | int = HTTPStatus.OK,
        *,
        request: Request | None = None,
        part: str = "",
        said: str = "",
        **context: object,
    ) -> HTMLResponse:
        """The page `name` (`accounts.html`); for a partial request of htmx one block of it (see `pages`).

        `said` is a sentence about what was just done.
        """
        template = self._templates.get_template(name)
        word = Said(said) if said else self._flash.read(request) if request else None
        values = {"said": word, **self._known(request), **context}
        if request is not None and is_partial(request):
            answer = HTMLResponse(_part(template, part, values), status, _aloud(word))
        else:
            answer = HTMLResponse(template.render(values), status)
        if word and not said:
            self._flash.forget(answer)
        return answer

    def done(self, request: Request, to: str, said: str = "", kind: Kind = "good") -> Response:
        """The answer to a command: on to the page at `to`, which says what was done."""
        answer: Response
        if is_htmx(request):
            answer = Response(headers=_onward(request, to))
        else:
            answer = RedirectResponse(to, HTTPStatus.SEE_OTHER)
        if said:
            self._flash.write(request, answer, Said(said, kind))
        return answer

    def lost(self, request: Request, refusal: Refusal, status: HTTPStatus) -> Response:
        """What was asked for is not here, not for this reader, or went wrong; who is not known may sign in."""
        if status is HTTPStatus.UNAUTHORIZED:
            return _to_sign_in(request)
        if is_htmx(request):
            answer = self.page("parts/refusal.html", status, request=None, refusal=refusal)
            answer.headers.update({"HX-Retarget": "#notices", "HX-Reswap": "innerHTML"})
            return answer
        is_outside = caller_of(request) is None and status in (404, 405)
        name = "lost.html" if is_outside else "problem.html"
        again = local(asked(request))
        return self.page(
            name,
            status,
            request=request,
            refusal=refusal,
            code=int(status),
            again=again,
            present=_of_now(request),
        )

    def _known(self, request: Request | None) -> dict[str, object]:
        """What every template may name."""
        caller = caller_of(request) if request else None
        rights = frozenset(str(right) for right in RIGHTS[caller.role]) if caller else frozenset()
        return {
            "request_path": request.url.path if request else "",
            "partial": request is not None and is_partial(request),
            "caller": caller,
            "rights": rights,
            "may_go": rights,
            "travel": None,
            "now": self._words.now(),
        }


def _of_now(request: Request) -> str:
    """The same page of now; nothing where it was asked for that already."""
    asked_of = request.query_params
    if request.method != "GET" or "as_of" not in asked_of:
        return ""
    kept = [pair for pair in asked_of.multi_items() if pair[0] not in MOMENT]
    path = quote(request.url.path)
    return local(f"{path}?{urlencode(kept)}" if kept else path)


def is_htmx(request: Request) -> bool:
    """Whether a script asks, that can swap what it gets."""
    return request.headers.get("hx-request") == "true"


def is_partial(request: Request) -> bool:
    """Whether it has a place for a part only; going back by the browser's button asks for the whole."""
    return is_htmx(request) and request.headers.get("hx-request-type") == "partial"


def caller_of(request: Request) -> Caller | None:
    """Who asks, where that is known."""
    return getattr(request.state, "caller", None)


def _environment(settings: Settings, words: Words) -> Environment:
    folders = (settings.templates.path, app_folder() / "templates")
    templates = Environment(
        loader=ChoiceLoader([FileSystemLoader(folder / "web") for folder in folders]),
        undefined=StrictUndefined,
        autoescape=True,
        trim_blocks=True,
        lstrip_blocks=True,
    )
    templates.filters.update(words.filters())
    sender = read_mailbox(settings.smtp.sender)
    ui = SimpleNamespace()
    templates.globals.update(
        house={"name": sender.name or sender.email, "email": sender.email},
        static=address,
        field_id=field_id,
        places=DAILY,
        other_places=OTHERS,
        ui=ui,
    )
    for part in PARTS:
        # Macros name each other as `ui.…`, whichever file they are in: looked up when one is called.
        named = vars(templates.get_template(f"parts/{part}.html").module)
        vars(ui).update({name: macro for name, macro in named.items() if isinstance(macro, Macro)})
    for mark in MARKS:
        # By type, too: a text and markup of the same letters are equal, and must not be drawn alike.
        setattr(ui, mark, lru_cache(KEPT, typed=True)(getattr(ui, mark)))
    return templates


def _part(template: Template, part: str, values: dict[str, object]) -> str:
    """One block, with the title where it is the whole content; a template without that block is a part itself."""
    context = template.new_context(values)
    # Up to the layout's first text: by then all that is set, imported and extended on the way is in the context.
    next(template.root_render_func(context), "")
    name = part or ("dialog" if "dialog" in context.blocks else "content")
    if name not in context.blocks:
        return template.render(values)
    title = f"<title>{_block(context, 'title')}</title>" if name == "content" else ""
    with in_dialog(name == "dialog"):
        return title + _block(context, name)


def _block(context: Context, name: str) -> str:
    return "".join(context.blocks[name][0](context))


def _aloud(word: Said | None) -> dict[str, str]:
    """The header with which a part is said in a toast."""
    if word is None:
        return {}
    return {"HX-Trigger": json.dumps({"said": {"text": word.text, "kind": word.kind}})}


def _onward(request: Request, to: str) -> dict[str, str]:
    """Where htmx goes: the open page takes its new self in; another one brings styles and scripts of its own."""
    here = urlsplit(request.headers.get("hx-current-url", ""))
    if here.path != urlsplit(to).path:
        return {"HX-Redirect": to}
    fresh = {"path": to, "target": "body", "swap": "innerMorph", "replace": "true"}
    return {"HX-Location": json.dumps(fresh)}


def _to_sign_in(request: Request) -> Response:
    """To the sign-in page, which leads back to the page that was open."""
    if is_htmx(request):
        here = urlsplit(request.headers.get("hx-current-url", ""))
        path = f"{here.path}?{here.query}" if here.query else here.path
        return Response(headers={"HX-Redirect": _sign_in(path or "/")})
    back = asked(request) if request.method == "GET" else "/"
    return RedirectResponse(_sign_in(back), HTTPStatus.SEE_OTHER)


def _sign_in(back: str) -> str:
    return SIGN_IN if back == "/" else f"{SIGN_IN}?next={quote(back, safe='')}"
