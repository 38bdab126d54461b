"""What senders say, taken apart; and what only looks as if they said it."""

import json
from datetime import UTC, datetime
from typing import Any

import pytest

from lifecycle.hooks.delivery import Delivery, Lock, Unproved
from lifecycle.hooks.message import Message, Unreadable, at, from_text, name_of
from lifecycle.hooks.senders import SENDERS
from lifecycle.importing import forms
from tests.hooks.signing import ORGANIZATION, body_of, change, soap

NOW = datetime(2026, 11, 1, 12, tzinfo=UTC)
HEADERS = {"webhook-id": "msg_1", "webhook-timestamp": str(int(NOW.timestamp()))}


def read(sender: str, body: bytes, media: str = "application/json", organization: str = "") -> Any:
    headers = {"content-type": media, **HEADERS}
    one = Delivery("POST", ("http://door/",), headers, body, NOW)
    return SENDERS[sender].messages(one, Lock(("x" * 24,), organization))


# ── Salesforce


def test_an_outbound_message_is_as_many_messages_as_notifications() -> None:
    body = soap(
        ("Opportunity", {"Id": "0060S000006FFuE", "StageName": "Closed Won", "Amount": "1200.5"}),
        ("Account", {"Id": "0010S00000C1t1v", "LastModifiedDate": "2026-10-31T08:00:00.000Z"}),
    )
    deal, company = read("salesforce", body, "text/xml; charset=UTF-8")
    assert (deal.type, deal.more["record"], deal.more["change"]) == (
        "Opportunity",
        "0060S000006FFuEQAW",
        "NOTIFICATION",
    )
    assert deal.content["StageName"] == "Closed Won"
    assert (deal.time, company.time) == (NOW, datetime(2026, 10, 31, 8, tzinfo=UTC))
    assert deal.id != company.id
    assert len(deal.id) == 18


def test_a_change_event_is_a_message_per_record() -> None:
    event = change("Opportunity", "0060S000006FFuE", "UPDATE", StageName="Negotiations Completed")
    event["payload"]["ChangeEventHeader"]["recordIds"].append("0060S000006FFuX")
    one, two = read("salesforce", body_of(event))
    assert [one.more["record"], two.more["record"]] == ["0060S000006FFuEQAW", "0060S000006FFuXQAW"]
    assert one.content["StageName"] == "Negotiations Completed"
    assert one.id.endswith("t-1/1/0060S000006FFuEQAW")


@pytest.mark.parametrize("wrap", ["payload", "data", "detail", "bare"])
def test_relays_wrap_change_events_in_their_own_ways(wrap: str) -> None:
    event = change("Account", "0010S00000C1t1v", "CREATE", Name="Edge")
    wrapped = {
        "payload": event,
        "data": {"channel": "/data/AccountChangeEvent", "data": event},
        "detail": {"detail-type": "AccountChangeEvent", "detail": event},
        "bare": event["payload"],
    }[wrap]
    (message,) = read("salesforce", body_of(wrapped))
    assert (message.type, message.content["Name"]) == ("Account", "Edge")


def test_a_gap_is_a_message_of_its_own_kind() -> None:
    """Salesforce says that it left something out: an operator has to look."""
    (message,) = read("salesforce", body_of(change("Account", "0010S00000C1t1v", "GAP_UPDATE")))
    assert message.type == "gap.Account"


@pytest.mark.parametrize(
    ("organization", "good"),
    [(ORGANIZATION, True), (ORGANIZATION[:15], True), ("00D4x000009zzzzEAA", False), ("", True)],
)
def test_only_the_organization_of_the_setting_is_heard(organization: str, good: bool) -> None:
    body = soap(("Account", {"Id": "0010S00000C1t1v"}))
    if good:
        assert read("salesforce", body, "text/xml", organization)
    else:
        with pytest.raises(Unproved, match="another organization"):
            read("salesforce", body, "text/xml", organization)


BOMB = b"""<?xml version="1.0"?><!DOCTYPE b [<!ENTITY a "ha"><!ENTITY b "&a;&a;&a;&a;&a;&a;&a;&a;">
<!ENTITY c "&b;&b;&b;&b;&b;&b;&b;&b;"><!ENTITY d "&c;&c;&c;&c;&c;&c;&c;&c;">]><b>&d;</b>"""
OUTSIDE = (
    b"""<?xml version="1.0"?><!DOCTYPE a [<!ENTITY e SYSTEM "file:///etc/passwd">]><a>&e;</a>"""
)
DTD = b"""<!DOCTYPE a SYSTEM "http://127.0.0.1:1/evil.dtd"><a/>"""


@pytest.mark.parametrize("body", [BOMB, OUTSIDE, DTD], ids=["bomb", "file", "dtd"])
def test_xml_that_does_things_is_not_read(body: bytes) -> None:
    with pytest.raises(Unreadable, match="declares a document type"):
        read("salesforce", body, "text/xml")


