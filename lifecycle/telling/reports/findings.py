"""What a report found, in a sentence: what a chart's caption says, and its name for who does not see it."""

from __future__ import annotations

from collections import Counter
from collections.abc import Callable, Iterable, Sequence
from datetime import date
from typing import Any, Final

from lifecycle.store.reports.mails import Outcome
from lifecycle.store.reports.manual import ByHand, Verb
from lifecycle.store.reports.transitions import Transition

from ..phrases import count, written_day
from ..scorecards import band_label
from . import distribution, durations, forecast, funnel, health, mails, manual, overdue
from .asking import Question
from .report import Report, number_words, percent
from .stages import label, step_words

Rows = Sequence[Any]


def finding(asked: Question, report: Report[Any], rows: Rows | None = None) -> str:
    """The sentence, about some rows of the report or about all; its words for nothing where there is none."""
    about = report.rows if rows is None else rows
    return _FINDERS[report.name](asked, report, about) if about else report.empty


def _distribution(asked: Question, report: Report[Any], rows: Sequence[distribution.Line]) -> str:
    most = max(rows, key=lambda row: row.accounts)
    where = label(most.lifecycle, most.stage)
    return f"Most accounts are in {where}: {most.accounts:,} ({percent(most.share)})."


def _over_time(asked: Question, report: Report[Any], rows: Sequence[distribution.Stood]) -> str:
    by_line: dict[tuple[str, str | None], list[distribution.Stood]] = {}
    for row in rows:
        by_line.setdefault((row.lifecycle.id, row.stage), []).append(row)
    told = [
        (label(line[0].lifecycle, line[0].stage), line[0].accounts, line[-1].accounts)
        for (_, stage), line in by_line.items()
        if stage is not None
    ]
    return _largest_change(told, rows[0].day, rows[-1].day)


def _health(asked: Question, report: Report[Any], rows: Sequence[health.Line]) -> str:
    by_band: dict[str | None, list[int]] = {}
    for row in rows:
        by_band.setdefault(row.band, []).append(row.found.accounts)
    told = [(band_label(band), line[0], line[-1]) for band, line in by_band.items()]
    return _largest_change(told, rows[0].day, rows[-1].day)


def _largest_change(lines: Iterable[tuple[str, int, int]], first: date, last: date) -> str:
    name, before, after = max(lines, key=lambda line: abs(line[2] - line[1]))
    days = f"from {written_day(first)} to {written_day(last)}"
    if before == after:
        return f"No number changed {days}."
    verb = "grew" if after > before else "fell"
    return f"{name} {verb} from {before:,} to {after:,}, {days}."


def _transitions(asked: Question, report: Report[Any], rows: Sequence[Transition]) -> str:
    ways: Counter[tuple[str, str | None, str | None]] = Counter()
    for row in rows:
        ways[row.lifecycle, row.left, row.entered] += row.moves
    (of, left, entered), most = ways.most_common(1)[0]
    lifecycle = next(one for one in asked.lifecycles if one.id == of)
    way = f"from {label(lifecycle, left)} to {label(lifecycle, entered)}"
    return f"{count(ways.total(), 'move')}; most often {way}: {most:,}."


def _durations(asked: Question, report: Report[Any], rows: Sequence[durations.Line]) -> str:
    ended = [row for row in rows if row.over.number]
    if not ended:
        return "No stay ended in these days."
    worst = max(ended, key=lambda row: (row.stays.late / row.over.number, row.over.number))
    stage = label(worst.lifecycle, worst.stage)
    expected = f"; {worst.expected} are expected" if worst.expected else ""
    late = f", and {worst.stays.late:,} of {worst.over.number:,} took longer" if expected else ""
    return f"{stage} takes {_days(worst.over.median)} (median){expected}{late}."


def _funnel(asked: Question, report: Report[Any], rows: Sequence[funnel.Reached]) -> str:
    first = rows[0]
    began = label(first.lifecycle, first.stage)
    if not first.number:
        return f"Nobody came to {began} in these days."
    further = [row for row in rows[1:] if row.number and not _is_way_out(row)]
    if not further:
        return f"Of {first.number:,} that came to {began}, none got further yet."
    last = further[-1]
    goal = label(last.lifecycle, last.stage)
    return f"Of {first.number:,} that came to {began}, {last.number:,} ({percent(last.share)}) reached {goal}."


