"""Sign-in by an OpenID Connect provider: code flow with PKCE, state and nonce; the protocol is Authlib's.

The provider says who somebody is; the settings say what that allows here. Nobody is let in whom they do not name.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any, Final

import httpx2

from lifecycle.core.refusal import Refusal
from lifecycle.failure import Failure
from lifecycle.letting_in import LONGEST_NAME, PEOPLE
from lifecycle.roles import Role
from lifecycle.settings import Oidc
from lifecycle.store.sessions import Person

DISCOVERY: Final = "/.well-known/openid-configuration"
WITHIN: Final = 10
SIGNED_WITH: Final = frozenset(
    {"RS256", "RS384", "RS512", "PS256", "PS384", "PS512", "ES256", "ES384", "ES512", "EdDSA"}
)
"""Keys of two halves only: a secret that both sides hold, or no signature, proves nothing here."""

Claims = Mapping[str, Any]


class NoAuthlib(Failure):
    """The extra is not installed."""

    def __init__(self) -> None:
        super().__init__(
            "The settings name an OpenID Connect provider, and what speaks with it is not installed.\n"
            "Install it: pip install 'lifecycle-engine[oidc]'."
        )


class NotLetIn(Exception):
    """The provider, or what it said, does not let somebody in. `who` is known in some cases."""

    def __init__(self, why: str, who: str = "") -> None:
        super().__init__(why)
        self.why = why
        self.who = who


@dataclass(frozen=True, slots=True)
class Asked:
    """What was sent along to the provider, and must come back or is needed then."""

    url: str
    state: str
    nonce: str
    verifier: str


class Provider:
    """One provider, as the settings name it. What it publishes about itself is asked for once."""

    def __init__(self, oidc: Oidc) -> None:
        self._oidc = oidc
        self._issuer = str(oidc.issuer).rstrip("/")
        self._client = _client(oidc, f"{self._issuer}{DISCOVERY}")

    async def ask(self, back: str) -> Asked:
        """Where the browser goes, to come back to the address `back`. Raises `Refusal` while it is away."""
        await self._discover()
        asked = await self._client.create_authorization_url(back)
        return Asked(asked["url"], asked["state"], asked["nonce"], asked["code_verifier"])

    async def person(self, code: str, asked: Asked, back: str) -> Person:
        """Who came back with the code. Raises `NotLetIn`, and `Refusal` while the provider is away."""
        metadata = await self._discover()
        claims = await self._claims(code, asked, back, metadata)
        return person_of(self._oidc, claims)

    async def _discover(self) -> dict[str, Any]:
        """What the provider says of itself; the issuer must be the one we asked, and its signatures real ones."""
        try:
            metadata: dict[str, Any] = await self._client.load_server_metadata()
        except (httpx2.HTTPError, ValueError):
            raise _away() from None
        if str(metadata.get("issuer", "")).rstrip("/") != self._issuer:
            raise NotLetIn("The provider calls itself by another name than oidc.issuer.")
        known = metadata.get("id_token_signing_alg_values_supported") or ["RS256"]
        metadata["id_token_signing_alg_values_supported"] = sorted(SIGNED_WITH & set(known))
        return metadata

    async def _claims(
        self, code: str, asked: Asked, back: str, metadata: Mapping[str, Any]
    ) -> Claims:
        from authlib.integrations.starlette_client import OAuthError
        from joserfc.errors import JoseError

        try:
            token = await self._client.fetch_access_token(
                redirect_uri=back, code=code, code_verifier=asked.verifier
            )
            claims = await self._client.parse_id_token(
                token, nonce=asked.nonce, claims_options=self._options(metadata)
            )
            return await self._whole(claims, token, metadata)
        except (OAuthError, JoseError, ValueError, KeyError, TypeError):
            raise NotLetIn("What the provider sent could not be verified. Try again.") from None
        except httpx2.HTTPError:
            raise _away() from None

    def _options(self, metadata: Mapping[str, Any]) -> dict[str, Any]:
        return {
            "iss": {"essential": True, "values": [metadata["issuer"]]},
            "aud": {"essential": True, "value": self._oidc.client_id},
            "nonce": {"essential": True},
        }

    async def _whole(
        self, claims: Claims | None, token: Mapping[str, Any], metadata: Mapping[str, Any]
    ) -> Claims:
        """The claims of the token; those it lacks the provider may tell separately."""
        if claims is None:
            raise ValueError("no id_token")
        wanted = {self._oidc.name_claim, self._oidc.role_claim.partition(".")[0], "email"}
        if wanted <= claims.keys() or "userinfo_endpoint" not in metadata:
            return claims
        more = await self._client.userinfo(token=token)
        return {**more, **claims} if more.get("sub") == claims["sub"] else claims


def _client(oidc: Oidc, discovery: str) -> Any:
    try:
        from authlib.integrations.starlette_client import StarletteOAuth2App
    except ImportError:
        raise NoAuthlib from None
    secret = oidc.client_secret.get_secret_value() if oidc.client_secret else ""
    return StarletteOAuth2App(
        None,
        name="oidc",
        client_id=oidc.client_id,
        client_secret=secret,
        server_metadata_url=discovery,
        client_kwargs={
            "scope": " ".join({"openid": None, **dict.fromkeys(oidc.scopes)}),
            "code_challenge_method": "S256",
            "timeout": WITHIN,
            "leeway": 0,
        },
    )


def _away() -> Refusal:
    return Refusal(
        "no_provider",
        "The provider that signs people in does not answer.",
        "Try again in a minute, or use a sign-in link.",
    )


def person_of(oidc: Oidc, claims: Claims) -> Person:
    """Whom verified claims name, and their role here. Raises `NotLetIn`."""
    name = str(claims.get(oidc.name_claim) or "").strip()
    if not name or len(name) > LONGEST_NAME or not name.isprintable():
        raise NotLetIn(f"The provider sends no {oidc.name_claim} to know you by.")
    if oidc.name_claim == "email" or oidc.domains:
        _check_address(oidc, claims, name)
    role = role_of(oidc, claims)
    if role is None:
        raise NotLetIn(
            "You are known, but have no role here. An administrator can change that.", name
        )
    return Person(name, role)


def _check_address(oidc: Oidc, claims: Claims, name: str) -> None:
    if str(claims.get("email_verified")).lower() != "true":
        raise NotLetIn("The provider has not verified your e-mail address.", name)
    domain = str(claims.get("email") or "").rpartition("@")[2].lower()
    if oidc.domains and domain not in {one.lower() for one in oidc.domains}:
        raise NotLetIn("People of your e-mail domain are not let in here.", name)


def role_of(oidc: Oidc, claims: Claims) -> Role | None:
    """The mightiest role the settings give to what the claim holds."""
    theirs = _values(claims, oidc.role_claim)
    for role in reversed(PEOPLE):
        if theirs & set(oidc.roles.get(role, ())):
            return role
    return oidc.default_role


def _values(claims: Claims, path: str) -> frozenset[str]:
    """What a claim holds, one or several; the claim's own name first, then `realm_access.roles` as a path."""
    found: Any = claims.get(path)
    if found is None:
        found = claims
        for part in path.split("."):
            found = found.get(part) if isinstance(found, Mapping) else None
    return frozenset(map(str, found)) if isinstance(found, list) else frozenset([str(found)])
