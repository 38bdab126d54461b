"""Unpublish, publish again, edit, be refused, publish a version: through a real worker, without JavaScript."""

import html
import re
from datetime import UTC, datetime, timedelta

import httpx2

from lifecycle.core.inputs import Adopt
from lifecycle.roles import Role
from lifecycle.store.definitions import current_book, published
from lifecycle.store.drafts import draft_of
from lifecycle.store.effects import WantedEffects, effects
from lifecycle.store.stage_counts import stage_counts
from lifecycle.web.pages.lifecycles.editing import as_file
from tests.clock import until
from tests.web.people.house import House, hidden

JOURNEY = "/lifecycles/customer_journey"
ADA = "Ada"
TEXT = re.compile(r'<textarea id="text"[^>]*>\n(.*?)</textarea>', re.DOTALL)


async def text_of(browser: httpx2.AsyncClient, part: str) -> str:
    """What stands in the editor."""
    page = (await browser.get(f"/lifecycles/{part}/edit")).text
    [found] = TEXT.findall(page)
    return html.unescape(found)


async def send(
    browser: httpx2.AsyncClient, part: str, text: str, then: str = "check"
) -> httpx2.Response:
    """A button of the editor; browsers end lines in their own way."""
    form = hidden((await browser.get(f"/lifecycles/{part}/edit")).text)
    answer = await browser.post(
        f"/lifecycles/{part}/edit",
        data={**form, "text": text.replace("\n", "\r\n"), "then": then},
    )
    return await browser.get(answer.headers["location"]) if answer.status_code == 303 else answer


async def publish(browser: httpx2.AsyncClient, part: str, **more: str) -> httpx2.Response:
    form = await browser.get(f"/lifecycles/{part}/publish")
    assert form.status_code == 200, form.text
    answer = await browser.post(f"/lifecycles/{part}/publish", data={**hidden(form.text), **more})
    return await browser.get(answer.headers["location"]) if answer.status_code == 303 else answer


async def switch(browser: httpx2.AsyncClient, name: str) -> httpx2.Response:
    """Press what the dialog of an automation offers."""
    address = f"{JOURNEY}/automations/{name}/switch"
    form = await browser.get(address)
    assert form.status_code == 200, form.text
    answer = await browser.post(address, data=hidden(form.text))
    assert answer.status_code == 303, answer.text
    return await browser.get(answer.headers["location"])


async def test_v12_an_unpublished_automation_does_nothing_until_it_is_published_again(
    house: House,
) -> None:
    """A running account whose first milestone comes while the line is off stays; afterwards the line works again."""
    account = await house.customer("switched", days=3)
    assert await house.stage(account) == "onboarding"
    async with house.person(Role.ADMIN, ADA) as ada:
        page = (await switch(ada, "first_milestone")).text
        assert "first_milestone is unpublished. Published Customer journey, version 1.2." in page
        await adopted(house, account)
        await house.town.report(account, "training.completed")
        await house.town.recorded(account, lambda state: state.fields.get("training_completed_on"))
        assert await house.stage(account) == "onboarding"
        on = (await switch(ada, "first_milestone")).text
        assert "first_milestone is published. Published Customer journey, version 1.3." in on
        await adopted(house, account, 2)
        await house.town.report(account, "product.went_live")
        await house.town.in_stage(account, "customer_journey", "launched")
        shown = (await ada.get(JOURNEY)).text
        row = shown[shown.index('id="a-4"') :]
        assert re.search(r"</span>1</td>", row[:2_000])  # it fired once in the last 30 days
        versions = (await ada.get(f"{JOURNEY}/versions/1.2")).text
        assert "Switched off" in versions
        assert "published: no" in versions


async def adopted(house: House, account: str, times: int = 1) -> None:
    """The account has taken so many publications over."""

    async def count() -> int:
        entries = await house.town.journal(account)
        return sum(isinstance(entry.input, Adopt) for entry in entries)

    await until(count, lambda number: number >= times)


