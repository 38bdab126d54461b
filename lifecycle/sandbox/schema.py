"""JSON Schema of scripts, for editors. Run `python -m lifecycle.sandbox.schema FOLDER` to write it."""

from __future__ import annotations

import json
import sys
from pathlib import Path
from typing import Any, Final

from lifecycle.definition.mapping_vocabulary import SCRIPT
from lifecycle.definition.schema import DURATION, table

from .script import DOES

FILE: Final = "sandbox.script.json"
WHEN: Final = rf"^(now|in {DURATION.strip('^$')}|on [0-9]{{4}}-[0-9]{{2}}-[0-9]{{2}}( [0-9]{{1,2}}:[0-9]{{2}})?)$"


def schema() -> dict[str, Any]:
    """Of a whole script: a list of steps, each `when: what`."""
    step = {**table(SCRIPT["step"]), "anyOf": [{"required": [name]} for name in DOES]}
    what = [{"type": "string"}, {"$ref": "#/definitions/step"}]
    several = {"type": "array", "minItems": 1, "items": {"anyOf": what}}
    return {
        "$schema": "http://json-schema.org/draft-07/schema#",
        "title": "script for the sandbox",
        "type": "array",
        "minItems": 1,
        "items": {
            "type": "object",
            "minProperties": 1,
            "patternProperties": {WHEN: {"anyOf": [*what, several]}},
            "additionalProperties": False,
        },
        "definitions": {"step": step},
    }


def write(folder: Path) -> None:
    """Writes the schema into a folder."""
    text = json.dumps(schema(), indent=2, ensure_ascii=False)
    (folder / FILE).write_text(text + "\n", encoding="utf-8")


if __name__ == "__main__":
    write(Path(sys.argv[1]))
