"""How values travel to Temporal: pydantic's JSON, compressed where that pays."""

import dataclasses
import zlib
from collections.abc import Sequence
from typing import Final

from google.protobuf.message import DecodeError
from temporalio.api.common.v1 import Payload
from temporalio.contrib.pydantic import pydantic_data_converter
from temporalio.converter import DataConverter, PayloadCodec

from lifecycle.contract import READABLE

ENCODING: Final = b"binary/zlib"
# Below this the header, the CPU time and an unreadable history cost more than the bytes.
WORTH_COMPRESSING: Final = 1024
# A payload may be anybody's: a small one that unpacks to gigabytes must not take the worker down.
LARGEST: Final = 64 * 1024 * 1024


class ZlibCodec(PayloadCodec):
    """Compresses payloads over 1 KiB when that makes them smaller.

    It never raises: a payload that cannot be read here is passed on as it is, because an exception
    in a codec fails the workflow task for ever. The converter behind it says what is wrong.
    """

    async def encode(self, payloads: Sequence[Payload]) -> list[Payload]:
        """Wrap each payload that shrinks; the whole payload with its metadata goes inside."""
        return [_compress(payload) for payload in payloads]

    async def decode(self, payloads: Sequence[Payload]) -> list[Payload]:
        """Unwrap what `encode` wrapped; other encodings pass through."""
        return [_decompress(payload) for payload in payloads]


def _compress(payload: Payload) -> Payload:
    if payload.ByteSize() <= WORTH_COMPRESSING or _is_for_others(payload):
        return payload
    packed = Payload(
        metadata={"encoding": ENCODING}, data=zlib.compress(payload.SerializeToString())
    )
    return packed if packed.ByteSize() < payload.ByteSize() else payload


def _is_for_others(payload: Payload) -> bool:
    """Answers to clients without this codec, and what the Temporal UI shows of a workflow."""
    return READABLE in payload.metadata or payload.metadata.get("encoding") == b"json/protobuf"


def _decompress(payload: Payload) -> Payload:
    if payload.metadata.get("encoding") != ENCODING:
        return payload
    stream = zlib.decompressobj()
    try:
        unpacked = stream.decompress(payload.data, LARGEST)
        return Payload.FromString(unpacked) if stream.eof else payload
    except (zlib.error, DecodeError):
        return payload


data_converter: Final[DataConverter] = dataclasses.replace(
    pydantic_data_converter, payload_codec=ZlibCodec()
)
