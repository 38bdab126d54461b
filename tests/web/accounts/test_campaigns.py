"""Campaigns by pages, carried out by a real worker, into a real mail server."""

import asyncio
import csv
import html
import io
import re
from typing import Any
from uuid import uuid4

import httpx2
import pytest

from lifecycle import contract
from lifecycle.roles import Role
from lifecycle.store.campaigns import campaign_row
from lifecycle.store.tables import CampaignStatus
from tests.clock import until
from tests.smtp import SmtpServer
from tests.web.accounts.test_imports import words
from tests.web.people.house import House

FORM = {"template": "feature_news", "to": "contact"}


async def audience(house: House, *names: str) -> tuple[str, list[str]]:
    """Customers in a sector of their own: the sentence that means them, and where they read their mail."""
    own = uuid4().hex[:8]
    addresses = [f"{name}-{own}@example.com" for name in names]
    for name, address in zip(names, addresses, strict=True):
        await house.customer(name, sector=own, contact_email=address)
    return f"sector is {own}", addresses


def sent_to(post: SmtpServer, addresses: list[str]) -> list[str]:
    """Those of the addresses that mail arrived for, as often as it did."""
    return sorted(to for one in post.received for to in one.recipients if to in addresses)


async def begun(person: httpx2.AsyncClient, where: str, **typed: Any) -> str:
    """A campaign by the button of its preview; its name."""
    name = f"c-{uuid4().hex[:8]}"
    look = await person.get(
        "/campaigns/preview", params={"where": where, "name": name, **FORM, **typed}
    )
    assert look.status_code == 200, words(look)
    form = dict(re.findall(r'<input type="hidden" name="([^"]*)" value="([^"]*)">', look.text))
    data = {key: html.unescape(value) for key, value in form.items()}
    answer = await person.post("/campaigns", data=data)
    assert (answer.status_code, answer.headers["location"]) == (303, f"/campaigns/{name}")
    return name


async def ended(house: House, name: str) -> None:
    async with asyncio.timeout(30):
        await house.door.campaigns.handle(name).result()


async def test_v2_g14_a_segment_is_looked_at_then_sent(house: House, post: SmtpServer) -> None:
    """V2, G14: who and how many, how it reads, then each contact gets one mail; and it is told."""
    where, addresses = await audience(house, "anna", "berta")
    async with house.person() as ann:
        new = await ann.get("/campaigns/new", params={"where": where})
        assert where in html.unescape(new.text)
        assert '<option value="feature_news">' in new.text
        assert "pre_onboarding_alert" not in new.text
        look = await ann.get("/campaigns/preview", params={"where": where, "name": "x1", **FORM})
        said = words(look)
        assert "2 accounts match 2 would get it now" in said
        assert "Sends 2 e-mails. What was sent cannot be taken back" in said
        assert "As Anna reads it" in said
        assert sent_to(post, addresses) == []
        name = await begun(ann, where)
        await ended(house, name)
        page = words(await ann.get(f"/campaigns/{name}"))
        report = await ann.get(f"/campaigns/{name}/report.csv")
        listed = words(await ann.get("/campaigns"))
    assert sent_to(post, addresses) == sorted(addresses)
    assert "100 % of 2 accounts" in page
    assert "2 sent, 0 waiting" in page
    assert [row["status"] for row in csv.DictReader(io.StringIO(report.text))] == ["sent", "sent"]
    assert name in listed


async def test_the_samples_are_shown_behind_bars(house: House) -> None:
    where, _ = await audience(house, "clara")
    async with house.person() as ann:
        typed = {"where": where, "name": "x2", **FORM}
        look = await ann.get("/campaigns/preview", params=typed)
        [frame] = re.findall(r'<iframe [^>]*src="([^"]*)"', look.text)
        assert "sandbox" in look.text.partition("<iframe")[2].partition(">")[0]
        assert "frame-src 'self'" in look.headers["content-security-policy"]
        sample = await ann.get(html.unescape(frame))
        other = await ann.get("/campaigns/sample", params={**typed, "account": "nobody"})
    assert sample.headers["content-security-policy"].startswith("sandbox")
    assert "Clara" in sample.text
    assert other.status_code == 404


async def test_who_does_not_get_it_and_why(house: House) -> None:
    where, _ = await audience(house, "dora")
    await house.customer("emil", sector=where.split()[-1], contact_email=None)
    async with house.person() as ann:
        look = words(
            await ann.get("/campaigns/preview", params={"where": where, "name": "x3", **FORM})
        )
    assert "2 accounts match 1 would get it now 1 not: no address" in look


async def test_the_same_name_goes_on_and_another_campaign_cannot_have_it(
    house: House, post: SmtpServer
) -> None:
    where, addresses = await audience(house, "fritz")
    async with house.person() as ann:
        name = await begun(ann, where)
        await ended(house, name)
        again = await ann.post("/campaigns", data={"where": where, "name": name, **FORM})
        assert again.status_code == 303
        assert f"{name} goes on." in words(await ann.get(again.headers["location"]), "notices")
        other = await ann.post("/campaigns", data={"where": "plan is Pro", "name": name, **FORM})
    assert other.status_code == 409
    assert "is another campaign" in html.unescape(other.text)
    assert sent_to(post, addresses) == addresses


