"""Every address that looks, with what no database keeps in it: refused or not found, never a fault."""

import re
from collections.abc import Iterator
from typing import Any, Final

from fastapi.dependencies.models import Dependant

from lifecycle.publishing import publish_first
from lifecycle.roles import Role
from lifecycle.web.app import make_app
from lifecycle.web.door import Door
from tests.web.as_who import as_role
from tests.web.conftest import Doorstep, nowhere
from tests.web.routes import Way, ways

HUGE: Final = "9" * 30
ODD: Final = (HUGE, "a%00b")
NOT_ASKED: Final = ("/static", "/v1/stream")
"""Files, and an answer that goes on."""


def queries(dependant: Dependant | None) -> Iterator[str]:
    """The names an address may have behind its `?`."""
    for one in dependant.query_params if dependant else ():
        fields: dict[str, Any] = getattr(one.field_info.annotation, "model_fields", {})
        yield from (field.alias or name for name, field in fields.items())
        if not fields:
            yield one.alias


def addresses(way: Way) -> Iterator[str]:
    """The path with something odd in place of each name, and with each query."""
    numbered = re.sub(r"{[^}]+:int}", HUGE, way.path)
    for odd in ODD:
        yield re.sub(r"{[^}]+}", odd, numbered)
    for name in queries(way.dependant):
        # A list has both of them, others the last.
        yield f"{way.address}?{name}={ODD[0]}&{name}={ODD[1]}"


async def test_odd_addresses_are_no_fault(door: Doorstep) -> None:
    """On both databases: PostgreSQL keeps no NUL, and neither a number of that size."""
    await publish_first(door.store, door.settings)
    settings = door.settings.model_copy(
        update={"web": door.settings.web.model_copy(update={"requests_per_minute": 1_000_000})}
    )
    app, faults = make_app(Door(settings, door.store, await nowhere())), []
    async with as_role(app, door.store, Role.ADMIN) as admin:
        for way in ways(app):
            if way.method != "GET" or way.path in NOT_ASKED:
                continue
            for address in addresses(way):
                answer = await admin.get(address)
                if answer.status_code >= 500:
                    faults.append((address, answer.status_code, way.path))
    assert not faults
