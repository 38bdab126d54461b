"""Webhook targets nobody has given an address: received by ourselves, when the signature is right."""

import json
from datetime import UTC, datetime, timedelta
from pathlib import Path

import httpx2
import pytest
from pydantic import AnyHttpUrl, SecretStr

from lifecycle.embedded.web import EmbeddedWeb, embedded_web
from lifecycle.settings import Settings, Target
from lifecycle.signing import make_secret, secret_of, webhook_secret
from lifecycle.store.migrate import migrate_database
from lifecycle.webhook import sign
from tests.web.conftest import nowhere

PATH = "/embedded/targets/product_platform"
BODY = json.dumps({"type": "activate_product", "data": {"account": "acme"}})


@pytest.fixture
async def settings(tmp_path: Path) -> Settings:
    made = Settings(state_dir=tmp_path)
    await migrate_database(made.database)
    return made


def signed(settings: Settings, id: str = "m1", at: datetime | None = None) -> dict[str, str]:
    at = at or datetime.now(UTC)
    secret = webhook_secret(str(secret_of(settings)), "product_platform")
    return {
        "webhook-id": id,
        "webhook-timestamp": str(int(at.timestamp())),
        "webhook-signature": sign(secret, id, at, BODY),
    }


async def told(web: EmbeddedWeb, headers: dict[str, str], body: str = BODY) -> int:
    async with httpx2.AsyncClient() as client:
        answer = await client.post(f"{web.address}{PATH}", content=body, headers=headers)
        return answer.status_code


def kept(settings: Settings) -> list[dict[str, object]]:
    folder = settings.state_dir / "outbox"
    return [json.loads(file.read_text()) for file in folder.glob("*.json")]


async def test_a_signed_call_is_kept_once(settings: Settings) -> None:
    """V4: by its id a repetition is known."""
    async with embedded_web(settings, await nowhere(), with_targets=True) as web:
        for _ in range(2):
            assert await told(web, signed(settings)) == 204
    [call] = kept(settings)
    assert (call["target"], call["id"], call["call"]) == (
        "product_platform",
        "m1",
        json.loads(BODY),
    )


@pytest.mark.parametrize(
    "wrong",
    [
        {"webhook-id": "m2"},
        {"webhook-signature": "v1,bm9uc2Vuc2U="},
        {"webhook-signature": "v1,???"},
        {"webhook-signature": "nonsense"},
        {"webhook-timestamp": "yesterday"},
    ],
)
async def test_a_call_that_is_not_ours_is_refused(
    settings: Settings, wrong: dict[str, str]
) -> None:
    async with embedded_web(settings, await nowhere(), with_targets=True) as web:
        assert await told(web, {**signed(settings), **wrong}) == 401
        assert await told(web, {}) == 401
        old = datetime.now(UTC) - timedelta(hours=1)
        assert await told(web, signed(settings, at=old)) == 401
        assert await told(web, signed(settings), "x" * 300_000) == 413
    assert kept(settings) == []


async def test_a_target_with_an_address_keeps_it(settings: Settings) -> None:
    real = Target(url=AnyHttpUrl("https://example.com/hook"), secret=SecretStr("whsec_c2VjcmV0"))
    mine = settings.model_copy(update={"targets": {"product_platform": real}})
    async with embedded_web(mine, await nowhere(), with_targets=True) as web:
        assert web.settings.targets == {"product_platform": real}


async def test_beside_a_temporal_of_ones_own_nothing_is_received(settings: Settings) -> None:
    """Where customers' systems are real, a forgotten address must not look like a call that was made."""
    make_secret(settings)
    async with embedded_web(settings, await nowhere(), with_targets=False) as web:
        assert web.settings.targets == {}
        assert await told(web, signed(settings)) == 404


# ── the address and the secret


async def test_the_address_and_the_secret_are_kept(settings: Settings) -> None:
    """Links in mails sent earlier still work after a restart."""
    async with embedded_web(settings, await nowhere(), with_targets=False) as first:
        pass
    async with embedded_web(settings, await nowhere(), with_targets=False) as second:
        assert second.address == first.address
        assert second.settings.secret == first.settings.secret
        assert str(second.settings.public_url) == f"{second.address}/"
        async with embedded_web(
            settings.model_copy(update={"public_url": AnyHttpUrl("https://mail.example.com")}),
            await nowhere(),
            with_targets=False,
        ) as beside:
            assert beside.address != second.address
            assert str(beside.settings.public_url) == "https://mail.example.com/"


def test_the_secret_is_its_owners_alone(settings: Settings) -> None:
    assert secret_of(settings) is None
    made = make_secret(settings)
    assert len(made) == 64
    assert (settings.state_dir / "secret").stat().st_mode & 0o777 == 0o600
    assert make_secret(settings) == made == secret_of(settings)


def test_the_settings_secret_comes_first(settings: Settings) -> None:
    make_secret(settings)
    own = "x" * 32
    assert secret_of(settings.model_copy(update={"secret": SecretStr(own)})) == own
