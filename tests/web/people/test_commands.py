"""Every command of the account page, sent without JavaScript, carried out by a real worker."""

from datetime import UTC, datetime

from lifecycle.core.inputs import SetStage
from lifecycle.roles import Role
from lifecycle.store.effects import WantedEffects, effects
from lifecycle.store.tables import EffectKind, EffectRow, EffectStatus
from lifecycle.telling.accounts import found
from lifecycle.telling.ahead import whats_next
from lifecycle.telling.consequences import foresee
from tests.clock import until
from tests.web.people.house import ANN, House, hidden, path, sent

STAGE = "/stages/customer_journey"


async def test_v9_a_person_moves_an_account_and_what_was_told_before_happens(house: House) -> None:
    """V9, R6: the stage, the timers and the CTAs are those the dialog told of."""
    acme = await house.customer(days=3)
    before = await found(house.door.store, acme, datetime.now(UTC))
    seen = foresee(before, SetStage(before.now, ANN, "x", "customer_journey", "adopting"))
    async with house.person() as ann:
        form = await ann.get(path(acme, STAGE + "?stage=adopting"))
        assert "Launched is skipped: it gets no date." in form.text
        assert "Starts the days in Adopting at 0. Onboarding keeps its 3 days." in form.text
        answer = await sent(ann, path(acme, STAGE), "?stage=adopting", reason="rolled out already")
        assert (answer.status_code, answer.headers["location"]) == (
            303,
            path(acme, "?lifecycle=customer_journey"),
        )
        page = await ann.get(path(acme))
    assert "Acme moved to Adopting." in page.text
    assert "“rolled out already”" in page.text
    after = await found(house.door.store, acme, datetime.now(UTC))
    assert after.state.tracks["customer_journey"].stage == "adopting"
    foretold = [(one.what, one.at.date()) for one in whats_next(seen.book, seen.after)]
    assert [(one.what, one.at.date()) for one in whats_next(after.book, after.state)] == foretold


async def test_r3_a_move_needs_a_reason_and_nothing_typed_is_lost(house: House) -> None:
    acme = await house.customer()
    async with house.person() as ann:
        answer = await sent(ann, path(acme, STAGE), "?stage=renewal", reason=" ")
    assert answer.status_code == 422
    assert "A change by hand needs a reason." in answer.text
    assert 'name="stage" value="renewal"' in answer.text
    assert await house.stage(acme) == "launched"


async def test_r18_who_comes_too_late_is_told_what_happened_and_may_insist(house: House) -> None:
    acme = await house.customer(days=2)
    revision = (await house.state(acme)).revision
    await house.lifecycles.set_stage(
        acme, "customer_journey", "launched", actor="Bo", reason="live early"
    )
    question = f"?stage=adopting&revision={revision}"
    async with house.person() as ann:
        late = await sent(ann, path(acme, STAGE), question, reason="ready")
        assert late.status_code == 409
        assert "Customer journey has changed since you looked" in late.text
        assert "+00:00" not in late.text.partition('role="alert"')[2].partition("</div>")[0]
        assert "Bo sets Customer journey to Launched: “live early”" in late.text
        assert "--anyway" not in late.text
        assert await house.stage(acme) == "launched"
        insisted = await sent(ann, path(acme, STAGE), question, reason="ready", anyway="true")
    assert insisted.status_code == 303
    assert await house.stage(acme) == "adopting"


async def test_t14_the_stage_is_cleared(house: House) -> None:
    acme = await house.customer()
    async with house.person() as ann:
        answer = await sent(ann, path(acme, STAGE), "?stage=None", reason="a mistake")
    assert answer.status_code == 303
    assert await house.stage(acme) is None


async def sent_mails(house: House, account: str) -> list[EffectRow]:
    """E-mails that are out."""
    wanted = WantedEffects(account, EffectStatus.SENT, EffectKind.MAIL)
    return await effects(house.door.store, wanted)


