"""What if: an account's next days on its page, with steps that are added, and each mail as it would look (N6)."""

import re
from urllib.parse import parse_qs, urlsplit

import httpx2
from playwright.async_api import Browser, expect

from lifecycle.core.codec import to_data
from lifecycle.roles import Role
from tests.web.people.house import House, path
from tests.web.people.looker import looking

TRAINED = "in 5 days: training.completed"
STEP = "in 12 days: {event: usage.reported, data: {active_users: 12}}"


async def play(person: httpx2.AsyncClient, address: str, **asked: object) -> httpx2.Response:
    """A page of the play."""
    return await person.get(address, params=asked)  # type: ignore[arg-type]


async def test_n6_a_play_is_a_page_and_nothing_is_done(house: House) -> None:
    """N6: day by day, with what would move it; the account is as it was."""
    account = await house.customer("what-if")
    before = to_data(await house.state(account))
    async with house.person(Role.VIEWER) as person:
        page = await play(
            person, path(account, "/what-if"), step=[TRAINED, STEP, "in 13 days: release"]
        )
        assert page.status_code == 200
        assert "Customer journey: Launched → Adopting" in page.text
        assert "The account is not on hold." in page.text
        assert "- in 12 days: {event: usage.reported, data: {active_users: 12}}" in page.text
    assert to_data(await house.state(account)) == before


async def test_n6_steps_are_added_and_left_out_without_a_script(house: House) -> None:
    """N6: a step is chosen, its data is asked for, it becomes part of the address; a wrong one is told beside it."""
    account = await house.customer("steps")
    where = path(account, "/what-if")
    async with house.person() as person:
        asked = await play(person, where, what="event:usage.reported")
        assert 'name="value.active_users"' in asked.text
        typed = {"what": "event:usage.reported", "when": "in 12 days", "do": "add"}
        added = await play(person, where, **typed, **{"value.active_users": "12"})
        assert added.status_code == 303
        assert parse_qs(urlsplit(added.headers["location"]).query) == {"step": [STEP]}
        page = await person.get(added.headers["location"])
        assert "1 step" in page.text
        assert f'href="{where}" title="Leave this out"' in page.text
        wrong = await play(
            person, where, step=[TRAINED, STEP], **typed, **{"value.active_users": "many"}
        )
        assert wrong.status_code == 422
        assert "is not a whole number." in wrong.text
        assert 'value="many"' in wrong.text
        assert "Launched → Adopting" in wrong.text, "the play that was there goes on"
        nothing = await play(person, where, do="add")
        assert "It is not said what comes in." in nothing.text


async def test_n6_every_kind_of_step_can_be_added(house: House) -> None:
    account = await house.customer("kinds")
    kinds = {
        "set": ({"stage": "customer_journey.renewal"}, "{set: customer_journey.renewal}"),
        "fields": ({"field": "arr", "to": "12000"}, "{fields: {arr: 12000}}"),
        "hold": ({"until": "14 days"}, "{hold: 14 days}"),
        "close cta": (
            {"title": "Call: now", "outcome": "won"},
            '{close cta: "Call: now", outcome: won}',
        ),
        "release": ({}, "release"),
        "undo": ({}, "undo"),
    }
    async with house.person() as person:
        for what, (values, written) in kinds.items():
            typed = {f"value.{name}": value for name, value in values.items()}
            added = await play(
                person, path(account, "/what-if"), what=what, when="now", do="add", **typed
            )
            assert added.status_code == 303, added.text
            query = parse_qs(urlsplit(added.headers["location"]).query)
            assert query["step"] == [f"now: {written}"]
            assert (await person.get(added.headers["location"])).status_code == 200


