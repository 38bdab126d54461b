"""Definitions and the mail templates they name, read together."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from pathlib import Path

from lifecycle.core.model import Lifecycle

from .reading import Reading, read_folder


def load(
    definitions: Path,
    templates: Path,
    template_variables: Callable[[str, Path], frozenset[str]] | None = None,
    published: Mapping[str, Lifecycle] | None = None,
) -> Reading:
    """The definitions of a folder, checked against the template folders below `templates`.

    `template_variables(name, templates)` gives the dotted names a template uses (`lifecycle.mail.variables`).
    """
    names = {path.parent.name for path in templates.glob("*/subject.txt")}
    if template_variables is None:
        return read_folder(definitions, names, None, published)
    ask = template_variables
    return read_folder(definitions, names, lambda name: ask(name, templates), published)
