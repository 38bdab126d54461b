"""Messages read: from JSON that anybody may have sent to inputs of the core, or to a `Refusal` that says why not.

One reader for every door (R16). It checks shape and size; what a value means, `decide` asks the definitions.
`schemas/event.schema.json` describes the event, docs/signalling.md how to send one.
"""

from __future__ import annotations

import json
import re
from collections.abc import Callable
from dataclasses import dataclass, replace
from datetime import datetime, timedelta
from typing import Any

from . import contract
from .core import inputs as i
from .core.durations import Duration, read_duration
from .core.refusal import Refusal, did_you_mean
from .core.texts import UNKEPT
from .core.values import Value, read_instant

MAX_WORD = 500
"""Characters of an id, a source or a type."""
MAX_REASON = 2_000
NONE = "None"
"""The word that clears a stage (R16)."""

Message = dict[str, Any]
END_OF_DAY = timedelta(hours=23, minutes=59)
_LOOKS_LIKE_A_DAY = re.compile(r"\d{4}-")


@dataclass(frozen=True, slots=True)
class Arrival:
    """Where and when a message arrived. `lead` is how far the account's clock leads the wall clock, in seconds."""

    account: str
    at: datetime
    lead: int = 0


def bad(what: str, where: str = "") -> Refusal:
    """A message of the wrong shape."""
    remedy = "Correct the message and send it again; docs/signalling.md shows one."
    return Refusal("bad_message", what, remedy, where)


# ── events


def read_event(data: object, arrival: Arrival, historic: bool = False) -> i.Event:
    """A CloudEvent in JSON. `time` left out means now. Raises `Refusal`."""
    message = _object(data, "An event")
    _within(message, contract.MAX_EVENT_BYTES, "An event")
    subject = message.get("subject")
    if subject is not None and str(subject) != arrival.account:
        said = f"The event is about {subject!r}, but was sent to the account {arrival.account!r}."
        raise bad(said, "subject")
    return i.Event(
        id=_word(message, "id"),
        source=_word(message, "source"),
        type=_word(message, "type"),
        time=_own_time(message, arrival),
        received=arrival.at,
        data=_scalars(message, "data"),
        historic=historic,
    )


def _own_time(message: Message, arrival: Arrival) -> datetime:
    # The fold adds the lead to what comes from outside; "now" is the account's own already.
    raw = message.get("time")
    return arrival.at - timedelta(seconds=arrival.lead) if raw is None else read_instant(raw)


def events_in(data: object) -> list[object]:
    """The events of a list, or of an object with `events`; each is read by itself."""
    found = data.get("events") if isinstance(data, dict) else data
    if not isinstance(found, list):
        raise bad("Send a list of events, or an object with a list in `events`.", "events")
    return found


# ── commands


def read_command(
    name: str, data: object, arrival: Arrival
) -> i.Command | i.CreateAccount | i.Adopt | i.Event:
    """The message of an update (`contract.SET_STAGE`, …) as an input. Raises `Refusal`."""
    if name == contract.REPORT_EVENT:
        return read_event(data, arrival)
    message = _object(data, "The message")
    _within(message, contract.MAX_EVENT_BYTES, "The message")
    return _COMMANDS[name](message, arrival.at)


def _set_stage(message: Message, at: datetime) -> i.SetStage:
    if "stage" not in message:
        raise bad(f"No stage is named; to clear it, write {NONE!r}.", "stage")
    stage = message["stage"]
    return i.SetStage(
        at,
        _actor(message),
        _text(message, "reason"),
        _word(message, "lifecycle"),
        None if stage in (None, NONE) else _word(message, "stage"),
        _whole(message, "revision"),
        _flag(message, "anyway"),
        _text(message, "id"),
    )


def _undo(message: Message, at: datetime) -> i.Undo:
    return i.Undo(
        at, _actor(message), _text(message, "reason"), _whole(message, "unit"), _text(message, "id")
    )


def _hold(message: Message, at: datetime) -> i.Hold:
    if message.get("until") is None:
        raise bad("A hold needs its end.", "until")
    until = read_instant(message["until"])
    return i.Hold(at, _actor(message), until, _text(message, "reason"), _text(message, "id"))


def _release(message: Message, at: datetime) -> i.Release:
    return i.Release(at, _actor(message), _text(message, "reason"), _text(message, "id"))


