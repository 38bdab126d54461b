"""Colours can be told from their ground in both schemes: computed from the tokens (WCAG 2.2, 1.4.3 and 1.4.11)."""

import re
from pathlib import Path

import pytest

from lifecycle.core.model import COLOURS
from lifecycle.web.assets import STATIC

TOKENS = (STATIC / "tokens.css").read_text()
PAIR = re.compile(r"--([\w-]+):\s*light-dark\((#[0-9a-f]{6}), (#[0-9a-f]{6})\)")
SCHEMES = {
    "light": {name: light for name, light, _ in PAIR.findall(TOKENS)},
    "dark": {name: dark for name, _, dark in PAIR.findall(TOKENS)},
}
GROUNDS = ("canvas", "surface", "raised", "sunken", "hover", "selected")
STAGES = [colour.replace(" ", "-") for colour in COLOURS]
MEANINGS = ("good", "warn", "bad", "note")

WRITTEN = [
    *((text, ground) for text in ("text", "text-2") for ground in GROUNDS),
    *(("text-3", ground) for ground in ("canvas", "surface", "raised", "sunken", "hover")),
    *(("link", ground) for ground in ("canvas", "surface", "raised")),
    ("on-ink", "ink"),
    ("on-ink", "ink-hover"),
    *((meaning, ground) for meaning in MEANINGS for ground in (f"{meaning}-bg", "surface")),
    *(("text-2", f"{meaning}-bg") for meaning in MEANINGS),
    *((f"{stage}-text", f"{stage}-soft") for stage in STAGES),
]
OPERATED = [
    *(
        (edge, ground)
        for edge in ("control-line", "focus", "ink")
        for ground in ("canvas", "surface")
    ),
    ("control-line", "sunken"),
    ("focus", "raised"),
    *((f"{stage}-solid", "surface") for stage in STAGES),
]


def light(colour: str) -> float:
    parts = [int(colour[at : at + 2], 16) / 255 for at in (1, 3, 5)]
    linear = [
        part / 12.92 if part <= 0.04045 else ((part + 0.055) / 1.055) ** 2.4 for part in parts
    ]
    return 0.2126 * linear[0] + 0.7152 * linear[1] + 0.0722 * linear[2]


def contrast(one: str, other: str) -> float:
    brighter, darker = sorted((light(one), light(other)), reverse=True)
    return (brighter + 0.05) / (darker + 0.05)


def test_black_on_white_is_as_the_rule_has_it() -> None:
    assert contrast("#000000", "#ffffff") == pytest.approx(21)
    assert contrast("#777777", "#ffffff") == pytest.approx(4.48, abs=0.01)


@pytest.mark.parametrize("scheme", SCHEMES)
def test_text_can_be_read(scheme: str) -> None:
    colours = SCHEMES[scheme]
    faint = {pair: contrast(*map(colours.__getitem__, pair)) for pair in WRITTEN}
    assert {pair: ratio for pair, ratio in faint.items() if ratio < 4.5} == {}


@pytest.mark.parametrize("scheme", SCHEMES)
def test_what_is_pressed_and_drawn_can_be_seen(scheme: str) -> None:
    colours = SCHEMES[scheme]
    faint = {pair: contrast(*map(colours.__getitem__, pair)) for pair in OPERATED}
    assert {pair: ratio for pair, ratio in faint.items() if ratio < 3} == {}


def test_every_colour_of_definitions_has_its_class() -> None:
    classes = re.findall(r"^\.c-([\w-]+) \{ (.*) \}$", TOKENS, re.MULTILINE)
    assert classes == [
        (s, f"--sc-soft: var(--{s}-soft); --sc-text: var(--{s}-text); --sc: var(--{s}-solid);")
        for s in STAGES
    ]


@pytest.mark.parametrize(
    "file", sorted(set(STATIC.glob("*.css")) - {STATIC / "tokens.css"}), ids=lambda file: file.name
)
def test_colours_are_written_in_one_place(file: Path) -> None:
    """Components name roles; what a role looks like is said in tokens.css."""
    text = re.sub(r"/\*.*?\*/", "", file.read_text(), flags=re.DOTALL)
    assert re.findall(r"#[0-9a-fA-F]{3,8}\b(?![^{]*\{)|\brgba?\(|\bhsla?\(", text) == []
    used = set(re.findall(r"var\(--([\w-]+)", text))
    known = set(re.findall(r"--([\w-]+):", TOKENS)) | set(re.findall(r"--([\w-]+):", text))
    assert used - known == set()
