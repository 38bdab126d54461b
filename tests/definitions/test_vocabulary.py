"""One vocabulary: the reader, the JSON Schema and the documentation know the same keys."""

import ast
import json
import re
from collections.abc import Iterator
from pathlib import Path

import fastjsonschema
import pytest
from ruamel.yaml import YAML

from lifecycle.core.model import COLOURS, ENGINE_EVENTS, Place
from lifecycle.core.values import Kind
from lifecycle.definition import render
from lifecycle.definition.schema import PLACES, file_name, schema, write
from lifecycle.definition.vocabulary import ACTIONS, FILES, TRIGGERS, VOCABULARY, Key, Takes, keys
from tests.definitions.sources import LIFECYCLES, ROOT, SHIPPED, codes, read, read_with_mails

DOCS = (ROOT / "docs" / "definitions.md").read_text()
READER = ROOT / "lifecycle" / "definition"
EVERY_KEY = [(place, key) for place, found in VOCABULARY.items() for key in found]
ACCESS = {
    "node",
    "text",
    "id",
    "switch",
    "whole",
    "duration",
    "parsed",
    "choice",
    "items",
    "names",
    "name",
    "entries",
}


def place_of(file: str) -> str:
    return FILES.get(file, "lifecycle")


def asked_keys() -> Iterator[str]:
    """Every key the reader asks a record for, as written in its sources."""
    for path in READER.glob("*.py"):
        for node in ast.walk(ast.parse(path.read_text())):
            if (
                isinstance(node, ast.Call)
                and isinstance(node.func, ast.Attribute)
                and node.func.attr in ACCESS
            ):
                yield from (
                    str(one.value) for one in node.args[:1] if isinstance(one, ast.Constant)
                )


INDIRECT = {
    *TRIGGERS, *(place.value for place in Place), "from", "towards", "any of", "all of", "not",
    "expected", "name", "email", "otherwise", "timestamps of", "days in", "score field", "band field",
}  # fmt: skip
"""Keys the reader takes from a table of its own rather than by name."""


def test_the_reader_asks_for_every_key_and_for_no_other() -> None:
    known = {key.name for _, key in EVERY_KEY}
    asked = set(asked_keys())
    assert known - asked - INDIRECT == set()
    assert {name for name in asked if name not in known} == set()


@pytest.mark.parametrize("key", sorted({key.name for _, key in EVERY_KEY}))
def test_the_documentation_mentions_every_key(key: str) -> None:
    assert f"`{key}`" in DOCS or f"`{key}:" in DOCS


@pytest.mark.parametrize(
    ("place", "key"), EVERY_KEY, ids=lambda one: one.name if isinstance(one, Key) else one
)
def test_the_tables_of_the_documentation_say_what_the_vocabulary_says(place: str, key: Key) -> None:
    assert f"| `{key.name}` | {key.takes.value} | {key.meaning.replace('|', '/')} |" in DOCS


@pytest.mark.parametrize("word", [*COLOURS, *ENGINE_EVENTS, *(kind.value for kind in Kind)])
def test_the_documentation_lists_colours_kinds_and_engine_events(word: str) -> None:
    assert word in DOCS


def test_places_and_entries_of_the_vocabulary_fit_together() -> None:
    assert {key.entries for _, key in EVERY_KEY if key.entries} <= VOCABULARY.keys()
    assert {*TRIGGERS, *ACTIONS} <= keys("line").keys()
    assert all(
        key.entries for _, key in EVERY_KEY if key.takes in (Takes.TABLE, Takes.TABLES, Takes.LIST)
    )


# ── JSON Schema


def plain(text: str) -> object:
    """YAML as an editor's language server sees it: plain data."""
    return json.loads(json.dumps(YAML(typ="safe", pure=True).load(text), default=str))


@pytest.mark.parametrize("place", PLACES)
def test_the_committed_schema_is_the_vocabularys(place: str, tmp_path: Path) -> None:
    """Write it anew with `python -m lifecycle.definition.schema schemas`."""
    write(tmp_path)
    committed = ROOT / "schemas" / file_name(place)
    assert committed.read_text() == (tmp_path / file_name(place)).read_text()


@pytest.mark.parametrize("file", SHIPPED)
def test_shipped_files_fit_their_schema_and_name_it(file: str) -> None:
    place = place_of(file)
    fastjsonschema.compile(schema(place))(plain(SHIPPED[file]))
    assert SHIPPED[file].startswith(
        f"# yaml-language-server: $schema=../schemas/{file_name(place)}\n"
    )


@pytest.mark.parametrize(
    "change",
    [
        ("colour: grey", "color: grey"),
        ("colour: grey", "colour: gray"),
        ("stuck after: 60 days", "stuck after: 2 months"),
        ("version: 1", "version: one"),
        ("all of: [product.purchased, wholesale.billed]", "all of: product.purchased"),
    ],
)
def test_an_editor_marks_what_the_reader_refuses(change: tuple[str, str]) -> None:
    changed = SHIPPED["sales.yaml"].replace(*change, 1)
    assert changed != SHIPPED["sales.yaml"]
    assert any(problem.is_error for problem in read({"sales.yaml": changed}).problems)
    with pytest.raises(fastjsonschema.JsonSchemaValueException):
        fastjsonschema.compile(schema("lifecycle"))(plain(changed))


# ── examples in the documentation

BLOCKS = [
    (text.splitlines()[0].removeprefix("# "), text)
    for text in re.findall(r"```yaml\n(# \S+\.yaml\n.*?)```", DOCS, flags=re.DOTALL)
]
"""Each block whole, as people copy it: with the comment that names its file."""


@pytest.mark.parametrize(
    ("file", "text"), BLOCKS, ids=lambda one: one if one.endswith(".yaml") else ""
)
def test_examples_of_the_documentation_read_clean(file: str, text: str) -> None:
    """A block stands for a whole file beside the shipped ones; `account.yaml` and the like are added to theirs."""
    fields = {"account.yaml": joined("account.yaml", dict(BLOCKS)["account.yaml"])}
    assert render(read_with_mails({**fields, file: joined(file, text)}).problems) == ""


def test_the_tutorial_writes_one_file_under_one_id() -> None:
    """An id never changes once published, so no step may invite to publish another."""
    steps = [text for file, text in BLOCKS if file == "renewals.yaml"]
    assert len(steps) == 3
    assert all("\nlifecycle: renewals\n" in text for text in steps)


def joined(file: str, text: str) -> str:
    """A block of a surrounding file lengthens the shipped file: its entries under the key they share."""
    if file not in FILES:
        return text
    _, top, entries = text.split("\n", 2)
    longer = SHIPPED[file].replace(f"\n{top}\n", f"\n{top}\n{entries.rstrip()}\n", 1)
    assert longer != SHIPPED[file], f"{file} has no line {top!r}"
    return longer


def test_every_yaml_block_of_the_documentation_is_tested() -> None:
    assert len(BLOCKS) == DOCS.count("```yaml")
    assert len(BLOCKS) >= 6


def test_the_error_shown_in_the_documentation_is_the_real_one() -> None:
    wrong, told = re.findall(r"```text\n# (.*?)\n(.*?)```", DOCS, flags=re.DOTALL)[0]
    old, new = wrong.split(" → ")
    reading = read_with_mails({"renewals.yaml": dict(BLOCKS)["renewals.yaml"].replace(old, new)})
    assert render(reading.problems).strip() == told.strip()
    assert codes(reading)


def test_the_documentation_speaks_of_every_shipped_lifecycle() -> None:
    assert all(f"`{name}`" in DOCS for name in LIFECYCLES)
