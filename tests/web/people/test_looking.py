"""What the account page shows, and what it does not: whoever is away, whatever an id or a name holds."""

import re
from datetime import UTC, datetime, timedelta

import pytest

from lifecycle.roles import Role
from lifecycle.store.effects import WantedEffects, effects
from lifecycle.store.tables import EffectStatus
from lifecycle.web.app import make_app
from lifecycle.web.door import Door
from tests.clock import until
from tests.web.as_who import as_role
from tests.web.conftest import nowhere
from tests.web.people.house import ANN, House, hidden, path, sent

STYLED = re.compile(r"\s(?:style|on[a-z]+)=\"|<script(?![^>]*\ssrc=)|javascript:", re.IGNORECASE)


async def page(house: House, address: str, role: Role = Role.CSM) -> str:
    async with house.person(role) as somebody:
        answer = await somebody.get(address)
    assert answer.status_code == 200, answer.text
    return answer.text


async def test_it_says_where_the_account_is_what_comes_and_why(house: House) -> None:
    """N3, N4, T11: the three questions, with the values that decide."""
    acme = await house.customer(days=20)
    shown = await page(house, path(acme, "?lifecycle=customer_journey"))
    assert "Customer journey: Launched, 6 days. Change stage" in shown
    assert re.search(r"<b>6 days</b>\s*<span class=\"dim\">of 45 days</span>", shown)
    assert "Moves to Adopting" in shown
    assert "0 of 2 so far" in shown
    assert "Training completed on is filled in" in shown
    assert "Active users – and Log-ins a week –" in shown
    assert "Is stuck in Launched" in shown
    assert "14 days after entering Onboarding." in shown
    assert "two_weeks_passed v1" in shown
    assert not STYLED.search(shown)


async def test_l15_l16_l17_r7_a_section_that_is_hidden_says_why(house: House) -> None:
    account = house.town.account("lead")
    await house.lifecycles.start(account, {"name": "Lead"}, actor=ANN)
    hidden_one = await page(house, path(account))
    assert "<span>Customer Success</span>" in hidden_one
    why = hidden_one.partition("<span>Customer Success</span>")[2].partition("</details>")[0]
    assert "Account type is “Customer” or “Churn”" in why
    assert "(Account type Prospect)" in why
    assert "customer_stages" not in why
    acme = await house.customer()
    shown = await page(house, path(acme))
    assert '<section class="card" aria-label="Customer Success">' in shown
    assert '<section class="card" aria-label="Customer Lifecycle Stage Timestamps">' in shown
    assert "Not reached" in shown


async def test_r15_a_disabled_stage_and_the_present_one_are_shown_with_why_not(
    house: House,
) -> None:
    acme = await house.customer()
    shown = await page(house, path(acme))
    assert re.search(r'aria-disabled="true" title="is here">.*?Launched', shown)
    assert f"{path(acme)}/stages/customer_journey?stage=None&amp;revision=" in shown


async def test_n3_what_changed_nothing_is_told_and_can_be_asked_for(house: House) -> None:
    acme = await house.customer(days=20)
    await house.lifecycles.report_event(acme, "opportunity.closed_won", {}, id="again")
    everything = await page(house, path(acme))
    assert "Customer stages is already at Onboarding." in everything
    still = await page(house, path(acme, "?only=unchanged"))
    assert "Nothing changed</span>" in still
    assert "two_weeks_passed v1" not in still
    moves = await page(house, path(acme, "?only=moves"))
    assert "two_weeks_passed v1" in moves
    assert "already at Onboarding" not in moves


async def test_the_past_is_read_a_page_at_a_time(house: House) -> None:
    acme = await house.customer()
    for seats in range(15):
        await house.lifecycles.set_fields(acme, {"seats": seats + 1}, actor=ANN)
    first = await page(house, path(acme))
    more = re.search(r'hx-get="([^"]*/past[^"]*)"', first)
    assert more is not None
    assert "Seats bought</s><b>14 → 15" in first
    assert "Seats bought</s><b>1 → 2" not in first
    async with house.person() as ann:
        rows = await ann.get(
            more[1].replace("&amp;", "&"),
            headers={"HX-Request": "true", "HX-Request-Type": "partial"},
        )
        assert rows.text.lstrip().startswith("<li")
        assert "Seats bought</s><b>1 → 2" in rows.text
        plain = await ann.get(more[1].replace("&amp;", "&"))
    assert plain.headers["location"].startswith(path(acme) + "?only=&before=")


