"""The room templates run in: a Jinja2 sandbox that knows our filters and nothing of Python."""

from __future__ import annotations

from collections.abc import Mapping
from functools import lru_cache, partial
from pathlib import Path
from typing import Any

from jinja2 import FileSystemLoader, StrictUndefined, UndefinedError
from jinja2.exceptions import SecurityError
from jinja2.sandbox import ImmutableSandboxedEnvironment
from jinja2.utils import missing

from .filters import FILTERS


class MissingName(UndefinedError):
    """A template used a name that is not there. `available` is None for a name at the top."""

    def __init__(self, name: str, available: list[str] | None, message: str | None = None) -> None:
        super().__init__(message)
        self.name = name
        self.available = available


class Missing(StrictUndefined):
    """Jinja2's strict undefined, which raises `MissingName` with what would have been there."""

    def __init__(self, *args: Any, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        owner = self._undefined_obj
        top = owner is missing
        names = sorted(map(str, owner)) if not top and isinstance(owner, Mapping) else []
        found = partial(MissingName, str(self._undefined_name), None if top else names)
        self._undefined_exception = found  # type: ignore[assignment]  # called, never caught by class


class EmptyValue(TypeError):
    """A template prints a value that is empty."""


def printed(value: object) -> object:
    """Lets nothing through that would show as "None" in somebody's inbox."""
    if value is None:
        raise EmptyValue("an empty value would be printed here.")
    return value


class TemplateRoom(ImmutableSandboxedEnvironment):
    """A mapping has no attributes but its keys, so a field called `items` is a field."""

    intercepted_binops = frozenset({"*", "**"})

    def getattr(self, obj: Any, attribute: str) -> Any:
        """`obj.attribute`, where a mapping has no other attributes than its keys."""
        if isinstance(obj, Mapping):
            return obj[attribute] if attribute in obj else self.undefined(obj=obj, name=attribute)
        return super().getattr(obj, attribute)

    def call_binop(self, context: Any, operator: str, left: Any, right: Any) -> Any:
        """Multiplication of numbers only, within reason: `"x" * 10**9` must not fill the memory."""
        numbers = isinstance(left, int | float) and isinstance(right, int | float)
        if operator == "**" or not numbers:
            raise SecurityError(f"`{operator}` may not be used here")
        return super().call_binop(context, operator, left, right)


@lru_cache(maxsize=16)
def room(templates: Path) -> TemplateRoom:
    """The environment of one template folder. Text is left as it is, HTML is escaped."""
    made = TemplateRoom(
        loader=FileSystemLoader(templates),
        undefined=Missing,
        autoescape=lambda name: bool(name and name.endswith(".html")),
        finalize=printed,
        trim_blocks=True,
        lstrip_blocks=True,
        keep_trailing_newline=True,
    )
    made.globals.clear()
    made.filters.update(FILTERS)
    return made
