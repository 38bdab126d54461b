"""Databases for reports: an empty, migrated one of a test's own."""

from tests.store.conftest import store

__all__ = ["store"]