async def test_bad_yaml_is_shown_at_its_lines_and_kept(house: House) -> None:
    """Did you mean; what was typed is there after a reload."""
    async with house.person(Role.ADMIN, "Bea") as bea:
        text = (await text_of(bea, "sales")).replace(
            "when: opportunity.created", "when: opportunity.creatd"
        )
        page = await send(bea, "sales", text)
        line = text[: text.index("creatd")].count("\n") + 1
        assert f'data-line="{line}"' in page.text
        assert "There is no event `opportunity.creatd`." in html.unescape(page.text)
        assert "opportunity.created" in page.text  # the remedy
        assert await text_of(bea, "sales") == text
        refused = await bea.get("/lifecycles/sales/publish")
        assert "There is no event" in refused.text
        form = hidden(refused.text)
        answer = await bea.post("/lifecycles/sales/publish", data=form)
        assert answer.status_code >= 400
        assert await text_of(bea, "sales") == text
        assert (await current_book(house.door.store))[0].lifecycles["sales"].version == 1
        await bea.post("/lifecycles/sales/discard")
        assert await draft_of(house.door.store, "sales", "Bea") is None


async def test_r14_what_needs_a_new_number_is_refused_until_it_has_one(house: House) -> None:
    """R14, R24: raised by a button that keeps the comments; accounts change over as chosen."""
    lead = house.town.account("lead")
    await house.town.update_with_start(lead, {"name": "Lead"})
    async with house.person(Role.ADMIN, "Cleo") as cleo:
        before = await text_of(cleo, "sales")
        text = before.replace("stuck after: 60 days", "stuck after: 50 days")
        page = await send(cleo, "sales", text)
        assert "`stuck after` of the stage `lead` changed, and version 1 is published." in page.text
        assert "Make this version 2" in page.text
        page = await send(cleo, "sales", text, "raise")
        raised = await text_of(cleo, "sales")
        assert raised == text.replace("version: 1\n", "version: 2\n")
        assert "Lead, stuck after" in page.text
        question = await cleo.get("/lifecycles/sales/publish")
        assert "Accounts already inside change over" in question.text
        assert "under version 1; new accounts start under version 2" in question.text
        unsaid = await cleo.post("/lifecycles/sales/publish", data=hidden(question.text))
        assert unsaid.status_code == 422
        assert "Say when they take it over" in unsaid.text
        done = await publish(cleo, "sales", policy="at once")
        assert "Published Sales, version 2." in done.text
    await house.town.recorded(lead, lambda state: state.versions.get("sales") == 2)
    rows = list(await published(house.door.store, "sales"))
    assert [(row.version, row.actor, row.door, row.policy) for row in rows] == [
        (1, "first start", "", ""),
        (2, "Cleo", "page", "at once"),
    ]
    assert rows[-1].source == raised


async def test_two_who_write_at_once_do_not_take_back_each_other(house: House) -> None:
    """The second is told, takes it over, and goes on."""
    async with (
        house.person(Role.ADMIN, "Dan") as dan,
        house.person(Role.ADMIN, "Eve") as eve,
    ):
        text = await text_of(dan, "playbooks")
        mine = text.replace("At-risk rescue", "Rescue at risk", 1)
        assert mine != text
        await send(dan, "playbooks", mine)
        await send(eve, "playbooks", text.replace("At-risk rescue", "Rescuing", 1))
        assert "Published Playbooks, version 2." in (await publish(eve, "playbooks")).text
        refused = await dan.post("/lifecycles/playbooks/publish", data={"seen": "x"})
        assert refused.status_code >= 400
        assert "Eve published version 2 since you began" in refused.text
        assert await text_of(dan, "playbooks") == mine
        await dan.post("/lifecycles/playbooks/rebase")
        stale = await dan.post("/lifecycles/playbooks/publish", data={"seen": "x"})
        assert "changed since you looked" in stale.text
        assert "version 3" in (await publish(dan, "playbooks")).text
    book, _ = await current_book(house.door.store)
    assert "Rescue at risk" in {one.title for one in book.playbooks.values()}


