"""Webhook targets of the embedded stack: those nobody has given an address yet are received here and kept as files.

So that an action outside (V4) is seen working end to end before there is an outside.
"""

import asyncio
import json
import os
from datetime import UTC, datetime
from hashlib import sha256
from http import HTTPStatus
from pathlib import Path
from tempfile import NamedTemporaryFile
from typing import Any, Final

from fastapi import APIRouter, HTTPException, Request, Response
from pydantic import AnyHttpUrl, SecretStr
from standardwebhooks import Webhook, WebhookVerificationError

from lifecycle.core.refusal import Refusal
from lifecycle.publishing import read_definitions
from lifecycle.settings import Settings, Target
from lifecycle.signing import webhook_secret
from lifecycle.store.definitions import current_book
from lifecycle.store.engine import Store
from lifecycle.webhook import MAX_BODY

PREFIX: Final = "/embedded/targets"


async def targets_for(
    store: Store, settings: Settings, address: str, secret: str
) -> dict[str, Target]:
    """The targets of the settings, and of the definitions those that have no address, pointed at ourselves."""
    ours = {
        name: Target(
            url=AnyHttpUrl(f"{address}{PREFIX}/{name}"),
            secret=SecretStr(webhook_secret(secret, name)),
        )
        for name in await _names(store, settings)
    }
    return {**ours, **settings.targets}


async def _names(store: Store, settings: Settings) -> list[str]:
    """Of what is published; before the first start of what will be."""
    try:
        book, _ = await current_book(store)
    except Refusal:
        found = read_definitions(settings).book
        return list(found.directory.targets) if found else []
    return list(book.directory.targets)


def routes(secret: str, folder: Path) -> APIRouter:
    """Verifies the signature (Standard Webhooks) and keeps the call in `folder`; a repetition has one file."""
    router = APIRouter(prefix=PREFIX)

    @router.post("/{name}")
    async def receive(name: str, request: Request) -> Response:
        body = await _body(request)
        headers = dict(request.headers)
        try:
            told = Webhook(webhook_secret(secret, name)).verify(body, headers)
        except (WebhookVerificationError, ValueError):  # the second: no header of that form
            raise HTTPException(HTTPStatus.UNAUTHORIZED) from None
        call = {"target": name, "id": headers["webhook-id"], "received_at": _now(), "call": told}
        await asyncio.to_thread(_keep, folder, call)
        return Response(status_code=HTTPStatus.NO_CONTENT)

    return router


async def _body(request: Request) -> bytes:
    """What was sent; no more of it than a webhook of ours may have."""
    body = b""
    async for part in request.stream():
        body += part
        if len(body) > MAX_BODY:
            raise HTTPException(HTTPStatus.REQUEST_ENTITY_TOO_LARGE)
    return body


def _now() -> str:
    return datetime.now(UTC).isoformat()


def _keep(folder: Path, call: dict[str, Any]) -> None:
    folder.mkdir(parents=True, exist_ok=True)
    name = sha256(f"{call['target']}/{call['id']}".encode()).hexdigest()[:40]
    with NamedTemporaryFile("w", dir=folder, prefix=".", delete=False, encoding="utf-8") as draft:
        json.dump(call, draft, indent=2, ensure_ascii=False)
    os.replace(draft.name, folder / f"{name}.json")  # noqa: PTH105  # the atomic rename, as in the outbox
