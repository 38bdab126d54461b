"""The secret that signs what leaves the house and comes back: a setting, or one the embedded stack made for itself."""

from __future__ import annotations

import hmac
import os
import secrets
from base64 import b64encode
from contextlib import suppress
from hashlib import sha256
from pathlib import Path

from lifecycle.settings import Settings


def secret_of(settings: Settings) -> str | None:
    """The setting `secret`, else the one in the state folder; None where there is neither."""
    if settings.secret is not None:
        return settings.secret.get_secret_value()
    with suppress(FileNotFoundError):
        return _file(settings).read_text(encoding="ascii").strip() or None
    return None


def make_secret(settings: Settings) -> str:
    """As `secret_of`; where there is none it is made and kept in the state folder, for its owner's eyes only."""
    return secret_of(settings) or _write(_file(settings))


def webhook_secret(secret: str, target: str) -> str:
    """The secret of a webhook target that is our own, as Standard Webhooks writes it."""
    return "whsec_" + b64encode(_derived(secret, f"target/{target}")).decode("ascii")


def _derived(secret: str, purpose: str) -> bytes:
    return hmac.digest(secret.encode(), purpose.encode(), sha256)


def _file(settings: Settings) -> Path:
    return settings.state_dir / "secret"


def _write(file: Path) -> str:
    """Whole or not at all: a kill in between leaves no half of a secret."""
    made = secrets.token_hex(32)
    file.parent.mkdir(parents=True, exist_ok=True)
    draft = file.with_name(".secret.new")
    draft.unlink(missing_ok=True)
    with os.fdopen(os.open(draft, os.O_WRONLY | os.O_CREAT | os.O_EXCL, 0o600), "w") as out:
        out.write(made + "\n")
    draft.replace(file)
    return made