def _set_fields(message: Message, at: datetime) -> i.SetFields:
    fields, reason = _scalars(message, "fields"), _text(message, "reason")
    return i.SetFields(at, _actor(message), fields, reason, id=_text(message, "id"))


def _close_cta(message: Message, at: datetime) -> i.CloseCta:
    outcome = _text(message, "outcome") or "done"
    return i.CloseCta(at, _actor(message), _word(message, "cta"), outcome, _text(message, "id"))


def _do_task(message: Message, at: datetime) -> i.DoTask:
    cta, task = _word(message, "cta"), _word(message, "task")
    return i.DoTask(at, _actor(message), cta, task, _text(message, "id"))


def _open_cta(message: Message, at: datetime) -> i.OpenCta:
    due, within = _due(message)
    return i.OpenCta(
        at,
        _actor(message),
        _word(message, "title"),
        _word_or(message, "kind", "task"),
        _word_or(message, "owner", "csm"),
        _word_or(message, "priority", "normal"),
        due,
        within,
        _word_or(message, "playbook", "") or None,
        _word_or(message, "lifecycle", ""),
        _flag(message, "close_on_leaving"),
        _text(message, "id"),
    )


def _due(message: Message) -> tuple[datetime | None, Duration | None]:
    """An instant, a day (its end, in UTC), or a time from now such as `5 business days`."""
    raw = message.get("due")
    if raw is None:
        return None, None
    if not isinstance(raw, str | datetime):
        raise bad("`due` is a time, a date, or a length of time like `5 business days`.", "due")
    if isinstance(raw, str) and not _LOOKS_LIKE_A_DAY.match(raw.strip()):
        return None, _length(raw)
    is_day = isinstance(raw, str) and len(raw.strip()) <= len("2026-01-31")
    return read_instant(raw) + (END_OF_DAY if is_day else timedelta()), None


def _length(text: str) -> Duration:
    try:
        return read_duration(text[:MAX_WORD])
    except Refusal as refusal:
        refusal.where = "due"
        raise


def _snooze_cta(message: Message, at: datetime) -> i.SnoozeCta:
    if "until" not in message:
        raise bad("A snooze needs its end; null wakes the CTA now.", "until")
    until = message["until"]
    end = read_instant(until) if until is not None else None
    return i.SnoozeCta(at, _actor(message), _word(message, "cta"), end, _text(message, "id"))


def _assign_cta(message: Message, at: datetime) -> i.AssignCta:
    cta, owner = _word(message, "cta"), _word(message, "owner")
    return i.AssignCta(at, _actor(message), cta, owner, _text(message, "id"))


def _erase(message: Message, at: datetime) -> i.Erase:
    names = message.get("names", [])
    if not isinstance(names, list) or not all(isinstance(name, str) for name in names):
        raise bad("`names` is a list of fields.", "names")
    return i.Erase(at, _actor(message), names, _text(message, "reason"), _text(message, "id"))


def _start(message: Message, at: datetime) -> i.CreateAccount:
    fields, actor = _scalars(message, "fields"), _actor(message)
    return i.CreateAccount(at, fields, actor=actor, id=_text(message, "id"))


def _take_over(message: Message, at: datetime) -> i.Adopt:
    """`{"actor": …, "book": id, "policies": {lifecycle: policy}}` (R24).

    With `left` ({lifecycle: version}) earlier versions are brought back.
    """
    policies = _object(message.get("policies", {}), "`policies`")
    if not all(isinstance(policy, str) for policy in policies.values()):
        raise bad("A policy is a text.", "policies")
    given = at, _actor(message), _word(message, "book"), policies, _text(message, "id")
    left = _object(message.get("left") or {}, "`left`")
    if not all(type(version) is int for version in left.values()):
        raise bad("A version is a whole number.", "left")
    return i.GoBack(*given, left, _text(message, "reason")) if left else i.Adopt(*given)


