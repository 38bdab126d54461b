"""One of every change and of every input, each with all it can carry, for the golden files (N9)."""

from __future__ import annotations

from datetime import date, timedelta

from lifecycle.core import changes as c
from lifecycle.core import inputs as i
from lifecycle.core.durations import Duration, Unit
from lifecycle.core.evolve import copy_state
from lifecycle.core.state import (
    AccountState,
    Cta,
    Cycle,
    HeldEvent,
    HoldState,
    JoinFact,
    Moved,
    Track,
)
from lifecycle.core.state import Unit as UndoUnit

from .journey import START, day

CTA = Cta(
    "flow.call:4",
    "Call",
    "risk",
    "csm",
    "high",
    START,
    day(3),
    "flow",
    "flow.call",
    2,
    "kickoff",
    True,
    ["invite"],
    True,
)
TRACK = Track(
    "flow",
    "b",
    2,
    3,
    day(4),
    day(2),
    1,
    START,
    None,
    {"a": 345_600.0, "b": 172_800.0},
    [Cycle(0, day(-9), day(-5), "done", {"a": 345_600.0}, 345_600.0)],
    {"a": START, "b": day(1)},
    {"a": START, "b": day(4)},
    [Moved(START, None, "a"), Moved(day(4), "a", "b")],
    7,
    60.0,
    True,
    False,
    ["flow.welcome"],
    ["flow.go"],
    ["flow.many"],
)
IMAGE = Track(
    "flow",
    "a",
    1,
    1,
    START,
    START,
    1,
    START,
    seconds={},
    first_entered={"a": START},
    last_entered={"a": START},
)
UNIT = UndoUnit(
    9,
    day(4),
    "Flow: A → B",
    {"flow": IMAGE},
    {"plan": "Free", "arr": None},
    {"plan": "Pro", "arr": 5},
    {"flow": ["flow.go"]},
    {"flow": 1},
    {"flow": 0},
    ["acme/flow.welcome/v2"],
    ["flow.call:4"],
    [Cta("flow.old:1", "Old", "task", "owner", "normal", START, None, "flow", "flow.old", 1)],
    1,
)
HOLD = HoldState(day(1), day(6), "ann", "waiting for legal")
HELD = HeldEvent(
    6,
    "k1",
    "usage.reported",
    "e1",
    "crm",
    day(2),
    {"active_users": 3, "on": date(2026, 2, 1)},
    ["flow.tell"],
)


def state() -> AccountState:
    """An account with something of everything in it."""
    made = AccountState(
        "acme",
        START,
        day(5),
        9,
        {"plan": "Pro", "arr": 5, "renewal_date": date(2026, 6, 1), "status": "active"},
        {"flow": TRACK},
        {"flow.call:4": CTA},
        HOLD,
        [HELD],
        {"k1": day(2).timestamp()},
        day(-30).timestamp(),
        2,
        1,
        {"flow.both": [JoinFact("o1", "product.purchased", day(1), 0)]},
        {"flow.daily": day(3)},
        {"flow.near": "2026-06-01", "flow.go": "2026-06-01"},
        ["flow.outside"],
        ["flow.later"],
        [UNIT],
        day(-20),
        day(-10),
        30,
        {"flow": 1},
        {"flow": 2},
        1,
        1,
        9,
    )
    return copy_state(made)


