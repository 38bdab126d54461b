"""A database of a test's own, on both systems."""

from tests.store.conftest import store

__all__ = ["store"]
