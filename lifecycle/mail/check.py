"""Which names a template uses, and whether they are there; asked before anything is sent."""

from __future__ import annotations

from collections.abc import Collection, Iterable, Iterator, Mapping
from dataclasses import dataclass
from pathlib import Path

from jinja2 import TemplateSyntaxError, meta, nodes

from .problems import TemplateProblem
from .sandbox import room
from .templates import FILES, missing_name, render, require


@dataclass(frozen=True, slots=True)
class Use:
    """A name where it is used, of at most two parts (`account.arr`)."""

    name: str
    file: Path
    line: int


def variables(template: str, templates: Path) -> frozenset[str]:
    """The dotted names `template` uses, with those of the layouts it extends and includes."""
    return frozenset(use.name for use in uses(template, templates))


def uses(template: str, templates: Path) -> list[Use]:
    """Every use of a name from outside, in the template's files and what they include.

    Raises `TemplateProblem` when a file is missing or cannot be read.
    """
    require(template, templates)
    trees = _trees([f"{template}/{file}" for file in FILES], templates)
    local = {name for tree in trees.values() for name in _own(tree)}
    return [
        Use(name, templates / file, line)
        for file, tree in trees.items()
        for name, line in _outside(tree)
        if name.split(".")[0] not in local
    ]


def check(template: str, known: Collection[str], templates: Path) -> list[TemplateProblem]:
    """All problems of `template` that need no values: unreadable files, and names outside `known`.

    `known` holds dotted names (`account.arr`, `link`). The part before the dot is known, too.
    """
    try:
        used = uses(template, templates)
    except TemplateProblem as problem:
        return [problem]
    tops = {name.split(".")[0] for name in known}
    return [_unknown(use, known, tops) for use in used if use.name not in {*known, *tops}]


def try_out(
    template: str, contexts: Iterable[Mapping[str, object]], templates: Path
) -> list[TemplateProblem]:
    """What goes wrong when `template` is rendered with `contexts` (see `samples`), each once."""
    problems: dict[str, TemplateProblem] = {}
    for context in contexts:
        try:
            render(template, context, templates)
        except TemplateProblem as problem:
            problems.setdefault(str(problem), problem)
    return list(problems.values())


def _unknown(use: Use, known: Collection[str], tops: set[str]) -> TemplateProblem:
    top, _, name = use.name.partition(".")
    at = (use.file, use.line)
    if not name or top not in tops:
        return missing_name(top, None, tuple(tops), at)
    inside = sorted(one.partition(".")[2] for one in known if one.startswith(f"{top}."))
    return missing_name(name, inside, (), at)


def _trees(files: list[str], templates: Path) -> dict[str, nodes.Template]:
    trees: dict[str, nodes.Template] = {}
    waiting = list(files)
    while waiting:
        file = waiting.pop(0)
        if file not in trees:
            trees[file] = _parse(file, templates)
            waiting += [name for name in meta.find_referenced_templates(trees[file]) if name]
    return trees


def _parse(file: str, templates: Path) -> nodes.Template:
    path = templates / file
    try:
        return room(templates).parse(path.read_text(encoding="utf-8"), file, str(path))
    except TemplateSyntaxError as error:
        raise TemplateProblem(path, error.lineno, f"cannot be read: {error.message}.") from error
    except (OSError, UnicodeDecodeError) as error:
        raise TemplateProblem(path, None, f"cannot be read: {error}.") from error


def _own(tree: nodes.Template) -> Iterator[str]:
    """Names a file gives itself (`set`, `import`), which its blocks and its layout see."""
    for assign in tree.find_all(nodes.Assign):
        if isinstance(assign.target, nodes.Name):
            yield assign.target.name
    for imported in tree.find_all(nodes.Import):
        yield imported.target
    for chosen in tree.find_all(nodes.FromImport):
        yield from (name if isinstance(name, str) else name[1] for name in chosen.names)


def _outside(tree: nodes.Template) -> Iterator[tuple[str, int]]:
    undeclared = meta.find_undeclared_variables(tree)
    for name, line in _names(tree):
        if name.split(".")[0] in undeclared:
            yield name, line


def _names(node: nodes.Node) -> Iterator[tuple[str, int]]:
    dotted = _dotted(node)
    if dotted:
        yield ".".join(dotted[:2]), node.lineno
        return
    for child in node.iter_child_nodes():
        yield from _names(child)


def _dotted(node: nodes.Node) -> list[str]:
    """`account.name` and `account["name"]` as ["account", "name"]; [] for anything else."""
    match node:
        case nodes.Name(ctx="load"):
            return [node.name]
        case nodes.Getattr():
            inner = _dotted(node.node)
            return [*inner, node.attr] if inner else []
        case nodes.Getitem(arg=nodes.Const(value=str() as key)):
            inner = _dotted(node.node)
            return [*inner, key] if inner else []
        case _:
            return []
