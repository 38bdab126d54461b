"""What messages say, whatever they hold: orders, a reason, or nothing; never an error, always what a database takes."""

import json
from datetime import UTC, datetime
from itertools import cycle
from typing import Any

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from lifecycle.core.inputs import Event
from lifecycle.hooks.mapping import Hook
from lifecycle.hooks.message import Message
from lifecycle.hooks.reader import read_hook
from lifecycle.hooks.telling import Orders, Teller
from lifecycle.store.hook_arrivals import Problem
from tests.definitions.sources import ROOT, book

NOW = datetime(2026, 11, 1, 12, tzinfo=UTC)
BOOK = book()
HOOKS: dict[str, Hook] = {
    path.stem: read_hook(path, BOOK, NOW) for path in sorted((ROOT / "hooks").glob("*.yaml"))
}
KINDS = {
    "salesforce": ["Opportunity", "Account", "Contract", "gap.Account"],
    "stripe": ["customer.subscription.created", "invoice.paid", "invoice.payment_failed", "plan.created"],
    "hubspot": ["deal.creation", "deal.propertyChange", "company.propertyChange", "deal.associationChange"],
    "segment": ["track", "group", "page"],
    "product": ["user.logged_in", "usage.reported", "opportunity.closed_won", "stage.late", "x"],
}  # fmt: skip
MORE = {"record": "0060S000006FFuEQAW", "change": "CREATE"}
TEXT = st.text(st.characters(), max_size=20) | st.sampled_from(
    ["\ud800", "a\x00b", "1e400", "-0", "Closed Won", "Signed In", "dealstage", "name", "NaN", " "]
)
SCALARS = st.none() | st.booleans() | st.integers() | st.floats(allow_nan=False) | TEXT
VALUES = st.recursive(
    SCALARS, lambda inner: st.lists(inner, max_size=3) | st.dictionaries(TEXT, inner, max_size=3)
)


def filled(hook: Hook, values: list[Any]) -> dict[str, Any]:
    """A message in which something stands at every place the hook reads."""
    content: dict[str, Any] = {}
    paths = [path for found in hook.paths.values() for path in found]
    for path, value in zip(paths, cycle(values), strict=False):
        *outer, last = path.split(".")
        place = content
        for word in outer:
            place = place.setdefault(word, {}) if isinstance(place.get(word, {}), dict) else {}
        place[last] = value
    return content


@pytest.mark.parametrize("name", HOOKS)
@given(data=st.data())
@settings(max_examples=50, deadline=None)
def test_every_message_is_answered(name: str, data: st.DataObject) -> None:
    hook, more = HOOKS[name], MORE if name == "salesforce" else {}
    values = data.draw(st.lists(VALUES, min_size=8, max_size=20))
    kind = data.draw(st.sampled_from(KINDS[name]))
    message = Message("m1", kind, NOW, filled(hook, values), more)
    teller = Teller(hook, BOOK, NOW)
    known = dict.fromkeys(teller.asked(message), "acme")
    said = teller.said(message, known)
    told = {**teller.lessons(message), **known}
    assert all(map(storable, [*(id_ for _, id_ in told), *told.values()]))
    if isinstance(said, Problem):
        assert storable(said.reason)
        assert storable(said.waits_for)
    elif isinstance(said, Orders):
        sent = json.dumps([said.account, said.events, said.commands], ensure_ascii=False)
        assert "\\u0000" not in sent
        assert storable(sent)


def storable(text: str) -> bool:
    """Whether both databases take it."""
    return "\x00" not in text and text == text.encode("utf-8", "replace").decode()


def product(**data: Any) -> Message:
    return Message("m1", "usage.reported", NOW, {"data": {"account": "acme", **data}})


def test_an_event_is_ours_by_type_data_time_and_source() -> None:
    said = Teller(HOOKS["product"], BOOK, NOW).said(product(active_users="7", other=1), {})
    assert isinstance(said, Orders)
    (event,) = said.events
    assert event["time"] == NOW.isoformat()
    assert (event["source"], event["type"], event["id"]) == ("product", "usage.reported", "m1")
    assert event["data"] == {"active_users": "7"}
    assert Event("m1", "product", "usage.reported", NOW, NOW, event["data"]).data == event["data"]


def test_r4_r16_what_is_empty_is_left_out() -> None:
    said = Teller(HOOKS["product"], BOOK, NOW).said(product(active_users=" ", seats_used=None), {})
    assert isinstance(said, Orders)
    assert said.events[0]["data"] == {}


@pytest.mark.parametrize("account", ["", " ", None, {}, []])
def test_a_message_without_an_account_says_so(account: Any) -> None:
    message = Message("m1", "kickoff.held", NOW, {"data": {"account": account}})
    said = Teller(HOOKS["product"], BOOK, NOW).said(message, {})
    assert isinstance(said, Problem)
    assert said.code in {"no_account", "bad_account"}


def test_every_wrong_value_is_told_at_once() -> None:
    said = Teller(HOOKS["product"], BOOK, NOW).said(
        product(active_users="many", seats_used="few"), {}
    )
    assert isinstance(said, Problem)
    assert said.code == "bad_value"
    assert "active_users: 'many'" in said.reason
    assert "seats_used: 'few'" in said.reason
