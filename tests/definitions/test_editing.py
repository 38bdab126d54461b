"""Switches and versions changed in the text: comments stay, and nothing else changes (R14, V12)."""

from dataclasses import replace

import pytest

from lifecycle.core.model import Lifecycle
from lifecycle.core.refusal import Refusal
from lifecycle.definition.editing import with_published, with_version
from lifecycle.definition.problems import Mark
from lifecycle.definition.reading import read_folder, read_sources
from tests.admin.book import SHIPPED

READING = read_folder(SHIPPED, None)
BOOK = READING.book
assert BOOK is not None


@pytest.mark.parametrize("lifecycle", BOOK.lifecycles.values(), ids=lambda one: one.id)
def test_every_shipped_automation_is_switched_off_and_on(lifecycle: Lifecycle) -> None:
    """Whatever way each is written: the switches change, every comment is still there."""
    marks = [READING.marks[line.key] for line in lifecycle.automations]
    file = marks[0].file
    before = READING.sources[file]
    off = switched(before, marks, False)
    reading = read_sources({**READING.sources, file: off}, None)
    assert reading.book is not None, reading.problems
    lines = tuple(replace(line, published=False) for line in lifecycle.automations)
    assert reading.book.lifecycles[lifecycle.id].automations == lines
    assert comments(off) == comments(before)
    on = switched(off, [reading.marks[line.key] for line in lifecycle.automations], True)
    assert (
        on.replace("published: yes, ", "").replace("published: yes\n", "\n").split()
        == before.split()
    )


def switched(text: str, marks: list[Mark], published: bool) -> str:
    """From the bottom up: what stands above keeps its place."""
    for mark in sorted(marks, key=lambda one: (one.line, one.column), reverse=True):
        text = with_published(text, mark, published)
    return text


def comments(text: str) -> list[str]:
    return [line.partition("#")[2] for line in text.splitlines() if "#" in line]


def test_the_version_is_raised_and_its_comment_stays() -> None:
    text = "lifecycle: x\nversion:   7   # since May\nstages: {}\n"
    assert with_version(text, 8) == "lifecycle: x\nversion:   8   # since May\nstages: {}\n"


@pytest.mark.parametrize("text", ["lifecycle: x\n", "version: '7'\n", "version:\n", "a: [\n", ""])
def test_without_a_version_there_is_something_to_do(text: str) -> None:
    with pytest.raises(Refusal, match="No line `version"):
        with_version(text, 8)


ODD = """\
also:
  - when: x.y
    cta: Call
  - cta: >-
      Folded
      over lines
"""


def test_a_line_of_one_key_that_cannot_be_changed_safely_is_refused() -> None:
    """Nothing is written where it might mean something else."""
    assert "published: no" in with_published(ODD, Mark("x", 2, 5), False)
    with pytest.raises(Refusal, match="cannot be changed by itself"):
        with_published(ODD, Mark("x", 4, 5), False)
    with pytest.raises(Refusal, match="cannot be changed by itself"):
        with_published(ODD, Mark("x", 1, 1), False)