async def test_an_older_version_is_brought_back_as_the_next_one(house: House) -> None:
    async with house.person(Role.ADMIN, "Fay") as fay:
        text = await text_of(fay, "escalation")
        await send(
            fay,
            "escalation",
            text.replace("expected: 1 business day\n", "expected: 2 business days\n"),
            "raise",
        )
        assert "version 2" in (await publish(fay, "escalation", policy="never")).text
        begun = await fay.get("/lifecycles/escalation/edit?begin=1")
        assert begun.status_code == 303
        assert await text_of(fay, "escalation") == text.replace("version: 1\n", "version: 3\n")
        assert "version 3" in (await publish(fay, "escalation", policy="at once")).text


async def test_publishing_again_tells_what_happens_at_once(house: House) -> None:
    """A line that fell due while it was off does its work as soon as it is on: said before the button."""
    async with house.person(Role.ADMIN, "Gil") as gil:
        await switch(gil, "training_reminder")
        account = await house.customer("due", days=8)
        form = await gil.get(f"{JOURNEY}/automations/training_reminder/switch")
        assert "Publish training_reminder" in form.text
        assert "Sends “training_reminder” once. It cannot be taken back." in form.text
        await switch(gil, "training_reminder")
        await adopted(house, account)
        made = await effects(house.door.store, WantedEffects(account=account))
        assert "training_reminder" in {row.name for row in made}


async def test_r15_what_is_parked_and_what_is_held_is_told(house: House) -> None:
    """R15, R18: how many accounts stand where a parked line would move them; in how many on hold one is due."""
    await house.customer("parked", days=3)
    held = await house.customer("held", days=20)
    until_later = datetime.now(UTC) + timedelta(days=30)
    soon = until_later.date()
    await house.lifecycles.hold(held, until_later, actor=ADA, reason="wait")
    await house.lifecycles.set_fields(held, {"renewal_date": soon.isoformat()}, actor=ADA)
    async with house.person(Role.ADMIN, "Hal") as hal:
        text = await text_of(hal, "customer_journey")
        closed = text.replace("    label: Launched\n", "    label: Launched\n    disabled: true\n")
        await send(hal, "customer_journey", closed)
        assert "in place" in (await hal.get(f"{JOURNEY}/publish")).text
        assert "Published Customer journey" in (await publish(hal, "customer_journey")).text
        page = (await hal.get(JOURNEY)).text
        standing = (await stage_counts(house.door.store))[0]["customer_journey"]["onboarding"]
        told = f"Parked: Launched is disabled, {standing} account"
        assert page.count(told) == 2  # by a milestone, and by time
        assert "Due in 1 account on hold" in page
        assert "disabled" in page[page.index('<svg class="graph"') : page.index("</svg>\n</div>")]
        await send(hal, "customer_journey", text)
        await publish(hal, "customer_journey")


async def test_who_looks_sees_all_and_changes_nothing(house: House) -> None:
    async with house.person(Role.VIEWER, "Vic") as vic:
        page = (await vic.get(JOURNEY)).text
        assert "When an opportunity is closed won, move to Onboarding" in page
        assert "Unpublish" not in page
        assert "Edit YAML" not in page
        assert "lifecycle: customer_journey" in (await vic.get(f"{JOURNEY}/yaml")).text
        for address in ("edit", "publish", "automations/welcome/switch"):
            assert (await vic.get(f"{JOURNEY}/{address}")).status_code == 403
            assert (await vic.post(f"{JOURNEY}/{address}")).status_code == 403
        assert (await vic.get("/lifecycles/custmer_journey")).status_code == 404


async def test_every_part_is_read_in_plain_words(house: House) -> None:
    """G8: entry by entry."""
    said = {
        "account": "Renewal date",
        "events": "Carries",
        "directory": "Working days: Monday, Tuesday, Wednesday, Thursday and Friday.",
        "playbooks": "1. ",
        "segments": "Accounts of which this holds:",
        "scorecards": "The score is their mean by weight",
    }
    async with house.person(Role.VIEWER, "Vic") as vic:
        listed = (await vic.get("/lifecycles")).text
        for part, words in said.items():
            assert f'href="/lifecycles/{part}"' in listed
            assert words in (await vic.get(f"/lifecycles/{part}")).text


def test_lines_end_as_in_files() -> None:
    assert as_file("a\r\nb\r\n") == "a\nb\n"
    assert as_file("a\rb") == "a\nb\n"
    assert as_file("") == ""
