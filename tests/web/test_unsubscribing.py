"""Leaving our e-mails by the link in one of them, and coming back; on both databases."""

import logging
import re
from datetime import UTC, datetime
from pathlib import Path

import pytest

from lifecycle.settings import Settings
from lifecycle.store.keyed import keyed_with
from lifecycle.store.suppression import Wanted, is_suppressed, suppress, suppressions
from lifecycle.unsubscribing import Link, Links
from lifecycle.web.app import make_app
from lifecycle.web.door import Door
from lifecycle.web.unsubscribing import NoSecret, masked
from tests.web.conftest import SECRET, Doorstep, nowhere

ADDRESS = "clara@example.com"


def words(html: str) -> str:
    """What a reader sees of a page."""
    shown = re.sub(r"<[^>]+>", " ", html.partition("<body>")[2])
    return " ".join(shown.replace("&amp;", "&").split())


async def test_looking_changes_nothing(door: Doorstep) -> None:
    """Mail scanners follow every link."""
    for _ in range(2):
        page = await door.browser.get(door.path)
        assert page.status_code == 200
    assert "Unsubscribe from our e-mails?" in words(page.text)
    assert "c•••@example.com" in words(page.text)
    assert "(Acme & Söhne)" in words(page.text)
    assert "Customer Success" in words(page.text)
    assert "clara" not in page.text.lower()
    assert not await is_suppressed(door.store, ADDRESS)


@pytest.mark.parametrize(
    ("body", "kind"),
    [
        ("", "application/x-www-form-urlencoded"),
        ("List-Unsubscribe=One-Click", "application/x-www-form-urlencoded"),
        (
            '--b\r\nContent-Disposition: form-data; name="List-Unsubscribe"\r\n\r\nOne-Click\r\n--b--',
            "multipart/form-data; boundary=b",
        ),
    ],
)
async def test_the_button_and_the_mail_programs_request_unsubscribe(
    door: Doorstep, body: str, kind: str
) -> None:
    """RFC 8058: a POST without cookies, answered without a redirect."""
    done = await door.browser.post(door.path, content=body, headers={"content-type": kind})
    assert done.status_code == 200
    assert "You are unsubscribed" in words(done.text)
    assert "set-cookie" not in done.headers
    [row] = await suppressions(door.store, Wanted())
    assert (row.address, row.why, row.effect, row.actor) == (ADDRESS, "unsubscribed", "m1", "")


async def test_twice_is_once(door: Doorstep) -> None:
    for _ in range(2):
        assert (await door.browser.post(door.path)).status_code == 200
    assert len(await suppressions(door.store, Wanted())) == 1
    assert "unsubscribed already" in words((await door.browser.get(door.path)).text)


async def test_undo_subscribes_again(door: Doorstep) -> None:
    await door.browser.post(door.path)
    back = await door.browser.post(f"{door.path}/undo")
    assert "You get our e-mails again" in words(back.text)
    assert not await is_suppressed(door.store, ADDRESS)
    assert "Unsubscribe from our e-mails?" in words((await door.browser.get(door.path)).text)


async def test_undo_does_not_overrule_an_operator(door: Doorstep) -> None:
    await suppress(door.store, [ADDRESS], "bounced", "ann", datetime.now(UTC))
    assert "Unsubscribe from our e-mails?" in words((await door.browser.get(door.path)).text)
    await door.browser.post(door.path)
    back = await door.browser.post(f"{door.path}/undo")
    assert "We still send you no e-mails" in words(back.text)
    assert await is_suppressed(door.store, ADDRESS)
    assert "bounced" not in back.text


@pytest.mark.parametrize("verb", ["get", "post"])
@pytest.mark.parametrize(
    "token",
    [
        "nonsense",
        Links("another secret, of somebody else's engine", "").token(Link("m1", 0)),
        Links(SECRET, "").token(Link("m1", 0))[:-2],
        Links(SECRET, "").token(Link("m1", 7)),
        Links(SECRET, "").token(Link("gone", 0)),
        "x" * 9_000,
        "%00",
        "é",
    ],
)
async def test_a_link_that_is_none_says_what_to_do(door: Doorstep, verb: str, token: str) -> None:
    answer = await door.browser.request(verb, f"/unsubscribe/{token}")
    assert answer.status_code == 404
    assert "reply to one of them and say so" in words(answer.text)
    assert await suppressions(door.store, Wanted()) == []


async def test_a_signed_text_of_another_purpose_is_no_link(door: Doorstep) -> None:
    """The same secret signs other things: their form, and their salt, are others."""
    links = Links(SECRET, "")
    for payload in ({"mail": "m1"}, ["m1"], ["m1", "0"], [1, 0], "m1"):
        token = links._serializer().dumps(payload)
        assert (await door.browser.get(f"/unsubscribe/{token}")).status_code == 404


async def test_no_token_is_logged(door: Doorstep, caplog: pytest.LogCaptureFixture) -> None:
    with caplog.at_level(logging.DEBUG):
        await door.browser.post(door.path)
        await door.browser.get(f"{door.path}x")
    token = door.path.rpartition("/")[2]
    ours = [one for one in caplog.records if not one.name.startswith(("httpx", "aiosqlite"))]
    assert not [one for one in ours if token in one.getMessage()]


async def test_without_a_secret_the_door_stays_shut(door: Doorstep, tmp_path: Path) -> None:
    shut = Door(Settings(state_dir=tmp_path), door.store, await nowhere())
    with pytest.raises(NoSecret, match="LIFECYCLE_SECRET"):
        make_app(shut)


@pytest.mark.parametrize(
    ("address", "shown"),
    [
        ("clara@example.com", "c•••@example.com"),
        ("a@b.c", "a•••@b.c"),
        (keyed_with(SECRET)("clara@example.com"), "your address"),
    ],
    ids=["long", "short", "erased"],
)
def test_an_address_is_shown_so_that_only_its_owner_knows_it(address: str, shown: str) -> None:
    assert masked(address) == shown
