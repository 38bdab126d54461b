"""Lines tried in shadow from the page, seen beside the live ones, and made live: through a real worker (N11, R14)."""

import json
import re

import httpx2

from lifecycle.core.model import Automation
from lifecycle.roles import Role
from lifecycle.store.definitions import current_book
from lifecycle.store.drafts import draft_of
from tests.web.as_who import as_role
from tests.web.lifecycles.test_publishing import ADA, JOURNEY, adopted, send, text_of
from tests.web.people.house import House, hidden

MILESTONE = "      - name: first_milestone         # G3, G4: any of several actions …\n"
FASTER = "      - name: two_weeks_passed        # … or time\n        after: 14 days\n"


async def answered(browser: httpx2.AsyncClient, address: str) -> str:
    """The dialog there, answered with what it proposes; the page that follows."""
    form = await browser.get(address)
    assert form.status_code == 200, form.text
    answer = await browser.post(address, data=hidden(form.text))
    assert answer.status_code == 303, answer.text
    return (await browser.get(answer.headers["location"])).text


async def lines(house: House) -> dict[str, Automation]:
    """What is published, by name."""
    book, _ = await current_book(house.town.store)
    return {one.name: one for one in book.lifecycles["customer_journey"].automations}


async def test_n11_a_draft_runs_in_shadow_and_is_made_live(house: House) -> None:
    """N11, R14: tried beside the line it is to follow, told with its figures at every door, then in its place."""
    account = await house.customer("tried", days=3)
    async with house.person(Role.ADMIN, ADA) as ada:
        await try_in_shadow(house, ada)
        await adopted(house, account)
        await house.town.report(account, "user.logged_in")
        await house.town.report(account, "product.went_live")
        await house.town.in_stage(account, "customer_journey", "launched")
        await look_at_it(ada, account)
        await ask_elsewhere(house)
        await make_live(house, ada)


async def try_in_shadow(house: House, ada: httpx2.AsyncClient) -> None:
    """A line that is new and one that is changed."""
    text = await text_of(ada, "customer_journey")
    assert FASTER in text
    changed = text.replace(FASTER, FASTER.replace("14 days", "20 days"))
    milestone = MILESTONE.replace("first_milestone ", "logged_in ").split("#")[0].rstrip()
    line = f"{milestone}\n        when: user.logged_in\n        to: launched\n"
    await send(ada, "customer_journey", changed.replace(MILESTONE, line + MILESTONE))
    dialog = (await ada.get(f"{JOURNEY}/shadow")).text
    assert "two_weeks_passed as published: goes on as before." in dialog
    page = await answered(ada, f"{JOURNEY}/shadow")
    assert "2 automations in shadow. Published Customer journey, version 1." in page
    assert await draft_of(house.town.store, "customer_journey", ADA) is not None
    there = await lines(house)
    in_shadow = [name for name, one in there.items() if one.shadow]
    assert in_shadow == ["logged_in", "two_weeks_passed_shadow"]
    assert there["two_weeks_passed"].published


async def look_at_it(ada: httpx2.AsyncClient, account: str) -> None:
    """The list has its figures, and leads to the accounts."""
    shown = (await ada.get(JOURNEY)).text
    assert "2 of them in shadow" in shown
    row = shown[shown.index("<b>logged_in</b>") :]
    assert "would have acted once: the same was done once" in row[: row.index("</tr>")]
    assert re.search(r'href="([^"]*automation=customer_journey.logged_in)">Account by', row)
    told = await ada.get("/dashboard/shadow?automation=customer_journey.logged_in")
    assert f"/accounts/{account}" in told.text


async def ask_elsewhere(house: House) -> None:
    """N11, R16: the interface and the file have the same numbers; who may only look cannot make a line live."""
    async with as_role(house.app, house.town.store, Role.VIEWER) as viewer:
        file = (await viewer.get("/dashboard/shadow.csv?by=month")).text
        data = json.loads((await viewer.get("/v1/reports/shadow?by=month")).text)
        assert "customer_journey.logged_in" in data["in_shadow"]
        [row] = [one for one in data["rows"] if one["automation"] == "customer_journey.logged_in"]
        assert (row["would_have_acted"], row["same"]) == (1, 1)
        assert f"customer_journey.logged_in,{row['from']},{row['to']},1,1" in file
        refused = await viewer.post(f"{JOURNEY}/automations/logged_in/live", data={"version": "1"})
        assert refused.status_code == 403


async def make_live(house: House, ada: httpx2.AsyncClient) -> None:
    """The line that was tried takes the place of the one it was tried for."""
    address = f"{JOURNEY}/automations/two_weeks_passed_shadow/live"
    assert "two_weeks_passed is unpublished: this takes its place." in (await ada.get(address)).text
    assert "two_weeks_passed_shadow is live." in await answered(ada, address)
    there = await lines(house)
    assert not there["two_weeks_passed_shadow"].shadow
    assert not there["two_weeks_passed"].published


async def test_n11_nothing_to_try_says_so(house: House) -> None:
    """N11: a draft that changes no line."""
    async with house.person(Role.ADMIN, "Bea") as bea:
        text = await text_of(bea, "sales")
        await send(bea, "sales", text.replace("title: Sales", "title: Selling"))
        dialog = await bea.get("/lifecycles/sales/shadow")
        assert "The draft has no automation that is new or changed." in dialog.text
        assert 'class="btn pri"' not in dialog.text
