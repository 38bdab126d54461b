"""Definitions: YAML that CS ops write, read into the core's book, and plain words back."""

from .known import Scope, scope_of
from .problems import Mark, Problem, Severity, render
from .reading import Reading, read_folder, read_sources
from .sentences import parse_condition

__all__ = [
    "Mark",
    "Problem",
    "Reading",
    "Scope",
    "Severity",
    "parse_condition",
    "read_folder",
    "read_sources",
    "render",
    "scope_of",
]
