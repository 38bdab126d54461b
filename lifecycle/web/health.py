"""`/healthz`: whether this door is open and the database behind it answers."""

from http import HTTPStatus

from fastapi import APIRouter
from fastapi.responses import JSONResponse
from sqlalchemy import text
from sqlalchemy.exc import SQLAlchemyError

from lifecycle.store.engine import Store

from .door import Door


def routes(door: Door) -> APIRouter:
    """200 when all is well, 503 when the database is away."""
    router = APIRouter()

    @router.get("/healthz")
    async def healthz() -> JSONResponse:
        if await _answers(door.store):
            return JSONResponse({"status": "ok"})
        return JSONResponse({"status": "no database"}, HTTPStatus.SERVICE_UNAVAILABLE)

    return router


async def _answers(store: Store) -> bool:
    try:
        async with store.engine.connect() as connection:
            await connection.execute(text("SELECT 1"))
    except (OSError, SQLAlchemyError):
        return False
    return True
