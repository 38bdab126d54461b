"""Pages as of a date: the account, the board, the list, the dashboard; nothing can be changed there (N5)."""

from datetime import UTC, datetime, timedelta

import httpx2
from playwright.async_api import Browser, expect

from tests.web.people.house import ANN, House, path
from tests.web.people.looker import looking

NAMED = "name is 'Foretold'"
FORMS = ("hold", "undo", "ctas/new", "fields", "release")


def day(ago: int) -> str:
    """So many days ago."""
    return f"{datetime.now(UTC) - timedelta(days=ago):%Y-%m-%d}"


async def moved(house: House, name: str) -> str:
    """A customer of twenty days, launched two weeks after the deal, moved on by hand today."""
    account = await house.customer(name)
    await house.lifecycles.set_stage(
        account, "customer_journey", "renewal", actor=ANN, reason="they asked for it"
    )
    await house.cta(account, "Call them today")
    return account


def of(page: httpx2.Response) -> str:
    assert page.status_code == 200, page.text
    return page.text


async def test_n5_an_account_as_it_was(house: House) -> None:
    """N5: stage, rail, next, CTAs and the past up to then; the banner says of when, and the buttons are gone."""
    account = await moved(house, "then")
    async with house.person() as person:
        now = of(await person.get(path(account)))
        assert all(f"/{form}" in now for form in ("hold", "undo", "ctas/new", "fields"))
        assert "Call them today" in now
        then = of(await person.get(path(account), params={"as_of": day(10)}))
        assert f'href="{path(account)}">Back to now' in then
        assert "as recorded then." in then
        assert "Nothing can be changed in the past." in then
        assert "Call them today" not in then
        assert "Renewal</b>" not in then
        assert not any(f"{path(account)}/{form}" in then for form in FORMS)
        assert "data-live" not in then
        assert f"{path(account)}/ctas/" not in then
        assert f"{path(account)}?only=moves&amp;as_of={day(10)}#past" in then
        early = of(await person.get(path(account), params={"as_of": day(19)}))
        assert "Next: " in early, "the move to Launched was foretold"
        known = of(await person.get(path(account), params={"as_of": day(10), "known": "now"}))
        assert "as known on " in known
        assert "As recorded then</a>" in known


async def test_n5_before_it_existed_and_tomorrow_are_refused(house: House) -> None:
    account = await house.customer("unborn")
    async with house.person() as person:
        before = await person.get(path(account), params={"as_of": "2001-01-01"})
        assert before.status_code in (404, 409, 422)
        assert "did not exist on 1 Jan 2001" in before.text
        assert f'href="{path(account)}">Back to now' in before.text
        ahead = await person.get(path(account), params={"as_of": "2101-01-01", "only": "moves"})
        assert ahead.status_code == 422
        assert f'href="{path(account)}?only=moves">Back to now' in ahead.text
        assert "Back to now" not in (await person.get("/accounts/nobody")).text
        assert (await person.get(path(account), params={"as_of": "soon"})).status_code == 422


async def test_n5_a_day_to_come_is_refused_beside_the_control(house: House) -> None:
    """N5: in words of the page, with the way back; what was typed elsewhere is not blamed."""
    async with house.person() as person:
        for where in ("/board/customer_journey", "/accounts"):
            page = await person.get(where, params={"as_of": "2101-01-01"})
            assert page.status_code == 422
            assert "1 Jan 2101 is yet to come. Choose a day up to today." in page.text
            assert f'href="{where}">Back to now' in page.text
            assert "As known today" not in page.text
            assert "<code>" not in page.text
            assert "`" not in page.text.partition("<main")[2].partition("</main>")[0]
            assert page.text.count('aria-invalid="true"') == 1
            assert 'aria-invalid="true" aria-describedby="day-wrong"' in page.text


async def test_n5_the_list_says_what_was_ahead_then(house: House) -> None:
    """N5, N4: foretold from the state of that day, as the board of that day shows it."""
    account = await moved(house, "foretold")
    async with house.person() as person:
        listed = of(await person.get("/accounts", params={"as_of": day(19), "where": NAMED}))
        board = of(await person.get("/board/customer_journey", params={"as_of": day(19)}))
    assert path(account) in listed
    assert '<span class="row next">' in listed.partition(path(account))[2].partition("</tr>")[0]
    card = board.partition(f'data-account="{account}"')[2].partition("</li>")[0]
    assert "Launched" in card


async def test_n5_the_past_a_page_at_a_time(house: House) -> None:
    """N5: earlier entries keep the moment; the forecast and the score are those of then."""
    account = await moved(house, "pages")
    async with house.person() as person:
        asked = {"as_of": day(10), "before": "4"}
        part = {"hx-request": "true", "hx-request-type": "partial"}
        earlier = of(await person.get(path(account, "/past"), params=asked, headers=part))
        assert "they asked for it" not in earlier
        ahead = of(await person.get(path(account, "/forecast"), params={"as_of": day(19)}))
        assert "→ Launched" in ahead
        assert f"as_of={day(19)}" in ahead
        score = of(await person.get(path(account, "/score/health"), params={"as_of": day(10)}))
        assert "Back to now" in score


async def test_n5_the_board_the_list_and_the_dashboard_keep_the_moment(house: House) -> None:
    """N5: cards lead to the account as it was; what is asked of the present only is said."""
    account = await moved(house, "board")
    async with house.person() as person:
        then = of(await person.get("/board/customer_journey", params={"as_of": day(3)}))
        here = then.partition('aria-label="Launched')[2].partition("</section>")[0]
        assert f'data-account="{account}"' in here
        assert f'href="{path(account)}?as_of={day(3)}"' in then
        assert "data-live" not in then
        assert 'class="mv"' not in then
        now = of(await person.get("/board/customer_journey"))
        assert f'data-account="{account}"' in now.partition('aria-label="Renewal')[2]
        late = await person.get("/board/customer_journey", params={"as_of": day(3), "show": "late"})
        assert late.status_code == 422
        assert "asked of the present only" in late.text
        listed = of(await person.get("/accounts", params={"as_of": day(3)}))
        assert f"{path(account)}?as_of={day(3)}" in listed
        for where in ("/dashboard", "/dashboard/distribution"):
            assert "Nothing can be changed in the past." in of(
                await person.get(where, params={"as_of": day(3)})
            )


async def test_n5_the_control_in_the_top_bar(house: House, chromium: Browser) -> None:
    """N5: a date is chosen, the page is of then; back to now; the same for the other knowledge."""
    account = await moved(house, "control")
    async with looking(chromium, house) as look:
        page = look.page
        await page.goto(house.address + path(account))
        await page.locator(".top summary", has_text="As of now").click()
        await page.get_by_label("As of", exact=True).fill(day(10))
        await page.locator(".top form.asof").get_by_role("button", name="Show").click()
        await expect(page.get_by_text("as recorded then.")).to_be_visible()
        await expect(page.get_by_role("button", name="Hold")).to_have_count(0)
        await look.sound()
        await page.get_by_role("link", name="As known today").click()
        await expect(page.get_by_text("as known on")).to_be_visible()
        await page.get_by_role("link", name="Back to now").click()
        await expect(page.get_by_text("Call them today").first).to_be_visible()
        await page.goto(f"{house.address}/board/customer_journey?as_of={day(3)}")
        await look.sound()
