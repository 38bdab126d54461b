"""docs/files.md says what is: its example is run, its tables are compared with the commands."""

import re
from pathlib import Path
from typing import Any

import pytest
import typer

from lifecycle.console.app import app
from lifecycle.telling.exporting import What
from tests.admin.conftest import Admin

TEXT = (Path(__file__).parents[2] / "docs/files.md").read_text("utf-8")


def block(kind: str, number: int = 0) -> str:
    """A fenced block of the page."""
    return str(re.findall(rf"```{kind}\n(.*?)```", TEXT, re.DOTALL)[number])


def options_of(*words: str) -> set[str]:
    command: Any = typer.main.get_command(app)
    for word in words:
        command = command.commands[word]
    return {one for parameter in command.params for one in parameter.opts if one.startswith("--")}


def test_the_example_is_what_the_command_says(
    looking: Admin, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.chdir(tmp_path)
    (tmp_path / "accounts.csv").write_text(block("csv"), encoding="utf-8")
    typed, _, told = block("console").partition("\n")
    said = looking(*typed.split()[3:])
    assert said.out == told
    assert said.status == 1
    written = (tmp_path / "refused.csv").read_text("utf-8").splitlines()
    assert len(written) == 7


def test_the_header_of_an_export_is_what_it_is(looking: Admin) -> None:
    told = block("console", 1).splitlines()[-1]
    assert looking("export", "visits").out.splitlines()[0] == told


def test_every_option_and_export_is_in_its_table() -> None:
    told = set(re.findall(r"^\| `(--[a-z-]+)", TEXT, re.MULTILINE))
    assert options_of("import", "accounts") - told == {"--as", "--json"}
    assert told <= options_of("import", "accounts")
    assert set(re.findall(r"^\| `([a-z]+)` \|", TEXT, re.MULTILINE)) == {one.value for one in What}
    for option in options_of("export") - {"--help", "--json"}:
        assert f"`{option}" in TEXT, option
