"""Lines in shadow beside the live ones (N11), on both databases: counted, account by account, at every door."""

from __future__ import annotations

from dataclasses import replace
from datetime import UTC, timedelta
from typing import Any

import pytest

from lifecycle.contract import RecordRequest
from lifecycle.core.model import Book
from lifecycle.core.refusal import Refusal
from lifecycle.store.definitions import parts_of, publish
from lifecycle.store.engine import Store
from lifecycle.store.record import record
from lifecycle.telling.reports.asking import Asked
from lifecycle.telling.reports.kinds import KINDS
from lifecycle.telling.reports.report import data_of
from lifecycle.telling.viewer import Viewer
from tests.core.journey import START, Journey, day, flow, small

FLOW = """
    stages:
      a:
        label: A
        move:
          - {name: early, when: kickoff.held, to: b, shadow: true}
          - {name: real, when: training.completed, to: b}
        do:
          - {name: shadow_tell, when: user.logged_in, shadow: true, email: welcome, to: csm}
          - {name: tell, when: usage.reported, email: welcome, to: csm}
          - {name: shadow_plan, when: user.logged_in, shadow: true, set: {plan: Pro}}
          - {name: shadow_call, when: product.went_live, shadow: true, cta: Call them, kind: risk}
          - {name: call, when: configuration.reopened, cta: Ring, kind: risk}
      b: {label: B}
      c: {label: C}
    """
BOOK = small(flow(FLOW))


async def kept(store: Store, **accounts: Journey) -> Viewer:
    """The book published before all, and these lives recorded as they went."""
    await publish(store, parts_of(BOOK, {}), "ann", START - timedelta(days=1))
    for account, journey in accounts.items():
        for entry in journey.entries:
            request = RecordRequest(account, [entry], versions=dict(journey.state.versions))
            await record(store, request, entry.at)
    return Viewer(store, day(30), UTC)


def begun(account: str, book: Book = BOOK) -> Journey:
    journey = Journey(book, account)
    journey.create(name=account.capitalize())
    journey.set("flow", "a")
    return journey


async def asked(viewer: Viewer, **own: Any) -> dict[str, Any]:
    return data_of(await KINDS["shadow"].ask(viewer, replace(Asked(), first="30d", **own)))


def lives() -> dict[str, Journey]:
    """One moved three days later, one moved elsewhere, one not at all, one that the shadow did not see coming."""
    same, other, still, missed = (begun(name) for name in ("same", "other", "still", "missed"))
    for journey in (same, other, still):
        journey.at(2).event("kickoff.held")
    same.at(5).event("training.completed")
    other.at(4).set("flow", "c")
    missed.at(6).event("training.completed")
    return {"same": same, "other": other, "still": still, "missed": missed}


async def test_n11_moves_beside_those_that_were_made(store: Store) -> None:
    """N11: per day; the same later, something else by a person, nothing; and a live move it would have missed."""
    viewer = await kept(store, **lives())
    found = await asked(viewer)
    rows = {(row["automation"], str(row["from"])): row for row in found["rows"]}
    there = rows["flow.early", "2026-01-07"]
    assert [there[name] for name in ("would_have_acted", "same", "something_else", "nothing")] == [
        3,
        1,
        1,
        1,
    ]
    assert (there["missed"], there["later_hours"]) == (0, 72)
    gone = rows["flow.early", "2026-01-11"]
    assert (gone["would_have_acted"], gone["missed"]) == (0, 1)
    [said] = [note for note in found["notes"] if note.startswith("flow.early")]
    assert said == (
        "flow.early: would have acted 3 times: the same was done once (3 days later, in the middle),"
        " something else once, nothing once. It would have missed 1 move."
    )


async def test_n11_account_by_account(store: Store) -> None:
    """N11: each time, with what was done beside it, by whom and how much later."""
    viewer = await kept(store, **lives())
    found = await asked(viewer, automation="early")
    told = [(row["account"], row["beside"], row["done"], row["by"]) for row in found["rows"]]
    assert told == [
        ("other", "other", "Flow: to C", "ann"),
        ("same", "same", "Flow: to B", "flow.real"),
        ("still", "nothing", None, None),
        ("missed", "missed", "Flow: to B", "flow.real"),
    ]


async def test_n11_every_kind_is_compared(store: Store) -> None:
    """N11: mails by template, CTAs by kind, fields by value; earlier too; once answered is answered."""
    journey = begun("acme")
    journey.event("usage.reported", active_users=1)
    journey.at(0.5).event("user.logged_in")
    journey.at(1).event("user.logged_in")
    journey.at(2).event("product.went_live")
    journey.at(9).event("configuration.reopened")
    viewer = await kept(store, acme=journey)
    found = {row["automation"]: row for row in (await asked(viewer, by=None))["rows"]}
    mails = (await asked(viewer, automation="shadow_tell"))["rows"]
    assert [(row["would"], row["beside"], row["later_hours"]) for row in mails] == [
        ("E-mail “welcome”", "same", -12),
        ("E-mail “welcome”", "nothing", None),
    ]
    [call] = (await asked(viewer, automation="shadow_call"))["rows"]
    assert (call["would"], call["beside"], call["done"]) == (
        "CTA “Call them” (risk)",
        "same",
        "CTA “Ring” (risk)",
    )
    assert found["flow.shadow_plan"]["nothing"] == 1


async def test_n11_a_line_is_compared_from_when_it_was_put_in_shadow(store: Store) -> None:
    """N11, R14: moves made before it was published so were not missed."""
    live = small(flow(FLOW.replace("to: b, shadow: true", "to: b, published: false")))
    await publish(store, parts_of(live, {}), "ann", START - timedelta(days=1))
    journey = begun("acme", live)
    journey.at(1).event("training.completed")
    for entry in journey.entries:
        await record(store, RecordRequest("acme", [entry], versions={"flow": 1}), entry.at)
    await publish(store, parts_of(BOOK, {}), "ann", day(3))
    found = await asked(Viewer(store, day(30), UTC))
    assert "flow.early" in found["in_shadow"]
    assert found["rows"] == []


async def test_n5_as_of_a_day_what_was_known_then(store: Store) -> None:
    """N5, N11: nothing had been done beside it yet."""
    viewer = await kept(store, **lives())
    found = await asked(viewer, as_of="2026-01-08", automation="early")
    assert {row["beside"] for row in found["rows"]} == {"nothing"}


async def test_n11_an_unknown_line_is_refused_with_the_nearest(store: Store) -> None:
    viewer = await kept(store, acme=begun("acme"))
    with pytest.raises(Refusal, match="There is no automation 'earl'"):
        await asked(viewer, automation="earl")
