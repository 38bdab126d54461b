"""What a template may do, and how it is told off."""

from collections.abc import Mapping
from datetime import date, datetime, timedelta
from pathlib import Path
from typing import Protocol

import pytest

from lifecycle.mail import TemplateProblem, check, exists, render, template_names, uses, variables
from lifecycle.mail.filters import Money, format_money
from tests.mail.scenes import KNOWN, SCENES


class Write(Protocol):
    def __call__(self, subject: str = ..., text: str = ..., html: str = ...) -> Path: ...


@pytest.fixture
def write(tmp_path: Path) -> Write:
    """Writes the template `hello`; answers with its parent folder."""

    def write(subject: str = "Hello", text: str = "Hello", html: str = "<p>Hello</p>") -> Path:
        folder = tmp_path / "hello"
        folder.mkdir(exist_ok=True)
        for name, content in (("subject.txt", subject), ("body.txt", text), ("body.html", html)):
            (folder / name).write_text(content, encoding="utf-8")
        return tmp_path

    return write


CONTEXT: Mapping[str, object] = {
    "account": {"id": "A1", "name": "Nord & Wind", "csm": None, "items": "a field called items"},
    "currency": "EUR",
    "today": date(2026, 3, 14),
}


def said(templates: Path, context: Mapping[str, object] = CONTEXT) -> str:
    with pytest.raises(TemplateProblem) as caught:
        render("hello", context, templates)
    return str(caught.value)


# ── names


def test_a_missing_field_is_named_with_file_line_and_what_there_is(write: Write) -> None:
    message = said(write(text="Hello\n\n{{ account.nmae }}\n"))
    assert "hello/body.txt:3: there is no 'nmae' here. Did you mean name?" in message
    assert "Available: csm, id, items, name." in message


def test_a_missing_name_at_the_top_is_named_with_what_there_is(write: Write) -> None:
    message = said(write(html="<p>{{ acount.name }}</p>"))
    assert "hello/body.html:1: there is no 'acount' here. Did you mean account?" in message
    assert "Available: account, currency, today." in message


def test_the_line_of_a_layout_is_named_when_the_layout_is_wrong(write: Write) -> None:
    templates = write(html='{% extends "frame.html" %}')
    (templates / "frame.html").write_text("<p>\n{{ wrong }}</p>")
    assert "frame.html:2: there is no 'wrong' here." in said(templates)


@pytest.mark.parametrize("text", ["{{ account.csm }}", "{{ account.csm | date }}"])
def test_an_empty_value_is_never_printed(write: Write, text: str) -> None:
    message = said(write(text=text))
    assert "body.txt:1" in message
    assert "empty value" in message
    assert "{% if … %}" in message


def test_a_field_may_be_called_like_a_method_of_a_dictionary(write: Write) -> None:
    mail = render("hello", CONTEXT, write(text="{{ account.items }}"))
    assert mail.text == "a field called items\n"


def test_the_names_a_template_uses_are_found_in_all_it_includes(write: Write) -> None:
    templates = write(
        subject="{{ account.name }}",
        text='{% for one in account["tags"] %}{{ one.label }}{{ loop.index }}{% endfor %}',
        html='{% extends "frame.html" %}{% set tone = "calm" %}{% import "parts.html" as parts %}'
        "{% block body %}{{ parts.line(account.renewal_date.year) }}{% endblock %}",
    )
    (templates / "frame.html").write_text("{{ tone }}{{ link }}{% block body %}{% endblock %}")
    (templates / "parts.html").write_text("{% macro line(words) %}{{ words }}{% endmacro %}")
    assert variables("hello", templates) == {
        "account.name",
        "account.tags",
        "account.renewal_date",
        "link",
    }
    assert [use.line for use in uses("hello", templates) if use.name == "link"] == [1]


def test_check_finds_every_unknown_name_at_once(write: Write) -> None:
    templates = write(text="{{ account.plam }}\n{{ event.amount }}", html="<p>{{ nobody }}</p>")
    found = [str(problem) for problem in check("hello", KNOWN, templates)]
    assert len(found) == 2
    assert "body.txt:1: there is no 'plam' here. Did you mean plan?" in found[0]
    assert "body.html:1: there is no 'nobody' here." in found[1]


def test_check_names_the_line_that_cannot_be_read(write: Write) -> None:
    (problem,) = check("hello", KNOWN, write(text="fine\n{% if %}\n"))
    assert (problem.file.name, problem.line) == ("body.txt", 2)


# ── folders


def test_a_template_is_a_folder_with_three_files(write: Write) -> None:
    templates = write()
    assert exists("hello", templates)
    assert template_names(templates) == ("hello",)
    (templates / "hello" / "body.txt").unlink()
    assert not exists("hello", templates)
    assert "the template lacks body.txt" in said(templates)


def test_a_misspelt_template_is_told_the_nearest_one(write: Write) -> None:
    with pytest.raises(TemplateProblem, match=r"Did you mean hello\?"):
        render("helo", CONTEXT, write())


@pytest.mark.parametrize("name", ["../hello", "/etc", "hello/../hello", "", ".", "Hello", "a" * 61])
def test_a_template_name_leads_nowhere_else(write: Write, name: str) -> None:
    templates = write()
    assert not exists(name, templates)
    with pytest.raises(TemplateProblem):
        render(name, CONTEXT, templates)


def test_an_include_leads_nowhere_else(write: Write, tmp_path: Path) -> None:
    templates = write(text='{% include "../secret.txt" %}')
    (tmp_path.parent / "secret.txt").write_text("secret")
    assert "there is no file '../secret.txt' to include" in said(templates)


