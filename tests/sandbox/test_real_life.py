"""What the sandbox says is what then happens, on a real server: entry for entry, mail for mail (N6)."""

from dataclasses import replace
from datetime import datetime, timedelta
from typing import Any

from lifecycle import contract
from lifecycle.core import changes as c
from lifecycle.core.codec import to_data
from lifecycle.core.fold import Fold
from lifecycle.core.inputs import Event
from lifecycle.core.state import AccountState
from lifecycle.sandbox.post import Fate
from lifecycle.sandbox.reader import read_script
from lifecycle.sandbox.trying import Begun, Tried, Wish, tried
from lifecycle.store.effects import WantedEffects, effects
from lifecycle.store.tables import EffectKind, EffectRow, EffectStatus
from lifecycle.telling.accounts import found
from tests.clock import until
from tests.workflows.town import Town

CONTACT = {
    "contact_email": "maria@example.com",
    "contact_name": "Maria",
    "csm_email": "a@b.example",
}
MINUTE = timedelta(minutes=1)
EVENTS = """
- in 3 days: {event: kickoff.held}
- in 9 days: {event: escalation.opened, data: {severity: high, summary: Exports fail}}
- in 16 days: {event: usage.reported, data: {active_users: 3}}
- in 20 days: {event: training.completed}
- in 31 days: {event: usage.reported, data: {active_users: 12}}
- in 55 days: {event: notice.given, data: {reason: Budget was cut}}
"""
DAYS = 90


async def played(town: Town, account: str, begun: Begun, script: str, days: int = DAYS) -> Tried:
    """The sandbox's answer."""
    wish = Wish(days, read_script("s.yaml", script, begun.book))
    return await tried(town.store, town.settings, begun, wish)


async def begun(town: Town, account: str) -> Begun:
    """A customer whose deal is just won, at the instant its clock stands at."""
    await town.update_with_start(account, {"name": "Acme", **CONTACT})
    await town.win(account)
    await settled(town, account)
    state = await town.state(account)
    assert state.clock is not None
    of = await found(town.store, account, state.clock)
    return Begun(of.book, of.state, of.now)


async def settled(town: Town, account: str) -> list[EffectRow]:
    """Wait until every delivery has ended."""

    async def look() -> list[EffectRow]:
        return list(await effects(town.store, WantedEffects(account=account, limit=200)))

    def ended(rows: list[EffectRow]) -> bool:
        return all(row.status not in (EffectStatus.DUE, EffectStatus.SENDING) for row in rows)

    return await until(look, ended)


def same(entry: c.Entry) -> Any:
    """An entry, but for when its event arrived: in real life a little later."""
    if isinstance(entry.input, Event):
        entry = replace(entry, input=replace(entry.input, received=entry.input.time))
    return to_data(entry, c.Entry)


async def test_n6_what_the_sandbox_says_is_what_then_happens(town: Town) -> None:
    """N6: every entry with its instants, changes and reasons; the words of every mail, to whom it went."""
    acme = town.account()
    at = await begun(town, acme)
    foretold = await played(town, acme, at, EVENTS)
    await live(town, acme, at)
    happened = [one for one in await town.journal(acme) if one.revision > at.state.revision]
    dreamt = [same(one) for one in foretold.entries]
    ends = at.now + timedelta(days=DAYS)
    assert [same(one) for one in happened if one.at <= ends] == dreamt
    assert len(dreamt) > 15
    real = {row.id: row for row in await settled(town, acme) if row.kind is EffectKind.MAIL}
    assert len(foretold.mails) >= 4
    for mail in foretold.mails:
        row = real[mail.id]
        assert mail.fate is Fate.SENT
        assert row.status is EffectStatus.SENT
        assert mail.to in (row.recipients or [])
        assert (mail.subject, mail.at) == (row.subject, row.due_at)
        if mail.to == (row.recipients or [])[0]:
            assert (mail.text, mail.html) == (row.text, row.html)


