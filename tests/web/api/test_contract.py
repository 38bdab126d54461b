"""The whole description, tried call by call over real HTTP: no answer that is not described, none of a fault of ours.

`LIFECYCLE_EXAMPLES=200` tries for longer.
"""

import asyncio
import os
from collections.abc import AsyncIterator, Callable, Iterator
from contextlib import AsyncExitStack
from copy import deepcopy
from dataclasses import dataclass
from typing import Any

import pytest
import schemathesis
from hypothesis import HealthCheck, Phase, given, seed, settings
from schemathesis import GenerationMode
from schemathesis.checks import CHECKS, load_all_checks

from lifecycle.roles import Role
from lifecycle.telling.reports.kinds import KINDS
from lifecycle.web.api.describing import Described
from lifecycle.web.app import make_app
from lifecycle.web.door import Door
from lifecycle.web.serving import address_of, listen, serving
from tests.web.api.conftest import House
from tests.web.as_who import key_for

EXAMPLES = int(os.environ.get("LIFECYCLE_EXAMPLES", "6"))
# What is in order by its shape may be refused for what it means; what is out of order may not even be sent (a list
# without items has no place in an address). test_hostile.py has what must be refused.
LEFT_OUT = {"positive_data_acceptance", "negative_data_rejection"}
HEALTH = [HealthCheck.too_slow, HealthCheck.filter_too_much, HealthCheck.data_too_large]

Spec = dict[str, Any]


def without_streams(spec: Spec) -> Spec:
    """Streams do not end; they have tests of their own."""
    paths = {path: of for path, of in spec["paths"].items() if not path.endswith("/stream")}
    return {**spec, "paths": paths}


def knowing(spec: Spec, known: dict[str, list[str]]) -> Spec:
    """What stands in addresses and in commands is what there is; what is not comes by the other mode."""
    spec = deepcopy(spec)
    for of in spec["paths"].values():
        for one in of.values():
            for each in one.get("parameters", []):
                if each["in"] == "path" and each["name"] in known:
                    each["schema"] = {"type": "string", "enum": known[each["name"]]}
    for name, field, values in COMMANDS:
        spec["components"]["schemas"][name]["properties"][field] = values
    return spec


COMMANDS = (
    ("NewStage", "stage", {"type": "string", "enum": ["lead", "Customer", "None", "launched"]}),
    ("NewHold", "until", {"type": "string", "enum": ["14d", "2 weeks", "2999-01-01"]}),
    ("NewFields", "fields", {"type": "object", "properties": {"seats": {"type": "integer"}}}),
    ("OpenedCta", "title", {"type": "string", "enum": ["Call them"]}),
    ("OpenedCta", "due", {"type": "string", "enum": ["14d", "5 business days"]}),
    ("Audience", "template", {"type": "string", "enum": ["feature_news"]}),
    ("Question", "where", {"type": "array", "items": {"enum": ["type is Customer", "arr > 5"]}}),
)


@dataclass(frozen=True)
class Tried:
    """The description, where it is answered, and a key of somebody who may do everything."""

    schemas: dict[GenerationMode, Any]
    address: str
    key: dict[str, str]


@pytest.fixture(scope="module")
async def tried(house: House) -> AsyncIterator[Tried]:
    acme = await house.born("acme")
    slashes = await house.born("a/b%c")
    await house.town.in_stage(acme, "onboarding", "kickoff")
    web = house.door.settings.web.model_copy(
        update={"requests_per_minute": 1_000_000, "events_per_minute": 1_000_000}
    )
    door = Door(
        house.door.settings.model_copy(update={"web": web}), house.town.store, house.town.client
    )
    app = make_app(door)
    known = {
        "account": [acme, slashes],
        "lifecycle": ["sales", "customer_journey"],
        "cta": ["1", "2"],
        "task": ["1"],
        "segment": ["customers"],
        "scorecard": ["health"],
        "part": ["sales", "segments", "events"],
        "report": list(KINDS),
    }
    spec = without_streams(Described().spec(app))
    key = await key_for(house.town.store, Role.ADMIN)
    async with AsyncExitStack() as stack:
        listener = stack.enter_context(listen("127.0.0.1", 0))
        await stack.enter_async_context(serving(app, listener))
        yield Tried(
            {
                GenerationMode.NEGATIVE: schemathesis.openapi.from_dict(spec),
                GenerationMode.POSITIVE: schemathesis.openapi.from_dict(knowing(spec, known)),
            },
            address_of(listener),
            {"Authorization": f"Bearer {key}"},
        )


def checks() -> list[Any]:
    load_all_checks()
    return [one for one in CHECKS.get_all() if one.__name__ not in LEFT_OUT]


def calls(schema: Any) -> Iterator[Any]:
    """Every call of the description."""
    for found in schema.get_all_operations():
        yield found.ok()


def trial(call: Any, mode: GenerationMode, address: str, key: dict[str, str]) -> Callable[[], None]:
    @seed(4)
    @settings(
        max_examples=EXAMPLES,
        deadline=None,
        database=None,
        suppress_health_check=HEALTH,
        phases=[Phase.explicit, Phase.generate],
    )
    @given(case=call.as_strategy(generation_mode=mode))
    def one(case: Any) -> None:
        case.call_and_validate(base_url=address, headers=key, checks=checks(), timeout=30)

    return one


@pytest.mark.parametrize("mode", list(GenerationMode))
async def test_every_answer_is_described_and_none_is_a_fault(
    tried: Tried, mode: GenerationMode
) -> None:
    """Whatever is sent: what fits the description, and what does not."""
    failures: list[str] = []
    for call in calls(tried.schemas[mode]):
        try:
            await asyncio.to_thread(trial(call, mode, tried.address, tried.key))
        except (Exception, BaseExceptionGroup) as error:  # all of them are told at once
            failures.append(f"{call.label}: {error!r}\n{error}")
    assert not failures, "\n\n".join(failures)
