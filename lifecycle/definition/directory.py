"""directory.yaml: teams, webhook targets, the business calendar with its holidays pinned (R19), mail to contacts."""

from __future__ import annotations

from datetime import UTC, date, datetime, time
from functools import cache

from lifecycle.core.durations import Calendar
from lifecycle.core.model import ContactRules, Directory, Team
from lifecycle.core.refusal import Refusal, did_you_mean
from lifecycle.core.values import Kind, read_value

from . import amounts
from .nodes import Table
from .records import Record, open_record, read_id, read_names, read_text
from .vocabulary import WEEK

YEARS_AHEAD = 5


def read_directory(record: Record) -> Directory:
    """The directory; what cannot be read is reported and left out."""
    teams = {
        key.text: _team(key.text, open_record(node, "team", record.report))
        for key, node in record.entries("teams")
        if read_id(key, record.report)
    }
    targets = {
        key.text: open_record(node, "target", record.report).text("label") or key.text
        for key, node in record.entries("targets")
        if read_id(key, record.report)
    }
    return Directory(teams, targets, _calendar(record), _contact_rules(record))


def _team(name: str, record: Record) -> Team:
    email = record.parsed("email", lambda text: str(read_value(Kind.EMAIL, text)), "an address")
    return Team(name, record.text("label") or name, email or "")


def _contact_rules(record: Record) -> ContactRules:
    node = record.node("mail to contacts")
    if node is None:
        return ContactRules()
    rules = open_record(node, "mail to contacts", record.report)
    quiet = rules.parsed("quiet hours", amounts.hours, "hours")
    limit = rules.parsed("at most", amounts.several, "a limit")
    return ContactRules(*(quiet or (None, None)), *(limit or (None, None)))


def _calendar(record: Record) -> Calendar:
    begins = record.parsed("day begins at", amounts.hour, "a time of day") or time(9)
    node = record.node("business days")
    if node is None:
        return Calendar(day_begins=begins)
    days = open_record(node, "business days", record.report)
    return Calendar(_week(days), _holidays(days), begins)


def _week(record: Record) -> tuple[int, ...]:
    node = record.node("week")
    if node is None:
        return Calendar().week
    found = set()
    for item in read_names(node, record.report):
        if item.text.lower() in WEEK:
            found.add(WEEK.index(item.text.lower()))
        else:
            remedy = did_you_mean(item.text.lower(), WEEK)
            record.report.error(
                item.at, "bad_choice", f"`{item.text}` is no day of the week.", remedy
            )
    return tuple(sorted(found))


def _holidays(record: Record) -> tuple[date, ...]:
    node = record.node("holidays")
    if node is None:
        return ()
    if isinstance(node, Table):
        return _of_country(open_record(node, "country", record.report))
    found = []
    for item in record.items("holidays"):
        text = read_text(item, record.report, "a date")
        try:
            day = read_value(Kind.DATE, text)
        except Refusal as refusal:
            record.report.error(item.at, "bad_date", refusal.what, refusal.remedy)
            continue
        found += [day] if isinstance(day, date) else []
    return tuple(sorted(set(found)))


def _of_country(record: Record) -> tuple[date, ...]:
    country, region = record.text("country"), record.text("region")
    if country is None:
        return ()
    try:
        return public_holidays(country, region, datetime.now(UTC).year)
    except Refusal as refusal:
        at = record.found["region" if refusal.where == "region" else "country"][1].at
        record.report.error(at, refusal.code, refusal.what, refusal.remedy)
        return ()


@cache
def public_holidays(country: str, region: str | None, year: int) -> tuple[date, ...]:
    """A country's public holidays of `year` and the five years after it (package `holidays`).

    Raises `Refusal` for an unknown country or region, or when the package is not installed.
    """
    try:
        import holidays
    except ImportError:
        remedy = "Install it (`pip install lifecycle-engine[holidays]`) or list the dates."
        message = "Holidays of a country need the package `holidays`."
        raise Refusal("no_holidays_package", message, remedy) from None
    known = holidays.list_supported_countries()
    if country not in known:
        remedy = did_you_mean(country, known) if len(country) != 2 else "Use the ISO code, `DE`."
        raise Refusal("unknown_country", f"There is no country `{country}`.", remedy, "country")
    if region is not None and region not in known[country]:
        remedy = did_you_mean(region, known[country])
        raise Refusal("unknown_region", f"`{country}` has no region `{region}`.", remedy, "region")
    years = range(year, year + YEARS_AHEAD + 1)
    return tuple(sorted(holidays.country_holidays(country, subdiv=region, years=years)))
