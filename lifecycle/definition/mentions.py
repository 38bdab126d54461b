"""Where in a condition a name stands, for problems that are seen only once everything is read."""

from __future__ import annotations

import re

from .nodes import Node, Scalar, walk
from .problems import Mark


def mention(node: Node, name: str) -> Mark:
    """The place of the first sentence below `node` that says the name; the node's own if none does."""
    for part in walk(node):
        found = (
            re.search(rf"\b{re.escape(name)}\b", part.text) if isinstance(part, Scalar) else None
        )
        if found is not None:
            at = part.at
            column = at.column + found.start()
            plain = isinstance(part, Scalar) and part.plain
            return Mark(at.file, at.line, column, len(name)) if plain else at
    return node.at
