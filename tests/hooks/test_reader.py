"""Hooks are read like definitions: every problem at once, at its place; the shipped ones have none."""

import ast
import os
import re
from datetime import UTC, datetime
from pathlib import Path

import pytest

from lifecycle.definition.mapping_vocabulary import HOOK, HOOK_FORMATS, MAPPING
from lifecycle.definition.vocabulary import VOCABULARY, Key, Takes
from lifecycle.failure import Failure
from lifecycle.hooks.reader import format_in, read_hook
from lifecycle.hooks.senders import SENDERS
from lifecycle.importing.reader import BadMapping
from tests.definitions.sources import ROOT, book

NOW = datetime(2026, 11, 1, tzinfo=UTC)
BOOK = book()
HERE = Path(__file__).parent
BAD = sorted((HERE / "bad").glob("*.yaml"))
SHIPPED = sorted((ROOT / "hooks").glob("*.yaml"))
DOCS = (ROOT / "docs" / "webhooks.md").read_text(encoding="utf-8")
EVERY_KEY = [(place, key) for place, found in HOOK.items() for key in found]
READERS = [
    ROOT / "lifecycle" / name
    for name in ("hooks/reader.py", "importing/happenings.py", "importing/columns.py")
]


def written(folder: Path, text: str) -> Path:
    path = folder / "mine.yaml"
    path.write_text(text, encoding="utf-8")
    return path


@pytest.mark.parametrize("path", SHIPPED, ids=lambda path: path.stem)
def test_the_shipped_hooks_fit_the_shipped_definitions(path: Path) -> None:
    hook = read_hook(path, BOOK, NOW)
    assert hook.id == path.stem
    assert hook.entries
    assert format_in(path) in SENDERS


def test_every_format_has_a_shipped_hook_and_a_sender() -> None:
    assert {format_in(path) for path in SHIPPED} == set(SENDERS) == set(HOOK_FORMATS)


@pytest.mark.parametrize("path", BAD, ids=lambda path: path.stem)
def test_every_problem_is_told_at_once(path: Path) -> None:
    with pytest.raises(BadMapping) as caught:
        read_hook(path, BOOK, NOW)
    golden, said = path.with_suffix(".txt"), f"{caught.value}\n"
    if os.environ.get("LIFECYCLE_RECORD") == "1":
        golden.write_text(said, encoding="utf-8")
    assert said == golden.read_text(encoding="utf-8")


@pytest.mark.parametrize(
    ("text", "said"),
    [
        ("", "The hook is empty."),
        ("- a\n", "Expected the keys of a hook"),
        ("hook: [", "This is no YAML"),
        ("hook: other\nformat: stripe\nmessages: [{ignore: x}]\n", "Write `hook: mine`."),
    ],
)
def test_a_file_that_is_no_hook_is_told(text: str, said: str, tmp_path: Path) -> None:
    with pytest.raises(BadMapping) as caught:
        read_hook(written(tmp_path, text), BOOK, NOW)
    assert said in str(caught.value)


def test_a_file_that_is_not_there_or_no_text_is_told(tmp_path: Path) -> None:
    with pytest.raises(Failure, match=r"none\.yaml cannot be read"):
        read_hook(tmp_path / "none.yaml", BOOK, NOW)
    (tmp_path / "mine.yaml").write_bytes(b"\xff\xfe")
    with pytest.raises(Failure, match="it is not UTF-8"):
        read_hook(tmp_path / "mine.yaml", BOOK, NOW)


def test_who_speaks_is_known_while_the_rest_is_broken(tmp_path: Path) -> None:
    """A signature can be looked at, and the message kept."""
    path = written(tmp_path, "hook: mine\nformat: stripe\nmesages: [\n]\nmessages: 3\n")
    assert format_in(path) == "stripe"
    assert not format_in(written(tmp_path, "format: ["))


# ── one vocabulary


@pytest.mark.parametrize(
    ("place", "key"), EVERY_KEY, ids=lambda one: one.name if isinstance(one, Key) else one
)
def test_the_tables_say_what_the_vocabulary_says(place: str, key: Key) -> None:
    needed = " **Needed.**" if key.required else ""
    assert f"| `{key.name}` | {key.takes.value} | {key.meaning}{needed} |" in DOCS


def test_the_reader_knows_every_key() -> None:
    texts = {
        node.value
        for path in READERS
        for node in ast.walk(ast.parse(path.read_text(encoding="utf-8")))
        if isinstance(node, ast.Constant) and isinstance(node.value, str)
    }
    assert {key.name for _, key in EVERY_KEY} - texts == set()


def test_places_are_its_own_and_fit_together() -> None:
    assert not HOOK.keys() & (VOCABULARY.keys() | MAPPING.keys())
    below = {Takes.TABLE, Takes.LIST, Takes.TABLES}
    assert {key.entries for _, key in EVERY_KEY if key.entries} <= HOOK.keys() | MAPPING.keys()
    assert all(key.entries for _, key in EVERY_KEY if key.takes in below)


@pytest.mark.parametrize("path", SHIPPED, ids=lambda path: path.stem)
def test_every_source_is_documented(path: Path) -> None:
    assert f"/hooks/{path.stem}" in DOCS
    assert f"LIFECYCLE_HOOKS__{path.stem.upper()}__SECRET" in DOCS


def test_the_example_of_the_documentation_is_one_that_is_read(tmp_path: Path) -> None:
    (example,) = re.findall(r"```yaml\n(.*?)```", DOCS, re.DOTALL)
    path = tmp_path / "billing.yaml"
    path.write_text(example, encoding="utf-8")
    assert read_hook(path, BOOK, NOW).title == "Billing"
