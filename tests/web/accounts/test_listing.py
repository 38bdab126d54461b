"""The list of accounts without JavaScript: chosen, shown, sorted, paged, refused; the numbers beside it."""

import html
import re
from datetime import UTC, datetime, timedelta
from uuid import uuid4

import httpx2

from lifecycle.roles import Role
from lifecycle.store.accounts import Wanted
from lifecycle.telling.accounts import found
from lifecycle.telling.ahead import whats_next
from lifecycle.telling.listing import listing
from lifecycle.telling.viewer import Viewer
from tests.web.people.house import ANN, House

NAME = re.compile(r'<th scope="row">(?:<input [^>]*>)?<a [^>]*>([^<]*)</a>')
TEXT = re.compile(r"<[^>]+>")


def names(page: str) -> list[str]:
    """The accounts of the table, in order."""
    return [html.unescape(one) for one in NAME.findall(page)]


def line(page: str, name: str) -> str:
    """A line of the table as it reads."""
    row = page.partition(f">{name}</a>")[2].partition("</tr>")[0]
    return " ".join(html.unescape(TEXT.sub(" ", row)).split())


def text(page: str) -> str:
    """What stands in the box for the text."""
    return html.unescape(re.findall(r"<textarea[^>]*>([^<]*)</textarea>", page)[0])


async def ask(person: httpx2.AsyncClient, *where: str, **more: str) -> httpx2.Response:
    return await person.get("/accounts", params={"where": list(where), **more})


async def sector(house: House, *names: str, days: float = 20) -> str:
    """Customers in a sector of their own; its name."""
    own = uuid4().hex[:8]
    for name in names:
        await house.customer(name, days=days, sector=own)
    return own


async def test_t17_a_sentence_chooses_and_every_column_says_where_they_stand(house: House) -> None:
    own = await sector(house, "birch", "alder", days=70)
    async with house.person() as ann:
        page = await ask(
            ann, f"sector is {own}\ncustomer_journey is launched for more than 30 days"
        )
    assert page.status_code == 200
    assert names(page.text) == ["Alder", "Birch"]
    assert line(page.text, "Alder").startswith("Launched 56 of 45 Late AL Ann Lee")
    assert "EUR 48,000" in line(page.text, "Alder")
    assert "1 May 2031" in line(page.text, "Alder")
    assert text(page.text).splitlines()[0] == f"sector is {own}"


async def test_n4_what_happens_next_is_the_first_that_is_foretold(house: House) -> None:
    own = await sector(house, "beech", days=5)
    async with house.person() as ann:
        page = (await ask(ann, f"sector is {own}")).text
    account = re.findall(r'href="/accounts/(beech[^"]*)"', page)[0]
    of = await found(house.door.store, account, house.door.now())
    first = whats_next(of.book, of.state)[0].at
    assert f" {first.day} {first:%b}" in line(page, "Beech")


async def test_t22_r17_accounts_without_a_value_are_counted_and_shown_as_none(house: House) -> None:
    own = await sector(house, "cedar")
    async with house.person() as ann:
        page = await ask(
            ann, f"sector is {own}", "escalation is not one of open", column="escalation"
        )
        other = await ask(ann, f"sector is {own}", column="escalation")
    assert "1 of them with no stage in Escalation (None)" in page.text
    assert "of them with no stage" not in other.text
    assert line(page.text, "Cedar") == "None"


async def test_t16_a_saved_segment_is_shown_in_its_own_words_and_can_be_changed(
    house: House,
) -> None:
    async with house.person() as ann:
        page = (await ann.get("/accounts?segment=stuck_before_adopting")).text
        assert "<h1>Stuck before adopting</h1>" in page
        assert ">Edited<" not in page
        words = "customer_journey is one of onboarding, launched for more than 30 days\ntype is Customer"
        assert text(page) == words
        builder = page.partition('id="sentence"')[2].partition("</form>")[0]
        kept = dict(
            re.findall(r'<input type="hidden" name="(like|segment)" value="([^"]*)">', builder)
        )
        assert kept == {"like": "stuck_before_adopting"}
        edited = (await ann.get("/accounts", params={**kept, "where": "type is Customer"})).text
    assert "<h1>Stuck before adopting</h1>" in edited
    assert ">Edited<" in edited


async def test_the_builder_without_javascript_leads_to_the_list(house: House) -> None:
    query = {
        "0-was": "plan",
        "0-subject": "plan",
        "0-verb": "is one of",
        "0-values": "Pro",
        "do": "add:",
    }
    async with house.person() as ann:
        answer = await ann.get(
            "/segments/sentence", params={**query, "as_of": "2026-01-31", "like": "leads"}
        )
        assert answer.status_code == 303
        page = await ann.get(answer.headers["location"])
    assert text(page.text) == "plan is Pro\ncustomer_journey is onboarding"
    assert "As of 31 Jan 2026" in page.text
    assert ">Edited<" in page.text


