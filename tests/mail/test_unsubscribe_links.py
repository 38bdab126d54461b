"""Unsubscribe links: what they hold, and what they do not."""

from base64 import urlsafe_b64decode

import pytest

from lifecycle.unsubscribing import BadLink, Link, Links, headers

LINKS = Links("a secret of the tests, long enough for them", "https://mail.example.com/")
ACME = Link("acme/customer_journey.welcome/v1", 0)


@pytest.mark.parametrize(
    "link", [ACME, Link("会社" * 120, 3), Link('campaign/news/a"b\\c #2', 0), Link("m#2", 1)]
)
def test_a_link_is_read_back(link: Link) -> None:
    address = LINKS.address(link)
    assert address.startswith("https://mail.example.com/unsubscribe/")
    assert address.isascii()
    token = address.rpartition("/")[2]
    assert LINKS.read(token) == link


def test_a_link_holds_the_mail_and_nothing_else() -> None:
    payload = LINKS.token(ACME).partition(".")[0]
    text = urlsafe_b64decode(payload + "=" * (-len(payload) % 4)).decode()
    assert text == '["acme/customer_journey.welcome/v1",0]'


def test_a_link_changed_or_of_another_secret_is_none() -> None:
    token = LINKS.token(ACME)
    others = Links("a secret of somebody else, long enough too", "").token(ACME)
    for wrong in (token[:-1], token + "x", "x" + token, others, "", ".", "é"):
        with pytest.raises(BadLink):
            LINKS.read(wrong)
    assert "secret" not in repr(LINKS)


def test_an_address_too_long_for_a_header_stands_in_the_footer_only() -> None:
    assert headers("https://x.example/" + "a" * 900) == {}
    assert headers("https://x.example/a")["List-Unsubscribe"] == "<https://x.example/a>"
