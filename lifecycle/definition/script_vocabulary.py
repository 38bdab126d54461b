"""The vocabulary of scripts: what may come in while an account is tried in the sandbox (N6).

The one source of the reader, of the JSON Schema for editors and of the table in docs/foresight/sandbox.md.
"""

from __future__ import annotations

from typing import Final

from .vocabulary import Key, Takes

WHEN: Final = {
    "now": "at the beginning",
    "in 5 days": "so long after the beginning; `in 3 business days`, `in 2 hours`",
    "on 2026-12-24": "on a day, when it begins (`day begins at` of directory.yaml)",
    "on 2026-12-24 14:30": "at a time of day; both in the account's time zone",
}
"""How the key of a step is written, and what it means."""

WORDS: Final = {"release": "ends a hold", "undo": "takes the newest change back"}
"""What a step may say in one word, beside the type of an event."""

SCRIPT: Final[dict[str, tuple[Key, ...]]] = {
    "step": (
        Key("event", Takes.NAME, "A service reports this event."),
        Key("data", Takes.VALUES, "Of an event: what it carries."),
        Key("source", Takes.TEXT, "Of an event: which system reports it; `sandbox` by default."),
        Key("set", Takes.NAME, "A person sets `lifecycle.stage`, or clears by `lifecycle.None`."),
        Key("fields", Takes.VALUES, "A person sets fields; `None` empties one."),
        Key("hold", Takes.SENTENCE, "A person pauses automation: `14 days`, or until a date."),
        Key("close cta", Takes.TEXT, "A person closes the open CTA of that title."),
        Key("outcome", Takes.TEXT, "Of a closed CTA: what came of it; `done` by default."),
        Key("reason", Takes.TEXT, "Of what a person does: why."),
    ),
}
"""Keys by place. Exactly one of `event`, `set`, `fields`, `hold` and `close cta` says what a step does."""

DOES: Final = ("event", "set", "fields", "hold", "close cta")
BELONGS: Final = {"data": "event", "source": "event", "outcome": "close cta"}
"""Keys that only stand beside another."""