async def test_n6_an_account_from_nothing(house: House) -> None:
    """N6: a lifecycle is tried without any account; the mail is shown behind bars."""
    where = "/sandbox?field=contact_email%3Dmaria%40example.com&step=now%3A+opportunity.closed_won"
    async with house.person(Role.VIEWER) as person:
        page = await person.get(where)
        assert "Welcome" in page.text
        letter = re.search(r'<iframe class="letter" src="([^"]*)" sandbox', page.text)
        assert letter is not None
        assert "frame-src 'self'" in page.headers["content-security-policy"]
        mail = await person.get(letter[1].replace("&amp;", "&"))
        assert mail.status_code == 200
        assert mail.headers["content-security-policy"].startswith("sandbox;")
        assert (
            await person.get(letter[1].replace("&amp;", "&").replace("/0", "/99"))
        ).status_code == 404
        more = await person.get(where + "&do=begin+with&value.field=name&value.to=Nordwind")
        assert parse_qs(urlsplit(more.headers["location"]).query)["field"] == [
            "contact_email=maria@example.com",
            "name=Nordwind",
        ]
        bad = await person.get("/sandbox?step=in+5+dayz:+undo")
        assert bad.status_code == 422
        assert "Step 1: `dayz` is no unit of time. Did you mean days?" in bad.text


async def test_n6_it_looks_right_and_works_by_hand(house: House, chromium: Browser) -> None:
    """N6: from the account's page; what a step needs comes as it is chosen; the letter opens in its frame."""
    account = await house.customer("by-hand", days=3)
    async with looking(chromium, house) as look:
        page = look.page
        await page.goto(house.address + path(account))
        await page.get_by_role("link", name="What if").click()
        await expect(page.get_by_role("heading", name="What if")).to_be_visible()
        await page.wait_for_load_state()  # scripts come last
        await page.get_by_label("What", exact=True).select_option("event:training.completed")
        await page.get_by_label("Course").fill("basics")
        await page.get_by_role("button", name="Add the step").click()
        await expect(page.get_by_text("Your step")).to_be_visible()
        await look.sound()
        await page.goto(
            house.address
            + "/sandbox?field=contact_email%3Dm%40e.example&step=now%3A+opportunity.closed_won"
        )
        box = page.locator("details.letterbox").first
        await box.locator("summary").first.click()
        await expect(box.locator("iframe")).to_be_visible()
        await expect(box.frame_locator("iframe").locator("body")).to_contain_text("Welcome")
        await look.sound()


async def test_n6_it_fits_a_phone_and_the_dark(house: House, chromium: Browser) -> None:
    where = "/sandbox?field=contact_email%3Dm%40e.example&step=now%3A+opportunity.closed_won"
    for size, scheme in (("phone", "light"), ("desk", "dark")):
        async with looking(chromium, house, size=size, color_scheme=scheme) as look:
            await look.page.goto(house.address + where)
            await look.page.locator("details.letterbox summary").first.click()
            await look.sound()


async def test_n6_the_api_answers_the_same(house: House) -> None:
    """N6: `POST …/sandbox` with the steps of a script as JSON; a bad one is told by its number."""
    account = await house.customer("api")
    async with house.person(Role.VIEWER) as person:
        wish = {
            "days": 30,
            "steps": [
                {"in 5 days": "training.completed"},
                {"in 12 days": {"event": "usage.reported", "data": {"active_users": 12}}},
            ],
        }
        told = await person.post(f"/v1/accounts/{account}/sandbox", json=wish)
        assert told.status_code == 200, told.text
        answer = told.json()
        assert answer["days"] == 30
        assert any(one["to"] == "adopting" for one in answer["moves"])
        bad = await person.post(
            f"/v1/accounts/{account}/sandbox", json={"steps": [{"soon": "undo"}]}
        )
        assert bad.status_code == 422
        assert "Step 1: `soon` says no time." in bad.text
        fresh = {
            "fields": {"name": "Acme", "arr": 12},
            "steps": [{"now": "opportunity.closed_won"}],
        }
        new = await person.post("/v1/sandbox", json=fresh)
        assert new.status_code == 200, new.text
        assert new.json()["name"] == "Acme"
        unknown = await person.post("/v1/sandbox", json={"fields": {"nam": "Acme"}})
        assert unknown.status_code == 200, "a refused beginning is part of what is told"
        assert "nam" in str(unknown.json()["timeline"][0]["said"]["refused"])