def _is_way_out(row: funnel.Reached) -> bool:
    found = row.lifecycle.stage(row.stage)
    return found is None or found.end or found.churn


def _velocity(asked: Question, report: Report[Any], rows: Sequence[funnel.Through]) -> str:
    began, ended = sum(row.of.began for row in rows), sum(row.of.ended.number for row in rows)
    return f"{count(began, 'cycle')} began, {ended:,} ended."


def _forecast(asked: Question, report: Report[Any], rows: Sequence[forecast.Line]) -> str:
    wanted = [row for row in rows if row.what.kind in ("move", "cta") and row.number]
    expected, all_of_it = _expected(rows), asked.asked.lifecycle is None
    if not wanted:
        said = "No move and no CTA is armed" if all_of_it else "No move is armed"
        return f"{said} for these days.{expected}"
    kinds: Counter[str] = Counter()
    steps: Counter[str] = Counter()
    for row in wanted:
        kinds[row.what.kind] += row.number
        steps[step_words(row.step, asked.by(forecast.BY))] += row.number
    when, most = steps.most_common(1)[0]
    ctas = f" and {count(kinds['cta'], 'CTA')}" if all_of_it else ""  # they are no lifecycle's
    said = f"{count(kinds['move'], 'move')}{ctas} to come"
    return f"{said} by what is armed; most of them, {most:,}, {when}.{expected}"


def _expected(rows: Sequence[forecast.Line]) -> str:
    told = [row.expected.mean for row in rows if row.what.kind == "moves" and row.expected]
    if not told:
        return ""
    moves = count(round(sum(told)), "move")
    return f" With stays as long as they were, {moves} to expect: the line, with its 80 %."


def _overdue(asked: Question, report: Report[Any], rows: Sequence[overdue.Line]) -> str:
    total = report.total or len(rows)
    worst = max(rows, key=lambda row: row.over)
    one_each = len(asked.lifecycles) == 1
    many = count(
        total, "account is" if one_each else "stay is", "accounts are" if one_each else "stays are"
    )
    return f"{many} {report.name}; {worst.one.name} the longest, {_days(int(worst.over))} over in {worst.stage}."


def _manual(
    asked: Question, report: Report[Any], rows: Sequence[manual.Group] | Sequence[ByHand]
) -> str:
    moves: Counter[str] = Counter()
    for row in rows:
        one, number = (row, 1) if isinstance(row, ByHand) else (row.first, row.number)
        moves[one.actor] += number if one.verb is Verb.MOVE else 0
    if not moves.total():
        return "Moves were taken back by hand, none was made."
    who, most = moves.most_common(1)[0]
    said = f"{count(moves.total(), 'move')} by hand by {count(len(+moves), 'person', 'people')}"
    return f"{said}; the most by {who}, {most:,}."


def _mails(asked: Question, report: Report[Any], rows: Sequence[mails.Line]) -> str:
    numbers: Counter[Outcome] = Counter()
    for row in rows:
        numbers += row.numbers
    parts = [f"{numbers[one]:,} {one.value}" for one in Outcome if numbers[one]]
    return f"Of {count(numbers.total(), 'e-mail')}: {', '.join(parts)}."


def _backtest(asked: Question, report: Report[Any], rows: Rows) -> str:
    return " ".join(report.notes[1:3])


def _shadow(asked: Question, report: Report[Any], rows: Rows) -> str:
    return report.notes[0]


def _days_in(asked: Question, report: Report[Any], rows: Rows) -> str:
    return f"{count(len(rows), 'cycle')} of {count(len({row.account for row in rows}), 'account')}."


def _days(number: float | None) -> str:
    return f"{number_words(number)} {'day' if number == 1 else 'days'}"


_FINDERS: Final[dict[str, Callable[[Question, Report[Any], Any], str]]] = {
    "distribution": _distribution,
    "over-time": _over_time,
    "transitions": _transitions,
    "time-in-stage": _durations,
    "funnel": _funnel,
    "velocity": _velocity,
    "forecast": _forecast,
    "late": _overdue,
    "stuck": _overdue,
    "manual": _manual,
    "mail": _mails,
    "health": _health,
    "days": _days_in,
    "shadow": _shadow,
    "backtest": _backtest,
}
