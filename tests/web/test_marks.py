"""Marks are drawn once; what is drawn for a text is never given for markup of the same letters."""

from markupsafe import Markup

from lifecycle.settings import Settings
from lifecycle.web.pages import Pages


def drawn(pages: Pages, text: str) -> str:
    template = pages._templates.from_string("{{ ui.tag(text) }}{{ ui.chip(text, 'blue') }}")
    return template.render(text=text)


def test_a_text_and_markup_of_the_same_letters_are_not_drawn_alike() -> None:
    pages = Pages(Settings())
    nasty = "<script>alert(1)</script>"
    assert "<b>ours</b>" in drawn(pages, Markup("<b>ours</b>"))
    assert "&lt;b&gt;ours&lt;/b&gt;" in drawn(pages, "<b>ours</b>")
    for _ in range(2):
        assert nasty not in drawn(pages, nasty)
