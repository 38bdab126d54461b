"""How values travel to Temporal: pydantic's JSON, compressed where that pays, encrypted where there is a key."""

import dataclasses
import zlib
from collections.abc import Sequence
from typing import Final

from google.protobuf.message import DecodeError
from temporalio.api.common.v1 import Payload
from temporalio.api.failure.v1 import Failure
from temporalio.contrib.pydantic import pydantic_data_converter
from temporalio.converter import (
    DataConverter,
    DefaultFailureConverterWithEncodedAttributes,
    PayloadCodec,
    PayloadConverter,
)

from lifecycle.codec_keys import Ring
from lifecycle.contract import READABLE
from lifecycle.sealing import KeyMissing, Seal

ENCODING: Final = b"binary/zlib"
# Below this the header, the CPU time and an unreadable history cost more than the bytes.
WORTH_COMPRESSING: Final = 1024
# A payload may be anybody's: a small one that unpacks to gigabytes must not take the worker down.
LARGEST: Final = 64 * 1024 * 1024


class HouseCodec(PayloadCodec):
    """Compresses payloads over 1 KiB when that makes them smaller; with a key, encrypts every one.

    It raises only `KeyMissing`: an exception fails the workflow task, which is tried again until the key is there,
    and no message is taken for unreadable meanwhile. Whatever else cannot be read is passed on as it is, because
    no later try would change it. The converter behind it says what is wrong.
    """

    def __init__(self, ring: Ring) -> None:
        self._seal = Seal(ring)
        self._is_sealing = ring.first is not None

    async def encode(self, payloads: Sequence[Payload]) -> list[Payload]:
        """Wrap each payload; the whole payload with its metadata goes inside."""
        return [self._seal.close(self._compress(payload)) for payload in payloads]

    async def decode(self, payloads: Sequence[Payload]) -> list[Payload]:
        """Unwrap what `encode` wrapped, under whatever settings; other encodings pass through."""
        return [_decompress(self._seal.open(payload)) for payload in payloads]

    def _compress(self, payload: Payload) -> Payload:
        """Encrypted, nothing is readable for others anyway."""
        others, unmarked = _is_for_others(payload), _unmarked(payload)
        return unmarked if others and not self._is_sealing else _compress(unmarked)


class SealedFailures(DefaultFailureConverterWithEncodedAttributes):
    """Messages and stack traces of errors travel as payloads too, but for the one that says a key is missing."""

    def to_failure(
        self, exception: BaseException, payload_converter: PayloadConverter, failure: Failure
    ) -> None:
        """See the base."""
        super().to_failure(exception, payload_converter, failure)
        if isinstance(exception, KeyMissing):
            failure.message = str(exception)
            failure.ClearField("encoded_attributes")


def _compress(payload: Payload) -> Payload:
    if payload.ByteSize() <= WORTH_COMPRESSING:
        return payload
    packed = Payload(
        metadata={"encoding": ENCODING}, data=zlib.compress(payload.SerializeToString())
    )
    return packed if packed.ByteSize() < payload.ByteSize() else payload


def _is_for_others(payload: Payload) -> bool:
    """Answers to clients without this codec, and what the Temporal UI shows of a workflow."""
    return READABLE in payload.metadata or payload.metadata.get("encoding") == b"json/protobuf"


def _unmarked(payload: Payload) -> Payload:
    """Without our mark: the CLI shows JSON in full only where its encoding is all that is said of it."""
    if READABLE not in payload.metadata:
        return payload
    plain = Payload()
    plain.CopyFrom(payload)
    del plain.metadata[READABLE]
    return plain


def _decompress(payload: Payload) -> Payload:
    if payload.metadata.get("encoding") != ENCODING:
        return payload
    stream = zlib.decompressobj()
    try:
        unpacked = stream.decompress(payload.data, LARGEST)
        return Payload.FromString(unpacked) if stream.eof else payload
    except (zlib.error, DecodeError):
        return payload


def make_converter(ring: Ring) -> DataConverter:
    """The converter of a process with these keys."""
    converter = dataclasses.replace(pydantic_data_converter, payload_codec=HouseCodec(ring))
    if ring.first is None:
        return converter
    return dataclasses.replace(converter, failure_converter_class=SealedFailures)


data_converter: Final = make_converter(Ring())
"""Without keys."""
