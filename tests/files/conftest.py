"""The admin command over files, beside a running worker or over a book of its own."""

from tests.admin.conftest import admin, doing, server, surroundings, town

__all__ = ["admin", "doing", "server", "surroundings", "town"]
