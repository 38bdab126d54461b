"""Definitions: YAML that CS ops write, read into the core's book, and plain words back."""

from .catalogue import load
from .diagram import diagram
from .known import Scope, scope_of
from .problems import Mark, Problem, Severity, render
from .publishing import compare
from .reading import Reading, read_folder, read_sources
from .sentences import parse_condition
from .words import automation_words, describe

__all__ = [
    "Mark",
    "Problem",
    "Reading",
    "Scope",
    "Severity",
    "automation_words",
    "compare",
    "describe",
    "diagram",
    "load",
    "parse_condition",
    "read_folder",
    "read_sources",
    "render",
    "scope_of",
]
