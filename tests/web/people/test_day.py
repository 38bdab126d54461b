"""A CSM's day: the CTAs of a person by when they are due, and the accounts that want a look."""

import re
from datetime import UTC, datetime, timedelta
from uuid import uuid4

from lifecycle.roles import Role
from tests.web.people.house import House, path, sent


def titles(page: str, group: str) -> list[str]:
    """What stands under a heading of the list."""
    part = page.partition(f'aria-labelledby="g-{group}"')[2].partition("</section>")[0]
    return re.findall(r"data-detail><b>([^<]*)</b>", part)


async def test_g11_ctas_stand_under_when_they_are_due(house: House) -> None:
    name = f"Eve {uuid4().hex[:6]}"
    account = house.town.account("eve")
    await house.lifecycles.start(account, {"name": "Eve's", "csm": name}, actor=name)
    now = datetime.now(UTC)
    late = {"today": timedelta(minutes=2), "next": timedelta(days=3), "later": timedelta(days=30)}
    for word, apart in late.items():
        await house.cta(account, f"Due {word}", due=now + apart, owner="csm")
    await house.cta(account, "Aside", owner=name)
    async with house.person(name=name) as eve:
        first = (await eve.get("/day")).text
        assert titles(first, "next") == ["Due next"]
        assert set(titles(first, "later")) == {"Due later", "Aside"}
        assert "Why you see this." in first
        aside = re.search(r'/accounts/[^"]*/ctas/4', first)
        assert aside is not None
        await sent(eve, f"{aside[0]}/snooze", "?back=/day", until="2031-01-01T09:00")
        second = (await eve.get("/day")).text
        assert "Put aside" in second
        assert titles(second, "later") == ["Due later"]
        done = await sent(eve, f"{path(account)}/ctas/2/close", "?back=/day", outcome="done")
        assert done.headers["location"] == "/day"
        third = (await eve.get("/day")).text
    assert titles(third, "next") == []
    assert "Closed: Due next." in third


async def test_somebody_elses_day_and_everyones(house: House) -> None:
    name, account = f"Finn {uuid4().hex[:6]}", house.town.account("finn")
    await house.lifecycles.start(account, {"name": "Finn's", "csm": name}, actor=name)
    await house.cta(account, f"Of {name}", owner="csm")
    async with house.person(Role.VIEWER, "Vera") as vera:
        assert f"Of {name}" not in (await vera.get("/day?of=mine")).text
        hers = (await vera.get("/day")).text
        assert f"Of {name}" in hers
        assert "No account and no CTA is in your name, Vera" in hers
        assert '<option value="all" selected>' in hers
        asked = await vera.get("/day", params={"of": name})
        assert f"Of {name}" in asked.text
        assert f'<option value="{name}" selected>' in asked.text
        assert "Close:" not in asked.text
        assert f"Of {name}" in (await vera.get("/day?of=all")).text
        team = await vera.get("/day?of=customer_success")
        assert team.status_code == 200
        assert f"Of {name}" not in team.text
        start = await vera.get("/")
    assert start.headers["location"] == "/day"


async def test_t16_late_and_stuck_accounts_and_renewals_of_mine(house: House) -> None:
    name = f"Gil {uuid4().hex[:6]}"
    soon = (datetime.now(UTC) + timedelta(days=20)).date().isoformat()
    mine = await house.customer("gils", days=80)
    await house.lifecycles.set_fields(mine, {"csm": name, "renewal_date": soon}, actor=name)
    other = await house.customer("others", days=80)
    async with house.person(name=name) as gil:
        page = (await gil.get("/day")).text
    late = page.partition('aria-label="Late and stuck"')[2].partition("</section>")[0]
    assert path(mine) in late
    assert path(other) not in late
    renewals = page.partition('aria-label="Renewals soon"')[2].partition("</section>")[0]
    assert path(mine) in renewals
    assert path(other) not in renewals


async def test_the_cta_beside_the_list(house: House) -> None:
    account = await house.customer("beside")
    await house.cta(account, "Look at me", owner="csm", playbook="renewal")
    async with house.person() as ann:
        page = (await ann.get(path(account))).text
        number = page.partition(">Look at me</a>")[0].rpartition("/ctas/")[2].partition('"')[0]
        part = await ann.get(f"/day/cta/{path(account).rpartition('/')[2]}/{number}")
    assert part.text.lstrip().startswith("<section")
    assert "Get the signature" in part.text
    assert "If you do nothing:" in part.text
