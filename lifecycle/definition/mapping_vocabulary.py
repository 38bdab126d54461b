"""The vocabulary of import mappings: the same kind of table as that of the definitions.

The one source of the mapping's reader and of the tables in docs/importing.md; a test asserts that
they agree.
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


def keys(place: str) -> dict[str, Key]:
    """The keys of a place of a definition or of a mapping, by name."""
    return {key.name: key for key in (MAPPING.get(place) or VOCABULARY[place])}
