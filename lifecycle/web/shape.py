"""What is wrong with the shape of a request, in our words: every problem at its place, not a validator's message."""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from typing import Any, Final

from lifecycle.core.refusal import Refusal

PARTS: Final = frozenset({"body", "query", "path", "header"})
REMEDY: Final = "Correct it and send it again; /v1/docs tells what is taken."
MOST_SHOWN: Final = 60

Error = Mapping[str, Any]

WORDS: Final[Mapping[str, Callable[[Mapping[str, Any]], str]]] = {
    "missing": lambda _: "is missing.",
    "extra_forbidden": lambda _: "is not known here.",
    "string_type": lambda _: "is a text.",
    "string_too_short": lambda of: f"has at least {of['min_length']} character(s).",
    "string_too_long": lambda of: f"has at most {of['max_length']:,} characters.",
    "string_pattern_mismatch": lambda _: "has characters that are not taken here.",
    "too_short": lambda of: f"has at least {of['min_length']} part(s).",
    "too_long": lambda of: f"has at most {of['max_length']:,} parts.",
    "int_type": lambda _: "is a whole number.",
    "int_parsing": lambda _: "is a whole number.",
    "int_from_float": lambda _: "is a whole number.",
    "int_parsing_size": lambda _: "is a whole number, and not as large as that.",
    "bool_type": lambda _: "is true or false.",
    "bool_parsing": lambda _: "is true or false.",
    "list_type": lambda _: "is a list.",
    "dict_type": lambda _: "is an object.",
    "model_type": lambda _: "is an object.",
    "model_attributes_type": lambda _: "is a JSON object, sent as application/json.",
    "greater_than_equal": lambda of: f"is at least {of['ge']}.",
    "less_than_equal": lambda of: f"is at most {of['le']:,}.",
    "enum": lambda of: f"is one of {of['expected']}.",
    "literal_error": lambda of: f"is one of {of['expected']}.",
    "json_invalid": lambda of: f"is no JSON that is taken here: {of['error']}.",
}


def shape(errors: Sequence[Error]) -> tuple[Refusal, list[dict[str, str]]]:
    """The first problem as a refusal, with how many more there are; and all of them by field."""
    told = list(dict.fromkeys((field_of(one), _words(one)) for one in errors))
    (field, words), *others = told
    more = f" (and {len(others)} more)" if others else ""
    refusal = Refusal("bad_request", f"{_named(field)} {words}{more}", REMEDY, field)
    return refusal, [{"field": name, "detail": f"{_named(name)} {said}"} for name, said in told]


def field_of(error: Error) -> str:
    """`fields.arr`: where it is, without the part of the request it stands in."""
    if error["type"] == "json_invalid":
        return ""
    place = [str(part) for part in error["loc"]]
    return ".".join(place[1:] if place[:1] and place[0] in PARTS else place)[:MOST_SHOWN]


def _named(field: str) -> str:
    return f"`{field}`" if field else "The request"


def _words(error: Error) -> str:
    tell = WORDS.get(error["type"])
    try:
        return tell(error.get("ctx") or {}) if tell else "is not taken like this."
    except KeyError:
        return "is not taken like this."
