"""The shipped definitions, and how tests read them with changes."""

from collections.abc import Mapping
from pathlib import Path

from lifecycle.core.model import Book
from lifecycle.definition import Reading, read_sources, render
from lifecycle.mail import template_names, variables

ROOT = Path(__file__).parents[2]
SHIPPED = {path.name: path.read_text() for path in sorted((ROOT / "definitions").glob("*.yaml"))}
LIFECYCLES = ("customer_journey", "customer_stages", "escalation", "onboarding", "sales")
MAILS = ROOT / "templates" / "email"
TEMPLATES = tuple(sorted(path.name for path in MAILS.glob("*/")))


def read(changes: Mapping[str, str] | None = None) -> Reading:
    """The shipped definitions with some files replaced or added."""
    return read_sources(SHIPPED | dict(changes or {}), TEMPLATES)


def read_with_mails(changes: Mapping[str, str]) -> Reading:
    """The same, checked as the commands do: against what the shipped mail templates use."""
    return read_sources(
        SHIPPED | dict(changes), template_names(MAILS), lambda name: variables(name, MAILS)
    )


def book(changes: Mapping[str, str] | None = None) -> Book:
    """The book of it; fails with the problems when there is none."""
    reading = read(changes)
    assert reading.book is not None, render(reading.problems)
    return reading.book


def codes(reading: Reading) -> list[str]:
    """The codes of the problems, in order."""
    return [problem.code for problem in reading.problems]
