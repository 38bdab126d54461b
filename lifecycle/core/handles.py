"""What a person is called in front of the @: cut short addresses and names written as one are found by it (N12)."""

from __future__ import annotations

import json
import re
import unicodedata
from collections.abc import Iterable
from html import escape
from typing import Final
from urllib.parse import quote

SHORTEST: Final = 5
"""Letters of what is looked for by itself; anything shorter stands in too many words."""
MOST_WORDS: Final = 4
ROLES: Final = frozenset(
    """abuse accounting accounts admin administrator billing careers contact customer-service
    enquiries finance hello help helpdesk hostmaster info inquiries invoice invoices legal mail marketing no-reply
    noreply no_reply no.reply office order orders postmaster press privacy procurement purchasing reception
    sales security service support team webmaster""".split()  # noqa: SIM905
)
"""Whoever reads mail to these is nobody in particular."""
_AT: Final = "(?:@|%40)"


def patterns(values: Iterable[str]) -> list[str]:
    """Regular expressions for what a person's addresses begin with and their names written as one, up to the end of
    what looks like an address; another's whole address, at a host of its own, is left alone."""
    texts = list(values)
    locals_, hosts = _parts(texts)
    joined = {form for text in texts for form in _joined(text)}
    behind = "|".join([*_beginnings(hosts), r"[\w-]*"])
    tail = rf"(?:(?:\+[\w.+-]*)?{_AT}(?:{behind}))"
    alone = {one for one in locals_ if re.search(r"[\W\d_]", one)} | joined
    return [*_pattern(alone, f"{tail}?"), *_pattern(locals_ - alone, tail)]


def _parts(texts: Iterable[str]) -> tuple[set[str], set[str]]:
    """What stands before the @ of each address and speaks of a person, and all that stand behind it."""
    pairs = [text.strip().casefold().rpartition("@") for text in texts if "@" in text]
    locals_ = {local for local, _, _ in pairs if len(local) >= SHORTEST and local not in ROLES}
    return locals_, {host for _, _, host in pairs}


def _joined(text: str) -> set[str]:
    """First and last name in either order as one word: `ann.berg`, `berg_ann`."""
    words = names_in(text)
    if not words:
        return set()
    pairs = ((words[0], words[-1]), (words[-1], words[0]))
    return {f"{one}{sign}{other}".casefold() for one, other in pairs for sign in "._-"}


def names_in(text: str) -> list[str]:
    """First name to last name; nothing where a text is no name."""
    words = text.replace(",", " ").split()
    is_name = 2 <= len(words) <= MOST_WORDS and len("".join(words)) >= SHORTEST
    return words if is_name and all(map(_is_name, (words[0], words[-1]))) else []


def _is_name(word: str) -> bool:
    return len(word) > 1 and all(part.isalpha() for part in re.split(r"['’-]", word))


def _beginnings(hosts: Iterable[str]) -> list[str]:
    """Each host and what is left of it when it was cut short behind a dot, the longest first."""
    found = {
        host[:end]
        for host in hosts
        for end in range(host.find(".") + 1, len(host) + 1)
        if "." in host
    }
    return [re.escape(one) for one in sorted(found, key=lambda one: (-len(one), one))]


def _pattern(handles: Iterable[str], tail: str) -> list[str]:
    """One for all of them: an account may know of hundreds, and the tail is long."""
    spelled = sorted({re.escape(form) for one in handles for form in spellings(one)})
    if not spelled:
        return []
    return [rf"(?<![\w.+-])(?i:(?:{'|'.join(spelled)}){tail})(?![\w@%+-]|\.\w)"]


def spellings(text: str) -> list[str]:
    """As it is written in texts, in HTML, in JSON and in links."""
    forms = [unicodedata.normalize(form, text) for form in ("NFC", "NFD")]
    found = [text, *forms, escape(text), escape(text, quote=False), quote(text, safe="@")]
    found += [
        quote(text, safe=""),
        json.dumps(text)[1:-1],
        json.dumps(text, ensure_ascii=False)[1:-1],
    ]
    return list(dict.fromkeys(found))
