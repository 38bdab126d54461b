"""The vocabulary of mappings, of exports, of webhooks and of scripts: a table of the kind the definitions have.

The one source of their readers and of the tables in docs/importing.md, docs/webhooks.md and
docs/foresight/sandbox.md; tests assert that they agree.
"""

from __future__ import annotations

from .vocabulary import KINDS, VOCABULARY, Key, Takes

FORMATS = ("csv", "json lines")

_FILE = (
    Key("file", Takes.TEXT, "The file, in the folder of the import.", required=True),
    Key(
        "format",
        Takes.CHOICE,
        "How it is written; by default `json lines` for .jsonl and .ndjson, else `csv`.",
        choices=FORMATS,
    ),
    Key(
        "delimiter", Takes.TEXT, "Of csv: what stands between cells, `;` or `tab`; `,` by default."
    ),
    Key("encoding", Takes.TEXT, "Of csv: how letters are written, `cp1252`; `utf-8` by default."),
    Key(
        "columns",
        Takes.TABLES,
        "Columns that are no plain text, or whose names are unwieldy, by the name used here.",
        entries="column",
    ),
    Key("account", Takes.NAME, "The column that names the account.", required=True),
)

_READ = (
    Key("replace", Takes.VALUES, "Texts of the column and what to read in their place."),
    Key(
        "format",
        Takes.TEXT,
        "How the column writes a value: a time as `%d.%m.%Y %H:%M`, or in `seconds` or `milliseconds`"
        " since 1970; an amount in `minor units` such as cents; a `salesforce id` of 15 or 18 characters.",
    ),
    Key("zone", Takes.TEXT, "The time zone of times that name none; UTC by default."),
    Key(
        "currency",
        Takes.NAME,
        "Of an amount in minor units: the column with its currency, for those that have none.",
    ),
)

MAPPING: dict[str, tuple[Key, ...]] = {
    "mapping": (
        Key("import", Takes.ID, "Its id, and the source of its events.", required=True),
        Key("title", Takes.TEXT, "What people read."),
        Key(
            "source",
            Takes.TEXT,
            "The source of the events, if a service reports the same ones under that name.",
        ),
        Key(
            "history until",
            Takes.SENTENCE,
            "`now`, or a time: what fell due up to then is past, and nobody is told of it.",
        ),
        Key(
            "accounts",
            Takes.TABLE,
            "The file with one row per account.",
            entries="file of accounts",
        ),
        Key("rows", Takes.LIST, "The files whose rows are events.", entries="file of rows"),
    ),
    "file of accounts": (
        *_FILE,
        Key("fields", Takes.VALUES, "Our field: the cell it is read from.", entries="cell"),
        Key("if", Takes.CONDITION, "Only rows for which this holds."),
    ),
    "file of rows": (
        *_FILE,
        Key(
            "events",
            Takes.LIST,
            "What each row says happened, in this order where times are equal.",
            required=True,
            entries="past event",
        ),
    ),
    "past event": (
        Key("event", Takes.NAME, "The event type, or the cell that names it.", required=True),
        Key(
            "id",
            Takes.TEXT,
            'What makes it this event and no other: `"{order}/paid"`.',
            required=True,
        ),
        Key("time", Takes.NAME, "The cell that says when it happened.", required=True),
        Key("if", Takes.CONDITION, "Only for rows for which this holds."),
        Key("data", Takes.VALUES, "The event's data: the cell each is read from.", entries="cell"),
    ),
    "column": (
        Key("column", Takes.TEXT, "The column's name in the file, if it is another."),
        Key(
            "is",
            Takes.KIND,
            "The kind of value that conditions read; text by default.",
            choices=KINDS,
        ),
        *_READ,
    ),
    "cell": (
        Key("column", Takes.NAME, "The column."),
        Key("text", Takes.TEXT, 'A text with columns in it: `"{first} {last}"`.'),
        Key("value", Takes.VALUE, "The same value for every row."),
        *_READ,
    ),
}
"""Keys by place. `mapping` is the top level of the file."""


HOOK_FORMATS = ("salesforce", "hubspot", "stripe", "segment", "standard webhooks")

_WHOSE = (
    "Whose it is: a column with the account's id, or `{of: deal, id: deal_id}`, or a list; the first that"
    " says something counts."
)

HOOK: dict[str, tuple[Key, ...]] = {
    "hook": (
        Key("hook", Takes.ID, "Its id: the file's name, and the last word of its address.", True),
        Key("title", Takes.TEXT, "What people read."),
        Key(
            "format",
            Takes.CHOICE,
            "Who speaks: how a delivery is proved and taken apart.",
            required=True,
            choices=HOOK_FORMATS,
        ),
        Key("source", Takes.TEXT, "The source of the events; the id by default."),
        Key(
            "columns",
            Takes.VALUES,
            "What is read of a message, by the name used here: its path, `data.object.id`.",
            entries="message column",
        ),
        Key(
            "learn",
            Takes.LIST,
            "Which account their other ids belong to, for messages that do not say.",
            entries="lesson",
        ),
        Key("account", Takes.NAMES, _WHOSE, entries="known account"),
        Key(
            "messages",
            Takes.LIST,
            "What the messages say; the first entry whose `if` holds counts.",
            required=True,
            entries="message",
        ),
    ),
    "message column": (
        Key("column", Takes.NAMES, "The path; of several, the first with a value.", required=True),
        Key(
            "is",
            Takes.KIND,
            "The kind of value that conditions read; text by default.",
            choices=KINDS,
        ),
        *_READ,
    ),
    "lesson": (
        Key("of", Takes.ID, "What the id is one of: `deal`.", required=True),
        Key("id", Takes.NAME, "The column with their id.", required=True),
        Key("account", Takes.NAME, "The column with the account's id.", required=True),
        Key("if", Takes.CONDITION, "Only of messages for which this holds."),
    ),
    "known account": (
        Key("of", Takes.ID, "What the id is one of: `deal`.", required=True),
        Key("id", Takes.NAME, "The column with their id.", required=True),
    ),
    "message": (
        Key("if", Takes.CONDITION, "Only messages for which this holds."),
        Key("account", Takes.NAMES, _WHOSE, entries="known account"),
        Key("events", Takes.LIST, "What the message says happened.", entries="past event"),
        Key("fields", Takes.VALUES, "Our field: the cell it is read from.", entries="cell"),
        Key(
            "starts account",
            Takes.SWITCH,
            "Of `fields`: whether an account that is not there is started.",
        ),
        Key("ignore", Takes.TEXT, "Nothing is to be done: why."),
    ),
}
"""Keys of `hooks/*.yaml` by place; `hook` is the top level. What has a place above is not told again."""


SCRIPT: dict[str, tuple[Key, ...]] = {
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
"""Keys of a sandbox's script (`lifecycle.sandbox`), whose steps are `when: what`."""


def keys(place: str) -> dict[str, Key]:
    """The keys of a place of a definition, a mapping, a hook or a script, by name."""
    found = MAPPING.get(place) or HOOK.get(place) or SCRIPT.get(place) or VOCABULARY[place]
    return {key.name: key for key in found}