_COMMANDS: dict[str, Callable[[Message, datetime], i.Command | i.CreateAccount | i.Adopt]] = {
    contract.SET_STAGE: _set_stage,
    contract.OVERRIDE_STAGE: _set_stage,
    contract.UNDO: _undo,
    contract.HOLD: _hold,
    contract.RELEASE: _release,
    contract.SET_FIELDS: _set_fields,
    contract.OPEN_CTA: _open_cta,
    contract.CLOSE_CTA: _close_cta,
    contract.SNOOZE_CTA: _snooze_cta,
    contract.ASSIGN_CTA: _assign_cta,
    contract.DO_TASK: _do_task,
    contract.START: _start,
    contract.ERASE: _erase,
    contract.TAKE_OVER: _take_over,
}


def commands_in(data: object) -> list[object]:
    """The commands of `{"commands": […]}`; each is read by itself, by `read_named`."""
    found = data.get("commands") if isinstance(data, dict) else None
    if not isinstance(found, list):
        raise bad("Send an object with a list in `commands`.", "commands")
    return found


def read_named(data: object, arrival: Arrival) -> i.Command | i.CreateAccount | i.Adopt:
    """`{"command": "set_stage", …}`: the message of an update with its name in it. Raises `Refusal`."""
    message = _object(data, "A command")
    _within(message, contract.MAX_EVENT_BYTES, "A command")
    name = _word(message, "command")
    if name not in _COMMANDS:
        remedy = did_you_mean(name, _COMMANDS)
        raise Refusal("unknown_command", f"There is no command {name!r}.", remedy, "command")
    return _COMMANDS[name](message, arrival.at)


# ── publishing, clock, import


def read_adopt(data: object, arrival: Arrival) -> i.Adopt:
    """The message of `contract.ADOPT`, which is that of the update `contract.TAKE_OVER`. Raises `Refusal`."""
    return _take_over(_object(data, "The message"), arrival.at)


def read_set_lead(data: object, arrival: Arrival) -> i.SetLead:
    """`{"seconds": whole number}`."""
    seconds = _whole(_object(data, "The message"), "seconds")
    if seconds is None or not 0 <= seconds <= 10**10:
        raise bad("The lead is a whole number of seconds.", "seconds")
    return i.SetLead(arrival.at, seconds)


def read_redeliver(data: object) -> str:
    """`{"effect": id}`: the delivery to be tried again."""
    return _word(_object(data, "The message"), "effect", contract.MAX_EVENT_BYTES)


@dataclass(frozen=True, slots=True)
class History:
    """A part of an account's past. `events` are raw, oldest first; `until` ends the import (R21)."""

    events: list[object]
    created: datetime | None
    fields: dict[str, Value]
    until: datetime | None


def read_history(data: object) -> History:
    """`{"created": time, "fields": {…}, "events": […], "until": time}`; all may be left out. Raises `Refusal`."""
    message = _object(data, "The message")
    created, until = message.get("created"), message.get("until")
    return History(
        events_in(message.get("events", [])),
        read_instant(created) if created is not None else None,
        _scalars(message, "fields"),
        read_instant(until) if until is not None else None,
    )


def around_history(history: History, events: list[i.Event], arrival: Arrival) -> list[i.Input]:
    """The inputs an import consists of: the account's creation, what happened, the fields, the end."""
    first, last = (events[0].time, events[-1].time) if events else (arrival.at, arrival.at)
    fields, made = history.fields, list[i.Input]()
    if history.created is not None:
        made.append(i.CreateAccount(min(history.created, first), fields, historic=True))
        fields = {}
    made += events
    if fields:
        made.append(i.SetFields(last, "import", fields, "CRM history", historic=True))
    if history.until is not None:
        made.append(i.EndHistory(arrival.at, history.until))
    return made


# ── campaigns


@dataclass(frozen=True, slots=True)
class CampaignCommand:
    """What a person wants of a campaign; `per_hour` is meant by `set_pace` only."""

    actor: str
    reason: str
    per_hour: object = None


def read_campaign_command(data: object) -> CampaignCommand:
    """`{"actor": …, "reason": …}`, for `set_pace` with `per_hour`. Raises `Refusal`."""
    message = _object(data, "The message")
    actor, reason = _kept(message, "actor"), _kept(message, "reason")
    if not actor:
        raise bad("It is not said who gives the command.", "actor")
    return CampaignCommand(actor, reason, message.get("per_hour"))


def _kept(message: Message, name: str) -> str:
    """What no database keeps is refused here: nobody is behind an order to keep the reason of a refusal."""
    text = _text(message, name)
    if UNKEPT.search(text):
        raise bad(f"`{name}` holds a character that no database keeps.", name)
    return text


