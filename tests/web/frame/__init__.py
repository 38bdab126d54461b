"""A small app in the frame of the product's pages: every macro on one page, a dialog, commands and refusals."""

from collections.abc import Awaitable, Callable
from http import HTTPStatus
from pathlib import Path

from fastapi import APIRouter, FastAPI, Form, HTTPException, Request, Response
from pydantic import SecretStr

from lifecycle.core.refusal import Refusal
from lifecycle.settings import Settings
from lifecycle.web.assets import Assets
from lifecycle.web.pages import Pages
from lifecycle.web.problem import handle_problems
from lifecycle.web.security import Guarded
from lifecycle.web.who import Caller, Role

ROSIE = Caller("Rosie Papadopoulos", Role.ADMIN)
CHANGED = Refusal("changed_since", "Kan-code changed while you looked.", "Look again.")


def frame_settings() -> Settings:
    """The templates are those beside this file, before the shipped ones."""
    return Settings(templates_dir=Path(__file__).parent, secret=SecretStr("x" * 40))


def frame_app(caller: Caller | None = ROSIE) -> FastAPI:
    """Pages at `/frame`; whoever asks is `caller`."""
    app, pages = FastAPI(), Pages(frame_settings())

    @app.middleware("http")
    async def known(request: Request, go_on: Callable[[Request], Awaitable[Response]]) -> Response:
        request.state.caller = caller
        return await go_on(request)

    app.include_router(_looks(pages))
    app.include_router(_commands(pages))
    app.mount("/static", Assets())
    app.add_middleware(Guarded)
    handle_problems(app, pages)
    return app


def _looks(pages: Pages) -> APIRouter:
    router = APIRouter()

    @router.get("/nav/day")
    async def count() -> Response:
        return Response("9", media_type="text/html")

    @router.get("/frame")
    async def components(request: Request, part: str = "") -> Response:
        return pages.page("components.html", request=request, part=part, refusal=CHANGED)

    @router.get("/frame/hold")
    async def ask(request: Request) -> Response:
        return _hold(pages, request)

    @router.get("/frame/away")
    async def away() -> Response:
        raise Refusal("no_database", "The database does not answer.", "Look whether it runs.")

    @router.get("/frame/private")
    @router.get("/frame/private/{rest:path}")
    async def private() -> Response:
        raise HTTPException(HTTPStatus.UNAUTHORIZED)

    return router


def _commands(pages: Pages) -> APIRouter:
    router = APIRouter(prefix="/frame")

    @router.post("/hold")
    async def hold(request: Request, reason: str = Form("")) -> Response:
        if reason == "stale":
            raise CHANGED
        if len(reason) < 5:
            return _hold(pages, request, reason, "Say it in more words.")
        return pages.done(request, "/frame", "Held until 24 Nov 2026.")

    @router.post("/do")
    async def do(request: Request) -> Response:
        return pages.page("parts/refusal.html", request=request, refusal=CHANGED, said="Ticked.")

    @router.post("/refuse")
    async def refuse() -> Response:
        raise CHANGED

    return router


def _hold(pages: Pages, request: Request, value: str = "", wrong: str = "") -> Response:
    return pages.page(
        "hold.html",
        HTTPStatus.UNPROCESSABLE_ENTITY if wrong else HTTPStatus.OK,
        request=request,
        action="/frame/hold",
        back="/frame",
        value=value,
        wrong=wrong,
    )