@pytest.mark.parametrize("odd", ["a/b", "50%", "ä ö?&#", "<b>", "x/undo-not", "..%2e"])
async def test_an_id_may_hold_anything(house: House, odd: str) -> None:
    account = house.town.account(odd)
    await house.lifecycles.start(account, {"name": "Odd One"}, actor=ANN)
    shown = await page(house, path(account))
    assert "<h1>Odd One</h1>" in shown
    async with house.person() as ann:
        address = path(account, "/hold")
        answer = await sent(ann, address, until="2031-02-01T09:00", reason="odd")
        assert answer.headers["location"] == path(account)
    assert (await house.state(account)).hold is not None


async def test_a_name_leads_to_its_account_and_a_slip_to_the_nearest(house: House) -> None:
    account = house.town.account("redirected")
    await house.lifecycles.start(account, {"name": f"Named {account}"}, actor=ANN)
    async with house.person() as ann:
        answer = await ann.get(path(f"Named {account}"))
        assert answer.headers["location"] == path(account)
        lost = await ann.get(path(account[:-1] + "?x"))
    assert lost.status_code == 404


async def test_markup_in_what_people_write_stays_text(house: House) -> None:
    nasty = '"><script>alert(1)</script>{{ 7*7 }}'
    acme = await house.customer(sector=nasty)
    await house.lifecycles.open_cta(acme, nasty, actor=nasty, owner=nasty)
    await house.lifecycles.hold(
        acme, datetime.now(UTC) + timedelta(days=3), actor=nasty, reason=nasty
    )
    for rest in ("", "/undo", "/hold", "/release", "/fields", "/ctas/new", "/visits", "/forecast"):
        shown = await page(house, path(acme, rest))
        assert "<script>alert" not in shown
        assert not STYLED.search(shown)


async def test_pages_are_there_and_forms_are_kept_while_temporal_is_away(house: House) -> None:
    acme = await house.customer()
    app = make_app(Door(house.door.settings, house.door.store, await nowhere()))
    async with as_role(app, house.door.store, Role.CSM, name=ANN) as ann:
        assert (await ann.get(path(acme))).status_code == 200
        assert (await ann.get("/day")).status_code == 200
        form = await ann.get(path(acme, "/hold"))
        typed = {**hidden(form.text), "until": "2031-02-01T09:00", "reason": "kept words"}
        answer = await ann.post(path(acme, "/hold"), data=typed)
    assert answer.status_code == 503
    assert "The Temporal server does not answer" in answer.text
    assert ">kept words</textarea>" in answer.text


async def test_an_email_is_shown_as_it_was_sent_and_can_do_nothing(house: House) -> None:
    acme = await house.customer(days=1)
    await house.lifecycles.set_stage(
        acme, "customer_journey", "will_churn", actor=ANN, reason="notice"
    )
    wanted = WantedEffects(acme, EffectStatus.SENT)
    (row,) = await until(lambda: effects(house.door.store, wanted))
    async with house.person(Role.VIEWER) as vera:
        listed = await vera.get(path(acme, "/mails"))
        assert str(row.subject) in listed.text
        (address,) = set(re.findall(r'href="(/mails/[^"]*)"', listed.text))
        mail = await vera.get(address)
        html = await vera.get(f"{address}/html")
    assert "sandbox" in mail.text
    assert "frame-src 'self'" in mail.headers["content-security-policy"]
    assert html.text == row.html
    policy = html.headers["content-security-policy"]
    assert policy.startswith("sandbox; default-src 'none'")
    assert "script-src" not in policy


async def test_deeper_looks(house: House) -> None:
    """N4, R5, T16: the forecast, all visits with those undone, a score taken apart."""
    acme = await house.customer(days=20)
    await house.lifecycles.set_stage(acme, "customer_journey", "renewal", actor=ANN, reason="oops")
    await house.lifecycles.undo(acme, actor=ANN, reason="wrong")
    forecast = await page(house, path(acme, "/forecast?days=90"))
    assert "The time expected has passed in Customer journey" in forecast
    visits = await page(house, path(acme, "/visits?lifecycle=customer_journey"))
    assert re.search(r'<tr class="undone">.*?Renewal', visits, re.DOTALL)
    score = await page(house, path(acme, "/score/health"))
    assert "Because" in score
    assert "Customer journey is in a stage" in score
    assert "for 100: Active users is at least 20" in score
    assert "active_users" not in score
    async with house.person() as ann:
        assert (await ann.get(path(acme, "/score/nonsense"))).status_code == 404
