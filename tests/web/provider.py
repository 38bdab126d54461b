"""A small OpenID Connect provider over real HTTP: it checks what a provider checks, and lies when it is told to."""

import asyncio
import json
import secrets
import socket
import time
from base64 import b64decode, urlsafe_b64encode
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from dataclasses import dataclass, field
from functools import cache
from hashlib import sha256
from typing import Any
from urllib.parse import unquote_plus, urlencode

import uvicorn
from fastapi import FastAPI, HTTPException, Request
from fastapi.responses import JSONResponse, RedirectResponse
from joserfc import jwt
from joserfc.jwk import KeySet, OctKey, RSAKey

CLIENT, SECRET = "lifecycle", "the client's secret, known to both sides"


@cache
def rsa(kid: str) -> RSAKey:
    """A key pair, made once: that takes a while."""
    return RSAKey.generate_key(2048, {"kid": kid})


@dataclass
class Provider:
    """`user` is who signs in there; `lie` changes the claims of the token before it is signed."""

    issuer: str
    user: dict[str, Any]
    lie: dict[str, Any] = field(default_factory=dict)
    algorithm: str = "RS256"
    in_token: bool = True
    key: RSAKey = field(default_factory=lambda: rsa("one"))
    signing: Any = None
    codes: dict[str, dict[str, str]] = field(default_factory=dict)
    metadata: dict[str, Any] = field(default_factory=dict)

    def discovery(self) -> dict[str, Any]:
        return {
            "issuer": self.issuer,
            "authorization_endpoint": f"{self.issuer}/authorize",
            "token_endpoint": f"{self.issuer}/token",
            "jwks_uri": f"{self.issuer}/jwks",
            "userinfo_endpoint": f"{self.issuer}/userinfo",
            "id_token_signing_alg_values_supported": ["RS256", "HS256", "none"],
            **self.metadata,
        }

    def exchanged(self, form: dict[str, str], authorization: str) -> str | None:
        """The nonce that was sent along with a code, which works once, for our client and its verifier."""
        asked = self.codes.pop(form["code"], None)
        client = b64decode(authorization.removeprefix("Basic ")).decode().partition(":")
        challenge = urlsafe_b64encode(sha256(form["code_verifier"].encode()).digest())
        right = asked is not None and (
            client[0] == CLIENT
            and unquote_plus(client[2]) == SECRET
            and form["redirect_uri"] == asked["redirect_uri"]
            and challenge.rstrip(b"=").decode() == asked["code_challenge"]
        )
        return asked["nonce"] if asked is not None and right else None

    def id_token(self, nonce: str) -> str:
        now = int(time.time())
        claims = {
            "iss": self.issuer, "aud": CLIENT, "sub": "u1", "iat": now, "exp": now + 60, "nonce": nonce,
        }  # fmt: skip
        theirs = self.user if self.in_token else {}
        claims = {**claims, **theirs, **self.lie}
        header = {"alg": self.algorithm, "kid": self.key.kid}
        if self.algorithm == "none":
            return unsigned(header, claims)
        return jwt.encode(header, claims, self.signing or self.key, algorithms=[self.algorithm])


def unsigned(header: dict[str, Any], claims: dict[str, Any]) -> str:
    parts = [
        urlsafe_b64encode(json.dumps(one).encode()).rstrip(b"=").decode()
        for one in (header, claims)
    ]
    return ".".join([*parts, ""])


def secret_key() -> OctKey:
    """The client's secret as a key, as one would forge with it."""
    return OctKey.import_key(SECRET)


def app_of(provider: Provider) -> FastAPI:
    app = FastAPI()

    @app.get("/.well-known/openid-configuration")
    async def discovery() -> dict[str, Any]:
        return provider.discovery()

    @app.get("/jwks")
    async def jwks() -> Any:
        return KeySet([provider.key]).as_dict(private=False)

    @app.get("/authorize")
    async def authorize(request: Request) -> RedirectResponse:
        asked = dict(request.query_params)
        assert asked["response_type"] == "code"
        assert asked["code_challenge_method"] == "S256"
        assert asked["client_id"] == CLIENT
        code = secrets.token_urlsafe(16)
        provider.codes[code] = asked
        back = urlencode({"code": code, "state": asked["state"]})
        return RedirectResponse(f"{asked['redirect_uri']}?{back}", 303)

    @app.post("/token")
    async def token(request: Request) -> JSONResponse:
        form = {name: str(value) for name, value in (await request.form()).items()}
        nonce = provider.exchanged(form, request.headers["authorization"])
        if nonce is None:
            return JSONResponse({"error": "invalid_grant"}, 400)
        found = {"access_token": "at", "token_type": "Bearer", "expires_in": 60}
        return JSONResponse({**found, "id_token": provider.id_token(nonce)})

    @app.get("/userinfo")
    async def userinfo(request: Request) -> dict[str, Any]:
        if request.headers.get("authorization") != "Bearer at":
            raise HTTPException(401)
        return {"sub": "u1", **provider.user}

    return app


@asynccontextmanager
async def open_provider(user: dict[str, Any]) -> AsyncIterator[Provider]:
    """The provider answers at a port of its own while the block is open."""
    with socket.create_server(("127.0.0.1", 0)) as listener:
        provider = Provider(f"http://127.0.0.1:{listener.getsockname()[1]}", user)
        config = uvicorn.Config(app_of(provider), lifespan="off", ws="none", log_config=None)
        server = uvicorn.Server(config)
        running = asyncio.create_task(server._serve([listener]))
        try:
            yield provider
        finally:
            server.should_exit = True
            await running
