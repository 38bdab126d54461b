"""The commands as people type them, beside a running worker."""

from tests.admin.conftest import admin, doing, server, surroundings, town

__all__ = ["admin", "doing", "server", "surroundings", "town"]
