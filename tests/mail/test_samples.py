"""The made-up accounts that checks and previews are rendered with."""

from pathlib import Path

import pytest

from lifecycle.core.model import FieldDef
from lifecycle.core.values import Kind
from lifecycle.mail import check, render, try_out
from lifecycle.mail.context import Occasion, known_names
from lifecycle.mail.samples import empty_context, sample_context, sample_event, sample_fields
from tests.mail.scenes import EVENT_DATA, FIELDS, KNOWN, SCENES, TEMPLATES

OCCASION = Occasion(("customer_journey", "Customer journey"), None, "some_line")
EVENT = sample_event("invoice.payment_failed", {"amount": Kind.MONEY}, EVENT_DATA)
OF_ACCOUNTS = sorted(set(SCENES) - {"automation_parked"})


def contexts() -> list[dict[str, object]]:
    return [
        sample_context(FIELDS, sample_fields(FIELDS), EVENT, OCCASION),
        empty_context(FIELDS, None, OCCASION),
        empty_context(FIELDS, sample_event("x", {}, EVENT_DATA), OCCASION),
    ]


@pytest.mark.parametrize("name", OF_ACCOUNTS)
def test_shipped_templates_stand_both_samples(name: str) -> None:
    assert try_out(name, contexts(), TEMPLATES) == []


def test_a_template_that_forgets_empty_fields_is_found(tmp_path: Path) -> None:
    (tmp_path / "hello").mkdir()
    (tmp_path / "hello" / "subject.txt").write_text("Hello")
    (tmp_path / "hello" / "body.txt").write_text("Dear {{ account.contact_name }}")
    (tmp_path / "hello" / "body.html").write_text("<p>Dear {{ account.contact_name }}</p>")
    assert check("hello", KNOWN, tmp_path) == []
    assert render("hello", contexts()[0], tmp_path).text == "Dear Maria Lindqvist\n"
    (problem,) = try_out("hello", contexts(), tmp_path)
    assert "body.txt:1: an empty value" in str(problem)


def test_samples_fit_their_fields() -> None:
    fields = (
        FieldDef(id="plan", label="Plan", kind=Kind.PICKLIST, options=("Free", "Pro")),
        FieldDef(id="csm_email", label="CSM e-mail", kind=Kind.EMAIL),
        *(FieldDef(id=kind.name.lower(), label=kind, kind=kind) for kind in Kind),
    )
    values = sample_fields(fields)
    assert values["plan"] == "Free"
    assert values["csm_email"] == "ana.torres@example.com"
    assert None not in values.values()


def test_samples_hold_exactly_the_known_names() -> None:
    for context in contexts()[::2]:
        names = set()
        for top, value in context.items():
            names |= {f"{top}.{name}" for name in value} if isinstance(value, dict) else {top}
        stage = {"stage.id", "stage.label"}
        assert names - {"stage"} == known_names([f.id for f in FIELDS], EVENT_DATA) - stage
