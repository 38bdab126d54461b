"""What templates may write after a bar: `money`, `date`, `days`, `mailto`.

None is refused: a customer must not read "None", so a template asks first whether there is a value.
"""

from __future__ import annotations

from datetime import date, datetime, timedelta
from typing import TYPE_CHECKING
from urllib.parse import quote

from jinja2 import pass_context

if TYPE_CHECKING:
    from jinja2.runtime import Context

MONTHS = (
    "January",
    "February",
    "March",
    "April",
    "May",
    "June",
    "July",
    "August",
    "September",
    "October",
    "November",
    "December",
)


class Money(int):
    """Whole cents that know their currency (ISO 4217); compares as the number of cents."""

    currency: str

    def __new__(cls, cents: int, currency: str) -> Money:
        """`cents` of `currency`."""
        made = super().__new__(cls, cents)
        made.currency = currency
        return made


def format_money(cents: int, currency: str) -> str:
    """1200000, "EUR" -> "EUR 12,000"; cents are shown only when there are any: "EUR 12,000.50"."""
    units, rest = divmod(abs(int(cents)), 100)
    sign = "-" if cents < 0 else ""
    return f"{currency} {sign}{units:,}" + (f".{rest:02}" if rest else "")


@pass_context
def money(context: Context, value: object, currency: str | None = None) -> str:
    """An amount in whole cents as text.

    Its currency: the argument, else the field's own, else `currency` of the mail.
    """
    if isinstance(value, bool) or not isinstance(value, int):
        raise _unfit("money", value, "an amount in whole cents")
    return format_money(value, currency or getattr(value, "currency", None) or context["currency"])


def written_date(value: object) -> str:
    """A date, a time or ISO text as "14 March 2026"."""
    found = _as_date(value)
    return f"{found.day} {MONTHS[found.month - 1]} {found.year}"


def _as_date(value: object) -> date:
    if isinstance(value, date):
        return value
    try:
        return datetime.fromisoformat(str(value))
    except ValueError:
        raise _unfit("date", value, "a date") from None


def days(value: object) -> str:
    """A duration, or a number of days, as "1 day" or "14 days"."""
    if isinstance(value, bool) or not isinstance(value, int | float | timedelta):
        raise _unfit("days", value, "a duration or a number of days")
    whole = value.days if isinstance(value, timedelta) else int(value)
    return f"{whole} day" if abs(whole) == 1 else f"{whole} days"


def mailto(value: object) -> str:
    """An address as a `mailto:` link that can carry nothing but the address."""
    if not isinstance(value, str) or "@" not in value:
        raise _unfit("mailto", value, "an e-mail address")
    return "mailto:" + quote(value, safe="@+")


def _unfit(name: str, value: object, expected: str) -> TypeError:
    got = "an empty value" if value is None else repr(value)
    return TypeError(f"`{name}` needs {expected}, and got {got}. Ask first with {{% if … %}}.")


FILTERS = {"money": money, "date": written_date, "days": days, "mailto": mailto}
