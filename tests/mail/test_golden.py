"""Shipped templates say what they said when somebody last read them.

Re-record with LIFECYCLE_RECORD=1.
"""

import os
import re
from pathlib import Path

import pytest

from lifecycle.mail import check, render, template_names
from lifecycle.mail.context import known_names
from tests.mail.scenes import KNOWN, SCENES, TEMPLATES

GOLDEN = Path(__file__).parent / "golden"
CAMPAIGNS = ("prospect_invitation", "feature_news")
CUSTOMER_MAIL = ("welcome", "training_reminder", "renewal_notice", "payment_failed", *CAMPAIGNS)


def agrees(name: str, seen: str) -> None:
    file = GOLDEN / name
    if os.environ.get("LIFECYCLE_RECORD") == "1":
        file.parent.mkdir(exist_ok=True)
        file.write_text(seen, encoding="utf-8")
    assert seen == file.read_text(encoding="utf-8")


@pytest.mark.parametrize("kind", ["full", "empty"])
@pytest.mark.parametrize("name", sorted(SCENES))
def test_every_mail_reads_as_recorded(name: str, kind: str) -> None:
    """R22, L7, V3, R15: with every field full, and with none, the mail is whole."""
    context = getattr(SCENES[name], kind)()
    mail = render(name, context, TEMPLATES)
    agrees(f"{name}.{kind}.txt", f"Subject: {mail.subject}\n\n{mail.text}")
    agrees(f"{name}.{kind}.html", mail.html)
    for part in (mail.subject, mail.text, mail.html):
        assert "None" not in part


def test_every_shipped_template_has_a_scene() -> None:
    assert set(template_names(TEMPLATES)) == set(SCENES)


@pytest.mark.parametrize("name", sorted(SCENES))
def test_shipped_templates_use_known_names_only(name: str) -> None:
    known = KNOWN if name != "automation_parked" else {*known_names((), ()), "accounts"}
    assert check(name, known, TEMPLATES) == []


@pytest.mark.parametrize("name", CUSTOMER_MAIL)
def test_customers_never_get_the_link_to_our_page(name: str) -> None:
    context = SCENES[name].full()
    mail = render(name, context, TEMPLATES)
    assert str(context["link"]) not in mail.text + mail.html


@pytest.mark.parametrize("name", sorted(set(SCENES) - set(CUSTOMER_MAIL)))
def test_alerts_lead_to_the_page(name: str) -> None:
    context = SCENES[name].full()
    mail = render(name, context, TEMPLATES)
    assert str(context["link"]) in mail.text
    assert f'href="{context["link"]}"' in mail.html


@pytest.mark.parametrize("name", sorted(SCENES))
def test_text_and_html_tell_the_same_numbers(name: str) -> None:
    mail = render(name, SCENES[name].full(), TEMPLATES)
    words = re.sub(r"<style.*?</style>|<[^>]+>", " ", mail.html, flags=re.DOTALL)
    told = set(re.findall(r"\d[\d,.]*\d", mail.text.replace(str(SCENES[name].full()["link"]), "")))
    assert told <= set(re.findall(r"\d[\d,.]*\d", words))
