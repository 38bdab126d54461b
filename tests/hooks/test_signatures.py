"""Who is let in: signatures as their senders make them, old ones refused, secrets replaced without a gap."""

import base64
import hashlib
import hmac
from collections.abc import Callable
from datetime import UTC, datetime, timedelta

import pytest

from lifecycle.hooks import signatures
from lifecycle.hooks.delivery import Delivery, Lock, Unproved
from tests.hooks import signing
from tests.hooks.signing import SECRETS

NOW = datetime(2026, 11, 1, 12, tzinfo=UTC)
BODY = '{"name":"Müller & Söhne"}'.encode()
URL = "https://hooks.example.com/hooks/hubspot"
Sign = Callable[[bytes, datetime], dict[str, str]]

TIMED: dict[str, tuple[signatures.Prove, Sign]] = {
    "stripe": (signatures.stripe, signing.stripe),
    "hubspot": (signatures.hubspot, lambda body, at: signing.hubspot(body, at, URL)),
    "product": (signatures.standard, lambda body, at: signing.product(body, "msg_1", at)),
}
ALL = {
    **TIMED,
    "segment": (signatures.segment, lambda body, _at: signing.segment(body)),
}
timed = pytest.mark.parametrize("sender", TIMED)
every = pytest.mark.parametrize("sender", ALL)


def delivery(headers: dict[str, str], body: bytes = BODY, token: str = "") -> Delivery:
    return Delivery("POST", ("http://inside:8400/hooks/hubspot", URL), headers, body, NOW, token)


def lock(*names: str) -> Lock:
    return Lock(tuple(SECRETS[name] for name in names))


@every
def test_what_is_signed_is_let_in(sender: str) -> None:
    prove, sign = ALL[sender]
    prove(delivery(sign(BODY, NOW)), lock(sender))


@every
def test_another_body_is_not(sender: str) -> None:
    prove, sign = ALL[sender]
    with pytest.raises(Unproved, match="fits none of the secrets"):
        prove(delivery(sign(BODY, NOW), BODY + b" "), lock(sender))


@every
def test_another_secret_is_not(sender: str) -> None:
    prove, sign = ALL[sender]
    with pytest.raises(Unproved, match="fits none of the secrets"):
        prove(delivery(sign(BODY, NOW)), lock("salesforce"))


@every
def test_an_old_secret_counts_until_it_is_taken_away(sender: str) -> None:
    prove, sign = ALL[sender]
    prove(delivery(sign(BODY, NOW)), lock("salesforce", sender))


@every
def test_no_signature_is_no_proof(sender: str) -> None:
    with pytest.raises(Unproved, match="is missing"):
        ALL[sender][0](delivery({}), lock(sender))


@timed
@pytest.mark.parametrize("seconds", [-299, 0, 299])
def test_clocks_may_differ_by_five_minutes(sender: str, seconds: int) -> None:
    prove, sign = TIMED[sender]
    prove(delivery(sign(BODY, NOW + timedelta(seconds=seconds))), lock(sender))


@timed
@pytest.mark.parametrize("seconds", [-301, 301, -86_400])
def test_a_replay_is_refused(sender: str, seconds: int) -> None:
    prove, sign = TIMED[sender]
    with pytest.raises(Unproved, match="a replay, or a clock"):
        prove(delivery(sign(BODY, NOW + timedelta(seconds=seconds))), lock(sender))


@timed
@pytest.mark.parametrize("time", ["", "yesterday", "-1", "1e3", "nan", "9" * 30, "\u0664\u0665"])
def test_a_time_that_is_none_is_refused(sender: str, time: str) -> None:
    prove, sign = TIMED[sender]
    seconds = str(int(NOW.timestamp()))
    headers = {
        name: value.replace(f"{seconds}000", time).replace(seconds, time)
        for name, value in sign(BODY, NOW).items()
    }
    with pytest.raises(Unproved):
        prove(delivery(headers), lock(sender))


def test_the_published_example_of_standard_webhooks() -> None:
    """The id, time, body, secret and signature that its specification prints."""
    headers = {
        "webhook-id": "msg_p5jXN8AQM9LWM0D4loKWxJek",
        "webhook-timestamp": "1614265330",
        "webhook-signature": "v1,g0hM9SsE+OTPJTGt/tmIKtSyZlE3uFJELVlNIOLJ1OE=",
    }
    then = datetime.fromtimestamp(1614265330, UTC)
    one = Delivery("POST", (URL,), headers, b'{"test": 2432232314}', then)
    signatures.standard(one, lock("product"))


def test_one_of_several_signatures_is_enough() -> None:
    """While a secret is replaced, Stripe signs with both."""
    headers = signing.stripe(BODY, NOW, "whsec_another_one_of_theirs", SECRETS["stripe"])
    assert headers["stripe-signature"].count("v1=") == 2
    signatures.stripe(delivery(headers), lock("stripe"))


def test_an_older_scheme_of_stripe_does_not_count() -> None:
    headers = signing.stripe(BODY, NOW)
    headers["stripe-signature"] = headers["stripe-signature"].replace("v1=", "v0=")
    with pytest.raises(Unproved, match="has not one `t` and a `v1`"):
        signatures.stripe(delivery(headers), lock("stripe"))


def test_a_body_that_is_no_text_is_not_signed_by_standard_webhooks() -> None:
    headers = signing.product(b"{}", "msg_1", NOW)
    with pytest.raises(Unproved):
        signatures.standard(delivery(headers, b"\xff\xfe"), lock("product"))


def test_hubspot_signs_the_address_it_calls() -> None:
    """A proxy stands between: the address in public counts, and no other."""
    headers = signing.hubspot(BODY, NOW, "https://elsewhere.example.com/hooks/hubspot")
    with pytest.raises(Unproved, match="is public_url set to it"):
        signatures.hubspot(delivery(headers), lock("hubspot"))


def test_hubspot_version_3_by_hand() -> None:
    """Method, address, body and time in one text, as its documentation says."""
    millis = str(int(NOW.timestamp() * 1000))
    text = f"POST{URL}{BODY.decode()}{millis}"
    made = hmac.digest(SECRETS["hubspot"].encode(), text.encode(), hashlib.sha256)
    headers = {
        "x-hubspot-request-timestamp": millis,
        "x-hubspot-signature-v3": base64.b64encode(made).decode(),
    }
    signatures.hubspot(delivery(headers), lock("hubspot"))


@pytest.mark.parametrize(
    ("token", "header"),
    [(SECRETS["salesforce"], ""), ("", f"Bearer {SECRETS['salesforce']}")],
)
def test_salesforce_is_known_by_the_secret_in_its_address(token: str, header: str) -> None:
    signatures.token(delivery({"authorization": header}, token=token), lock("salesforce"))


@pytest.mark.parametrize("token", ["", "x", SECRETS["salesforce"][:-1], "ü" * 32, "\udc80"])
def test_any_other_address_is_refused(token: str) -> None:
    with pytest.raises(Unproved):
        signatures.token(delivery({}, token=token), lock("salesforce"))


def test_a_delivery_shows_neither_its_token_nor_its_body() -> None:
    """What is logged, or in the words of an error, holds no secret."""
    one = delivery({}, token=SECRETS["salesforce"])
    assert SECRETS["salesforce"] not in repr(one)
    assert "Müller" not in repr(one)
    assert SECRETS["salesforce"] not in repr(lock("salesforce"))