async def live(town: Town, account: str, at: Begun) -> None:
    """The same script in real life: each event a minute late, under its own time."""
    past = timedelta()
    for number, step in enumerate(read_script("s.yaml", EVENTS, at.book), start=1):
        assert step.when.after is not None
        due = step.when.after.elapsed
        await town.forward(account, seconds=(due + MINUTE - past).total_seconds())
        past = due + MINUTE
        message = {
            "id": f"step-{number}",
            "source": "sandbox",
            "type": step.act.type,  # type: ignore[union-attr]
            "time": (at.now + due).isoformat(),
            "data": step.act.data,  # type: ignore[union-attr]
        }
        await town.send(account, contract.RECORD_EVENT, message)
        await town.recorded(account, lambda state, n=number: _has(state, n))  # type: ignore[misc]
        await settled(town, account)
    rest = timedelta(days=DAYS) + MINUTE - past
    await town.forward(account, seconds=rest.total_seconds())
    ends = at.now + timedelta(days=DAYS)
    await town.recorded(account, lambda state: _quiet(state, ends, at))
    await settled(town, account)


def _has(state: AccountState, number: int) -> bool:
    return len(state.window) >= number + 1  # the deal was the first


def _quiet(state: AccountState, ends: datetime, at: Begun) -> bool:
    """Whether nothing more falls due before the end."""
    wakes = Fold(at.book, state).wakes_at()
    return wakes is None or wakes > ends


async def test_n6_what_people_do_comes_out_as_it_does(town: Town) -> None:
    """N6, R13, R18: set, hold, undo, release and fields: the same moves, CTAs and reasons in the same order."""
    acme = town.account()
    at = await begun(town, acme)
    script = """
    - now: {set: customer_journey.adopting, reason: they know us}
    - now: {fields: {arr: 120000, renewal_date: 2031-05-01}, reason: told}
    - now: {hold: 14 days, reason: holidays}
    - now: [release, undo]
    """
    foretold = await played(town, acme, at, script, days=1)
    until_ = (at.now + timedelta(days=15)).isoformat()
    why = {"actor": "sandbox"}
    await town.update(
        acme,
        contract.SET_STAGE,
        lifecycle="customer_journey",
        stage="adopting",
        reason="they know us",
        **why,
    )
    fields = {"arr": "120000", "renewal_date": "2031-05-01"}
    await town.update(acme, contract.SET_FIELDS, fields=fields, reason="told", **why)
    await town.update(acme, contract.HOLD, until=until_, reason="holidays", **why)
    await town.update(acme, contract.RELEASE, **why)
    await town.update(acme, contract.UNDO, **why)
    happened = [one for one in await town.journal(acme) if one.revision > at.state.revision]
    assert [outline(one) for one in happened] == [outline(one) for one in foretold.entries]
    assert "arr" not in foretold.state.fields, "the newest change was the fields"
    assert foretold.state.fields == (await town.state(acme)).fields


def outline(entry: c.Entry) -> tuple[object, ...]:
    """What an entry did, without instants."""
    changes = []
    for change in entry.changes:
        named = {"lifecycle", "left", "entered", "name", "value", "automation", "template", "kept"}
        told = {name: getattr(change, name) for name in named if hasattr(change, name)}
        changes.append((type(change).__name__, told))
    return type(entry.input).__name__, changes, [note.text for note in entry.notes], entry.refused


async def test_n6_nothing_is_recorded_sent_or_called(town: Town) -> None:
    """N6: the journal, the deliveries, the outbox and the account are as they were."""
    acme = town.account()
    at = await begun(town, acme)
    before = await picture(town, acme)
    foretold = await played(town, acme, at, EVENTS)
    assert any(mail.fate is Fate.SENT for mail in foretold.mails)
    assert await picture(town, acme) == before


async def picture(town: Town, account: str) -> tuple[object, ...]:
    rows = await effects(town.store, WantedEffects(account=account, limit=200))
    return (
        to_data(await town.state(account)),
        [to_data(one, c.Entry) for one in await town.journal(account)],
        [row.model_dump() for row in rows],
        [str(message["Message-ID"]) for message in town.outbox()],
    )
