"""Dataclasses to plain JSON data and back, driven by their types.

Defaults are left out and unknown keys ignored, so that a payload of an older release stays readable
(temporal.md: additive fields with defaults). A member of a union is told by its class name under `is`;
where a date or an instant may stand beside a text it is written `{"date": …}` or `{"time": …}`.
"""

from __future__ import annotations

import types
from collections.abc import Callable
from dataclasses import MISSING, Field, fields, is_dataclass
from datetime import date, datetime, time
from enum import Enum
from functools import cache
from typing import Any, Union, get_args, get_origin, get_type_hints

Data = Any
"""JSON data: dict, list, str, int, float, bool or None."""

Coder = Callable[[Any], Any]
TAG = "is"


def to_data(value: object, kind: Any = None) -> Data:
    """A value as JSON data. `kind` is the type to write it as (a union writes tags); by default its own."""
    found: Any = kind or type(value)
    return encoder(found)(value)


def from_data(kind: Any, data: Data) -> Any:
    """JSON data as a value of `kind`: a dataclass, a union of dataclasses or a generic container.

    Raises `KeyError`, `TypeError` or `ValueError` for data that does not fit.
    """
    return decoder(kind)(data)


def _same(value: Any) -> Any:
    return value


def _parts(kind: Any) -> tuple[Any, ...]:
    """The members of a union, flattened; empty for anything else."""
    return get_args(kind) if get_origin(kind) in (Union, types.UnionType) else ()


def _hints(kind: Any) -> dict[str, Any]:
    # Where modules are hidden from look-up by name (a workflow's sandbox), the class still knows its own.
    return get_type_hints(kind, kind.__init__.__globals__)


# ── writing


@cache
def encoder(kind: Any) -> Coder:
    """The function that writes values of a type."""
    if parts := _parts(kind):
        return _union_encoder(parts)
    if is_dataclass(kind):
        return _class_encoder(kind)
    origin, args = get_origin(kind), get_args(kind)
    if origin in (list, tuple):
        each = encoder(args[0])
        return (
            _same
            if each is _same and origin is list
            else lambda items: [each(item) for item in items]
        )
    if origin is dict:
        each = encoder(args[1])
        return (
            _same
            if each is _same
            else lambda found: {key: each(item) for key, item in found.items()}
        )
    if kind in (datetime, date, time):
        return lambda moment: moment.isoformat()
    if isinstance(kind, type) and issubclass(kind, Enum):
        return lambda member: member.value
    return _same


def _union_encoder(parts: tuple[Any, ...]) -> Coder:
    concrete = [part for part in parts if part is not types.NoneType]
    if len(concrete) == 1:
        only = encoder(concrete[0])
        return lambda value: None if value is None else only(value)
    return _tagged


def _tagged(value: Any) -> Data:
    if is_dataclass(value):
        kind: Any = type(value)
        return {TAG: kind.__name__, **encoder(kind)(value)}
    if isinstance(value, datetime):
        return {"time": value.isoformat()}
    if isinstance(value, date):
        return {"date": value.isoformat()}
    return value


def _given(kind: Any) -> list[Field[Any]]:
    """The fields a value is made from; what it derives from them is not written."""
    return [spec for spec in fields(kind) if spec.init]


def _class_encoder(kind: Any) -> Coder:
    hints = _hints(kind)
    plan = [(spec.name, encoder(hints[spec.name]), _default(spec)) for spec in _given(kind)]

    def write(value: Any) -> Data:
        data = {}
        for name, write_field, default in plan:
            found = getattr(value, name)
            if found != default:
                data[name] = write_field(found)
        return data

    return write


_REQUIRED = object()


def _default(spec: Field[Any]) -> Any:
    if spec.default is not MISSING:
        return spec.default
    return spec.default_factory() if spec.default_factory is not MISSING else _REQUIRED


# ── reading


@cache
def decoder(kind: Any) -> Coder:
    """The function that reads values of a type."""
    if parts := _parts(kind):
        return _union_decoder(parts)
    if is_dataclass(kind):
        return _class_decoder(kind)
    origin, args = get_origin(kind), get_args(kind)
    if origin in (list, tuple):
        each = decoder(args[0])
        return lambda items: origin(each(item) for item in items)
    if origin is dict:
        each = decoder(args[1])
        return lambda found: {key: each(item) for key, item in found.items()}
    if kind in (datetime, date, time):
        return kind.fromisoformat  # type: ignore[no-any-return]
    return kind if isinstance(kind, type) and issubclass(kind, Enum) else _same


def _union_decoder(parts: tuple[Any, ...]) -> Coder:
    concrete = [part for part in parts if part is not types.NoneType]
    if len(concrete) == 1:
        only = decoder(concrete[0])
        return lambda data: None if data is None else only(data)
    members: dict[str, Any] = {
        str(part.__name__): part for part in concrete if isinstance(part, type)
    }

    def read(data: Data) -> Any:
        if not isinstance(data, dict):
            return data
        if TAG in data:
            return decoder(members[data[TAG]])(data)
        return (
            datetime.fromisoformat(data["time"])
            if "time" in data
            else date.fromisoformat(data["date"])
        )

    return read


def _class_decoder(kind: Any) -> Coder:
    hints = _hints(kind)
    readers = {spec.name: decoder(hints[spec.name]) for spec in _given(kind)}

    def read(data: Data) -> Any:
        found = {name: readers[name](item) for name, item in data.items() if name in readers}
        return kind(**found)

    return read