@pytest.mark.parametrize(
    "body",
    [
        b"",
        b"<a",
        b"<a/>",
        b"\xff\xfe\x00",
        b"<a>" * 50_000 + b"</a>" * 50_000,
        b'<?xml version="1.0" encoding="nothing"?><a/>',
        soap(),
        soap(("Account", {})),
        soap(("Account", {"Id": "not an id"})),
        soap(("Account", {"Id": "0010S00000C1t1v", "LastModifiedDate": "yesterday"})),
    ],
)
def test_xml_that_is_no_outbound_message_is_told(body: bytes) -> None:
    with pytest.raises(Unreadable):
        read("salesforce", body, "text/xml")


@pytest.mark.parametrize(
    ("short", "long"),
    [("001D000000IRFma", "001D000000IRFmaIAH"), ("0010S00000C1t1v", "0010S00000C1t1vQAB")],
)
def test_ids_of_15_characters_become_those_of_18(short: str, long: str) -> None:
    assert forms.salesforce_id(short) == long
    assert forms.salesforce_id(long) == long


# ── the others


def test_hubspot_sends_arrays_and_its_newer_types_are_the_older_ones() -> None:
    base = {"eventId": 100, "occurredAt": 1_790_000_000_000, "objectId": 17}
    body = body_of(
        [
            {**base, "subscriptionType": "deal.propertyChange", "propertyName": "dealstage"},
            {**base, "subscriptionType": "object.propertyChange", "objectTypeId": "0-2"},
        ]
    )
    deal, company = read("hubspot", body)
    assert (deal.type, company.type) == ("deal.propertyChange", "company.propertyChange")
    assert deal.id != company.id
    assert deal.time == datetime.fromtimestamp(1_790_000_000, UTC)


def test_a_batch_of_segment_is_refused_as_only_its_first_is_signed() -> None:
    one = {"messageId": "m", "type": "track", "event": "x"}
    assert read("segment", body_of(one))[0].id == "m"
    with pytest.raises(Unreadable, match="batching must be off"):
        read("segment", body_of([one, one]))


def test_the_id_of_standard_webhooks_is_the_signed_one() -> None:
    (message,) = read("standard webhooks", body_of({"type": "kickoff.held", "id": "other"}))
    assert (message.id, message.time) == ("msg_1", NOW)


DEEP = b'{"a":' * 200 + b"1" + b"}" * 200
DEEPER = b"[" * 200_000


@pytest.mark.parametrize(
    "sender", ["salesforce", "hubspot", "stripe", "segment", "standard webhooks"]
)
@pytest.mark.parametrize(
    "body",
    [
        b"", b"{", b"null", b"3", b'"x"', b"[]", b"{}", b"[[]]", b"\xff", b"\xed\xa0\x80", DEEP, DEEPER,
        b'{"id": NaN}', b'{"id": ' + b"9" * 10_000 + b"}", b'{"id": {}, "type": []}',
        b'{"id": "x", "type": "y", "created": 1e400}', b'{"id": "x", "type": "y", "created": true}',
        b'{"messageId": "x", "type": "y", "timestamp": "never"}',
        b'{"eventId": 1, "subscriptionType": "deal.creation", "occurredAt": -1e300}',
        b'{"ChangeEventHeader": {"changeType": "CREATE", "entityName": "Account", "recordIds": [{}]}}',
    ],
    ids=lambda body: repr(body[:24]),
)  # fmt: skip
def test_json_that_is_no_message_is_told(sender: str, body: bytes) -> None:
    """Never anything but words or messages: no crash, no endless work."""
    assert all(isinstance(one, Message | str) for one in told(sender, body))


def told(sender: str, body: bytes) -> list[Message | str]:
    try:
        found: list[Message | str] = read(sender, body)
    except Unreadable as error:
        return [str(error)]
    return found


@pytest.mark.parametrize(
    ("path", "value"),
    [
        ("a.b", 1),
        ("a.c.1.d", "x"),
        ("a.c.7.d", None),
        ("a.c", None),
        ("a", None),
        ("a.b.c", None),
        ("a.none", None),
        ("a.blank", None),
        ("a.no", False),
    ],
)
def test_paths_lead_into_objects_and_lists(path: str, value: object) -> None:
    content = {
        "a": {"b": 1, "c": [{"d": "w"}, {"d": "x"}], "none": None, "blank": " ", "no": False}
    }
    assert at(content, path) == value


@pytest.mark.parametrize("part", ["x" * 300, "a\x00b", "\udc80", "line\nbreak"])
def test_ids_that_no_database_takes_are_known_by_their_digest(part: str) -> None:
    assert len(name_of(part)) == 64
    assert name_of(part) == name_of(part)
    assert name_of("evt_1") == "evt_1"


def test_a_message_that_was_kept_is_the_same_again() -> None:
    message = Message("1", "x\x00", NOW, {"a": ["ü", "\ud800", "\x00"]}, {"record": "r"})
    text = message.text()
    assert text.isascii()
    assert "\x00" not in text
    assert from_text(text) == message
    assert json.loads(text)["content"]["a"][0] == "ü"


@pytest.mark.parametrize(
    ("value", "currency", "amount"),
    [
        (1250, "eur", "12.50"),
        ("1250", None, "12.50"),
        (1250, "JPY", "1250"),
        (12500, "kwd", "12.500"),
    ],
)
def test_amounts_in_minor_units(value: Any, currency: str | None, amount: str) -> None:
    assert forms.amount(value, currency) == amount
