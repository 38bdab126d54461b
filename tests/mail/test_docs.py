"""docs/templates.md and the context are one list."""

import re
from pathlib import Path

from lifecycle.mail.context import known_names
from lifecycle.mail.filters import FILTERS

DOC = (Path(__file__).parent.parent.parent / "docs" / "templates.md").read_text(encoding="utf-8")


def test_every_name_of_the_context_is_documented_and_no_other() -> None:
    table = DOC.partition("## What a template knows")[2].partition("`automation_parked` is")[0]
    first = "\n".join(line.split("|")[1] for line in table.splitlines() if line.startswith("| `"))
    documented = set(re.findall(r"`([a-z_.]+)`", first))
    assert documented - {"event"} == known_names((), ())


def test_every_filter_is_documented() -> None:
    table = DOC.partition("## Filters")[2].partition("## The layout")[0]
    assert set(re.findall(r"^\| `([a-z]+)`", table, flags=re.MULTILINE)) == set(FILTERS)