async def test_r13_undo_tells_what_cannot_be_taken_back_before_the_button(house: House) -> None:
    acme = await house.customer(days=20)
    await house.lifecycles.set_stage(
        acme, "customer_stages", "pre_onboarding", actor=ANN, reason="wrong click"
    )
    (mailed,) = await until(lambda: sent_mails(house, acme))
    async with house.person() as ann:
        form = await ann.get(path(acme, "/undo"))
        assert "Customer stages is back at Onboarding, with its days and visits." in form.text
        assert f"“{mailed.subject}” went to customer-success@example.com." in form.text
        assert "It cannot be taken back." in form.text
        answer = await sent(ann, path(acme, "/undo"), reason="wrong account")
        assert answer.status_code == 303
        page = await ann.get(path(acme))
    assert await house.stage(acme, "customer_stages") == "onboarding"
    assert "Taken back: Customer stages: Onboarding → Pre-Onboarding." in page.text
    assert 'class="undone"' in page.text


async def test_r13_only_the_change_that_was_looked_at_is_undone(house: House) -> None:
    acme = await house.customer(days=2)
    await house.lifecycles.set_fields(acme, {"seats": 5}, actor=ANN)
    async with house.person() as ann:
        form = await ann.get(path(acme, "/undo"))
        await house.lifecycles.set_fields(acme, {"seats": 6}, actor="Bo")
        answer = await ann.post(path(acme, "/undo"), data=hidden(form.text))
    assert answer.status_code == 409
    assert "is not the newest change" in answer.text
    assert (await house.state(acme)).fields["seats"] == 6


async def test_r20_undo_pressed_twice_names_what_was_taken_back_and_nothing_else(
    house: House,
) -> None:
    acme = await house.customer(days=2, name="twice")
    for seats in (5, 6):
        await house.lifecycles.set_fields(acme, {"seats": seats}, actor=ANN)
    async with house.person() as ann:
        form = hidden((await ann.get(path(acme, "/undo"))).text)
        for _ in range(2):
            assert (await ann.post(path(acme, "/undo"), data=form)).status_code == 303
        said = (await ann.get(path(acme))).text
    assert (await house.state(acme)).fields["seats"] == 5
    assert "Taken back: Seats" not in said


async def test_r18_hold_change_its_date_and_end_it(house: House) -> None:
    acme = await house.customer(days=2)
    async with house.person() as ann:
        answer = await sent(ann, path(acme, "/hold"), until="2031-02-01T09:00", reason="a merger")
        assert answer.status_code == 303
        page = await ann.get(path(acme))
        assert "On hold until" in page.text
        assert "<q>a merger</q>" in page.text
        await sent(ann, path(acme, "/hold"), until="2031-03-01T09:00", reason="a merger")
        hold = (await house.state(acme)).hold
        assert hold is not None
        assert hold.until == datetime(2031, 3, 1, 9, tzinfo=UTC)
        past = await sent(ann, path(acme, "/hold"), until="2001-03-01T09:00", reason="late")
        assert past.status_code == 422
        assert 'value="2001-03-01T09:00"' in past.text
        assert "Choose a later date." in past.text
        assert "--until" not in past.text
        assert (await sent(ann, path(acme, "/release"))).status_code == 303
        assert (await house.state(acme)).hold is None
        nothing = await ann.get(path(acme, "/release"))
    assert nothing.status_code == 409
    assert "The account is not on hold." in nothing.text


async def test_r16_each_problem_stands_beside_its_field_and_nothing_is_lost(house: House) -> None:
    acme = await house.customer()
    address = path(acme, "/fields")
    async with house.person() as ann:
        wrong = await sent(
            ann, address, **{"new.arr": "a lot", "new.renewal_date": "soon", "new.sector": "Rail"}
        )
        assert wrong.status_code == 422
        assert "&#39;a lot&#39; is not an amount of money." in wrong.text
        assert "&#39;soon&#39; is not a date like 2026-01-31." in wrong.text
        assert 'value="a lot"' in wrong.text
        assert 'value="Rail"' in wrong.text
        assert "sector" not in (await house.state(acme)).fields
        typed = {"new.arr": "50,000.50", "new.sector": "Rail", "new.plan": "Pro", "new.csm": ""}
        right = await sent(ann, address, **typed)
        assert right.status_code == 303
    fields = (await house.state(acme)).fields
    assert (fields["arr"], fields["sector"], fields["plan"]) == (5_000_050, "Rail", "Pro")
    assert "csm" not in fields or fields["csm"] is None


