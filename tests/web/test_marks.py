"""Marks are drawn once; what is drawn for a text is never given for markup of the same letters."""

import pytest
from markupsafe import Markup

from lifecycle.settings import Settings
from lifecycle.web.pages import Pages


def drawn(pages: Pages, text: str) -> str:
    template = pages._templates.from_string("{{ ui.tag(text) }}{{ ui.chip(text, 'blue') }}")
    return template.render(text=text)


@pytest.mark.parametrize(
    ("score", "band", "drawn"),
    [(72, "Green", "g"), (72, "", "w"), (47, "yellow", "w"), (47, "", "b"), (80, "red", "b"), (90, "Platinum", "g")],
)  # fmt: skip
def test_t16_the_mark_of_health_is_that_of_its_band(score: int, band: str, drawn: str) -> None:
    """A band is left at another figure than it is entered at: the figure alone would contradict the word."""
    ui = Pages(Settings())._templates.globals["ui"]
    assert f'class="hp {drawn}"' in ui.health(score, band)  # type: ignore[attr-defined]


def test_a_text_and_markup_of_the_same_letters_are_not_drawn_alike() -> None:
    pages = Pages(Settings())
    nasty = "<script>alert(1)</script>"
    assert "<b>ours</b>" in drawn(pages, Markup("<b>ours</b>"))
    assert "&lt;b&gt;ours&lt;/b&gt;" in drawn(pages, "<b>ours</b>")
    for _ in range(2):
        assert nasty not in drawn(pages, nasty)
