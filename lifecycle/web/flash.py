"""A word about what was just done, carried over a redirect in a signed cookie and shown once."""

from __future__ import annotations

import secrets
from dataclasses import dataclass
from typing import Final, Literal

from fastapi import Request, Response
from itsdangerous import BadData, URLSafeTimedSerializer

COOKIE: Final = "said"
SALT: Final = "said"
# A redirect takes no longer; a word that was never shown is no news afterwards.
SECONDS: Final = 60
LONGEST: Final = 1_000

Kind = Literal["good", "note", "warn", "bad"]


@dataclass(frozen=True, slots=True)
class Said:
    """One sentence, and whether it is good news."""

    text: str
    kind: Kind = "good"


class Flash:
    """Writes and reads the cookie. Without a secret it holds for as long as this process runs."""

    def __init__(self, secret: str | None) -> None:
        self._serializer = URLSafeTimedSerializer(secret or secrets.token_hex(32), salt=SALT)

    def write(self, request: Request, response: Response, said: Said) -> None:
        """Let the next page say it."""
        token = self._serializer.dumps([said.text[:LONGEST], said.kind])
        response.set_cookie(
            COOKIE,
            str(token),
            max_age=SECONDS,
            httponly=True,
            samesite="lax",
            secure=request.url.scheme == "https",
        )

    def read(self, request: Request) -> Said | None:
        """What the page before left to be said; None for nothing, for what is old and for what is not ours."""
        try:
            match self._serializer.loads(request.cookies.get(COOKIE, ""), max_age=SECONDS):
                case [str(text), "good" | "note" | "warn" | "bad" as kind]:
                    return Said(text, kind)
        except BadData:
            pass
        return None

    def forget(self, response: Response) -> None:
        """It has been shown."""
        response.delete_cookie(COOKIE, httponly=True, samesite="lax")
