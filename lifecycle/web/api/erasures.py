"""Erasing a person, and what was erased (N12)."""

from __future__ import annotations

from http import HTTPStatus
from typing import Annotated, Any, Final

from fastapi import APIRouter, Body
from fastapi.responses import JSONResponse
from pydantic import Field

from lifecycle.erasing import Erasures
from lifecycle.store.erasures import erasure_row, erasures
from lifecycle.telling.erasing import Asked, begin, erased, erased_data, preview, preview_data

from ..door import Door
from .answering import answer, gives, refusals
from .shapes import Account, Shape, Text, Word, example
from .strict import StrictRoute
from .viewing import Admin, viewer_of

EXAMPLE: Final = {"id": "20261122-5f0c2b1a9d", "status": "running", "accounts": ["acme"]}
BEGUN: Final = {
    **gives(
        example=EXAMPLE, said="What would go (`dry_run`), or that there is nothing left to go."
    ),
    202: {"description": "Recorded and begun; `GET /v1/erasures/{id}` tells how far it is."},
    **refusals(404, 409, 422),
}
LISTED: Final = {**gives(example={"erasures": [EXAMPLE]}), **refusals()}


class NewErasure(Shape):
    """Who is to be erased. Left out: everybody known of the account."""

    model_config = example(person="contact", reason="asked for it", dry_run=False)

    person: Annotated[Text, Field(description="An e-mail address, or a role such as contact.")] = ""
    also: Annotated[
        list[Word],
        Field(description="Other words they are known by.", max_length=20, default_factory=list),
    ]
    reason: Annotated[Text, Field(description="Why; words that name them are taken out.")] = ""
    dry_run: Annotated[bool, Field(description="Only tell what would go.")] = False


EVERYBODY: Final = NewErasure(also=[])


def routes(door: Door) -> APIRouter:
    """`POST /v1/accounts/{id}/erase`, `POST /v1/erasures`, and what came of them."""
    router = APIRouter(route_class=StrictRoute, tags=["erasures"])

    @router.post("/accounts/{account:path}/erase", responses=BEGUN, response_model=None)
    async def erase_of_account(
        account: Account, caller: Admin, new: Annotated[NewErasure, Body()] = EVERYBODY
    ) -> JSONResponse:
        """Erase a person of an account, or everybody known of it. This cannot be taken back."""
        return await _begun(door, caller.name, account, new)

    @router.post("/erasures", responses=BEGUN, response_model=None)
    async def erase(caller: Admin, new: NewErasure) -> JSONResponse:
        """Erase whoever has an address, in every account. This cannot be taken back."""
        return await _begun(door, caller.name, "", new)

    @router.get("/erasures", responses=LISTED, response_model=None)
    async def list_erasures(caller: Admin) -> JSONResponse:
        """What was erased, the latest first; never who."""
        rows = await erasures(door.store)
        return answer({"erasures": [erased_data(erased(row)) for row in rows]})

    @router.get(
        "/erasures/{erasure}",
        responses={**gives(example=EXAMPLE), **refusals(404)},
        response_model=None,
    )
    async def one(caller: Admin, erasure: Word) -> JSONResponse:
        """How far an erasure is, and what could not be removed."""
        return answer(erased_data(erased(await erasure_row(door.store, erasure))))

    return router


async def _begun(door: Door, actor: str, account: str, new: NewErasure) -> JSONResponse:
    viewer = viewer_of(door)
    asked = Asked(account, new.person, tuple(new.also))
    found = await preview(viewer, door.settings, asked)
    if new.dry_run or found.is_empty:
        data: dict[str, Any] = preview_data(found)
        return answer(data)
    client = Erasures(door.client, door.settings.task_queue)
    row = await begin(viewer, client, found, actor, new.reason)
    return answer(erased_data(erased(row)), HTTPStatus.ACCEPTED)
