"""The data converter: smaller where it pays, and never an exception (temporal.md's table)."""

import random
import zlib

import pytest
from temporalio.api.common.v1 import Payload

from lifecycle.codec_keys import Ring
from lifecycle.converter import ENCODING, LARGEST, HouseCodec, data_converter


async def test_a_large_value_comes_back_and_is_smaller() -> None:
    value = {"stages": ["onboarding"] * 1000}
    [payload] = await data_converter.encode([value])
    assert payload.metadata["encoding"] == ENCODING
    assert len(payload.data) < 1000
    assert await data_converter.decode([payload]) == [value]


async def test_a_small_value_stays_readable() -> None:
    [payload] = await data_converter.encode([{"stage": "onboarding"}])
    assert payload.data == b'{"stage":"onboarding"}'


async def test_a_value_that_does_not_shrink_stays() -> None:
    noise = Payload(metadata={"encoding": b"binary/plain"}, data=random.Random(1).randbytes(4096))
    assert await HouseCodec(Ring()).encode([noise]) == [noise]


@pytest.mark.parametrize(
    "payload",
    [
        Payload(metadata={"encoding": b"binary/encrypted"}, data=b"unknown key"),
        Payload(metadata={"encoding": ENCODING}, data=b"not zlib"),
        Payload(metadata={"encoding": ENCODING}, data=zlib.compress(b"no payload")),
        Payload(metadata={"encoding": ENCODING}, data=zlib.compress(bytes(LARGEST + 1), 9)),
        Payload(metadata={"encoding": ENCODING}, data=zlib.compress(b"cut off")[:-2]),
        Payload(),
    ],
)
async def test_what_cannot_be_read_is_passed_on(payload: Payload) -> None:
    assert await HouseCodec(Ring()).decode([payload]) == [payload]


@pytest.mark.parametrize(
    "metadata", [{"encoding": b"json/plain", "readable": b"1"}, {"encoding": b"json/protobuf"}]
)
async def test_what_others_have_to_read_stays_as_it_is(metadata: dict[str, bytes]) -> None:
    """Answers to any client, and what the Temporal UI shows of a workflow. Our mark does not leave the process."""
    data = b'"' + b"x" * 4096 + b'"'
    payload = Payload(metadata=metadata, data=data)
    told = {"encoding": metadata["encoding"]}
    assert await HouseCodec(Ring()).encode([payload]) == [Payload(metadata=told, data=data)]