CHANGES: list[c.Change] = [
    c.InputTaken(day(6), "k2", day(5.5).timestamp(), True),
    c.DuplicateSeen(),
    c.AccountCreated(START, {"flow": 1}),
    c.FieldSet("plan", "Free", "Pro", "flow.keep"),
    c.StageEntered("flow", "b", "a", day(6), 4, 1, 1, "person", "", "ann", "by mistake", back=True),
    c.TurnTaken("flow.near", "flow", "2026-07-01"),
    c.LineWaits("flow.own", "guard", "flow"),
    c.LineRests("flow.go", "flow"),
    c.TurnedTrue("flow.many", False, "flow"),
    c.BecameLate("flow"),
    c.BecameStuck("flow"),
    c.FactNoted("flow.both", JoinFact("o1", "wholesale.billed", day(6), 0)),
    c.FactsDropped("flow.both", ["o1"], "expired", day(2)),
    c.Marked("flow.daily", day(6)),
    c.MailDue(
        "acme/flow.w/v2",
        "flow.w",
        "flow",
        2,
        "welcome",
        ("contact", "csm"),
        {"on": date(2026, 2, 1)},
        "b",
    ),
    c.WebhookDue(
        "acme/flow.h/v2",
        "flow.h",
        "flow",
        2,
        "activate",
        "product_platform",
        {"product": "Standard"},
    ),
    c.EffectShadowed("flow.ghost", "would send welcome to contact"),
    c.CtaOpened(
        Cta("flow.new:10", "New", "task", "csm", "normal", day(6), None, "flow", "flow.new", 2)
    ),
    c.CtaClosed("flow.call:4", "done", day(6), "ann"),
    c.CtaBecameOverdue("flow.call:4"),
    c.CtaSnoozed("flow.call:4", day(8), day(6), "ann"),
    c.CtaAssigned("flow.call:4", "Bob Berg", "csm", day(6), "ann"),
    c.TaskDone("flow.call:4", "hold_call", day(6), "ann"),
    c.EventHeld(HELD),
    c.HoldStarted(HoldState(day(6), day(9), "bob", "holidays")),
    c.HoldEnded(day(5)),
    c.Undone(UNIT, day(6), "ann", "a slip", ["plan"]),
    c.UnitOpened(UNIT),
    c.Adopted("flow", 2, False, {"b": "second", "a": None}),
    c.HistoryBegan(day(6)),
    c.HistoryEnded(day(6)),
    c.LeadSet(3_600),
    c.PersonErased(["active_users"], day(6), "ann"),
    c.MessageRefused(),
]

INPUTS: list[i.Input] = [
    i.Event(
        "e1", "crm", "usage.reported", day(1), day(2), {"active_users": 3, "note": None}, True, True
    ),
    i.CreateAccount(START, {"csm": "Ann"}, True, "import"),
    i.SetStage(day(1), "ann", "agreed", "flow", "b", 7, True, "u1"),
    i.Undo(day(1), "ann", "a slip", 9, "u2"),
    i.Hold(day(1), "ann", day(1) + timedelta(days=9), "legal", "u3"),
    i.Release(day(1), "ann", "done", "u4"),
    i.SetFields(
        day(1),
        "ann",
        {"arr": "120.50", "renewal_date": date(2026, 6, 1), "plan": None},
        "told",
        True,
        "u5",
    ),
    i.CloseCta(day(1), "ann", "flow.call:4", "no answer", "u6"),
    i.DoTask(day(1), "ann", "flow.call:4", "invite", "u7"),
    i.OpenCta(
        day(1),
        "ann",
        "Call",
        "risk",
        "bob@example.com",
        "high",
        day(3),
        Duration(5, Unit.BUSINESS_DAYS),
        "kickoff",
        "flow",
        True,
        "u9",
    ),
    i.SnoozeCta(day(1), "ann", "flow.call:4", day(4), "u10"),
    i.AssignCta(day(1), "ann", "flow.call:4", "owner", "u11"),
    i.Erase(day(1), "ann", ["contact_email", "user"], "asked for it", "u12"),
    i.Deadline(day(1), "flow.go"),
    i.EndHistory(day(1), day(0.5)),
    i.Adopt(day(1), "ops", "b2", {"flow": "at once"}, "u8"),
    i.GoBack(day(1), "ops", "b2", {}, "u12", {"flow": 8}, "too early"),
    i.SetLead(day(1), 3_600),
    i.Unreadable(day(1), "signal", "not JSON", "{{"),
]
