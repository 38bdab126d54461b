"""The vocabulary: every key of the language with its place, what it takes and what it means.

The one source of the reader (unknown keys, what must be there), of the JSON Schema for editors and
of the tables in docs/definitions.md; a test asserts that they agree.
"""

from __future__ import annotations

from dataclasses import dataclass
from enum import StrEnum

from lifecycle.core.values import Kind


class Takes(StrEnum):
    """What stands under a key."""

    TEXT = "a text"
    ID = "an id"
    NAME = "the name of something defined elsewhere"
    NAMES = "a name, or a list of names"
    TEXTS = "a list of texts"
    SWITCH = "yes or no"
    WHOLE = "a whole number"
    DURATION = "a duration"
    COLOUR = "a colour"
    KIND = "a kind of value"
    CHOICE = "one of a few words"
    SENTENCE = "a few words in a fixed form"
    VALUE = "a value"
    POINTS = "a whole number from 0 to 100"
    VALUES = "names with their values"
    CONDITION = "a condition"
    EVENTS = "an event, or several"
    DAYS = "a list of dates, or a country"
    TABLE = "keys of its own"
    TABLES = "named entries"
    LIST = "a list of entries"


@dataclass(frozen=True, slots=True)
class Key:
    """A key of the language. `entries` names the place that the entries below it belong to."""

    name: str
    takes: Takes
    meaning: str
    required: bool = False
    entries: str = ""
    choices: tuple[str, ...] = ()


WEEK = ("mon", "tue", "wed", "thu", "fri", "sat", "sun")
PRIORITIES = ("low", "normal", "high")
KINDS = tuple(kind.value for kind in Kind if kind is not Kind.PICKLIST)

_TRIGGERS = (
    Key(
        "when",
        Takes.EVENTS,
        "Trigger: an event arrives; `any of` several, or `all of` them.",
        entries="when",
    ),
    Key(
        "after",
        Takes.DURATION,
        "Trigger: so long after entering the stage (a hold adds its length).",
    ),
    Key("at", Takes.SENTENCE, "Trigger: a date field's day, or `90 days before renewal_date`."),
    Key("entered", Takes.NAME, "Trigger: the account entered `stage` or `lifecycle.stage`."),
    Key("left", Takes.NAME, "Trigger: the account left `stage` or `lifecycle.stage`."),
    Key("changed", Takes.NAME, "Trigger: a field changed."),
    Key("enters segment", Takes.NAME, "Trigger: the account came into a segment; time may do it."),
    Key("leaves segment", Takes.NAME, "Trigger: the account dropped out of a segment."),
    Key(
        "as soon as",
        Takes.CONDITION,
        "Trigger: a condition turned true, by a change or by time passing.",
    ),
)
TRIGGERS = tuple(key.name for key in _TRIGGERS)

_ACTIONS = (
    Key("email", Takes.NAME, "Action: send the mail of this template to the `to` of the line."),
    Key("cta", Takes.TEXT, "Action: open a call to action with this title."),
    Key(
        "kind",
        Takes.ID,
        "Of a CTA: its kind (`risk`, `renewal`), a word of your own; `task` by default.",
    ),
    Key("owner", Takes.NAME, "Of a CTA: the role or team it belongs to; `csm` by default."),
    Key("priority", Takes.CHOICE, "Of a CTA: how urgent it is.", choices=PRIORITIES),
    Key("due", Takes.DURATION, "Of a CTA: the time to do it in."),
    Key("playbook", Takes.NAME, "Of a CTA: the list of tasks it carries."),
    Key(
        "on leaving",
        Takes.CHOICE,
        "Of a CTA: what becomes of it when the account leaves the stage.",
        choices=("keep", "close"),
    ),
    Key(
        "set",
        Takes.VALUES,
        "Action: write fields: a literal, `event.field`, or `None` to empty it.",
    ),
    Key("webhook", Takes.ID, "Action: call the target named by `to` under this name."),
    Key("data", Takes.VALUES, "Of a webhook: what it carries: literals or `event.field`."),
    Key("set stage", Takes.NAME, "Action: set `lifecycle.stage`, or `lifecycle.None` to clear it."),
)
ACTIONS = ("email", "cta", "set", "webhook", "set stage")

