"""A migrated database on both systems."""

from tests.store.conftest import store as store
