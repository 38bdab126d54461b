"""Sealing: payloads leave the process encrypted, so that Temporal keeps what it cannot read (decision 18).

A sealed payload tells the id of its key and nothing else: its own metadata is inside too. The first key of the ring
seals, all of them open, so a new key takes over without a gap.
"""

from __future__ import annotations

import os
from collections.abc import Mapping
from dataclasses import dataclass
from functools import cache
from typing import Final

from cryptography.exceptions import InvalidTag
from cryptography.hazmat.primitives.ciphers.aead import AESGCM
from google.protobuf.message import DecodeError
from temporalio.api.common.v1 import Payload

from .codec_keys import Key, Ring
from .failure import Failure

ENCODING: Final = b"binary/aes-gcm"
KEY_ID: Final = "key-id"
KEY_CHECK: Final = "key-check"
NONCE_BYTES: Final = 12


class KeyMissing(Failure):
    """A payload was sealed with a key this process does not have. What waits for it goes on once it does."""


@dataclass(frozen=True)
class Seal:
    """Seals and opens with the keys of a ring."""

    ring: Ring

    def close(self, payload: Payload) -> Payload:
        """The payload inside another one; itself where nothing is sealed."""
        name = self.ring.first
        if name is None:
            return payload
        key, nonce = self.ring.keys[name], os.urandom(NONCE_BYTES)
        told = {"encoding": ENCODING, KEY_ID: name.encode(), KEY_CHECK: key.check}
        hidden = _cipher(key).encrypt(nonce, payload.SerializeToString(), _bound(told))
        return Payload(metadata=told, data=nonce + hidden)

    def open(self, payload: Payload) -> Payload:
        """What was sealed. What is not ours, or was changed on its way, comes back as it is.

        Raises `KeyMissing`.
        """
        if payload.metadata.get("encoding") != ENCODING:
            return payload
        key = self._key_of(payload)
        nonce, hidden = payload.data[:NONCE_BYTES], payload.data[NONCE_BYTES:]
        try:
            return Payload.FromString(_cipher(key).decrypt(nonce, hidden, _bound(payload.metadata)))
        except (InvalidTag, ValueError, DecodeError):
            return payload

    def _key_of(self, payload: Payload) -> Key:
        name = payload.metadata.get(KEY_ID, b"")[:40].decode(errors="replace")
        key = self.ring.keys.get(name)
        if key is None:
            there = ", ".join(self.ring.keys) or "no key"
            raise _missing(f"the key {name!r}, and LIFECYCLE_CODEC_KEYS has {there} here")
        if key.check != payload.metadata.get(KEY_CHECK):
            raise _missing(f"another key than the one LIFECYCLE_CODEC_KEYS has here as {name!r}")
        return key


def _missing(what: str) -> KeyMissing:
    return KeyMissing(
        f"What Temporal holds is encrypted with {what}.\n"
        "Give this process the keys that the others have, and start it again (docs/operating.md)."
    )


def _bound(told: Mapping[str, bytes]) -> bytes:
    """Authenticated beside the data: nothing can be passed off as sealed with another key."""
    return b"\0".join((ENCODING, told[KEY_ID], told[KEY_CHECK]))


@cache
def _cipher(key: Key) -> AESGCM:
    return AESGCM(key.secret)
