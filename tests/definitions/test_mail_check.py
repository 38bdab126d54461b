"""A mail that would fail when it is sent fails at the check: unknown names, empty values, files that are not there."""

import shutil
from pathlib import Path

import pytest

from lifecycle.definition import render
from lifecycle.mail_check import read_checked
from tests.definitions.sources import MAILS, ROOT

SHIPPED = ROOT / "definitions"


@pytest.fixture
def mails(tmp_path: Path) -> Path:
    """A copy of the shipped templates, to be spoilt."""
    shutil.copytree(MAILS.parent, tmp_path / "templates")
    return tmp_path / "templates" / "email"


def told(mails: Path) -> list[str]:
    reading = read_checked(SHIPPED, mails)
    assert (reading.book is None) == bool(reading.problems)
    return [f"{one.file}:{one.line}: {one.message}" for one in reading.problems]


def spoil(mails: Path, file: str, old: str, new: str) -> None:
    text = (mails / file).read_text()
    assert old in text, f"{file} lacks {old!r}"
    (mails / file).write_text(text.replace(old, new, 1))


def test_the_shipped_templates_stand_the_check() -> None:
    assert render(read_checked(SHIPPED, MAILS).problems) == ""


def test_a_name_that_is_not_there_is_found(mails: Path) -> None:
    spoil(mails, "welcome/body.txt", "{{ recipient.name }}", "{{ recipiant.name }}")
    (problem,) = read_checked(SHIPPED, mails).problems
    assert (problem.file, problem.line) == ("email/welcome/body.txt", 3)
    assert problem.message == "There is no 'recipiant' here."
    assert problem.help.startswith("Did you mean recipient?")
    assert "{{ recipiant.name }}" in problem.line_text


def test_a_field_that_may_be_empty_must_be_asked_first(mails: Path) -> None:
    spoil(mails, "renewal_notice/subject.txt", "{", "{{ account.plan }} {")
    (problem,) = read_checked(SHIPPED, mails).problems
    assert (problem.file, problem.line) == ("email/renewal_notice/subject.txt", 1)
    assert problem.message.startswith("An empty value")
    assert problem.help == "Put it into {% if … %}."


def test_what_the_event_of_the_line_always_is_need_not_be_asked(mails: Path) -> None:
    """The mail of a line with `when` has that event; its data may be empty, its type never is."""
    spoil(mails, "payment_failed/subject.txt", "A payment", "{{ event.type }}: A payment")
    assert told(mails) == []
    spoil(mails, "payment_failed/subject.txt", "{{ event.type }}", "{{ event.amount }}")
    assert told(mails)[0].startswith("email/payment_failed/subject.txt:1: ")


def test_a_mail_that_time_sends_has_no_event(mails: Path) -> None:
    spoil(mails, "training_reminder/subject.txt", "", "{{ event.type }} ")
    assert told(mails)[0].startswith("email/training_reminder/subject.txt:1: ")


def test_everything_that_cannot_be_read_is_told_at_once(mails: Path) -> None:
    (mails / "escalation_unanswered" / "body.html").unlink()
    spoil(mails, "welcome/subject.txt", "", "{% if x ")
    (mails / "notice_alert" / "body.txt").write_text("{% extends 'nowhere.txt' %}")
    assert [one.split(":")[0] for one in told(mails)] == [
        "email/escalation_unanswered", "email/nowhere.txt", "email/welcome/subject.txt",
    ]  # fmt: skip


def test_a_template_that_no_line_names_is_tried_too(mails: Path) -> None:
    """A campaign's, and the one that tells of a parked automation (R15)."""
    spoil(mails, "feature_news/subject.txt", "", "{{ account.sector }} ")
    spoil(mails, "automation_parked/subject.txt", "", "{{ account.name }} ")
    files = [one.split(": ")[0] for one in told(mails)]
    assert files == ["email/automation_parked/subject.txt:1", "email/feature_news/subject.txt:1"]


def test_without_the_template_for_parked_automations_nothing_is_published(mails: Path) -> None:
    """R15: the owner of a lifecycle must be told."""
    shutil.rmtree(mails / "automation_parked")
    assert told(mails) == ["email:1: There is no e-mail template 'automation_parked'."]