# ── what is left of a message that cannot be read


def kind_of(value: object) -> str:
    """`a list`: what JSON calls it."""
    for kinds, name in _KINDS:
        if isinstance(value, kinds):
            return name
    return type(value).__name__


_KINDS: tuple[tuple[type | tuple[type, ...], str], ...] = (
    (dict, "an object"),
    (list, "a list"),
    (str, "a text"),
    (bool, "true or false"),
    ((int, float), "a number"),
    (type(None), "null"),
)


def unreadable(at: datetime, door: str, reason: str, data: object = "") -> i.Unreadable:
    """Kept as text, whatever it was: printable, at most 500 characters."""
    return i.Unreadable(at, plain(door, 80), plain(reason, 500), plain(data, 500))


def plain(data: object, limit: int) -> str:
    """Anything as one printable line that every database takes."""
    text = data if isinstance(data, str) else _shown(data)
    kept = "".join(
        char if char.isprintable() else "\N{REPLACEMENT CHARACTER}" for char in text[:limit]
    )
    return kept if len(text) <= limit else kept[: limit - 1] + "…"


def _shown(data: object) -> str:
    try:
        return json.dumps(data, ensure_ascii=False, default=str)
    except (TypeError, ValueError, RecursionError):
        return type(data).__name__


def as_unreadable(item: i.Input, door: str, reason: str) -> i.Unreadable:
    """An input that the database would not take."""
    shown = {name: str(getattr(item, name)) for name in type(item).__dataclass_fields__}
    at = item.received if isinstance(item, i.Event) else item.at
    return unreadable(at, door, reason, shown)


def seen_before(event: i.Event) -> i.Event:
    """The journal knows it (R20)."""
    return replace(event, seen_before=True)


# ── pieces


def _object(data: object, what: str) -> Message:
    if not isinstance(data, dict) or not all(isinstance(key, str) for key in data):
        raise bad(f"{what} is a JSON object, not {kind_of(data)}.")
    return data


def _within(message: Message, limit: int, what: str) -> None:
    """Refuses what is too large, and what no JSON writer could pass on."""
    try:
        size = len(json.dumps(message, ensure_ascii=False, allow_nan=False).encode())
    except (ValueError, TypeError, RecursionError):
        raise bad(f"{what} holds a value that JSON cannot hold.") from None
    if size > limit:
        raise bad(f"{what} has {size:,} bytes; at most {limit:,} are taken.")


def _word(message: Message, name: str, limit: int = MAX_WORD) -> str:
    raw = message.get(name)
    text = str(raw).strip() if isinstance(raw, str | int) and not isinstance(raw, bool) else ""
    if not text:
        raise bad(f"`{name}` is missing.", name)
    if len(text) > limit:
        raise bad(f"`{name}` has {len(text):,} characters; at most {limit} are taken.", name)
    return text


def _word_or(message: Message, name: str, otherwise: str) -> str:
    return otherwise if message.get(name) is None else _word(message, name)


def _text(message: Message, name: str) -> str:
    raw = message.get(name)
    if raw is None:
        return ""
    if not isinstance(raw, str) or len(raw) > MAX_REASON:
        raise bad(f"`{name}` is a text of at most {MAX_REASON:,} characters.", name)
    return raw.strip()


def _actor(message: Message) -> str:
    return _text(message, "actor")


def _whole(message: Message, name: str) -> int | None:
    raw = message.get(name)
    if raw is not None and (not isinstance(raw, int) or isinstance(raw, bool)):
        raise bad(f"`{name}` is a whole number.", name)
    return raw


def _flag(message: Message, name: str) -> bool:
    raw = message.get(name, False)
    if not isinstance(raw, bool):
        raise bad(f"`{name}` is true or false.", name)
    return raw


def _scalars(message: Message, name: str) -> dict[str, Value]:
    found = message.get(name)
    values = _object({} if found is None else found, f"`{name}`")
    for key, value in values.items():
        if not isinstance(value, str | int | float | None):
            said = f"`{name}.{key}` is {kind_of(value)}: only texts, numbers, true, false and null."
            raise bad(said, f"{name}.{key}")
    return values
