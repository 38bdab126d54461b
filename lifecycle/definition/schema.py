"""JSON Schema of the definition files, for editors: completion, hover texts, and marks under wrong keys.

Run `python -m lifecycle.definition.schema FOLDER` to write one file per kind of definition.
"""

from __future__ import annotations

import json
import sys
from collections.abc import Sequence
from pathlib import Path
from typing import Any

from lifecycle.core.model import COLOURS

from .vocabulary import FILES, VOCABULARY, Key, Takes

ID = "^[a-z][a-z0-9_]{0,59}$"
DURATION = r"^[0-9]{1,8} (minutes?|hours?|days?|weeks?|business days?)$"
_SCALAR = {"type": ["string", "number", "boolean"]}
_TEXT = {"type": ["string", "number"]}
_SIMPLE: dict[Takes, dict[str, Any]] = {
    Takes.TEXT: _TEXT,
    Takes.ID: {"type": "string", "pattern": ID},
    Takes.NAME: {"type": "string"},
    Takes.NAMES: {"anyOf": [{"type": "string"}, {"type": "array", "items": {"type": "string"}}]},
    Takes.SWITCH: {"enum": [True, False, "yes", "no"]},
    Takes.POINTS: {"type": "integer", "minimum": 0, "maximum": 100},
    Takes.WHOLE: {"type": "integer", "minimum": 1},
    Takes.DURATION: {"type": "string", "pattern": DURATION},
    Takes.COLOUR: {"enum": list(COLOURS)},
    Takes.SENTENCE: {"type": "string"},
    Takes.VALUE: _SCALAR,
    Takes.VALUES: {"type": "object", "additionalProperties": _SCALAR},
}
PLACES = (*FILES.values(), "lifecycle")
"""The kinds of definition file, each with a schema of its own."""


def file_name(place: str) -> str:
    """The name of a schema's file."""
    return f"definition.{place}.json"


def schema(place: str) -> dict[str, Any]:
    """The schema of one kind of definition file."""
    return {
        "$schema": "http://json-schema.org/draft-07/schema#",
        "title": f"{place} definition",
        **_reference(place),
        "definitions": {name: _definition(name) for name in sorted(_below(place))},
    }


def _reference(place: str) -> dict[str, Any]:
    return {"$ref": f"#/definitions/{place.replace(' ', '_')}"}


def _below(place: str) -> dict[str, str]:
    """A place and every place that can stand below it, as schema names with their places."""
    found: dict[str, str] = {}
    waiting = [place]
    while waiting:
        name = waiting.pop()
        if name.replace(" ", "_") not in found:
            found[name.replace(" ", "_")] = name
            waiting += [key.entries for key in VOCABULARY[name] if key.entries]
            waiting += ["condition" for key in VOCABULARY[name] if key.takes is Takes.CONDITION]
    return found


def _definition(name: str) -> dict[str, Any]:
    place = name if name in VOCABULARY else name.replace("_", " ")
    found = table(VOCABULARY[place])
    if place == "condition":
        found |= {"minProperties": 1, "maxProperties": 1}
        several = {"type": "array", "minItems": 1, "items": _reference("condition")}
        return {"anyOf": [{"type": "string"}, several, found]}
    if place == "event match":
        return {"anyOf": [{"type": "string"}, found]}
    return found


def table(keys: Sequence[Key]) -> dict[str, Any]:
    """The schema of a mapping with these keys."""
    required = [key.name for key in keys if key.required]
    return {
        "type": "object",
        "additionalProperties": False,
        "properties": {key.name: {**_key(key), "description": key.meaning} for key in keys},
        **({"required": required} if required else {}),
    }


def _key(key: Key) -> dict[str, Any]:
    if key.takes in (Takes.KIND, Takes.CHOICE):
        return {"enum": list(key.choices)}
    if key.takes is Takes.TEXTS:
        items = {"enum": list(key.choices)} if key.choices else _TEXT
        return {"type": "array", "minItems": 1, "items": items}
    if key.takes is Takes.CONDITION:
        return {"allOf": [_reference("condition")]}
    return _nested(key) if key.entries else dict(_SIMPLE[key.takes])


def _nested(key: Key) -> dict[str, Any]:
    inner = _reference(key.entries)
    if key.takes is Takes.TABLES:
        return {"type": "object", "additionalProperties": inner}
    if key.takes is Takes.LIST:
        return {"type": "array", "minItems": 1, "items": inner}
    if key.takes is Takes.EVENTS:
        return {"anyOf": [_reference("event match"), inner]}
    if key.takes is Takes.DAYS:
        return {"anyOf": [{"type": "array", "items": {"type": "string"}}, inner]}
    return {"allOf": [inner]}


def write(folder: Path) -> None:
    """Writes every schema into a folder."""
    folder.mkdir(exist_ok=True)
    for place in PLACES:
        text = json.dumps(schema(place), indent=2, ensure_ascii=False)
        (folder / file_name(place)).write_text(text + "\n", encoding="utf-8")


if __name__ == "__main__":
    write(Path(sys.argv[1]))
