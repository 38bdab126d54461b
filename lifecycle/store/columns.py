"""Column types that behave alike on SQLite and PostgreSQL."""

from __future__ import annotations

from datetime import UTC, datetime
from decimal import Decimal
from enum import StrEnum
from typing import Any

from sqlalchemy import JSON, DateTime, Dialect, Enum, Numeric, String
from sqlalchemy.types import TypeDecorator, UserDefinedType

Number = int | float


class Instant(TypeDecorator[datetime]):
    """An aware instant, UTC in and out. SQLite forgets offsets, so a naive one is refused."""

    impl = DateTime(timezone=True)
    cache_ok = True

    def process_bind_param(self, value: datetime | None, dialect: Dialect) -> datetime | None:
        """Raises `ValueError` for a naive datetime."""
        if value is None:
            return None
        if value.tzinfo is None:
            raise ValueError(f"{value!r} has no time zone; the database takes aware instants only")
        return value.astimezone(UTC)

    def process_result_value(self, value: datetime | None, dialect: Dialect) -> datetime | None:
        """Aware, in UTC."""
        if value is None:
            return None
        return value.replace(tzinfo=UTC) if value.tzinfo is None else value.astimezone(UTC)


class _PlainNumeric(UserDefinedType[Any]):
    """SQLite's NUMERIC without SQLAlchemy's way through float, which loses digits of large integers."""

    cache_ok = True

    def get_col_spec(self, **_: object) -> str:
        return "NUMERIC"


class ExactNumber(TypeDecorator[Number]):
    """Whole numbers and floats in one column, compared exactly as Python compares them."""

    impl = Numeric
    cache_ok = True

    def load_dialect_impl(self, dialect: Dialect) -> Any:
        """SQLite keeps integers and floats apart by itself."""
        kind = Numeric() if dialect.name == "postgresql" else _PlainNumeric()
        return dialect.type_descriptor(kind)

    def process_bind_param(self, value: Number | None, dialect: Dialect) -> Any:
        """PostgreSQL gets the float's exact binary value, so that 0.1 is 0.1 on both sides."""
        if value is None or dialect.name != "postgresql":
            return value
        return Decimal(value)

    def process_result_value(self, value: Any, dialect: Dialect) -> Number | None:
        """An int where the number is whole, else a float."""
        if value is None:
            return None
        return int(value) if value == int(value) else float(value)


class CodePoints(TypeDecorator[str]):
    """Text ordered by code point, as Python orders it, whatever the database's locale."""

    impl = String
    cache_ok = True

    def load_dialect_impl(self, dialect: Dialect) -> Any:
        """SQLite orders so by itself."""
        collation = "C" if dialect.name == "postgresql" else None
        return dialect.type_descriptor(String(collation=collation))


class Json(TypeDecorator[Any]):
    """JSON data kept as it was written; None is NULL."""

    impl = JSON(none_as_null=True)
    cache_ok = True


def words(kind: type[StrEnum]) -> Enum:
    """An enum kept as its word, so that a new member needs no migration."""
    return Enum(
        kind,
        native_enum=False,
        length=20,
        values_callable=lambda found: [one.value for one in found],
    )
