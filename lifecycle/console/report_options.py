"""Options that reports share: a command's first parameter is a dataclass, and its fields are options."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import MISSING, Field, dataclass, fields
from inspect import Parameter, Signature, signature
from pathlib import Path
from typing import Annotated, Any, get_type_hints

import typer

from lifecycle.store.reports.periods import Step
from lifecycle.telling.reports.asking import Asked

from . import completing
from . import options as o
from .audience import AsOfDay, Known, OfSegment, Where

OneLifecycle = Annotated[
    str | None,
    typer.Option(
        "--lifecycle",
        "-l",
        help="Only this lifecycle.",
        autocompletion=completing.lifecycles,
        show_default=False,
    ),
]
First = Annotated[
    str | None,
    typer.Option(
        "--from",
        metavar="DATE",
        help="The first day (UTC), or how long ago: 90d. Default: 90 days before the last.",
        show_default=False,
    ),
]
FirstEver = Annotated[
    str | None,
    typer.Option(
        "--from",
        metavar="DATE",
        help="The first day (UTC), or how long ago: 90d. Default: the beginning.",
        show_default=False,
    ),
]
Last = Annotated[
    str | None,
    typer.Option(
        "--to",
        metavar="DATE",
        help="The last day (UTC), itself included. Default: today, or the day of --as-of.",
        show_default=False,
    ),
]
By = Annotated[Step, typer.Option("--by", help="Tell days, weeks or months apart.")]
Csv = Annotated[
    Path | None,
    typer.Option(
        "--csv", metavar="FILE", help="Write CSV; - to the standard output.", show_default=False
    ),
]


@dataclass(frozen=True, slots=True)
class Typed:
    """What every report may be asked, and how the answer is wanted."""

    lifecycle: OneLifecycle = None
    segment: OfSegment = None
    where: Where = None
    as_of: AsOfDay = None
    known: Known = None
    csv: Csv = None
    as_json: o.AsJson = False
    utc: o.InUtc = False

    def asked(self, **own: Any) -> Asked:
        """As the report takes it, with options of its own."""
        names = {one.name for one in fields(self)} - {"csv", "as_json", "utc"}
        typed = {name: getattr(self, name) for name in names}
        return Asked(**{**typed, "where": self.where or ()}, **own)


@dataclass(frozen=True, slots=True)
class TypedPeriod(Typed):
    """A report between two days."""

    first: First = None
    last: Last = None


@dataclass(frozen=True, slots=True)
class TypedEver(TypedPeriod):
    """A report between two days, or of all time."""

    first: FirstEver = None


@dataclass(frozen=True, slots=True)
class TypedSteps(TypedPeriod):
    """A report over days, weeks or months."""

    by: By = Step.WEEK


def with_options(command: Callable[..., None]) -> Callable[..., None]:
    """The command with the fields of its first parameter as options, behind its own."""
    first, *own = signature(command).parameters.values()
    hints = get_type_hints(command, include_extras=True)
    shared: type[Any] = hints[first.name]
    options = [_option(one, get_type_hints(shared, include_extras=True)) for one in fields(shared)]

    def run(**typed: Any) -> None:
        asked = shared(**{one.name: typed.pop(one.name) for one in options})
        command(asked, **typed)

    own = [one.replace(annotation=hints[one.name], kind=Parameter.KEYWORD_ONLY) for one in own]
    run.__name__, run.__doc__ = command.__name__, command.__doc__
    run.__signature__ = Signature([*own, *options])  # type: ignore[attr-defined]
    run.__annotations__ = {one.name: one.annotation for one in [*own, *options]}
    return run


def _option(field: Field[Any], hints: dict[str, Any]) -> Parameter:
    default = Parameter.empty if field.default is MISSING else field.default
    return Parameter(
        field.name, Parameter.KEYWORD_ONLY, default=default, annotation=hints[field.name]
    )
