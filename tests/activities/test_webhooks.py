"""Webhooks of automations on a real receiver (V4)."""

import json
from dataclasses import replace

import pytest
from pydantic import AnyHttpUrl, SecretStr
from standardwebhooks import Webhook
from temporalio.exceptions import ApplicationError

from lifecycle.settings import Target
from lifecycle.store.tables import EffectStatus
from tests.activities.scene import Scene
from tests.mail.test_webhook import SECRET, Receiver, listening


def aimed(scene: Scene, receiver: Receiver, secret: str = SECRET) -> Scene:
    """The same scene, with an address set for the target of the shipped definitions."""
    target = Target(url=AnyHttpUrl(receiver.url), secret=SecretStr(secret))
    settings = scene.settings.model_copy(update={"targets": {"product_platform": target}})
    return replace(scene, settings=settings)


async def activate(scene: Scene) -> str:
    """A Lead becomes a Prospect: the product is to be activated."""
    await scene.create()
    return (await scene.event("opportunity.created", opportunity_id="o1"))[0]


async def test_a_prospect_activates_the_product(scene: Scene) -> None:
    """V4: told once, signed, with the effect's id by which the receiver knows a repetition."""
    async with listening() as receiver:
        scene = aimed(scene, receiver)
        effect = await activate(scene)
        assert await scene.deliver(effect) == "sent"
        assert await scene.deliver(effect) == "sent"
        ((_, headers, body),) = receiver.requests
    assert headers["webhook-id"] == effect
    told = Webhook(SECRET).verify(body, headers)
    assert told == json.loads(body)
    assert told["type"] == "activate_product"
    assert told["data"] == {"product": "Standard", "account": "acme"}
    assert "answered 204" in str((await scene.row(effect)).text)


async def test_a_target_that_is_away_is_tried_again(scene: Scene) -> None:
    """R22: the reason is shown meanwhile, without the address's secrets."""
    async with listening() as receiver:
        receiver.answer = b"HTTP/1.1 503 Busy\r\nRetry-After: 7\r\n\r\n"
        scene = aimed(scene, receiver)
        effect = await activate(scene)
        with pytest.raises(ApplicationError, match="503") as later:
            await scene.deliver(effect)
        assert later.value.next_retry_delay is not None
        assert later.value.next_retry_delay.total_seconds() == 7
        row = await scene.row(effect)
        assert row.status is EffectStatus.DUE
        assert "t0ken" not in str(row.last_error)
        receiver.answer = b"HTTP/1.1 204 No Content\r\n\r\n"
        assert await scene.deliver(effect) == "sent"


async def test_a_target_without_an_address_says_which_setting_is_missing(scene: Scene) -> None:
    effect = await activate(scene)
    assert await scene.deliver(effect) == "failed"
    assert "LIFECYCLE_TARGETS__PRODUCT_PLATFORM__URL" in str((await scene.row(effect)).last_error)


async def test_a_secret_that_is_none_fails(scene: Scene) -> None:
    async with listening() as receiver:
        scene = aimed(scene, receiver, secret="???")
        effect = await activate(scene)
        assert await scene.deliver(effect) == "failed"
    assert receiver.requests == []


async def test_a_refusal_of_the_target_is_final(scene: Scene) -> None:
    async with listening() as receiver:
        receiver.answer = b"HTTP/1.1 410 Gone\r\n\r\n"
        scene = aimed(scene, receiver)
        effect = await activate(scene)
        assert await scene.deliver(effect) == "failed"