_TO = Key(
    "to",
    Takes.NAMES,
    "Of a move: the stage. Of a mail: roles and teams. Of a webhook: the target.",
)

VOCABULARY: dict[str, tuple[Key, ...]] = {
    "account": (
        Key(
            "fields", Takes.TABLES, "What is known about an account, by field id.", entries="field"
        ),
        Key("roles", Takes.TABLES, "Who is meant by a word such as `csm`.", entries="role"),
        Key("page", Takes.LIST, "The sections of the account page, in order.", entries="section"),
    ),
    "field": (
        Key("label", Takes.TEXT, "What people read.", required=True),
        Key(
            "is", Takes.KIND, "The kind of value; a picklist has `picklist` instead.", choices=KINDS
        ),
        Key("picklist", Takes.TEXTS, "The values to choose from."),
        Key("default", Takes.VALUE, "The value a new account has."),
        Key("currency", Takes.TEXT, "Of money: its currency, three letters."),
        Key("range", Takes.SENTENCE, "Of a whole number: what is allowed, `0 to 100`."),
        Key("personal", Takes.SWITCH, "Says something about a person: erased on request."),
        Key("written by", Takes.TEXT, "Who alone writes it; automations may not."),
    ),
    "role": (
        Key("name", Takes.NAME, "The field that holds the person's name."),
        Key("email", Takes.NAME, "The field that holds the address."),
        Key("otherwise", Takes.NAME, "The team that stands in when name or address is missing."),
    ),
    "section": (
        Key("section", Takes.TEXT, "The heading.", required=True),
        Key("show when", Takes.CONDITION, "The section is hidden unless this holds."),
        Key("fields", Takes.TEXTS, "The fields and lifecycles shown, in order."),
        Key("timestamps of", Takes.NAME, "Shows when each stage of a lifecycle was last entered."),
        Key("days in", Takes.NAME, "Shows the days in a lifecycle, overall and per stage."),
    ),
    "events": (
        Key(
            "events",
            Takes.TABLES,
            "What services may report, by event type.",
            required=True,
            entries="event",
        ),
    ),
    "event": (
        Key("label", Takes.TEXT, "What happened, as a clause: `an opportunity is closed won`."),
        Key("creates account", Takes.SWITCH, "May be the first thing known of an account."),
        Key("data", Takes.VALUES, "What the event carries: name and kind of value."),
        Key(
            "personal",
            Takes.TEXTS,
            "The data that say something about a person: erased on request.",
        ),
        Key(
            "keep",
            Takes.CHOICE,
            "`latest`: of several that wait, only the newest counts.",
            choices=("all", "latest"),
        ),
    ),
    "directory": (
        Key("teams", Takes.TABLES, "Addresses that belong to no account.", entries="team"),
        Key("targets", Takes.TABLES, "Where webhooks go.", entries="target"),
        Key("business days", Takes.TABLE, "Which days are worked.", entries="business days"),
        Key("day begins at", Takes.SENTENCE, 'The hour at which a date falls due, `"09:00"`.'),
        Key(
            "mail to contacts",
            Takes.TABLE,
            "What holds for all mail to contacts, automations' and campaigns'.",
            entries="mail to contacts",
        ),
    ),
    "mail to contacts": (
        Key(
            "quiet hours",
            Takes.SENTENCE,
            "Local times between which mail waits, `20:00 to 08:00`; in the account's time zone.",
        ),
        Key(
            "at most",
            Takes.SENTENCE,
            "How many mails one address gets in a time, `5 in 7 days`; more are skipped.",
        ),
    ),
    "team": (
        Key("label", Takes.TEXT, "What people read.", required=True),
        Key("email", Takes.TEXT, "The address.", required=True),
    ),
    "target": (Key("label", Takes.TEXT, "What people read.", required=True),),
    "business days": (
        Key("week", Takes.TEXTS, "The working days of a week.", choices=WEEK),
        Key(
            "holidays",
            Takes.DAYS,
            "Dates without work, or a country whose public holidays count.",
            entries="country",
        ),
    ),
    "country": (
        Key("country", Takes.TEXT, "A country by its two letters, `DE`.", required=True),
        Key("region", Takes.TEXT, "A part of it, `BY`."),
    ),
    "playbooks": (
        Key("playbooks", Takes.TABLES, "Lists of tasks, by id.", required=True, entries="playbook"),
    ),
    "playbook": (
        Key("title", Takes.TEXT, "What people read.", required=True),
        Key("goal", Takes.TEXT, "What is true when it is done."),
        Key("tasks", Takes.LIST, "The tasks, in order.", required=True, entries="task"),
    ),
    "task": (
        Key("task", Takes.ID, "Its id, unique in the playbook.", required=True),
        Key("title", Takes.TEXT, "What is to be done.", required=True),
        Key("due", Takes.DURATION, "Counts from the day the CTA was opened."),
        Key("owner", Takes.NAME, "The role or team that does it; by default the owner of the CTA."),
        Key("optional", Takes.SWITCH, "The playbook is finished without it."),
    ),
    "segments": (
        Key("segments", Takes.TABLES, "Saved segments, by id.", required=True, entries="segment"),
    ),
    "segment": (
        Key("title", Takes.TEXT, "What people read.", required=True),
        Key("description", Takes.TEXT, "What it is for."),
        Key("where", Takes.CONDITION, "The accounts for which this holds.", required=True),
    ),
    "scorecards": (
        Key("scorecards", Takes.TABLES, "Scorecards, by id.", required=True, entries="scorecard"),
    ),
    "scorecard": (
        Key("title", Takes.TEXT, "What people read.", required=True),
        Key("description", Takes.TEXT, "What it is for."),
        Key(
            "score field",
            Takes.NAME,
            "The field the score is written to: a whole number, `written by: scorecard`.",
            required=True,
        ),
        Key(
            "band field",
            Takes.NAME,
            "The field the band is written to: a picklist, `written by: scorecard`.",
        ),
        Key("for", Takes.CONDITION, "The accounts that are scored; for others both are empty."),
        Key(
            "measures",
            Takes.TABLES,
            "What is looked at, by id; the score is the weighted mean.",
            required=True,
            entries="measure",
        ),
        Key("bands", Takes.TABLES, "The choices of the band field, best first.", entries="band"),
    ),
    "measure": (
        Key("title", Takes.TEXT, "The question it answers.", required=True),
        Key("weight", Takes.WHOLE, "How much it counts beside the others.", required=True),
        Key(
            "points",
            Takes.LIST,
            "Read from the top, the first line that holds counts; if none does, the measure is left out.",
            required=True,
            entries="points line",
        ),
    ),
    "points line": (
        Key("if", Takes.CONDITION, "Only when this holds."),
        Key("unless", Takes.CONDITION, "Not when this holds."),
        Key("otherwise", Takes.SWITCH, "`yes`, in the last line: when no other line holds."),
        Key("give", Takes.POINTS, "The points, the best is 100.", required=True),
    ),
    "band": (
        Key("from", Takes.POINTS, "A score of this or more enters it.", required=True),
        Key(
            "falls below",
            Takes.POINTS,
            "A score below this leaves it; `from` by default. The gap keeps it from flapping.",
        ),
    ),
    "lifecycle": (
        Key("lifecycle", Takes.ID, "Its id, for ever.", required=True),
        Key("title", Takes.TEXT, "What people read.", required=True),
        Key("description", Takes.TEXT, "What it is for."),
        Key("kind", Takes.CHOICE, "The kind of lifecycle.", choices=("status",)),
        Key("flow", Takes.NAME, "The lifecycle it belongs to."),
        Key(
            "version",
            Takes.WHOLE,
            "Raised with every change of behaviour once published.",
            required=True,
        ),
        Key("owner", Takes.NAME, "The team that is told when an automation has to wait."),
        Key(
            "migration",
            Takes.VALUES,
            "Stages of the version before that are gone: where their accounts go, or `None`.",
        ),
        Key("start", Takes.LIST, "Lines that move accounts in no stage.", entries="line"),
        Key(
            "stages",
            Takes.TABLES,
            "The stages by id, in their order.",
            required=True,
            entries="stage",
        ),
        Key(
            "from any stage",
            Takes.LIST,
            "Lines that move accounts in any stage that is no end, forward only.",
            entries="line",
        ),
        Key("from anywhere", Takes.LIST, "The same, and accounts in no stage.", entries="line"),
        Key("also", Takes.LIST, "Lines that act, in any stage or none.", entries="line"),
    ),
    "stage": (
        Key("label", Takes.TEXT, "What people read; may change.", required=True),
        Key("colour", Takes.COLOUR, "How it is shown."),
        Key("description", Takes.TEXT, "What it means."),
        Key("expected", Takes.DURATION, "The typical time; past it the account is late."),
        Key(
            "stuck after", Takes.DURATION, "Past it the account is stuck: `stage.stuck` is raised."
        ),
        Key("end", Takes.SWITCH, "An end stage: the clock stops."),
        Key("churn", Takes.SWITCH, "Of an end stage: entering it cancels the account."),
        Key("disabled", Takes.SWITCH, "Nobody can newly enter it."),
        Key("by hand", Takes.SWITCH, "People move accounts in and out."),
        Key("do", Takes.LIST, "Lines that act on accounts in the stage.", entries="line"),
        Key("move", Takes.LIST, "Lines that move accounts out of the stage.", entries="line"),
    ),
    "line": (
        Key("name", Takes.ID, "Its name, unique in the lifecycle, for ever."),
        *_TRIGGERS,
        Key("from", Takes.NAME, "Beside `entered`: the stage it came from."),
        Key("towards", Takes.NAME, "Beside `left`: the stage it went to."),
        Key("if", Takes.CONDITION, "Guard: only when this holds."),
        Key("unless", Takes.CONDITION, "Guard: not when this holds."),
        Key("at most", Takes.SENTENCE, "Limit: `once a day`, `once in 30 days`, `once a visit`."),
        Key("published", Takes.SWITCH, "`no` switches the line off."),
        Key("shadow", Takes.SWITCH, "`yes`: it runs, and what it would do is only recorded."),
        _TO,
        *_ACTIONS,
        Key("do", Takes.LIST, "Several actions.", entries="action"),
    ),
    "action": (_TO, *_ACTIONS),
    "when": (
        Key("any of", Takes.LIST, "One of these events.", entries="event match"),
        Key(
            "all of", Takes.LIST, "All of these events, in whichever order.", entries="event match"
        ),
        Key("same", Takes.NAME, "The data field that must be the same in all of them."),
        Key("within", Takes.DURATION, "How long the first waits for the last."),
    ),
    "event match": (
        Key("event", Takes.NAME, "The event.", required=True),
        Key("if", Takes.CONDITION, "A condition on this event."),
    ),
    "condition": (
        Key("any of", Takes.LIST, "At least one of these conditions.", entries="condition"),
        Key("all of", Takes.LIST, "Every one of these conditions.", entries="condition"),
        Key("not", Takes.CONDITION, "The condition does not hold."),
    ),
}
"""Keys by place. Places named after files are the top level of that file."""

FILES = {
    "account.yaml": "account",
    "events.yaml": "events",
    "directory.yaml": "directory",
    "playbooks.yaml": "playbooks",
    "segments.yaml": "segments",
    "scorecards.yaml": "scorecards",
}
"""Which place the top level of a file is; every other file is a lifecycle."""


def keys(place: str) -> dict[str, Key]:
    """The keys of a place by name."""
    return {key.name: key for key in VOCABULARY[place]}