# ── the sandbox


@pytest.mark.parametrize(
    "text",
    [
        "{{ account.__class__ }}",
        "{{ ''.__class__.__mro__[1].__subclasses__() }}",
        "{{ today.__class__.today() }}",
        "{{ account.name.format.__globals__ }}",
        "{{ '{0.__class__}'.format(today) }}",
        "{{ self.__init__.__globals__ }}",
        "{{ cycler }}",
        "{{ range(10) }}",
        "{{ lipsum.__globals__ }}",
        "{{ 'x' * 1000000000 }}",
        "{{ 9 ** 999999999 }}",
        "{{ account.update({'name': 'x'}) }}",
        "{{ account.clear() }}",
    ],
)
def test_templates_cannot_leave_the_sandbox(write: Write, text: str) -> None:
    assert "body.txt:1" in said(write(text=text))
    assert CONTEXT["account"] == {
        "id": "A1",
        "name": "Nord & Wind",
        "csm": None,
        "items": "a field called items",
    }


# ── words


def test_html_is_escaped_and_text_is_not(write: Write) -> None:
    mail = render(
        "hello",
        {"name": "<b>Nord & Wind</b>"},
        write("{{ name }}", "{{ name }}", "<p>{{ name }}</p>"),
    )
    assert mail.subject == "<b>Nord & Wind</b>"
    assert mail.text == "<b>Nord & Wind</b>\n"
    assert "<p>&lt;b&gt;Nord &amp; Wind&lt;/b&gt;</p>" in mail.html


@pytest.mark.parametrize("end", ["\r\nBcc: all@example.com", "\n", "\r", "\x00", "\u2028", "\x85"])
def test_a_subject_is_one_line_whatever_the_values_hold(write: Write, end: str) -> None:
    templates = write(subject="Hello {{ name }}!")
    assert "subject.txt: the subject holds a line break" in said(templates, {"name": f"Nord{end}"})


def test_a_subject_is_neither_empty_nor_endless(write: Write) -> None:
    assert "the subject is empty" in said(write(subject="\n"))
    assert "longer than 200" in said(write(subject="x" * 201))


@pytest.mark.parametrize(
    ("html", "found"),
    [
        ('<img src="https://track.example.com/p.gif">', "src="),
        ('<link rel="stylesheet" href="https://x.example.com/a.css">', "<link>"),
        ('<style>@import "https://x.example.com/a.css";</style>', "a style that loads"),
        ("<style>p { background: url(https://x.example.com/a) }</style><p>x</p>", "a style that"),
        ('<p style="background: url(//x.example.com/a)">x</p>', "a style that loads"),
        ("<script>1</script>", "<script>"),
        ('<p onclick="1">x</p>', "a script in onclick="),
        ('<form action="https://x.example.com"></form>', "<form>"),
        ('<a href="javascript:1">x</a>', "href='javascript:1'"),
    ],
)
def test_html_holds_nothing_that_reaches_out(write: Write, html: str, found: str) -> None:
    message = said(write(html=html))
    assert "body.html: the HTML holds" in message
    assert found in message


def test_styles_are_written_onto_the_elements(write: Write) -> None:
    html = (
        "<style>p { color: red } @media (max-width: 9px) { p { color: blue !important } }</style>"
    )
    mail = render("hello", {}, write(html=html + "<p>x</p>"))
    assert '<p style="color: red' in mail.html
    assert "@media" in mail.html


# ── filters


@pytest.mark.parametrize(
    ("text", "said"),
    [
        ("{{ 1200000 | money }}", "EUR 12,000"),
        ('{{ 1200050 | money("USD") }}', "USD 12,000.50"),
        ("{{ arr | money }}", "SEK -5"),
        ("{{ today | date }}", "14 March 2026"),
        ('{{ "2026-12-01T10:00:00+00:00" | date }}', "1 December 2026"),
        ("{{ later | date }}", "2 May 2026"),
        ("{{ (later.date() - today) | days }}", "49 days"),
        ("{{ wait | days }}", "1 day"),
        ("{{ 3.9 | days }}", "3 days"),
        ('{{ "a+b@example.com?bcc=x@example.com" | mailto }}', "mailto:a+b@example.com%3Fbcc%3Dx@"),
    ],
)
def test_filters(write: Write, text: str, said: str) -> None:
    context = {
        "currency": "EUR",
        "arr": Money(-500, "SEK"),
        "today": date(2026, 3, 14),
        "later": datetime.fromisoformat("2026-05-02T12:00:00+00:00"),
        "wait": timedelta(days=1, hours=5),
    }
    assert render("hello", context, write(text=text)).text.startswith(said)


@pytest.mark.parametrize("text", ['{{ "12" | money }}', '{{ "soon" | date }}', '{{ "x" | days }}'])
def test_filters_refuse_what_does_not_fit(write: Write, text: str) -> None:
    assert "body.txt:1: `" in said(write(text=text))


def test_money_still_compares_as_a_number() -> None:
    assert Money(12_000_000, "EUR") >= 10_000_000
    assert format_money(-1, "EUR") == "EUR -0.01"


def test_what_an_event_does_not_carry_is_empty_not_an_error(write: Write) -> None:
    """V3: the same stage is entered by many events; a template may ask for the data of one."""
    context = SCENES["lead_logged_in"].full()
    mail = render("hello", context, write(text="{% if not event.amount %}no amount{% endif %}"))
    assert mail.text == "no amount\n"