async def test_a_campaign_is_paused_goes_on_and_gets_another_pace(
    house: House, post: SmtpServer
) -> None:
    """A mail an hour: the first goes, the others wait for what people order."""
    where, addresses = await audience(house, "gerd", "hilda")
    async with house.person() as ann:
        name = await begun(ann, where, pace="1/hour")

        async def first() -> int:
            return len(sent_to(post, addresses))

        await until(first, lambda number: number == 1)
        assert "1 mail an hour" in words(await ann.get(f"/campaigns/{name}"))
        assert (await ann.post(f"/campaigns/{name}/pause")).status_code == 303
        paused = words(await ann.get(f"/campaigns/{name}"))
        assert "Paused" in paused
        assert "Go on" in paused
        assert (await ann.post(f"/campaigns/{name}/resume")).status_code == 303
        wrong = await ann.post(f"/campaigns/{name}/pace", data={"pace": "soon"})
        assert wrong.status_code == 422
        assert "is no pace" in wrong.text
        assert (
            await ann.post(f"/campaigns/{name}/pace", data={"pace": "2/hour"})
        ).status_code == 303
        assert (await campaign_row(house.door.store, name)).per_hour == 2
        await ann.post(f"/campaigns/{name}/cancel", data={"reason": "enough"})
        await ended(house, name)


async def test_what_waits_is_taken_back_what_went_is_not(house: House, post: SmtpServer) -> None:
    where, addresses = await audience(house, "ilse", "judith", "karla")
    async with house.person() as ann:
        name = await begun(ann, where, pace="1/hour")

        async def asked() -> str:
            return words(await ann.get(f"/campaigns/{name}/cancel"))

        await until(asked, lambda text: "1 mail that went out cannot be taken back." in text)
        lacking = await ann.post(f"/campaigns/{name}/cancel", data={"reason": " "})
        assert lacking.status_code == 422
        done = await ann.post(f"/campaigns/{name}/cancel", data={"reason": "wrong text"})
        assert done.status_code == 303
        await ended(house, name)
        page = words(await ann.get(f"/campaigns/{name}"))
        late = await ann.post(f"/campaigns/{name}/pause")
    assert (await campaign_row(house.door.store, name)).status is CampaignStatus.CANCELLED
    assert "wrong text" in page
    assert "Cancel campaign" not in page
    assert late.status_code == 409
    assert len(sent_to(post, addresses)) == 1


@pytest.mark.parametrize(
    ("typed", "said"),
    [
        ({"name": "Not A Name"}, "cannot name a campaign"),
        ({"template": "no_such"}, "no_such"),
        ({"to": "postman"}, "No account has a 'postman'."),
        ({"pace": "soon"}, "'soon' is no pace."),
        ({"where": "helth is red"}, "There is no field or lifecycle `helth`."),
        ({"where": "", "segment": ""}, "It is not said to whom the campaign goes."),
        ({"where": "", "segment": "nobody"}, "There is no segment 'nobody'."),
    ],
)
async def test_what_cannot_be_sent_is_said_beside_the_field(
    house: House, typed: dict[str, str], said: str
) -> None:
    sent = {"where": "plan is Pro", "name": "kept-name", "pace": "7/hour", **FORM, **typed}
    async with house.person() as ann:
        look = await ann.get("/campaigns/preview", params=sent)
        post = await ann.post("/campaigns", data=sent)
    for answer in (look, post):
        assert answer.status_code == 422
        assert said in html.unescape(answer.text)
        assert (typed.get("name") or "kept-name") in answer.text
        assert (typed.get("pace") or "7/hour") in answer.text


async def test_many_accounts_are_asked_after_the_page_is_there(
    house: House, monkeypatch: pytest.MonkeyPatch
) -> None:
    where, _ = await audience(house, "jan", "kurt")
    monkeypatch.setattr("lifecycle.web.pages.campaigns.starting.AT_ONCE", 1)
    async with house.person() as ann:
        first = await ann.get("/campaigns/preview", params={"where": where, "name": "x4", **FORM})
        assert "2 accounts are being asked" in words(first)
        assert "Send 2" not in first.text
        [more] = re.findall(r'hx-get="(/campaigns/preview[^"]*)"', first.text)
        second = words(await ann.get(html.unescape(more)))
    assert "2 would get it now" in second


async def test_a_viewer_follows_and_gives_no_orders(house: House) -> None:
    where, _ = await audience(house, "lena")
    async with house.person() as ann:
        name = await begun(ann, where, pace="1/hour")
    async with house.person(Role.VIEWER, "Vera") as vera:
        page = await vera.get(f"/campaigns/{name}")
        assert page.status_code == 200
        assert "Pause" not in page.text
        for order in ("pause", "resume", "cancel", "pace"):
            assert (await vera.post(f"/campaigns/{name}/{order}")).status_code == 403
        assert (await vera.get("/campaigns/preview", params={"where": where})).status_code == 403
        assert (await vera.get("/campaigns/nothing-of-the-kind")).status_code == 404
    await house.door.campaigns.order(name, contract.CANCEL, actor="Ann", reason="enough")
    await ended(house, name)
