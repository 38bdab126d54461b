"""One vocabulary: the mapping's reader and docs/importing.md know the same keys."""

import ast
import re

import pytest

from lifecycle.core.deciding.events import event_type
from lifecycle.core.model import PAST_MOVE
from lifecycle.definition.mapping_vocabulary import MAPPING
from lifecycle.definition.vocabulary import VOCABULARY, Key, Takes
from tests.definitions.sources import ROOT
from tests.importing.books import BOOK, EXPORT

DOCS = (ROOT / "docs" / "importing.md").read_text(encoding="utf-8")
EVERY_KEY = [(place, key) for place, found in MAPPING.items() for key in found]
READER = [
    ROOT / "lifecycle" / "importing" / name for name in ("reader.py", "happenings.py", "columns.py")
]


@pytest.mark.parametrize(
    ("place", "key"), EVERY_KEY, ids=lambda one: one.name if isinstance(one, Key) else one
)
def test_the_tables_say_what_the_vocabulary_says(place: str, key: Key) -> None:
    needed = " **Needed.**" if key.required else ""
    assert f"| `{key.name}` | {key.takes.value} | {key.meaning}{needed} |" in DOCS


def test_the_reader_knows_every_key() -> None:
    texts = {
        node.value
        for path in READER
        for node in ast.walk(ast.parse(path.read_text(encoding="utf-8")))
        if isinstance(node, ast.Constant) and isinstance(node.value, str)
    }
    assert {key.name for _, key in EVERY_KEY} - texts == set()


def test_places_are_its_own_and_fit_together() -> None:
    assert not MAPPING.keys() & VOCABULARY.keys()
    below = {Takes.TABLE, Takes.LIST, Takes.TABLES}
    assert {key.entries for _, key in EVERY_KEY if key.entries} <= MAPPING.keys()
    assert all(key.entries for _, key in EVERY_KEY if key.takes in below)


def test_the_example_is_one_that_is_read() -> None:
    (first, *_) = re.findall(r"```yaml\n(.*?)```", DOCS, re.DOTALL)
    assert first == (EXPORT / "deals.yaml").read_text(encoding="utf-8")


def test_the_data_of_a_past_move_is_documented() -> None:
    for name in event_type(BOOK, PAST_MOVE, historic=True).data:
        assert f"`{name}`" in DOCS
