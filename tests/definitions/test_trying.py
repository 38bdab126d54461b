"""A draft run in shadow (N11): the text that is published in place of it, whatever way its lines are written."""

from __future__ import annotations

import re

import pytest

from lifecycle.core.editions import follows_in_place
from lifecycle.core.model import Lifecycle
from lifecycle.core.refusal import Refusal
from lifecycle.definition import render
from lifecycle.definition.trying import Text, Tried, stands_for, tried
from tests.definitions.sources import SHIPPED, read

PUBLISHED = SHIPPED["customer_journey.yaml"]
NEW = "      - {name: soon, after: 3 days, to: launched}  # tried\n"


def text_of(text: str) -> Text:
    reading = read({"customer_journey.yaml": text})
    assert reading.book is not None, render(reading.problems)
    means = reading.book.lifecycles["customer_journey"]
    return Text(text, means, lambda name: reading.marks[f"customer_journey.{name}"])


BEFORE = text_of(PUBLISHED)
FIRST = next(line for line in BEFORE.means.automations if line.stage == "onboarding" and line.to)


def draft_of(text: str) -> Tried:
    return tried(BEFORE, text_of(text.replace("version: 1", "version: 2")))


def published(found: Tried) -> Lifecycle:
    """What the text means; it may follow what is published, under its version."""
    means = text_of(found.text).means
    assert means.version == BEFORE.means.version
    assert follows_in_place(BEFORE.means, means)
    return means


def test_n11_a_new_line_is_put_in_shadow_where_it_stands() -> None:
    """N11, R14: with its comment."""
    at = BEFORE.place(FIRST.name).line - 1
    lines = PUBLISHED.split("\n")
    text = "\n".join([*lines[:at], NEW.rstrip("\n"), *lines[at:]])
    found = draft_of(text)
    assert (found.new, found.changed) == (["soon"], [])
    assert "{name: soon, shadow: yes, after: 3 days, to: launched}  # tried" in found.text
    soon = next(line for line in published(found).automations if line.name == "soon")
    assert soon.shadow


UNLIMITED = [line.name for line in BEFORE.means.automations if line.at_most is None]


@pytest.mark.parametrize("name", UNLIMITED)
def test_n11_every_shipped_line_changed_is_tried_beside_itself(name: str) -> None:
    """N11: the published one acts on as before, comments and all; the draft's is told apart by its name."""
    place = BEFORE.place(name)
    lines = PUBLISHED.split("\n")
    row = lines[place.line - 1]
    switch = "at most: once a day"
    at = row.index("name:")
    lines[place.line - 1] = (
        row.replace("name:", f"{switch}, name:", 1)
        if "{" in row[:at]
        else f"{row[:at]}{switch}\n{' ' * at}{row[at:]}"
    )
    found = draft_of("\n".join(lines))
    assert (found.new, found.changed) == ([], [name])
    means = published(found)
    tried_line = next(one for one in means.automations if one.name == f"{name}_shadow")
    assert tried_line.shadow
    assert tried_line.at_most is not None
    assert stands_for(tried_line, means) is not None
    left = [text for text in found.text.split("\n") if "_shadow" not in text]
    assert [text for text in PUBLISHED.split("\n") if text not in left] == []


def test_n11_a_line_that_is_gone_or_nothing_at_all_cannot_be_tried() -> None:
    """N11: what to do instead is said."""
    with pytest.raises(Refusal, match="has no automation that is new or changed"):
        draft_of(PUBLISHED.replace("title: Customer journey", "title: Journey"))
    gone = re.sub(rf"      - name: {FIRST.name} [^\n]*\n(?:        .*\n)*", "", PUBLISHED)
    with pytest.raises(Refusal, match=f"{FIRST.name} is gone in the draft"):
        draft_of(gone)
