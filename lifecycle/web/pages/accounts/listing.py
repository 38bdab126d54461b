"""`/accounts`: the list, and the sentences that choose who is in it; `/segments/…` answers for parts of it."""

from __future__ import annotations

from http import HTTPStatus
from typing import Annotated, Any

from fastapi import APIRouter, Depends, Query, Request, Response
from fastapi.responses import HTMLResponse

from lifecycle.core.refusal import Refusal
from lifecycle.definition.outline import written
from lifecycle.store.definitions import current_book
from lifecycle.telling.segments import Wish, members, saved_segments
from lifecycle.telling.viewer import Viewer

from ...door import Door
from ...problem import status_of
from ...who import Caller, Right, may
from ..rendering import is_partial
from ..travelling import travelling
from .asked import PATH, Filters, Text, Word
from .sentence import Form
from .view import ListPage, head_words, list_page, matches

Reader = Annotated[Caller, Depends(may(Right.READ))]
Asking = Annotated[Filters, Query()]


def routes(door: Door) -> APIRouter:
    """The list, the sentence builder's form, and numbers that come after the page."""
    router = APIRouter()

    @router.get(PATH)
    async def accounts(request: Request, _: Reader, filters: Asking) -> Response:
        return await _page(door, request, filters)

    @router.get("/segments/sentence")
    async def sentence(
        request: Request, _: Reader, filters: Asking, do: Annotated[str, Query(max_length=50)] = ""
    ) -> Response:
        """What the builder's controls say, as an address of the list."""
        book, _digest = await current_book(door.store)
        form = Form(book, request.query_params.multi_items(), door.now().date())
        text = written(form.outline(do))
        new = filters.model_copy(update={"where": [text] if text else [], "segment": ""})
        if not is_partial(request):
            return door.pages.done(request, new.at())
        answer = await _page(door, request, new)
        answer.headers["HX-Replace-Url"] = new.at()
        return answer

    @router.get("/segments/count")
    async def count(
        _: Reader, where: Annotated[Text, Query()], as_of: Word = "", known: Word = ""
    ) -> Response:
        """How many accounts one line matches by itself; nothing of one that cannot be read."""
        asked = Filters(where=[where], as_of=as_of, known=known).asked()
        try:
            found = await members(_viewer(door), asked, Wish(columns="", limit=1))
        except Refusal:
            return HTMLResponse("")
        return HTMLResponse(matches((await found.count()).accounts))

    @router.get("/segments/counts")
    async def counts(request: Request, _: Reader, filters: Asking) -> Response:
        """The saved segments with their numbers."""
        when = Filters(as_of=filters.as_of, known=filters.known).asked()
        meant, saved = await saved_segments(_viewer(door), when)
        numbers = {one.id: one.accounts for one in saved}
        page = ListPage(filters, meant.book, "", ())
        return door.pages.page(
            "accounts/segments.html", request=request, page=page, numbers=numbers
        )

    return router


def _viewer(door: Door) -> Viewer:
    return Viewer(door.store, door.now(), door.zone)


async def _page(door: Door, request: Request, filters: Filters) -> Response:
    page = await list_page(_viewer(door), filters)
    status = status_of(page.refusal.code) if page.refusal else HTTPStatus.OK
    said = head_words(page.sheet) if page.sheet else ""
    context: dict[str, Any] = {"page": page, "head": said, "numbers": None}
    context |= travelling(door, request, "show", "search")
    return door.pages.page("accounts.html", status, request=request, **context)
