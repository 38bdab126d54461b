"""From YAML sources to a book: every file read, every problem reported at once."""

from __future__ import annotations

from collections.abc import Callable, Collection, Mapping
from dataclasses import dataclass, field, replace
from pathlib import Path

from lifecycle.core.model import Book, Lifecycle

from .account import read_account, read_fields
from .checks import check
from .directory import read_directory
from .events import read_events
from .follow_ups import without_follow_ups
from .known import Known
from .lifecycles import Found, outline, read_lifecycle
from .nodes import Node, Scalar, Table, parse
from .playbooks import read_playbooks
from .problems import Mark, Problem, Report
from .records import Record, open_record
from .score_checks import check_scorecards
from .scorecards import read_scorecards
from .segments import read_segments
from .vocabulary import FILES

Variables = Callable[[str], frozenset[str]]


@dataclass(slots=True)
class Reading:
    """What came of reading: a book when no problem is an error, the problems, the sources by file.

    `marks` tells where things stand: `lifecycle`, `lifecycle/stage` and `lifecycle.automation`.
    """

    book: Book | None
    problems: list[Problem]
    sources: dict[str, str]
    marks: dict[str, Mark] = field(default_factory=dict)


def read_folder(
    folder: Path,
    templates: Collection[str] | None,
    template_variables: Variables | None = None,
    published: Mapping[str, Lifecycle] | None = None,
) -> Reading:
    """The definitions in a folder; every file but account, events, … holds a lifecycle.

    `templates` are the names of mail templates (None: not checked), `template_variables` gives the
    dotted names one uses. `published` are the lifecycles in force: a stage disabled since then is a
    warning (R15).
    """
    sources: dict[str, str] = {}
    unreadable: list[tuple[str, str]] = []
    for path in sorted(folder.glob("*.y*ml")):
        try:
            sources[path.name] = path.read_text(encoding="utf-8-sig")
        except (UnicodeDecodeError, OSError) as error:
            said = "it is not UTF-8" if isinstance(error, UnicodeDecodeError) else str(error)
            sources[path.name] = ""
            unreadable.append((path.name, f"The file cannot be read: {said}."))
    if "account.yaml" not in sources:
        message = f"There is no account.yaml in {folder}."
        unreadable.append(("account.yaml", message))
    return _read(sources, unreadable, _Setting(templates, template_variables, published or {}))


def read_sources(
    sources: Mapping[str, str],
    templates: Collection[str] | None,
    template_variables: Variables | None = None,
    published: Mapping[str, Lifecycle] | None = None,
) -> Reading:
    """The same from texts by file name."""
    setting = _Setting(templates, template_variables, published or {})
    return _read(dict(sorted(sources.items())), [], setting)


@dataclass(frozen=True, slots=True)
class _Setting:
    templates: Collection[str] | None
    variables: Variables | None
    published: Mapping[str, Lifecycle]


def _read(sources: dict[str, str], unreadable: list[tuple[str, str]], setting: _Setting) -> Reading:
    report = Report(sources)
    for file, message in unreadable:
        report.error(Mark(file), "unreadable", message)
    nodes = _parse(
        {name: sources[name] for name in sources if name not in dict(unreadable)}, report
    )
    known = Known(templates=setting.templates, template_variables=setting.variables)
    for file, node in nodes.items():
        if file not in FILES:
            outline(node, known)
    around = _surroundings(nodes, known, report)
    found = _lifecycles(nodes, known, report)
    check(found, known, setting.published, report)
    problems = without_follow_ups(report.problems(), sources.keys() - nodes.keys())
    if any(problem.is_error for problem in problems):
        return Reading(None, problems, sources, _marks(found))
    lifecycles = {name: found[name].lifecycle for name in sorted(found)}
    return Reading(replace(around, lifecycles=lifecycles), problems, sources, _marks(found))


def _parse(sources: dict[str, str], report: Report) -> dict[str, Node]:
    nodes = {}
    for file, text in sources.items():
        before = len(report.problems())
        node = parse(file, text, report)
        if node is not None:
            nodes[file] = node
        elif len(report.problems()) == before:
            report.error(Mark(file), "empty_file", "The file is empty.", "Fill it, or remove it.")
    return nodes


def _surroundings(nodes: dict[str, Node], known: Known, report: Report) -> Book:
    """The book without its lifecycles, in the order in which one file's names are needed by the next."""
    opened = {
        place: open_record(nodes[file], place, report)
        for file, place in FILES.items()
        if file in nodes
    }
    empty = Record("", Mark(""), report, {})
    record = {place: opened.get(place) or _empty(empty, place) for place in FILES.values()}
    known.fields = read_fields(record["account"])
    _names_of(record, known)
    known.events = read_events(record["events"])
    directory = read_directory(record["directory"])
    playbooks = read_playbooks(record["playbooks"], known)
    known.segments = read_segments(record["segments"], known)
    cards = read_scorecards(record["scorecards"], known)
    check_scorecards(cards, known.segments, report)
    scorecards = {name: card.scorecard for name, card in cards.items()}
    account = read_account(record["account"], known)
    return Book(account, known.events, directory, playbooks, {}, {}, known.segments, scorecards)


def _empty(record: Record, place: str) -> Record:
    return Record(place, record.at, record.report, {})


def _names_of(record: dict[str, Record], known: Known) -> None:
    known.roles = {key.text for key, _ in record["account"].entries("roles")}
    known.teams = {key.text for key, _ in record["directory"].entries("teams")}
    known.targets = {key.text for key, _ in record["directory"].entries("targets")}
    known.playbooks = {key.text for key, _ in record["playbooks"].entries("playbooks")}
    known.segment_names = {key.text for key, _ in record["segments"].entries("segments")}


def _lifecycles(nodes: dict[str, Node], known: Known, report: Report) -> dict[str, Found]:
    found: dict[str, Found] = {}
    for file, node in nodes.items():
        if file in FILES or _is_double(node, found, report):
            continue
        one = read_lifecycle(node, known, report)
        if one is not None:
            found[one.lifecycle.id] = one
    return found


def _is_double(node: Node, found: dict[str, Found], report: Report) -> bool:
    name = node.get("lifecycle") if isinstance(node, Table) else None
    first = found.get(name.text) if isinstance(name, Scalar) else None
    if name is None or first is None:
        return False
    message = f"The lifecycle `{first.lifecycle.id}` is defined in {first.at.file} already."
    report.error(name.at, "duplicate_name", message, "Rename or remove one.")
    return True


def _marks(found: dict[str, Found]) -> dict[str, Mark]:
    marks = {}
    for name, one in found.items():
        marks[name] = one.at
        marks |= {f"{name}/{stage}": at for stage, at in one.stages.items()}
        marks |= {line.automation.key: line.at for line in one.lines}
    return marks
