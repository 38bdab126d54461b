"""What is asked becomes a saved segment: published like everything that is defined, or shown as YAML."""

import html
import re
from uuid import uuid4

import pytest

from lifecycle.core.changes import Entry
from lifecycle.core.inputs import Adopt
from lifecycle.core.refusal import Refusal
from lifecycle.definition.asked import condition_asked
from lifecycle.definition.new_segment import NewSegment, id_of, with_segment
from lifecycle.definition.outline import read_outline
from lifecycle.roles import Role
from lifecycle.store.definitions import current_book
from tests.clock import until
from tests.definitions.sources import SHIPPED, book, codes, read
from tests.web.people.house import House

WHERE = "renewal_date is in the next 90 days\nany of:\n  health is red\n  not: has open cta of risk"


def new(name: str = "mine") -> NewSegment:
    return NewSegment(name, 'Renewals: "soon" & #1', "", read_outline(WHERE))


@pytest.mark.parametrize(
    "text",
    [
        SHIPPED["segments.yaml"],
        "",
        "segments:",
        "segments:\n",
        "# ours\nsegments:\n    us:\n        title: Us\n        where: sales is lead\n\n\n# end\n",
    ],
)
def test_a_segment_is_added_and_all_others_stay(text: str) -> None:
    made = with_segment(text, new())
    assert made.startswith(text.rstrip())
    found = read({"segments.yaml": made})
    others = {one.message for one in found.problems if one.is_error and "mine" in one.message}
    assert others | (set(codes(found)) - {"unknown_segment"}) == set()
    if found.book is not None:
        saved = found.book.segments.pop("mine")
        assert saved.title == 'Renewals: "soon" & #1'
        assert saved.where == condition_asked([WHERE], found.book)
        assert found.book.segments == book().segments


@pytest.mark.parametrize(
    "text",
    ["segments: {leads: {where: sales is lead}}", "- a", "segments:\n  x: [", "others:\n  a: 1"],
)
def test_an_unusual_text_is_left_to_a_person(text: str) -> None:
    with pytest.raises(Refusal, match="nothing can be added") as caught:
        with_segment(text, new())
    assert caught.value.code == "not_editable"


@pytest.mark.parametrize(
    ("title", "name"),
    [("Renewals at risk!", "renewals_at_risk"), ("90 days", "days"), ("Ärger", "rger"), ("!", "")],
)
def test_an_id_is_made_of_the_title(title: str, name: str) -> None:
    assert id_of(title) == name


async def test_t16_an_administrator_saves_a_segment_and_it_counts_at_once(house: House) -> None:
    name = f"mine_{uuid4().hex[:6]}"
    async with house.person(Role.ADMIN, "Ada") as ada:
        form = await ada.get("/segments/new", params={"where": WHERE})
        assert "Save segment" in form.text
        typed = {"where": WHERE, "title": "Mine: soon", "id": name, "description": "Call them."}
        answer = await ada.post("/segments/new", data=typed)
        assert answer.status_code == 303, answer.text
        assert answer.headers["location"] == f"/accounts?segment={name}"
        page = (await ada.get(answer.headers["location"])).text
        again = await ada.post("/segments/new", data=typed)
    assert "<h1>Mine: soon</h1>" in page
    assert "Call them." in page
    assert again.status_code == 409
    assert f"There is a segment &#39;{name}&#39; already." in again.text
    saved = (await current_book(house.door.store))[0].segments[name]
    assert saved.title == "Mine: soon"


async def test_r24_running_accounts_take_it_over(house: House) -> None:
    account = await house.customer("taker")
    async with house.person(Role.ADMIN, "Ada") as ada:
        typed = {"where": "plan is Pro", "title": f"Taken {uuid4().hex[:6]}"}
        assert (await ada.post("/segments/new", data=typed)).status_code == 303

    async def taken_over() -> list[Entry]:
        entries = await house.town.journal(account)
        return [entry for entry in entries if isinstance(entry.input, Adopt)]

    assert await until(taken_over)


async def test_who_may_not_publish_gets_the_lines_to_copy(house: House) -> None:
    async with house.person() as ann:
        form = await ann.get("/segments/new", params={"where": WHERE})
        assert "Save segment" not in form.text
        assert (await ann.post("/segments/new", data={"title": "x"})).status_code == 403
        typed = {"where": WHERE, "title": "Mine: soon"}
        shown = await ann.get("/segments/yaml", params=typed)
    yaml = html.unescape(re.findall(r'<pre class="mono yaml"[^>]*>([^<]*)</pre>', shown.text)[0])
    assert yaml.splitlines()[:3] == ["  mine_soon:", "    title: 'Mine: soon'", "    where:"]
    assert "          - not: has open cta of risk" in yaml


@pytest.mark.parametrize(
    ("typed", "said"),
    [
        ({"title": ""}, "A segment needs a title."),
        ({"title": "T", "id": "Not An Id"}, "cannot be the id of a segment"),
        ({"title": "T", "id": "leads"}, "already."),
        ({"title": "T", "where": ""}, "would hold everybody"),
        ({"title": "T", "where": "helth is red"}, "There is no field or lifecycle `helth`."),
        ({"title": "T", "where": "any of:\nplan is Pro"}, "Nothing stands under"),
    ],
)
async def test_what_cannot_be_saved_is_said_and_nothing_typed_is_lost(
    house: House, typed: dict[str, str], said: str
) -> None:
    before, _ = await current_book(house.door.store)
    async with house.person(Role.ADMIN, "Ada") as ada:
        sent = {"where": WHERE, "description": "kept words", **typed}
        answer = await ada.post("/segments/new", data=sent)
    assert answer.status_code in (409, 422)
    assert said in html.unescape(answer.text)
    assert "kept words" in answer.text
    assert (await current_book(house.door.store))[0].segments == before.segments