async def test_a_wrong_line_has_its_caret_and_the_others_stay(house: House) -> None:
    """R16: refused in words, nothing typed is lost, what can be shown is."""
    async with house.person() as ann:
        page = await ask(ann, "helth is red\nplan is Pro\nname contains")
        assert page.status_code == 422
        assert "  helth is red\n  ^^^^^" in html.unescape(page.text)
        assert "Did you mean health?" in page.text
        assert text(page.text) == "helth is red\nplan is Pro\nname contains"
        assert page.text.count('aria-invalid="true"') >= 2
        assert 'name="1-values" value="Pro" checked' in page.text
        outline = await ask(ann, "any of:\nplan is Pro")
    assert outline.status_code == 422
    assert "Nothing stands under `any of:`." in outline.text
    assert 'id="sentence"' not in outline.text


async def test_each_line_tells_how_many_match_it_alone(house: House) -> None:
    own = await sector(house, "dogwood", "elder")
    async with house.person() as ann:
        one = await ann.get("/segments/count", params={"where": f"sector is {own}"})
        none = await ann.get("/segments/count", params={"where": "helth is red"})
        past = {"where": f"sector is {own}", "as_of": "2020-01-01"}
        before = await ann.get("/segments/count", params=past)
        beside = await ann.get("/segments/counts")
    assert (one.text, none.text, before.text) == ("2 match", "", "0 match")
    shown = dict(
        re.findall(
            r'<span class="cut">([^<]*)</span><span class="n tnum">([\d,]*)</span>', beside.text
        )
    )
    assert int(shown["Customers"]) >= 2
    assert all(number.isdigit() for number in shown.values())


async def test_pages_are_turned_and_sorted_by_any_column(house: House) -> None:
    own = await sector(house, "fir")
    accounts = [house.town.account(f"p{number:02}-{own}") for number in range(52)]
    for number, account in enumerate(accounts):
        await house.lifecycles.start(
            account, {"name": f"P {number:02}", "sector": own, "seats": number}, actor=ANN
        )
    async with house.person() as ann:
        first = (await ask(ann, f"sector is {own}")).text
        assert len(names(first)) == 50
        assert "50 of 53" in first
        after = html.unescape(re.findall(r'rel="next" href="([^"]*)"', first)[0])
        second = (await ann.get(after)).text
        assert names(first) + names(second) == sorted(names(first) + names(second))
        assert len(names(second)) == 3
        assert "First page" in second
        most = (await ask(ann, f"sector is {own}", column="seats", sort="-seats")).text
    assert names(most)[:3] == ["P 51", "P 50", "P 49"]
    assert 'aria-sort="descending"' in most


async def test_every_column_stands_there_once(house: House) -> None:
    own = await sector(house, "hazel")
    async with house.person() as ann:
        for more in ({}, {"column": "name"}):
            page = (await ask(ann, f"sector is {own}\nname contains haz", **more)).text
            assert names(page) == ["Hazel"]


async def test_the_list_says_what_the_other_doors_say(house: House) -> None:
    """One answer at every door: the search, late, on hold."""
    own = await sector(house, f"gum{uuid4().hex[:6]}", days=70)
    viewer = Viewer(house.door.store, datetime.now(UTC), UTC)
    async with house.person() as ann:
        for asked, wanted in {"search": Wanted(search="gum"), "show": Wanted(late=True)}.items():
            told = await listing(viewer, wanted, sort="name")
            value = "gum" if asked == "search" else "late"
            page = (await ann.get("/accounts", params={asked: value})).text
            assert names(page) == [one.name for one in told.listing.accounts]
            assert f"{told.listing.total} of" in page
        held = await house.customer("held", sector=own)
        until = datetime.now(UTC) + timedelta(days=9)
        await house.lifecycles.hold(held, until, actor=ANN, reason="their move")
        page = (await ask(ann, f"sector is {own}", show="hold")).text
    assert names(page) == ["Held"]
    assert "On hold to" in line(page, "Held")


async def test_n5_as_of_a_day_before_there_was_anything(house: House) -> None:
    async with house.person() as ann:
        page = await ask(ann, as_of="2020-01-31")
        assert page.status_code == 200
        assert "As of 31 Jan 2020" in page.text
        assert "2020-01-31</summary>" not in page.text
        assert names(page.text) == []
        refused = await ask(ann, as_of="2020-01-31", show="late")
    assert refused.status_code == 422
    assert "asked of the present only" in refused.text


async def test_a_viewer_looks_and_a_service_does_not(house: House) -> None:
    async with house.person(Role.VIEWER, "Vera") as vera:
        page = await vera.get("/accounts?segment=customers")
        assert page.status_code == 200
        assert "Start campaign" not in page.text
        assert (await vera.get("/campaigns/new")).status_code == 403
        assert (await vera.post("/imports")).status_code == 403
    async with house.person(Role.SERVICE, "a program") as program:
        assert (await program.get("/accounts")).status_code == 403


async def test_hostile_addresses_are_answered_in_words(house: House) -> None:
    nul = "name is \x00"
    async with house.person() as ann:
        for query in (
            {"sort": "'; drop table account"},
            {"column": "<script>alert(1)</script>"},
            {"segment": "../../etc/passwd"},
            {"after": "no such account"},
            {"where": "name is '{{ 7 * 7 }}'"},
            {"where": nul},
            {"where": "x" * 9_000},
            {"as_of": "the day before yesterday"},
            {"show": "everything"},
        ):
            page = await ann.get("/accounts", params=query)
            assert page.status_code in (200, 422), query
            assert "<script>alert" not in page.text
            assert "49" not in text(page.text) if "<textarea" in page.text else True
