"""The keys of the payload codec as they are written in the settings: `id:base64`, the one that encrypts first."""

from __future__ import annotations

from base64 import b64decode
from collections.abc import Iterable, Mapping
from dataclasses import dataclass, field
from hashlib import sha256
from re import fullmatch
from typing import Final

PLAIN: Final = "plain"
"""In the place of the first key: what is encrypted can be read, and nothing new is encrypted."""
KEY_BYTES: Final = 32
NAME: Final = r"[A-Za-z0-9][A-Za-z0-9_.-]{0,39}"
SHAPE: Final = (
    "write it like 2026-11:…, an id (letters, digits, . _ -), a colon, and what"
    " `openssl rand -base64 32` prints"
)


@dataclass(frozen=True, slots=True)
class Key:
    """A key of AES-256."""

    secret: bytes = field(repr=False)

    @property
    def check(self) -> bytes:
        """Tells two keys of one id apart, and nothing about either."""
        return sha256(b"lifecycle codec key\0" + self.secret).hexdigest()[:8].encode()


@dataclass(frozen=True, slots=True)
class Ring:
    """The keys by their ids, and which of them encrypts; None: nothing is encrypted."""

    first: str | None = None
    keys: Mapping[str, Key] = field(default_factory=dict)


def read_ring(texts: Iterable[str]) -> Ring:
    """The setting read. Raises `ValueError` that names the place, never the key."""
    entries = list(texts)
    is_plain = entries[:1] == [PLAIN]
    keys: dict[str, Key] = {}
    for number, text in enumerate(entries, 1):
        if number == 1 and is_plain:
            continue
        name, key = _read_key(text, f"key {number}")
        if name in keys:
            raise ValueError(f"key {number}: the id {name!r} is taken by an earlier one")
        keys[name] = key
    return Ring(None if is_plain else next(iter(keys), None), keys)


def _read_key(text: str, where: str) -> tuple[str, Key]:
    name, found, written = text.partition(":")
    if not found or not fullmatch(NAME, name):
        raise ValueError(f"{where}: {SHAPE}")
    if name == PLAIN:
        raise ValueError(f"{where}: {PLAIN!r} is no id; write it alone, in the first place")
    try:
        secret = b64decode(written, validate=True)
    except ValueError:
        secret = b""
    if len(secret) != KEY_BYTES:
        raise ValueError(
            f"{where} ({name}): that is not {KEY_BYTES} bytes in base64;"
            f" `openssl rand -base64 {KEY_BYTES}` makes one"
        )
    return name, Key(secret)
