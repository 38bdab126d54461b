"""The payload codec: what leaves the process encrypted, which keys open it, and what is said when none does."""

from base64 import b64encode
from typing import Any

import pytest
from temporalio.api.common.v1 import Payload
from temporalio.api.failure.v1 import Failure
from temporalio.converter import DataConverter
from temporalio.exceptions import ApplicationError

from lifecycle.codec_keys import read_ring
from lifecycle.converter import HouseCodec, data_converter, make_converter
from lifecycle.sealing import ENCODING, KEY_CHECK, KEY_ID, KeyMissing

OLD = "2026-05:" + b64encode(b"o" * 32).decode()
NEW = "2026-11:" + b64encode(b"n" * 32).decode()
CLARA: dict[str, Any] = {"contact": "Clara Oswald", "notes": ["Clara Oswald"] * 400}


def converter(*keys: str) -> DataConverter:
    return make_converter(read_ring(keys))


async def sealed(*keys: str, value: Any = CLARA) -> Payload:
    [payload] = await converter(*keys).encode([value])
    return payload


async def test_nothing_readable_is_left_and_it_comes_back() -> None:
    payload = await sealed(NEW)
    assert payload.metadata["encoding"] == ENCODING
    assert b"Clara" not in payload.SerializeToString()
    assert b"json" not in payload.SerializeToString()
    assert await converter(NEW).decode([payload]) == [CLARA]


async def test_it_is_compressed_before_it_is_encrypted() -> None:
    assert len((await sealed(NEW)).data) < 400


async def test_the_same_value_looks_different_every_time() -> None:
    assert (await sealed(NEW)).data != (await sealed(NEW)).data


@pytest.mark.parametrize(
    "metadata", [{"encoding": b"json/plain", "readable": b"1"}, {"encoding": b"json/protobuf"}]
)
async def test_what_any_client_could_read_is_encrypted_too(metadata: dict[str, bytes]) -> None:
    """Answers of updates and queries, and what the Temporal UI shows of a workflow."""
    payload = Payload(metadata=metadata, data=b'"Clara Oswald"')
    codec = HouseCodec(read_ring([NEW]))
    [hidden] = await codec.encode([payload])
    assert hidden.metadata["encoding"] == ENCODING
    [shown] = await codec.decode([hidden])
    assert (shown.data, shown.metadata["encoding"]) == (payload.data, metadata["encoding"])


async def test_the_newest_key_encrypts_and_all_of_them_read() -> None:
    before, after = await sealed(OLD), await sealed(NEW, OLD)
    assert (before.metadata[KEY_ID], after.metadata[KEY_ID]) == (b"2026-05", b"2026-11")
    assert await converter(NEW, OLD).decode([before, after]) == [CLARA, CLARA]


async def test_what_was_written_before_stays_readable() -> None:
    written = await data_converter.encode([CLARA, "small"])
    assert await converter(NEW).decode(written) == [CLARA, "small"]


async def test_plain_in_the_first_place_reads_and_encrypts_nothing() -> None:
    """So that all processes can have the key before one of them uses it."""
    ready = converter("plain", NEW)
    assert await ready.encode([CLARA]) == await data_converter.encode([CLARA])
    assert await ready.decode([await sealed(NEW)]) == [CLARA]


@pytest.mark.parametrize("keys", [(), (OLD,), ("plain",)], ids=["none", "another", "plain"])
async def test_a_missing_key_is_named(keys: tuple[str, ...]) -> None:
    with pytest.raises(KeyMissing, match="the key '2026-11', and LIFECYCLE_CODEC_KEYS has") as told:
        await converter(*keys).decode([await sealed(NEW)])
    assert NEW.partition(":")[2] not in str(told.value)


async def test_another_key_under_the_same_id_is_told_apart() -> None:
    """A slip of configuration must not make messages unreadable for good: it is waited for its end."""
    other = "2026-11:" + b64encode(b"x" * 32).decode()
    with pytest.raises(KeyMissing, match="another key than the one"):
        await converter(other).decode([await sealed(NEW)])


def _changed(payload: Payload) -> Payload:
    return Payload(
        metadata=payload.metadata, data=payload.data[:-1] + bytes([payload.data[-1] ^ 1])
    )


def _cut(payload: Payload) -> Payload:
    return Payload(metadata=payload.metadata, data=payload.data[:5])


@pytest.mark.parametrize("harm", [_changed, _cut])
async def test_what_was_changed_on_its_way_is_passed_on(harm: Any) -> None:
    """No later try would change it, so it must not fail a workflow task for ever."""
    harmed = harm(await sealed(NEW, value="x"))
    codec = HouseCodec(read_ring([NEW]))
    assert await codec.decode([harmed]) == [harmed]


async def test_a_payload_cannot_be_passed_off_as_anothers() -> None:
    """The id of the key is authenticated beside the data."""
    twin = "twin:" + NEW.partition(":")[2]
    payload = await sealed(NEW)
    payload.metadata[KEY_ID] = b"twin"
    codec = HouseCodec(read_ring([twin, NEW]))
    assert await codec.decode([payload]) == [payload]


@pytest.mark.parametrize("metadata", [{}, {KEY_ID: b"2026-11"}, {KEY_CHECK: b"\xff"}])
async def test_metadata_that_names_no_key_we_have(metadata: dict[str, bytes]) -> None:
    payload = Payload(metadata={"encoding": ENCODING, **metadata}, data=b"x")
    with pytest.raises(KeyMissing):
        await converter(NEW).decode([payload])


async def failure_of(error: BaseException, *keys: str) -> Failure:
    failure = Failure()
    await converter(*keys).encode_failure(error, failure)
    return failure


async def test_the_words_of_an_error_are_encrypted() -> None:
    error = ApplicationError("Clara Oswald has left", {"who": "Clara"}, type="refused")
    failure = await failure_of(error, NEW)
    assert b"Clara" not in failure.SerializeToString()
    assert failure.application_failure_info.type == "refused"
    again = await converter(NEW).decode_failure(failure)
    assert "Clara Oswald has left" in str(again)


async def test_that_a_key_is_missing_can_be_read_without_one() -> None:
    failure = await failure_of(KeyMissing("the key '2026-11' is missing"), OLD)
    assert failure.message == "the key '2026-11' is missing"
