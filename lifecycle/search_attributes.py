"""Our search attributes on a Temporal server: registered by the worker, then compared.

An upsert of one that is missing would fail the workflow task until somebody registers it.
"""

from __future__ import annotations

import asyncio
from collections.abc import Mapping
from typing import Final

from temporalio.api.enums.v1 import IndexedValueType
from temporalio.api.operatorservice.v1 import (
    AddSearchAttributesRequest,
    ListSearchAttributesRequest,
)
from temporalio.client import Client
from temporalio.service import RPCError, RPCStatusCode

from lifecycle.contract import SEARCH_ATTRIBUTES
from lifecycle.failure import Failure

TYPES: Final = {
    "Bool": IndexedValueType.INDEXED_VALUE_TYPE_BOOL,
    "Datetime": IndexedValueType.INDEXED_VALUE_TYPE_DATETIME,
    "Keyword": IndexedValueType.INDEXED_VALUE_TYPE_KEYWORD,
    "KeywordList": IndexedValueType.INDEXED_VALUE_TYPE_KEYWORD_LIST,
}
LOOKS: Final = 50


class SearchAttributesMissing(Failure):
    """The server lacks our search attributes, or has them with other types."""


async def register(client: Client) -> None:
    """Register what is missing, then list and compare. Raises `SearchAttributesMissing`."""
    found = await _listed(client)
    missing = [name for name in SEARCH_ATTRIBUTES if name not in found]
    if missing:
        await _add(client, missing)
    for _ in range(LOOKS):
        found = await _listed(client)
        if all(name in found for name in SEARCH_ATTRIBUTES):
            break
        await asyncio.sleep(0.1)
    _compare(found)


async def _listed(client: Client) -> Mapping[str, int]:
    request = ListSearchAttributesRequest(namespace=client.namespace)
    try:
        answer = await client.operator_service.list_search_attributes(request, retry=True)
    except RPCError as error:
        if error.status is not RPCStatusCode.CANCELLED:
            raise
        # The connection ended at that very moment: this makes a new one.
        answer = await client.operator_service.list_search_attributes(request, retry=True)
    return dict(answer.custom_attributes)


async def _add(client: Client, names: list[str]) -> None:
    wanted = {name: TYPES[SEARCH_ATTRIBUTES[name]] for name in names}
    request = AddSearchAttributesRequest(namespace=client.namespace, search_attributes=wanted)
    try:
        await client.operator_service.add_search_attributes(request)
    except RPCError as error:
        # Another worker may have been quicker.
        if error.status is not RPCStatusCode.ALREADY_EXISTS:
            raise _failure(str(error.message), names) from None


def _compare(found: Mapping[str, int]) -> None:
    wrong = [
        f"{name} is {_word(found.get(name))} and has to be {kind}"
        for name, kind in SEARCH_ATTRIBUTES.items()
        if found.get(name) != TYPES[kind]
    ]
    if wrong:
        raise _failure("; ".join(wrong), [line.split(" ", 1)[0] for line in wrong])


def _word(kind: int | None) -> str:
    words = {number: word for word, number in TYPES.items()}
    return "missing" if kind is None else words.get(kind, "of another type")  # type: ignore[call-overload]


def _failure(reason: str, names: list[str]) -> SearchAttributesMissing:
    commands = "\n".join(
        f"  temporal operator search-attribute create --name {name} --type {SEARCH_ATTRIBUTES[name]}"
        for name in names
    )
    return SearchAttributesMissing(
        f"Temporal's search attributes are not as the engine needs them: {reason}.\n"
        f"Remove what is wrong and create it, or use a namespace of its own:\n{commands}"
    )
