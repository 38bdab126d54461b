"""Problems of a definition, told as by a good compiler: where, what, a caret, the remedy."""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass, field
from enum import StrEnum

from lifecycle.core.refusal import did_you_mean


class Severity(StrEnum):
    """An error keeps the definitions from being used; a warning does not."""

    ERROR = "error"
    WARNING = "warning"


@dataclass(frozen=True, slots=True)
class Mark:
    """A place in a source: `line` and `column` count from 1, `width` is in characters."""

    file: str
    line: int = 1
    column: int = 1
    width: int = 1


@dataclass(frozen=True, slots=True)
class Problem:
    """One thing that is wrong. `code` is stable, for programs; `help` says what to do, if known."""

    file: str
    line: int
    column: int
    code: str
    message: str
    help: str = ""
    line_text: str = ""
    width: int = 1
    severity: Severity = Severity.ERROR

    @property
    def is_error(self) -> bool:
        """Whether the definitions cannot be used because of it."""
        return self.severity is Severity.ERROR


def render(problems: Iterable[Problem]) -> str:
    """All problems as text, in the order given; empty for none."""
    return "\n".join(_rendered(problem) for problem in problems)


def _rendered(problem: Problem) -> str:
    where = f"{problem.file}:{problem.line}:{problem.column}"
    lines = [f"{where}: {problem.severity}[{problem.code}]: {problem.message}"]
    if problem.line_text:
        gutter = f"{problem.line:>5} | "
        caret = " " * (problem.column - 1) + "^" * max(1, problem.width)
        lines += [gutter + problem.line_text.replace("\t", " "), " " * 5 + " | " + caret]
    if problem.help:
        lines.append(f"      = help: {problem.help}")
    return "\n".join(lines) + "\n"


@dataclass(slots=True)
class Report:
    """Collects problems while sources are read; each place and code is kept once."""

    sources: dict[str, str]
    _found: dict[tuple[str, int, int, str], Problem] = field(default_factory=dict)

    def error(self, at: Mark, code: str, message: str, remedy: str = "") -> None:
        """Notes an error at a place."""
        self._add(at, code, message, remedy, Severity.ERROR)

    def warning(self, at: Mark, code: str, message: str, remedy: str = "") -> None:
        """Notes a warning at a place."""
        self._add(at, code, message, remedy, Severity.WARNING)

    def unknown(self, at: Mark, what: str, word: str, known: Iterable[str]) -> None:
        """Notes a name that is not defined; `what` is the noun: `event` gives `unknown_event`."""
        code = f"unknown_{what.split(' or ')[0].replace(' ', '_')}"
        self.error(at, code, f"There is no {what} `{word}`.", did_you_mean(word, set(known)))

    def problems(self) -> list[Problem]:
        """Every problem, in the order of file, line and column."""
        return sorted(
            self._found.values(), key=lambda one: (one.file, one.line, one.column, one.code)
        )

    def _add(self, at: Mark, code: str, message: str, remedy: str, severity: Severity) -> None:
        if (at.file, at.line, at.column, "anchor") in self._found:
            return
        text = _line_of(self.sources.get(at.file, ""), at.line)
        width = max(1, min(at.width, len(text) - at.column + 1))
        problem = Problem(at.file, at.line, at.column, code, message, remedy, text, width, severity)
        self._found.setdefault((at.file, at.line, at.column, code), problem)


def _line_of(source: str, line: int) -> str:
    lines = source.splitlines()
    return lines[line - 1] if 0 < line <= len(lines) else ""