async def test_what_others_changed_meanwhile_is_not_written_over(house: House) -> None:
    acme = await house.customer()
    async with house.person() as ann:
        form = hidden((await ann.get(path(acme, "/fields"))).text)
        await house.lifecycles.set_fields(acme, {"seats": 12}, actor="Bo")
        shown = {
            f"new.{name[4:]}": value for name, value in form.items() if name.startswith("was.")
        }
        await ann.post(path(acme, "/fields"), data={**form, **shown, "new.sector": "Ports"})
    fields = (await house.state(acme)).fields
    assert (fields["seats"], fields["sector"]) == (12, "Ports")


async def test_g11_g12_a_cta_from_its_opening_to_its_end(house: House) -> None:
    acme = await house.customer()
    async with house.person() as ann:
        opened = await sent(
            ann,
            path(acme, "/ctas/new"),
            title="Save them",
            owner="csm",
            due="5 business days",
            priority="high",
            playbook="at_risk_rescue",
        )
        assert opened.status_code == 303, opened.text
        page = await ann.get(path(acme))
        number = _number(page.text, "Save them")
        cta = path(acme, f"/ctas/{number}")
        assert "0 of 5" in page.text
        ticked = await ann.post(f"{cta}/tasks/call_sponsor", data={"back": cta})
        assert ticked.headers["location"] == cta
        assert "1 of 5 done" in (await ann.get(cta)).text
        aside = await sent(ann, f"{cta}/snooze", until="2031-02-01T09:00")
        assert aside.status_code == 303
        state = await house.state(acme)
        (kept,) = [one for one in state.ctas.values() if one.title == "Save them"]
        assert kept.snoozed_until == datetime(2031, 2, 1, 9, tzinfo=UTC)
        assert (await ann.post(f"{cta}/wake", data={})).status_code == 303
        given = await sent(ann, f"{cta}/assign", owner="Customer Success")
        assert given.status_code == 303
        closing = await ann.get(f"{cta}/close")
        assert "Not done yet: Agree on a plan" in closing.text
        closed = await sent(ann, f"{cta}/close", outcome="they stay")
        assert closed.status_code == 303
        story = (await ann.get(cta)).text
    assert "Closed: they stay" in story
    assert "CTA given to Customer Success" in story
    assert not [one for one in (await house.state(acme)).ctas.values() if one.title == "Save them"]


def _number(page: str, title: str) -> str:
    before = page.partition(f">{title}</a>")[0]
    return before.rpartition("/ctas/")[2].partition('"')[0]


async def test_a_form_sent_twice_counts_once(house: House) -> None:
    """R20: the same id is the same command."""
    acme = await house.customer()
    async with house.person() as ann:
        form = hidden((await ann.get(path(acme, "/ctas/new"))).text)
        typed = {**form, "title": "Only one", "owner": "csm"}
        for _ in range(2):
            assert (await ann.post(path(acme, "/ctas/new"), data=typed)).status_code == 303
    ctas = (await house.state(acme)).ctas.values()
    assert [one.title for one in ctas].count("Only one") == 1


async def test_a_cta_without_a_title_or_for_nobody_is_refused_beside_the_field(
    house: House,
) -> None:
    acme = await house.customer()
    async with house.person() as ann:
        nameless = await sent(ann, path(acme, "/ctas/new"), title=" ", due="7d", kind="risk")
        assert nameless.status_code == 422
        assert "A CTA needs a title." in nameless.text
        assert 'value="7d"' in nameless.text
        late = await sent(ann, path(acme, "/ctas/new"), title="Call", due="2026-99-99")
        assert "is no date." in late.text
        gone = await ann.get(path(acme, "/ctas/99/close"))
    assert gone.status_code == 404
    assert "has no CTA &#39;99&#39;" in gone.text


async def test_viewers_look_and_cannot_touch(house: House) -> None:
    acme = await house.customer()
    async with house.person(Role.VIEWER, "Vera") as vera:
        page = await vera.get(path(acme))
        assert page.status_code == 200
        assert "What happens next" in page.text
        for word in (
            "Undo last change",
            ">Hold<",
            "New CTA",
            "Tick off",
            "Close as done",
            ">Edit<",
        ):
            assert word not in page.text
        for rest in ("/undo", "/hold", "/release", "/fields", "/ctas/new", "/ctas/1/close", STAGE):
            assert (await vera.get(path(acme, rest))).status_code == 403
            assert (await vera.post(path(acme, rest), data={})).status_code == 403
