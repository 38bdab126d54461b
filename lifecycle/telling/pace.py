"""How fast a change of many goes, and how long that takes, in words."""

from __future__ import annotations

from datetime import UTC, datetime, timedelta

from .phrases import distance


def pace_words(per_minute: int | None) -> str:
    """`15 a minute`, `as fast as it goes`."""
    return f"{per_minute:,} a minute" if per_minute else "as fast as it goes"


def length_words(left: timedelta) -> str:
    """`about 2 minutes`, `less than a minute`."""
    if left < timedelta(minutes=1):
        return "less than a minute"
    now = datetime.min.replace(tzinfo=UTC)
    return f"about {distance(now + left, now).removeprefix('in ')}"


def pace_lines(per_minute: int | None, number: int, faster: str) -> list[tuple[str, str]]:
    """A sign and a sentence: how long so many take; `faster` gives another pace. None where it has no pace."""
    if not per_minute or not number:
        return []
    takes = length_words(timedelta(minutes=number / per_minute))
    return [
        (
            "clock",
            f"It goes at {pace_words(per_minute)}: {takes}. {faster} makes it faster once it goes.",
        )
    ]


def by_command(name: str) -> str:
    """The command that gives a change-set another pace."""
    return f"`lifecycle admin changes pace {name} none`"
